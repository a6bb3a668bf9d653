"""Synaptic scaling: the closed form for any spike train, ratios of weights, convergence of the rate, the norm."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.models.scaling import SumNormalisation, SynapticScaling
from neurocl.models.stdp import PairSTDP
from tests.helpers import RECEIVER

RATE, TAU, BETA, GAMMA = 5.0, 1000.0, 0.05, 0.02
DT = 1.0


@cache
def three_synapses():
    """Three synapses with weights 1, 2 and 0.1 onto one neuron."""
    net = ncl.Network(dt=DT)
    pre = net.add(ncl.models.SpikeArray, 3, name="pre")
    post = net.add(RECEIVER, 1, name="post")
    net.connect(
        pre, post, ncl.AllToAll(), target="received", weight=np.array([[1.0, 2.0, 0.1]]), synapse=SynapticScaling,
        name="synapses", tau_rate=TAU, beta=BETA, gamma=GAMMA,
    )  # fmt: skip
    return net.build(dtype="float64")


def log_growth(spikes, end):
    """ln(w(end) / w(0)): in seconds, with one exponential per spike for the mean rate."""
    tau = TAU / 1000
    left = (end - np.asarray(spikes, dtype=float)) / 1000
    counted = -np.expm1(-left / tau)  # integral of each spike's part of rate_mean
    twice = left - tau * counted  # and the integral of that
    total = end / 1000
    return BETA * (RATE * total - counted.sum()) + GAMMA * (RATE * total**2 / 2 - twice.sum())


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.integers(1, 1999), max_size=40, unique=True))
def test_weights_follow_the_closed_form_and_keep_their_ratios(steps):
    sim = three_synapses()
    sim.reset()
    spikes = DT * np.array(sorted(steps))
    sim.run(2000.0, inputs={"post": {"spikes": (spikes, np.zeros(len(spikes), dtype=int))}})
    w = sim.state["synapses.w"]
    # Exponential Euler takes rate_mean at mid-step: second order in dt / tau_rate = 1e-3.
    assert w[0] == pytest.approx(np.exp(log_growth(spikes, 2000.0)), rel=2e-7)
    np.testing.assert_allclose(w / w[0], [1.0, 2.0, 0.1], rtol=1e-12)


def test_rate_converges_to_the_target():
    net = ncl.Network(dt=0.5)
    drive = net.add(ncl.models.Poisson, 80, name="drive", rate=50.0)
    neurons = net.add(ncl.models.LIF, 10, name="neurons")
    net.connect(
        drive, neurons, ncl.AllToAll(), target="i_syn", weight=ncl.uniform(30.0, 60.0), synapse=SynapticScaling,
        name="scaled", tau_rate=1000.0, beta=0.02,
    )  # fmt: skip
    sim = net.build(seed=1, dtype="float64")
    before = sim.run(1000.0, record={"neurons": ["spikes"]})["neurons"].spikes.mean_rate()
    sim.run(20_000.0)
    after = sim.run(30_000.0, record={"neurons": ["spikes"]})["neurons"].spikes.mean_rate()
    assert before > 3 * RATE
    # Over 30 s the mean error is what the weights have still drifted: a change of ln w by 0.03 is 0.05 Hz.
    assert after == pytest.approx(RATE, abs=0.2)


def normalised(synapse):
    """Weights of 30 random synapses onto five neurons, one of them with none and one with zeros, after 20 ms."""
    rng = np.random.default_rng(0)
    pre, post = np.repeat(np.arange(10), 3), np.tile([0, 1, 2], 10)
    post = np.where(post == 2, rng.integers(2, 4, 30), post)
    weight = rng.uniform(0.1, 1.0, 30) * (post != 3)
    net = ncl.Network(dt=1.0)
    ends = [
        net.add(RECEIVER, n, name=name, spikes=(np.arange(1.0, 16.0), rng.integers(0, n, 15)))
        for n, name in ((10, "pre"), (5, "post"))
    ]
    net.connect(*ends, ncl.Edges(pre, post), target="received", weight=weight, synapse=synapse, name="synapses")
    sim = net.build(dtype="float64")
    sim.run(20.0)
    return pre, post, weight, sim.state["synapses.w"], sim.edges("synapses")


def test_norm_divides_each_row_by_its_sum():
    pre, post, weight, w, edges = normalised(SumNormalisation)
    sums = np.bincount(post, weight, minlength=5)
    expected = dict(zip(zip(pre, post, strict=True), weight / np.where(sums > 0, sums, 1)[post], strict=True))
    np.testing.assert_allclose(w, [expected[pair] for pair in zip(*edges, strict=True)], rtol=1e-14)


def test_norm_holds_beside_another_rule():
    rule = PairSTDP.replace(equations=SumNormalisation.equations, update=SumNormalisation.update)
    _, target, weight, w, (_, post) = normalised(rule)
    sums = np.bincount(post, w, minlength=5)
    np.testing.assert_allclose(sums[:3], 1.0, rtol=1e-14)
    # The other rule has acted: weights are not those that the norm alone would leave.
    is_summed = target < 3
    alone = np.sort(weight[is_summed] / np.bincount(target, weight)[target[is_summed]])
    assert np.abs(np.sort(w[post < 3]) - alone).max() > 1e-4
