"""Avalanches: conservation of events, the Borel distribution of branching trees, and the crackling relation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis.avalanches import Avalanches, borel, crackling, find_avalanches, mean_interval
from neurocl.analysis.power_law import sample_power_law
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Spikes

SPIKE = Spikes([3.0], [0], n=2, t_start=0.0, t_stop=10.0)


def trees(number: int, offspring: float, seed: int, longest: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Sizes and durations of Galton-Watson trees with Poisson offspring."""
    rng = np.random.default_rng(seed)
    active = np.ones(number, dtype=np.int64)
    sizes, durations = np.zeros(number, dtype=np.int64), np.zeros(number, dtype=np.int64)
    alive = np.arange(number)
    for _ in range(longest):
        sizes[alive] += active
        durations[alive] += 1
        active = rng.poisson(offspring * active)
        alive, active = alive[active > 0], active[active > 0]
        if not alive.size:
            break
    return sizes, durations


CRITICAL = [0.367879441, 0.135335283, 0.074680603, 0.048841704, 0.035093474,
            0.026770524, 0.021286111, 0.017448316, 0.014639516, 0.012511004]  # fmt: skip
SUBCRITICAL = [0.406569660, 0.148768999, 0.081654698, 0.053117316, 0.037961524]


@pytest.mark.parametrize(("offspring", "expected"), [(1.0, CRITICAL), (0.9, SUBCRITICAL)])
def test_borel_has_the_known_values(offspring, expected):
    np.testing.assert_allclose(borel(np.arange(1, len(expected) + 1), offspring), expected, atol=6e-10)


def test_borel_has_a_tail_of_exponent_three_halves_and_sums_to_one():
    assert borel(10**6) == pytest.approx(10**-9 / np.sqrt(2 * np.pi), rel=1e-6)
    assert borel(np.arange(1, 3000), 0.9).sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("offspring", [1.0, 0.9])
def test_avalanches_of_a_branching_process_have_borel_sizes(offspring):
    # Trees one after the other, an empty bin between them, cut apart again by find_avalanches.
    rng = np.random.default_rng(1)
    activity: list[int] = []
    for _ in range(4000):
        active = 1
        while active and len(activity) < 400_000:
            activity.append(active)
            active = rng.poisson(offspring * active)
        activity.append(0)
    found = find_avalanches(activity)
    expected = borel(np.arange(1, 6), offspring)
    observed = np.bincount(found.sizes, minlength=6)[1:6] / len(found)
    assert np.all(np.abs(observed - expected) < 4 * np.sqrt(expected / len(found)))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_sizes_add_up_to_all_events_and_durations_to_the_active_bins(activity):
    counts = np.array(activity)
    found = find_avalanches(counts)
    assert found.sizes.sum() == counts.sum() and found.durations.sum() == np.count_nonzero(counts)
    for size, duration, start in zip(found.sizes, found.durations, found.starts, strict=True):
        run = counts[start : start + duration]
        assert run.all() and run.sum() == size
        assert start == 0 or counts[start - 1] == 0
        assert start + duration == len(counts) or counts[start + duration] == 0
    assert str(len(found)) in str(found) or not len(found)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 4)), min_size=2, max_size=60, unique=True))
def test_spikes_are_cut_at_silences_longer_than_the_mean_interval(events):
    times, indices = np.array(events).T
    if times.min() == times.max():
        return
    spikes = Spikes(times * 0.5, indices, n=5, t_start=0.0, t_stop=200.0)
    assert mean_interval(spikes) == pytest.approx((times.max() - times.min()) * 0.5 / (len(events) - 1))
    found = find_avalanches(spikes)
    gaps = np.diff(np.unique(times)) * 0.5
    width = max(mean_interval(spikes), gaps.min())
    assert found.bin_width == pytest.approx(width) and found.sizes.sum() == len(events)
    bins = np.ceil(np.sort(times) * 0.5 / width - 1e-9).astype(int)
    assert len(found) == 1 + np.count_nonzero(np.diff(bins) > 1)


def test_a_busy_simulation_is_not_cut_finer_than_its_grid():
    # Five spikes in each of 50 steps, a pause, and again: the mean interval is a fifth of a step.
    steps = np.concatenate([np.arange(1, 51), np.arange(101, 151)]).repeat(5)
    spikes = Spikes(steps * 0.1, np.tile(np.arange(5), 100), n=5, t_start=0.0, t_stop=20.0)
    assert mean_interval(spikes) < 0.05
    found = find_avalanches(spikes)
    assert found.bin_width == pytest.approx(0.1)
    assert found.sizes.tolist() == [250, 250] and found.durations.tolist() == [50, 50]


def test_bins_hold_their_right_edge():
    spikes = Spikes(np.arange(1, 101) * 0.1, np.zeros(100, dtype=int), n=1, t_start=0.0, t_stop=12.0)
    found = find_avalanches(spikes, bin_width=0.1)
    assert found.sizes.tolist() == [100] and found.durations.tolist() == [100] and found.starts.tolist() == [0]
    assert found.n_bins == 120


