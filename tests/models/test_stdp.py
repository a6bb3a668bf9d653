"""Pair STDP: the window, four pairing schemes, coincidences and bounds, against sums over pairs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.models import NearestSTDP, PairSTDP, PresynapticNearestSTDP, ReducedNearestSTDP
from tests.helpers import pair_up

A_PLUS, A_MINUS, TAU = 0.01, 0.0105, 20.0
WINDOW = {
    -50: -0.0008618925, -20: -0.0038627341, -10: -0.0063685719, -1: -0.0099879090,
    1: 0.0095122942, 10: 0.0060653066, 20: 0.0036787944, 50: 0.0008208500,
}  # fmt: skip
"""t_post - t_pre (ms) -> weight change."""
PRE, POST = [10.0, 25.0, 60.0, 61.5, 120.0], [15.0, 27.0, 29.0, 58.0, 125.0, 140.0]
TOTALS = {
    PairSTDP: 0.013051993324,
    NearestSTDP: 0.013254310711,
    PresynapticNearestSTDP: 0.000273392801,
    ReducedNearestSTDP: 0.008755025025,
}
"""Weight change by the trains PRE and POST without bounds."""
UNBOUNDED = {"w_min": -np.inf, "w_max": np.inf}
DT = 0.5


def causal(pre, post, spike):
    """The presynaptic spikes that a postsynaptic one pairs with, for each scheme."""
    before = [p for p in pre if p < spike]
    unseen = [p for p in before if not any(p < q < spike for q in post)]
    return {
        PairSTDP: before,
        NearestSTDP: before[-1:],
        PresynapticNearestSTDP: unseen,
        ReducedNearestSTDP: unseen[-1:],
    }


def acausal(pre, post, spike):
    """The postsynaptic spikes that a presynaptic one pairs with, for each scheme."""
    before = [q for q in post if q < spike]
    unseen = [q for q in before if not any(q < p < spike for p in pre)]
    return {
        PairSTDP: before,
        NearestSTDP: before[-1:],
        PresynapticNearestSTDP: before[-1:],
        ReducedNearestSTDP: unseen[-1:],
    }


def sum_over_pairs(synapse, pre, post, w, w_min, w_max):
    """The final weight: at every spike, in order of time, the pairs it closes, then the bounds."""
    pre, post = sorted(pre), sorted(post)
    for spike in sorted({*pre, *post}):
        if spike in pre:
            partners = acausal(pre, post, spike)[synapse]
            w = np.clip(w - A_MINUS * sum(np.exp((q - spike) / TAU) for q in partners), w_min, w_max)
        if spike in post:
            partners = causal(pre, post, spike)[synapse]
            w = np.clip(w + A_PLUS * sum(np.exp((p - spike) / TAU) for p in partners), w_min, w_max)
    return w


def final_weight(synapse, pre, post, dt=DT, dtype="float64", **values):
    sim = pair_up(synapse, [pre], [post], dt=dt, dtype=dtype, **UNBOUNDED | values)
    sim.run(150.0)
    return sim.state["synapses.w"][0]


@cache
def one_synapse(synapse, w_min, w_max):
    """A simulation to be reset for each pair of trains; building is slower than running."""
    return pair_up(synapse, [[]], [[]], dt=DT, weight=0.5, w_min=w_min, w_max=w_max)


@pytest.mark.parametrize("dt", [0.5, 0.1])
def test_window(dt):
    lags = np.array(list(WINDOW))
    pre, post = [[100.0]] * lags.size, [[100.0 + lag] for lag in lags]
    sim = pair_up(PairSTDP, pre, post, dt=dt, **UNBOUNDED)
    sim.run(160.0)
    np.testing.assert_allclose(sim.state["synapses.w"], list(WINDOW.values()), atol=6e-11)


@pytest.mark.parametrize(("synapse", "total"), TOTALS.items(), ids=lambda value: getattr(value, "name", ""))
def test_schemes_give_the_tabulated_totals(synapse, total):
    assert final_weight(synapse, PRE, POST) == pytest.approx(total, abs=1e-12)


def test_total_does_not_depend_on_the_time_step():
    assert final_weight(PairSTDP, PRE, POST, dt=0.1) == pytest.approx(TOTALS[PairSTDP], abs=1e-12)


def test_single_precision_uses_every_spike_once_per_side():
    # The scheme compares a trace with its copy: both must decay alike to the last bit.
    total = final_weight(ReducedNearestSTDP, PRE, POST, dtype="float32")
    assert total == pytest.approx(TOTALS[ReducedNearestSTDP], abs=1e-7)


@pytest.mark.parametrize("synapse", TOTALS, ids=lambda synapse: synapse.name)
def test_coincident_spikes_form_no_pair(synapse):
    assert final_weight(synapse, [50.0], [50.0], weight=0.5) == 0.5


def test_delay_shifts_the_presynaptic_spike():
    # The spike of 10 ms arrives at 15 ms, 5 ms before the postsynaptic one.
    weight = final_weight(PairSTDP, [10.0], [20.0], delay=5.0)
    assert weight == pytest.approx(A_PLUS * np.exp(-5 / TAU), abs=1e-15)


TRAINS = st.lists(st.integers(1, 100), max_size=12, unique=True).map(lambda steps: [DT * k for k in steps])


@pytest.mark.parametrize("synapse", TOTALS, ids=lambda synapse: synapse.name)
@settings(max_examples=40, deadline=None)
@given(pre=TRAINS, post=TRAINS, bounds=st.sampled_from([(-np.inf, np.inf), (0.48, 0.51)]))
def test_weight_is_the_sum_over_pairs_within_the_bounds(synapse, pre, post, bounds):
    sim = one_synapse(synapse, *bounds)
    sim.reset()
    trains = {"pre": pre, "post": post}
    sim.run(60.0, inputs={name: {"spikes": (t, [0] * len(t))} for name, t in trains.items()})
    expected = sum_over_pairs(synapse, pre, post, 0.5, *bounds)
    assert sim.state["synapses.w"][0] == pytest.approx(expected, abs=1e-12)
