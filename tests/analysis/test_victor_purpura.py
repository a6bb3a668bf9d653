"""Victor-Purpura distances against known numbers, elephant, and the axioms of a metric."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import victor_purpura_distance
from neurocl.core.errors import NeuroclError

A = [10, 25, 60, 61.5, 120, 180, 195, 300, 310, 450]
B = [12, 24, 58, 125, 140, 185, 305, 400, 455]

train = st.lists(st.floats(0.0, 100.0) | st.integers(0, 20).map(float), max_size=15)
cost = st.sampled_from([0.0, 0.02, 0.1, 0.5, 3.0])


@pytest.mark.parametrize(("q", "expected"), [(0, 1), (0.01, 2.6), (0.1, 7.5), (1, 18), (2, 19)])
def test_values_of_known_trains(q, expected):
    distance = victor_purpura_distance([A, B], q)
    np.testing.assert_allclose(distance, [[0, expected], [expected, 0]], atol=1e-9)


@pytest.mark.parametrize(("q", "expected"), [(0.1, 0.6), (1.5, 6.0)])
def test_values_of_shifted_trains(q, expected):
    assert victor_purpura_distance([[10, 20, 30], [12, 22, 32]], q)[0, 1] == pytest.approx(expected)


def recursion(a, b, q):
    """The dynamic programme as it is published."""
    table = np.add.outer(np.arange(len(a) + 1.0), np.arange(len(b) + 1.0))
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            shift = table[i - 1, j - 1] + q * abs(a[i - 1] - b[j - 1])
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, shift)
    return table[-1, -1]


@given(train, train, cost)
def test_the_band_of_near_spikes_is_enough(a, b, q):
    expected = recursion(sorted(a), sorted(b), q)
    assert victor_purpura_distance([a, b], q)[0, 1] == pytest.approx(expected, abs=1e-9)


@given(train, train, train, cost)
def test_it_is_a_metric_between_its_limits(a, b, c, q):
    distance = victor_purpura_distance([a, b, c], q)
    np.testing.assert_array_equal(distance, distance.T)
    assert not np.diagonal(distance).any()
    assert distance[0, 2] <= distance[0, 1] + distance[1, 2] + 1e-9
    assert abs(len(a) - len(b)) - 1e-9 <= distance[0, 1] <= len(a) + len(b)


def test_matrix_agrees_with_elephant():
    dissimilarity = pytest.importorskip("elephant.spike_train_dissimilarity")
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    rng = np.random.default_rng(0)
    trains = [np.sort(rng.uniform(0.0, 1000.0, size)) for size in (20, 1, 0, 35)]
    given_trains = [neo.SpikeTrain(train, units="ms", t_stop=1000.0) for train in trains]
    expected = dissimilarity.victor_purpura_distance(given_trains, 0.05 / pq.ms)
    np.testing.assert_allclose(victor_purpura_distance(trains, 0.05), expected, atol=1e-9)


@pytest.mark.parametrize("q", [-1.0, np.nan, np.inf, "1", None])
def test_a_cost_that_is_none_is_refused(q):
    with pytest.raises(NeuroclError, match="cost must be"):
        victor_purpura_distance([A, B], q)