def test_a_continuous_signal_is_cut_at_its_threshold():
    found = find_avalanches([0.5, 1.5, 2.0, 0.9, 1.0, 3.25], threshold=1.0)
    np.testing.assert_allclose(found.sizes, [1.5, 2.25])
    assert found.durations.tolist() == [2, 1] and found.starts.tolist() == [1, 5]


def test_mean_size_by_duration_is_that_of_a_loop():
    sizes, durations = trees(500, 0.9, seed=3)
    found = Avalanches(sizes, durations, np.zeros(500, dtype=int), 1.0, 1000)
    for duration, mean, count in zip(*found.mean_size(), strict=True):
        chosen = sizes[durations == duration]
        assert mean == pytest.approx(chosen.mean()) and count == len(chosen)


def test_critical_trees_have_mean_field_exponents_that_crackle():
    sizes, durations = trees(200_000, 1.0, seed=4)
    found = crackling(
        Avalanches(sizes, durations, np.zeros(len(sizes), dtype=int), 1.0, 0), size_min=20, duration_min=20
    )
    # Finite durations read a little below the asymptotic 2: corrections of order ln T / T.
    assert found.size.alpha == pytest.approx(1.5, abs=0.02)
    assert found.duration.alpha == pytest.approx(2.0, abs=0.08)
    assert found.gamma == pytest.approx(2.0, abs=0.15)
    assert found.predicted_gamma == pytest.approx(2.0, abs=0.2)
    assert found.difference == abs(found.gamma - found.predicted_gamma) < 0.25
    assert "gamma" in str(found) and "too few" not in str(found)


def test_exponents_of_few_avalanches_say_so():
    sizes, durations = trees(30, 1.0, seed=4)
    found = crackling(Avalanches(sizes, durations, sizes, 1.0, 0), size_min=1, duration_min=1)
    assert "30 avalanches in a fit are too few to trust" in str(found)


def test_sizes_that_do_not_depend_on_durations_do_not_crackle():
    sizes, durations = (sample_power_law(alpha, 20_000, rng=k) for k, alpha in enumerate((1.5, 2.0)))
    sizes = np.minimum(sizes, 10**6)
    found = crackling(Avalanches(sizes, durations, sizes, 1.0, 0), size_min=1, duration_min=1)
    assert found.difference > 1.0


@pytest.mark.parametrize(
    ("activity", "options", "message"),
    [
        ([], {}, "empty"),
        ([1, np.nan], {}, "NaN"),
        ([1, -1], {}, "negative"),
        ([[1, 2]], {}, r"expected activity \[bin\]"),
        ([1, 2], {"bin_width": 1.0}, "bin_width is for Spikes"),
        ([1, 2], {"threshold": -1.0}, "threshold must be >= 0"),
        (Spikes([], [], n=2, t_start=0.0, t_stop=10.0), {}, "no spikes"),
        (SPIKE, {}, "no mean interval"),
        (SPIKE, {"bin_width": 0.0}, "bin_width must be > 0"),
        (SPIKE, {"bin_width": 1e-12}, "too many bins"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(activity, options, message):
    with pytest.raises(NeuroclError, match=message):
        find_avalanches(activity, **options)


def test_silence_has_no_avalanche():
    found = find_avalanches(np.zeros(10))
    assert len(found) == 0 and "no avalanche" in str(found)
    with pytest.raises(NeuroclError, match="no data"):
        crackling(found)


def test_a_slope_needs_three_durations():
    found = find_avalanches([1, 0, 2, 3, 0] * 20)
    with pytest.raises(NeuroclError, match="2 different durations"):
        crackling(found, size_min=1, duration_min=1)


@pytest.mark.parametrize(
    ("sizes", "offspring", "message"), [([0], 1.0, ">= 1"), ([1], 1.5, "<= 1"), ([1.5], 1.0, "whole")]
)
def test_borel_refuses_what_has_no_probability(sizes, offspring, message):
    with pytest.raises(NeuroclError, match=message):
        borel(sizes, offspring)


@pytest.mark.parametrize(
    ("function", "value", "message"),
    [
        (mean_interval, [1.0, 2.0], r"mean_interval: expected a Spikes, .*as_spikes\(trains, t_stop="),
        (mean_interval, None, "mean_interval: expected a Spikes, .*got None"),
        (mean_interval, GroupRecording("p", SPIKE), r'mean_interval: .* give out\["p"\]\.spikes'),
        (find_avalanches, GroupRecording("p", SPIKE), r'find_avalanches: .* give out\["p"\]\.spikes'),
        (crackling, [1, 2], r"crackling: avalanches must be the Avalanches that find_avalanches\(\) returns"),
    ],
)
def test_an_argument_of_another_kind_is_named_with_the_way_out(function, value, message):
    with pytest.raises(NeuroclError, match=f"^{message}"):
        function(value)
