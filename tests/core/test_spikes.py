"""Spike trains: invariants under selection, windows and joins, and statistics worked out by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes

DT = 0.1


@st.composite
def spike_trains(draw: st.DrawFn) -> Spikes:
    """Spikes of a run on the grid (k + 1) dt, at most one per neuron and step, in any order."""
    n = draw(st.integers(1, 6))
    n_steps = draw(st.integers(1, 60))
    events = st.tuples(st.integers(0, n_steps - 1), st.integers(0, n - 1))
    drawn = draw(st.lists(events, unique=True, max_size=40))
    times = np.array([(step + 1) * DT for step, _ in drawn])
    indices = np.array([neuron for _, neuron in drawn], dtype=draw(st.sampled_from([np.int32, np.int64])))
    return Spikes(times, indices, n, 0.0, n_steps * DT)


@given(spike_trains())
def test_events_are_sorted_read_only_and_keep_their_integer_type(spikes):
    order = list(zip(spikes.times, spikes.indices, strict=True))
    assert order == sorted(order)
    assert spikes.times.dtype == np.float64 and spikes.indices.dtype in (np.int32, np.int64)
    for array in (spikes.times, spikes.indices, spikes.neurons):
        with pytest.raises(ValueError, match="read-only"):
            array[:1] = 0


@given(spike_trains())
def test_counts_trains_and_rates_agree(spikes):
    trains = spikes.trains()
    assert len(trains) == spikes.n
    assert [len(train) for train in trains] == spikes.counts().tolist()
    assert spikes.counts().sum() == len(spikes)
    np.testing.assert_allclose(spikes.rate() * (spikes.t_stop - spikes.t_start) / 1000, spikes.counts())
    assert spikes.mean_rate() == pytest.approx(spikes.rate().mean())
    for number, train in enumerate(trains):
        np.testing.assert_array_equal(train, spikes.times[spikes.indices == number])
        np.testing.assert_array_equal(spikes.isi(number), np.diff(train))


@given(spike_trains(), st.data())
def test_a_split_run_joins_to_the_whole(spikes, data):
    border = data.draw(st.integers(0, round(spikes.t_stop / DT))) * DT
    border = min(border, spikes.t_stop)
    before, after = spikes.between(spikes.t_start, border), spikes.between(border, spikes.t_stop)
    assert len(before) + len(after) == len(spikes)
    assert Spikes.join(before, after) == spikes


@given(spike_trains(), st.data())
def test_selection_keeps_the_trains_of_the_named_neurons(spikes, data):
    wanted = data.draw(st.lists(st.integers(0, spikes.n - 1), min_size=1, unique=True))
    selected = spikes.select(wanted)
    assert selected.n == len(wanted) and selected.neurons.tolist() == wanted
    for train, number in zip(selected.trains(), wanted, strict=True):
        np.testing.assert_array_equal(train, spikes.trains()[number])
        np.testing.assert_array_equal(selected.isi(number), spikes.isi(number))
    assert selected.select(wanted[-1:]) == spikes.select(wanted[-1:])
    assert spikes.select(slice(None)) == spikes


@given(spike_trains(), st.floats(0.05, 10.0))
def test_population_rate_conserves_spikes(spikes, bin_width):
    rate, edges = spikes.population_rate(bin_width)
    assert edges[0] == spikes.t_start and edges[-1] == spikes.t_stop
    assert np.all(np.diff(edges) > 0) and np.all(np.diff(edges) <= bin_width * (1 + 1e-9) + 1e-6)
    assert (rate * np.diff(edges) * spikes.n / 1000).sum() == pytest.approx(len(spikes))


@given(spike_trains(), st.randoms(use_true_random=False))
def test_order_of_the_events_does_not_matter(spikes, random):
    shuffled = list(range(len(spikes)))
    random.shuffle(shuffled)
    again = Spikes(spikes.times[shuffled], spikes.indices[shuffled], spikes.n, 0.0, spikes.t_stop)
    assert again == spikes


@given(spike_trains())
def test_cv_matches_its_definition(spikes):
    values = [np.std(isi) / np.mean(isi) if len(isi) >= 2 else np.nan for isi in spikes.isi()]
    # 1e-7: a regular train has a CV of 0 up to the rounding of k dt.
    np.testing.assert_allclose(spikes.cv_per_neuron(), values, atol=1e-7)
    defined = [value for value in values if not np.isnan(value)]
    assert spikes.cv() == pytest.approx(np.mean(defined), abs=1e-7) if defined else np.isnan(spikes.cv())


def test_statistics_of_a_train_worked_out_by_hand():
    # Intervals 15, 35, 1.5, 58.5, 60, 15, 105, 10, 140 ms; rate 10 spikes in 500 ms.
    train = [10.0, 25.0, 60.0, 61.5, 120.0, 180.0, 195.0, 300.0, 310.0, 450.0]
    spikes = Spikes(train, np.zeros(10, dtype=int), 2, 0.0, 500.0)
    np.testing.assert_allclose(spikes.rate(), [20.0, 0.0])
    assert spikes.mean_rate() == pytest.approx(10.0)
    np.testing.assert_allclose(spikes.isi(0), [15, 35, 1.5, 58.5, 60, 15, 105, 10, 140])
    assert spikes.isi(1).size == 0
    # 0.912551651 is the ddof=0 value; ddof=1 would give 0.967907. The silent neuron does not count.
    assert spikes.cv() == pytest.approx(0.912551651, abs=1e-9)
    assert np.isnan(spikes.cv_per_neuron()[1])


def test_cv_averages_over_neurons_with_three_spikes():
    # Neuron 0: intervals 10, 10 (CV 0). Neuron 1: 10, 30 (mean 20, std 10, CV 0.5). Neuron 2: one interval.
    times = [10, 20, 30, 10, 20, 50, 10, 20]
    spikes = Spikes(times, [0, 0, 0, 1, 1, 1, 2, 2], 4, 0, 100)
    np.testing.assert_allclose(spikes.cv_per_neuron(), [0.0, 0.5, np.nan, np.nan], atol=1e-12)
    assert spikes.cv() == pytest.approx(0.25)


def test_population_rate_worked_out_by_hand():
    # Bins (0, 10], (10, 20], (20, 25]: a spike on a border belongs to the bin that ends there.
    rate, edges = Spikes([1, 10, 11, 25], [0, 1, 0, 1], 2, 0, 25).population_rate(10)
    np.testing.assert_allclose(edges, [0, 10, 20, 25])
    np.testing.assert_allclose(rate, [100, 50, 100])  # 2, 1 and 1 spikes of 2 neurons in 10, 10 and 5 ms


def test_windows_forgive_the_rounding_of_the_time_grid():
    spikes = Spikes(np.arange(1, 11) * DT, np.zeros(10, int), 1, 0.0, 1.0)
    assert 3 * DT > 0.3  # the reason for the tolerance
    assert len(spikes.between(0.0, 0.3)) == 3
    assert len(spikes.between(0.3, 1.0)) == 7
    np.testing.assert_allclose(spikes.population_rate(0.1)[0], 10000.0)


def test_equality_is_exact_and_equals_forgives_rounding():
    a, b = Spikes([0.1 * 3], [0], 1, 0, 1), Spikes([0.3], [0], 1, 0, 1)
    assert a != b and a.equals(b)
    assert not a.equals(Spikes([0.4], [0], 1, 0, 1))
    assert not a.equals(Spikes([0.3, 0.4], [0, 0], 1, 0, 1))
    assert not a.equals(Spikes([0.3], [0], 2, 0, 1))
    assert not a.equals(Spikes([0.3], [0], 1, 0, 2))
    assert a.select([0]) != "spikes"


def test_the_caller_keeps_his_array_and_read_only_arrays_are_not_copied():
    times = np.array([1.0, 2.0])
    spikes = Spikes(times, [0, 0], 1, 0, 10)
    times[0] = 9.0
    assert spikes.times[0] == 1.0
    assert Spikes(spikes.times, spikes.indices, 1, 0, 10).times is spikes.times


def test_no_spikes_at_all_is_a_valid_result():
    spikes = Spikes([], [], 3, 0, 100)
    assert len(spikes) == 0 and spikes.mean_rate() == 0.0 and np.isnan(spikes.cv())
    assert [len(isi) for isi in spikes.isi()] == [0, 0, 0]
    assert repr(spikes) == "Spikes(0 of n=3, 0 to 100 ms, 0 Hz)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [3], 3, 0, 10), "index 3 is outside 0 to 2"),
        (([1.0], [-1], 3, 0, 10), "index -1"),
        (([11.0], [0], 3, 0, 10), "11.0 ms is outside the window 0.0 to 10.0 ms"),
        (([np.nan], [0], 3, 0, 10), "nan ms"),
        (([1.0, 2.0], [0], 3, 0, 10), "one length"),
        (([1.0], [0.5], 3, 0, 10), "whole numbers"),
        (([], [], 0, 0, 10), "n must be"),
        (([], [], 1, 10, 0), "must not precede"),
        (([], [], 2, 0, 10, [7]), "got 1"),
        (([], [], 2, 0, 10, [7, 7]), "neuron 7 is named twice"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        Spikes(*arguments)


def test_wrong_selections_windows_and_joins_are_named():
    spikes = Spikes([1.0], [0], 3, 0, 10)
    for call, message in [
        (lambda: spikes.select([3]), "no number 3; choose from 0 to 2"),
        (lambda: spikes.select([-1]), "no number -1"),
        (lambda: spikes.select([]), "selects none of 3"),
        (lambda: spikes.select([True, False, True]), "flatnonzero"),
        (lambda: spikes.select([2, 0]).isi(1), "choose from 2, 0"),
        (lambda: spikes.between(5, 20), "within 0.0 to 10.0 ms, got 5 and 20"),
        (lambda: spikes.between(6, 5), "t0 <= t1"),
        (lambda: spikes.population_rate(0.0), "bin_width must be > 0"),
        (lambda: spikes.between(5, 5).rate(), "a rate needs a window"),
        (lambda: Spikes.join(spikes, spikes), "10.0 ms does not touch one from 0.0 ms"),
        (lambda: Spikes.join(spikes, Spikes([], [], 2, 10, 20)), "same neurons"),
    ]:
        with pytest.raises(NeuroclError, match=message):
            call()


def test_neo_trains_hold_the_same_spikes():
    neo = pytest.importorskip("neo")
    spikes = Spikes([3 * DT, 0.1], [0, 2], 3, 0.0, 0.3).select([2, 0])
    trains = spikes.to_neo()
    assert all(isinstance(train, neo.SpikeTrain) for train in trains)
    assert [train.annotations["neuron"] for train in trains] == [2, 0]
    for train, times in zip(trains, spikes.trains(), strict=True):
        np.testing.assert_allclose(train.rescale("ms").magnitude, times)
        assert float(train.t_stop.rescale("ms")) == 0.3


def test_to_neo_without_neo_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "neo", None)
    with pytest.raises(NeuroclError, match=r'pip install "neurocl\[neo\]"'):
        Spikes([], [], 1, 0, 10).to_neo()
