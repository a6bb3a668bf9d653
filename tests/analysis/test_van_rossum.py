"""Van Rossum distances against known numbers, the double sum, the integral and elephant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import van_rossum_distance
from neurocl.core.errors import NeuroclError

A = [10, 25, 60, 61.5, 120, 180, 195, 300, 310, 450]
B = [12, 24, 58, 125, 140, 185, 305, 400, 455]

train = st.lists(st.floats(0.0, 100.0) | st.integers(0, 20).map(float), max_size=15)
tau = st.sampled_from([0.01, 1.0, 10.0, 1e5])


@pytest.mark.parametrize(
    ("tau", "expected"), [(1, 4.247516216), (10, 2.961055604), (50, 2.141846721), (1e4, 1.021119906)]
)
def test_values_of_known_trains(tau, expected):
    assert van_rossum_distance([A, B], tau)[0, 1] == pytest.approx(expected, abs=1e-9)


def test_value_of_shifted_trains_and_of_the_papers_normalisation():
    assert van_rossum_distance([[10, 20, 30], [12, 22, 32]], 10.0)[0, 1] == pytest.approx(1.008808875, abs=1e-9)
    assert van_rossum_distance([A, B], 1.0, "van_rossum")[0, 1] ** 2 == pytest.approx(9.020697, abs=1e-6)


def test_the_papers_normalisation_is_the_integral():
    dt, tau = 0.01, 10.0
    t = np.arange(0.0, 800.0, dt) + dt / 2

    def trace(train):
        return sum(np.where(t >= spike, np.exp(-np.maximum(t - spike, 0.0) / tau), 0.0) for spike in train)

    integral = np.sum((trace(A) - trace(B)) ** 2) * dt / tau
    assert van_rossum_distance([A, B], tau, "van_rossum")[0, 1] ** 2 == pytest.approx(integral, rel=1e-3)


def double_sum(a, b, tau):
    def kernel(x, y):
        return np.exp(-np.abs(np.subtract.outer(x, y)) / tau).sum()

    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return np.sqrt(max(0.0, kernel(a, a) + kernel(b, b) - 2.0 * kernel(a, b)))


@given(train, train, tau)
def test_linear_time_equals_the_double_sum(a, b, tau):
    # The double sum cancels: near trains are off by the root of its rounding.
    assert van_rossum_distance([a, b], tau)[0, 1] == pytest.approx(double_sum(a, b, tau), abs=3e-6)


@given(train, train, train, tau)
def test_it_is_a_metric(a, b, c, tau):
    distance = van_rossum_distance([a, b, c], tau)
    np.testing.assert_array_equal(distance, distance.T)
    assert not np.diagonal(distance).any()
    assert distance[0, 2] <= distance[0, 1] + distance[1, 2] + 1e-9
    assert van_rossum_distance([a, a], tau)[0, 1] == 0.0


def test_trains_that_nearly_agree_keep_their_distance():
    # Two spikes, a shift of s << tau apart, are at 2 (1 - e^{-s / tau}); the difference of sums of 2000 would be noise.
    many = np.arange(2000.0)
    near = many + 1e-9 * (many == 1000.0)
    assert van_rossum_distance([many, near], 10.0)[0, 1] ** 2 == pytest.approx(2e-10, rel=1e-3)


def test_matrix_agrees_with_elephant():
    dissimilarity = pytest.importorskip("elephant.spike_train_dissimilarity")
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    rng = np.random.default_rng(0)
    trains = [np.sort(rng.uniform(0.0, 1000.0, size)) for size in (20, 1, 0, 35)]
    given_trains = [neo.SpikeTrain(train, units="ms", t_stop=1000.0) for train in trains]
    expected = dissimilarity.van_rossum_distance(given_trains, 15.0 * pq.ms)
    np.testing.assert_allclose(van_rossum_distance(trains, 15.0), expected, atol=1e-6)


def test_what_is_out_of_range_is_refused():
    with pytest.raises(NeuroclError, match="tau must be > 0"):
        van_rossum_distance([A, B], 0.0)
    with pytest.raises(NeuroclError, match="'elephant' or 'van_rossum', got 'l2'"):
        van_rossum_distance([A, B], 1.0, "l2")
