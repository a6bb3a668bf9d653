"""Counts in bins and the Fano factor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import as_spikes, autocorrelation, bin_counts, fano_factor
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 2**32))
def test_counts_on_a_time_grid_are_exact_in_spite_of_rounding(steps, per_bin, seed):
    dt = 0.1
    rng = np.random.default_rng(seed)
    at, neuron = rng.integers(1, steps + 1, 200), rng.integers(0, 3, 200)
    spikes = as_spikes([at[neuron == i] * dt for i in range(3)], t_stop=steps * dt)
    if per_bin > steps:
        with pytest.raises(NeuroclError, match="must not exceed the window"):
            bin_counts(spikes, per_bin * dt)
        return
    counts = bin_counts(spikes, per_bin * dt)
    assert counts.shape == (steps // per_bin, 3)
    for i in range(3):
        bins = (at[neuron == i] - 1) // per_bin  # a bin holds its right edge
        expected = np.bincount(bins, minlength=counts.shape[0])[: counts.shape[0]]
        np.testing.assert_array_equal(counts[:, i], expected)


def test_counts_agree_with_the_population_rate_also_in_a_later_window():
    train = np.random.default_rng(0).uniform(50.0, 150.0, 300)
    spikes = as_spikes([train, [50.0, 60.0]], t_start=50.0, t_stop=150.0)
    rate, _ = spikes.population_rate(10.0)
    np.testing.assert_allclose(bin_counts(spikes, 10.0).sum(axis=1), rate * 2 * 0.01)


def test_fano_factor_of_known_counts():
    assert fano_factor([10, 9, 5, 3]) == pytest.approx(1.212962963, abs=1e-9)


def test_fano_factor_runs_along_the_first_axis():
    counts = np.array([[1, 0, 2], [3, 0, 2]])
    np.testing.assert_allclose(fano_factor(counts), [0.5, np.nan, 0.0])
    assert fano_factor([4]) == 0.0 and np.isnan(fano_factor([0, 0]))


def test_fano_factor_over_trials_agrees_with_elephant():
    statistics = pytest.importorskip("elephant.statistics")
    pq, neo = pytest.importorskip("quantities"), pytest.importorskip("neo")
    rng = np.random.default_rng(0)
    trials = [np.sort(rng.uniform(0, 500, size)) for size in (3, 8, 0, 5)]
    expected = statistics.fanofactor([neo.SpikeTrain(trial, units="ms", t_stop=500 * pq.ms) for trial in trials])
    assert fano_factor(as_spikes(trials, t_stop=500.0).counts()) == pytest.approx(expected)


def test_poisson_counts_have_fano_factor_one():
    rng = np.random.default_rng(0)
    trains = [np.sort(rng.uniform(0, 10_000, rng.poisson(200))) for _ in range(1000)]
    fano = fano_factor(bin_counts(as_spikes(trains, t_stop=10_000.0), 1000.0))
    # The variance of 10 windows without ddof is 9/10 of the true one.
    assert fano.mean() / 0.9 == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("counts", [[], 3.0, [-1, 2], [np.nan, 1.0], np.empty((0, 3)), "ab", [[1], [1, 2]]])
def test_what_are_no_counts_is_refused(counts):
    with pytest.raises(NeuroclError, match="fano_factor: "):
        fano_factor(counts)


@pytest.mark.parametrize("function", [fano_factor, lambda counts: autocorrelation(counts, 1)])
def test_spikes_instead_of_counts_are_refused_with_the_way_out(function):
    spikes = as_spikes([[1.0]], t_stop=2.0)
    for given_instead in (spikes, GroupRecording("p", spikes)):
        with pytest.raises(NeuroclError, match=r"^(fano_factor|autocorrelation): .*use bin_counts\(spikes"):
            function(given_instead)


def test_a_width_that_needs_too_many_bins_is_refused():
    with pytest.raises(NeuroclError, match="too many"):
        bin_counts(as_spikes([[1.0]], t_stop=1e7), 1e-3)
