"""Correlograms and count correlations against brute force and known processes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import as_spikes, bin_counts, count_correlations, cross_correlogram, mean_correlation
from neurocl.core.errors import NeuroclError

train = st.lists(st.integers(0, 300), max_size=20)


@given(train, train, st.integers(1, 30))
def test_the_correlogram_counts_all_pairs_also_on_the_borders_of_bins(a, b, width):
    dt = 0.1
    counts, lags = cross_correlogram(np.array(a) * dt, np.array(b) * dt, max_lag=5.0, bin_width=width * dt)
    steps = np.subtract.outer(np.array(b, dtype=int), np.array(a, dtype=int)).ravel()
    # In whole steps, (k - 1/2) w < lag <= (k + 1/2) w is exact.
    number = np.ceil(steps / width - 0.5)
    expected = [np.count_nonzero(number == k) for k in np.round(lags / (width * dt))]
    assert counts.tolist() == expected
    assert lags.size == 2 * (50 // width) + 1 and lags[lags.size // 2] == 0.0


def test_a_train_that_follows_shows_its_delay():
    a = np.random.default_rng(0).uniform(0.0, 1e4, 200)
    counts, lags = cross_correlogram(a, a + 7.0, max_lag=20.0)
    assert lags[np.argmax(counts)] == 7.0 and counts.max() >= 200
    same, lags = cross_correlogram(a, a, max_lag=20.0)
    assert same[lags == 0.0] >= 200


def test_the_correlogram_of_several_trains_asks_to_pool_them():
    with pytest.raises(NeuroclError, match="a must be one train, got 2"):
        cross_correlogram([[1.0], [2.0]], [1.0])
    counts, _ = cross_correlogram(as_spikes([[1.0]], t_stop=5.0), [3.0], max_lag=2.0)
    assert counts.tolist() == [0, 0, 0, 0, 1]


def spikes_of(seed, n=6, duration=2000.0):
    rng = np.random.default_rng(seed)
    common = rng.uniform(0.0, duration, 60)
    trains = [np.concatenate([common[rng.random(60) < 0.3], rng.uniform(0.0, duration, 40)]) for _ in range(n)]
    return as_spikes([*trains, []], t_stop=duration)


@pytest.mark.parametrize("bin_width", [3.0, 50.0])
def test_count_correlations_are_those_of_numpy_and_silent_neurons_have_none(bin_width):
    spikes = spikes_of(0)
    result = count_correlations(spikes, bin_width)
    with np.errstate(invalid="ignore"):
        expected = np.corrcoef(bin_counts(spikes, bin_width)[:, :6].T)
    np.testing.assert_allclose(result[:6, :6], expected, atol=1e-12)
    np.testing.assert_array_equal(np.diagonal(result)[:6], 1.0)
    assert np.isnan(result[6]).all() and np.isnan(result[:, 6]).all()


@given(st.integers(0, 1000), st.sampled_from([7.0, 100.0]))
def test_the_mean_is_that_of_the_matrix(seed, bin_width):
    spikes = spikes_of(seed)
    matrix = count_correlations(spikes, bin_width)
    assert mean_correlation(spikes, bin_width) == pytest.approx(matrix[:6, :6][np.triu_indices(6, 1)].mean())


def test_shared_spikes_give_their_share_as_correlation():
    # Thinned from one source with probability c each: cov = c^2, var = c of the source's rate, so r = c.
    rng = np.random.default_rng(0)
    source = rng.uniform(0.0, 1e5, 10_000)
    trains = [source[rng.random(source.size) < 0.3] for _ in range(20)]
    assert mean_correlation(as_spikes(trains, t_stop=1e5), 20.0) == pytest.approx(0.3, abs=0.015)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of quantities, inside elephant
def test_correlations_agree_with_elephant():
    correlation = pytest.importorskip("elephant.spike_train_correlation")
    conversion = pytest.importorskip("elephant.conversion")
    pq = pytest.importorskip("quantities")
    spikes = spikes_of(3).select(slice(0, 6))
    # Elephant's bins hold their left edge; no spike lies on one here.
    binned = conversion.BinnedSpikeTrain(spikes.to_neo(), bin_size=20.0 * pq.ms)
    expected = correlation.correlation_coefficient(binned)
    np.testing.assert_allclose(count_correlations(spikes, 20.0), expected, atol=1e-10)


def test_fewer_than_two_neurons_that_vary_have_no_mean():
    assert np.isnan(mean_correlation(as_spikes([[1.0], []], t_stop=10.0), 1.0))
    constant = as_spikes([np.arange(1.0, 11.0), [1.0]], t_stop=10.0)
    assert np.isnan(mean_correlation(constant, 1.0))


def test_equal_trains_correlate_by_one_and_one_bin_is_too_few():
    spikes = as_spikes([[1.0, 4.0], [1.0, 4.0]], t_stop=10.0)
    assert mean_correlation(spikes, 1.0) == pytest.approx(1.0) and count_correlations(spikes, 1.0)[0, 1] <= 1.0
    with pytest.raises(NeuroclError, match="two bins or more"):
        count_correlations(spikes, 6.0)
