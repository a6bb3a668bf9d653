"""Reward-modulated STDP: weight changes by tags and dopamine against the closed form."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.models import Dopamine, RewardSTDP
from tests.helpers import RECEIVER

TAU_C, TAU_D, TAU = 1000.0, 200.0, 20.0  # ms: tag, dopamine, STDP window
A_PLUS, A_MINUS = 0.1, 0.15
K = TAU_C * TAU_D / (TAU_C + TAU_D)
LEARNED = {0: 166.666667, 100: 150.806236, 500: 101.088433, 1000: 61.313240, 2000: 22.555881}
"""Time of a unit reward after a unit tag (ms) -> weight change in all."""
FOREVER = 5000.0  # ms after the reward; exp(-FOREVER / K) = 1e-13
PRE, POST = [[10.0], [20.0]], [[20.0], [10.0]]  # causal, acausal


def rewarded(dt, reward_at, reward, *, tag=0.0, d_base=0.0, w_min=-np.inf, w_max=np.inf, spikes=False):
    """A simulation of two synapses, the causal and the acausal pair of spikes, and the inputs that reward them."""
    net = ncl.Network(dt=dt)
    trains = {"pre": PRE, "post": POST} if spikes else {"pre": [[], []], "post": [[], []]}
    ends = [
        net.add(RECEIVER, 2, name=name, spikes=(np.concatenate(train), [0, 1] if spikes else []))
        for name, train in trains.items()
    ]
    synapses = net.connect(
        *ends, ncl.OneToOne(), target="received", synapse=RewardSTDP, weight=0.0, name="synapses",
        c=tag, w_min=w_min, w_max=w_max,
    )  # fmt: skip
    dopamine = net.add(Dopamine, name="dopamine", reward=ncl.Input(0.0), d_base=d_base, d=d_base)
    net.modulate(synapses, d=dopamine["d"])
    given = np.zeros(round(reward_at / dt) + 1)
    given[-1] = reward
    return net.build(dtype="float64"), {"dopamine": {"reward": given}}


def weights_after(dt, reward_at, reward, **kwargs):
    sim, inputs = rewarded(dt, reward_at, reward, **kwargs)
    sim.run(reward_at + FOREVER, inputs=inputs)
    return sim.state["synapses.w"].copy()


@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize("reward_at", LEARNED)
def test_one_tag_and_one_reward(reward_at, dt):
    learned = weights_after(dt, reward_at, 1.0, tag=1.0)
    np.testing.assert_allclose(learned, LEARNED[reward_at], rtol=1e-6)
    np.testing.assert_allclose(learned, K * np.exp(-reward_at / TAU_C), rtol=1e-9)


def test_weight_between_events_is_exact():
    sim, inputs = rewarded(1.0, 0.0, 1.0, tag=1.0)
    w = sim.run(600.0, inputs=inputs, record={"synapses": ["w"]})["synapses"]["w"]
    elapsed = np.arange(1, 601.0)
    np.testing.assert_allclose(w[:, 0], K * -np.expm1(-elapsed / K), rtol=1e-9)


@pytest.mark.parametrize("reward", [1.0, -0.5])
def test_reward_strengthens_causal_and_weakens_acausal_pairs(reward):
    learned = weights_after(1.0, 500.0, reward, spikes=True)
    # Both pairs close at 20 ms; the reward comes 480 ms later.
    tags = np.array([A_PLUS, -A_MINUS]) * np.exp(-10 / TAU)
    np.testing.assert_allclose(learned, reward * tags * K * np.exp(-480 / TAU_C), rtol=1e-9)


def test_no_dopamine_no_learning():
    assert weights_after(1.0, 500.0, 0.0, spikes=True).tolist() == [0.0, 0.0]


def test_tonic_dopamine_integrates_the_tag():
    sim, _ = rewarded(1.0, 0.0, 0.0, tag=1.0, d_base=0.002)
    sim.run(30_000.0)
    np.testing.assert_allclose(sim.state["synapses.w"], 0.002 * TAU_C, rtol=1e-9)


def test_weight_is_clipped_at_the_next_spike():
    # Dopamine and tag have taken both weights to 9.7 when the spikes of 10 ms come.
    sim, inputs = rewarded(1.0, 0.0, 1.0, tag=1.0, w_min=0.0, w_max=4.0, spikes=True)
    w = sim.run(30.0, inputs=inputs, record={"synapses": ["w"]})["synapses"]["w"]
    assert np.all(w[9] > 4.0)
    # The spikes of 10 ms act in the step that starts there, before w moves on for 1 ms.
    np.testing.assert_allclose(w[10], 4.0 + K * (np.exp(-10 / K) - np.exp(-11 / K)), rtol=1e-9)
