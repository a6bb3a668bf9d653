"""Inhibitory plasticity: the change of weight is a sum over pairs, and firing rates converge to their targets."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.models.vogels import VogelsInhibitory
from tests.helpers import pair_up

TAU, RATE, ETA, ALPHA = 20.0, 5.0, 0.01, 0.2
DT = 0.5


@cache
def one_synapse():
    """A simulation to be reset for each pair of trains; building is slower than running."""
    return pair_up(VogelsInhibitory, [[]], [[]], dt=DT, w_min=-np.inf, w_max=np.inf)


TRAINS = st.lists(st.integers(1, 200), max_size=20, unique=True).map(lambda steps: DT * np.array(sorted(steps)))


@settings(max_examples=50, deadline=None)
@given(pre=TRAINS, post=TRAINS)
def test_change_is_a_sum_over_pairs_less_alpha_per_presynaptic_spike(pre, post):
    sim = one_synapse()
    sim.reset()
    trains = {"pre": pre, "post": post}
    sim.run(110.0, inputs={end: {"spikes": (t, [0] * len(t))} for end, t in trains.items()})
    lags = np.subtract.outer(pre, post)
    expected = ETA * (np.exp(-np.abs(lags[lags != 0]) / TAU).sum() - ALPHA * len(pre))
    assert sim.state["synapses.w"][0] == pytest.approx(expected, abs=1e-12)


def test_weight_stays_within_its_bounds():
    # Ten presynaptic spikes alone would take 10 eta alpha; ten pairs 1 ms apart would add almost 10 eta.
    times = 100.0 * np.arange(1, 11)
    sim = pair_up(VogelsInhibitory, [times, times], [[], times + 1], dt=DT, weight=0.5, w_min=0.49, w_max=0.52)
    sim.run(1100.0)
    np.testing.assert_array_equal(sim.state["synapses.w"], [0.49, 0.52])


def test_rates_converge_to_their_targets():
    targets = {RATE: slice(0, 20), 10.0: slice(20, 40)}
    net = ncl.Network(dt=0.5)
    neurons = net.add(ncl.models.ConductanceLIF, 40, name="neurons")
    excitation = net.add(ncl.models.Poisson, 100, name="excitation", rate=20.0)
    inhibition = net.add(ncl.models.Poisson, 400, name="inhibition", rate=20.0)
    net.connect(excitation, neurons, ncl.AllToAll(), target="g_e", weight=1.2)
    for target, part in targets.items():
        net.connect(
            inhibition, neurons[part], ncl.AllToAll(), target="g_i", weight=0.0, synapse=VogelsInhibitory, eta=0.03,
            rate=target,
        )  # fmt: skip
    sim = net.build(seed=1, dtype="float64")
    before = sim.run(300.0, record={"neurons": ["spikes"]})["neurons"].spikes.mean_rate()
    assert before > 3 * max(targets)
    sim.run(20_000.0)
    counts = sim.run(30_000.0, record={"neurons": ["spikes"]})["neurons"].spikes.counts()
    # The standard error of the mean is about 1 %. Each input makes the spikes after its own rarer, which the rule
    # answers with a rate that is higher by 3 % with these 400 inputs, and by 10 % with 50 stronger ones.
    for target, part in targets.items():
        assert counts[part].mean() / 30 == pytest.approx(target, rel=0.06)
