"""STDP with soft bounds: against an event loop, and the stationary weight of the multiplicative rule."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.models.soft_stdp import SoftSTDP
from neurocl.models.stdp import PairSTDP
from tests.helpers import pair_up

A_PLUS, A_MINUS, TAU, DT = 0.01, 0.0105, 20.0, 0.5
W_MIN, W_MAX = 0.1, 0.9
EXPONENTS = [0.0, 0.3, 1.0, 2.0]
WEIGHTS = [0.1, 0.5, 0.7, 0.9]


def event_loop(pre, post, w, mu):
    """The final weight, from the sums over earlier spikes at each spike."""
    for time in sorted({*pre, *post}):
        if time in pre:
            y = sum(np.exp((s - time) / TAU) for s in post if s < time)
            w = np.clip(w - A_MINUS * y * max(w - W_MIN, 0) ** mu, W_MIN, W_MAX)
        if time in post:
            x = sum(np.exp((s - time) / TAU) for s in pre if s < time)
            w = np.clip(w + A_PLUS * x * max(W_MAX - w, 0) ** mu, W_MIN, W_MAX)
    return w


@cache
def four_synapses(synapse):
    """One synapse for each exponent, to be reset for each pair of trains."""
    values = {"mu": EXPONENTS} if synapse is SoftSTDP else {}
    nothing = [[]] * 4
    return pair_up(synapse, nothing, nothing, dt=DT, weight=np.diag(WEIGHTS), w_min=W_MIN, w_max=W_MAX, **values)


def final_weights(synapse, pre, post):
    sim = four_synapses(synapse)
    sim.reset()
    trains = {"pre": pre, "post": post}
    spikes = {end: {"spikes": (np.tile(t, 4), np.repeat(np.arange(4), len(t)))} for end, t in trains.items()}
    sim.run(60.0, inputs=spikes)
    return sim.state["synapses.w"].copy()


TRAINS = st.lists(st.integers(1, 100), max_size=15, unique=True).map(lambda steps: [DT * k for k in steps])


@settings(max_examples=40, deadline=None)
@given(pre=TRAINS, post=TRAINS)
def test_weights_equal_those_of_an_event_loop_and_stay_within_the_bounds(pre, post):
    w = final_weights(SoftSTDP, pre, post)
    expected = [event_loop(pre, post, start, mu) for start, mu in zip(WEIGHTS, EXPONENTS, strict=True)]
    np.testing.assert_allclose(w, expected, atol=1e-12)
    # mu = 0 is the rule with hard bounds.
    assert w[0] == pytest.approx(final_weights(PairSTDP, pre, post)[0], abs=1e-12)


def test_multiplicative_weights_settle_where_both_changes_are_equal():
    # Independent firing: a_plus (w_max - w) = a_minus w, with equal time constants.
    net = ncl.Network(dt=1.0)
    pre = net.add(ncl.models.Poisson, 50, name="pre", rate=20.0)
    post = net.add(ncl.models.Poisson, 50, name="post", rate=20.0)
    net.connect(pre, post, ncl.AllToAll(), weight=ncl.uniform(0.0, 1.0), synapse=SoftSTDP, name="synapses")
    sim = net.build(seed=1, dtype="float64")
    sim.run(60_000.0)
    assert sim.state["synapses.w"].mean() == pytest.approx(A_PLUS / (A_PLUS + A_MINUS), abs=0.01)
