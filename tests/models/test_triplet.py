"""Triplet STDP: tabulated protocols, and random trains against a sum over pairs and triplets of spikes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.models.triplet import TRIPLET_SETS, NearestTripletSTDP, TripletSTDP
from tests.helpers import pair_up

PRE, POST = [10.0, 25.0, 60.0, 61.5, 120.0], [15.0, 27.0, 29.0, 58.0, 125.0, 140.0]
TOTALS = {TripletSTDP: 0.000848705192, NearestTripletSTDP: -0.004881635791}
"""Weight change by the trains PRE and POST with the parameters of the visual cortex, without bounds."""
PUBLISHED = {
    "visual cortex": (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0),
    "visual cortex, minimal": (0.0, 6.5e-3, 7.1e-3, 0.0, 101.0, 114.0),
    "visual cortex, nearest": (8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0),
    "hippocampus": (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0),
    "hippocampus, minimal": (5.3e-3, 8e-3, 3.5e-3, 0.0, 946.0, 40.0),
}
"""A2+, A3+, A2-, A3-, tau_x and tau_y (ms)."""
# Rate of 60 pairs in Hz -> weight change for t_post - t_pre = 10 and -10 ms.
FULL = {
    0.1: (1.6543e-08, -0.312160914),
    10: (0.132053412, -0.333622996),
    20: (0.246961969, -0.351622100),
    40: (0.533722669, 0.154794956),
    50: (0.740905520, 0.727247175),
}
MINIMAL = {
    10: (0.118641296, -0.332213173),
    20: (0.227795172, -0.341734578),
    40: (0.532111928, 0.173714793),
    50: (0.762730566, 0.749176585),
}
PRE_POST_PRE, POST_PRE_POST = -0.372773423, -0.106910205
"""60 triplets at 1 Hz, 5 ms between their spikes."""
UNBOUNDED = {"w_min": -np.inf, "w_max": np.inf}
SCHEMES = pytest.mark.parametrize("synapse", TOTALS, ids=lambda synapse: synapse.name)


def sum_over_spikes(pre, post, w, is_nearest, a, w_min=-np.inf, w_max=np.inf):
    """The final weight from kernels of spike times, with no trace: at each spike, what the earlier spikes left."""

    def left(train, time, tau):
        before = [s for s in train if s < time]
        return sum(np.exp((s - time) / tau) for s in (before[-1:] if is_nearest else before))

    for time in sorted({*pre, *post}):
        if time in pre:
            change = left(post, time, a["tau_minus"]) * (a["a2_minus"] + a["a3_minus"] * left(pre, time, a["tau_x"]))
            w = np.clip(w - change, w_min, w_max)
        if time in post:
            change = left(pre, time, a["tau_plus"]) * (a["a2_plus"] + a["a3_plus"] * left(post, time, a["tau_y"]))
            w = np.clip(w + change, w_min, w_max)
    return w


def pairs(rate, lag):
    """Trains of 60 pairs at `rate` with `lag` = t_post - t_pre, in ms."""
    pre = 20.0 + 1000 / rate * np.arange(60)
    return pre, pre + lag


def changes(trains, parameters, duration, dt=1.0):
    """Weight change by each (pre, post) of `trains`."""
    pre, post = zip(*trains, strict=True)
    sim = pair_up(TripletSTDP, pre, post, dt=dt, **UNBOUNDED, **parameters)
    sim.run(duration)
    return sim.state["synapses.w"]


def test_library_has_the_published_sets():
    names = ("a2_plus", "a3_plus", "a2_minus", "a3_minus", "tau_x", "tau_y")
    found = {name: tuple(values[key] for key in names) for name, values in TRIPLET_SETS.items()}
    assert found == PUBLISHED
    assert all((values["tau_plus"], values["tau_minus"]) == (16.8, 33.7) for values in TRIPLET_SETS.values())
    for synapse in TOTALS:
        assert {k: synapse.parameters[k] for k in TRIPLET_SETS["visual cortex"]} == TRIPLET_SETS["visual cortex"]


@SCHEMES
def test_total_of_the_test_trains(synapse):
    for dt in (0.5, 0.1):
        sim = pair_up(synapse, [PRE], [POST], dt=dt, **UNBOUNDED)
        sim.run(150.0)
        assert sim.state["synapses.w"][0] == pytest.approx(TOTALS[synapse], abs=1e-12)


@pytest.mark.parametrize(("name", "table"), [("visual cortex", FULL), ("visual cortex, minimal", MINIMAL)])
def test_pairs_at_several_rates(name, table):
    trains = [pairs(rate, lag) for rate in table for lag in (10.0, -10.0)]
    found = changes(trains, TRIPLET_SETS[name], max(train[0][-1] for train in trains) + 50).reshape(-1, 2)
    np.testing.assert_allclose(found, list(table.values()), atol=6e-10)


def test_acausal_pairs_depress_at_low_and_potentiate_at_high_rates():
    # The effect that the model exists for: pairs of spikes alone would depress at every rate.
    found = changes([pairs(rate, -10.0) for rate in (20.0, 40.0)], TRIPLET_SETS["visual cortex"], 3100.0)
    assert found[0] < 0 < found[1]


def test_triplets():
    at = 20.0 + 1000.0 * np.arange(60)
    around = np.sort(np.concatenate([at - 5, at + 5]))
    found = changes([(around, at), (at, around)], TRIPLET_SETS["visual cortex"], 59_100.0)
    np.testing.assert_allclose(found, [PRE_POST_PRE, POST_PRE_POST], atol=6e-10)


@cache
def one_synapse(synapse, name, w_min, w_max):
    """A simulation to be reset for each pair of trains; building is slower than running."""
    bounds = {"w_min": w_min, "w_max": w_max}
    return pair_up(synapse, [[]], [[]], dt=0.5, weight=0.5, **bounds, **TRIPLET_SETS[name])


TRAINS = st.lists(st.integers(1, 100), max_size=12, unique=True).map(lambda steps: [0.5 * k for k in steps])


@SCHEMES
@settings(max_examples=40, deadline=None)
@given(
    pre=TRAINS,
    post=TRAINS,
    name=st.sampled_from(sorted(TRIPLET_SETS)),
    bounds=st.sampled_from([(-np.inf, np.inf), (0.49, 0.505)]),
)
def test_weight_is_the_sum_over_pairs_and_triplets_within_the_bounds(synapse, pre, post, name, bounds):
    sim = one_synapse(synapse, name, *bounds)
    sim.reset()
    trains = {"pre": pre, "post": post}
    sim.run(60.0, inputs={end: {"spikes": (t, [0] * len(t))} for end, t in trains.items()})
    is_nearest = synapse is NearestTripletSTDP
    expected = sum_over_spikes(sorted(pre), sorted(post), 0.5, is_nearest, TRIPLET_SETS[name], *bounds)
    assert sim.state["synapses.w"][0] == pytest.approx(expected, abs=1e-12)


@SCHEMES
def test_coincident_spikes_form_no_pair(synapse):
    sim = pair_up(synapse, [[50.0]], [[50.0]], dt=0.5, weight=0.5)
    sim.run(60.0)
    assert sim.state["synapses.w"][0] == 0.5
