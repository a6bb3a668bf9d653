"""Separation rank and kernel quality of reservoirs."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.analysis import kernel_quality, separation_rank
from neurocl.core.errors import NeuroclError

LABELS = np.repeat([0, 1], 20)


def test_rank_is_that_of_the_subspace_the_counts_lie_in():
    rng = np.random.default_rng(0)
    counts = rng.poisson(5.0, (40, 3)) @ rng.integers(0, 4, (3, 50))
    assert separation_rank(counts, LABELS, per_class=10, draws=5) == 3.0
    assert separation_rank(rng.poisson(5.0, (40, 50)), LABELS, per_class=10, draws=5) == 20.0


def test_rank_takes_as_many_samples_of_each_class():
    counts = np.zeros((40, 40))
    counts[np.arange(20), np.arange(20)] = 1.0  # class 0: all different; class 1: silent
    assert separation_rank(counts, LABELS, per_class=7, draws=3) == 7.0


def test_quality_is_the_rescaled_difference_of_rescaled_ranks():
    np.testing.assert_allclose(kernel_quality([900, 800, 700], [650, 500, 575]), [0.5, 1.0, 0.0])
    np.testing.assert_array_equal(kernel_quality([5, 5], [3, 3]), [0.0, 0.0])


@pytest.mark.parametrize(
    ("counts", "labels", "complaint"),
    [
        (np.zeros((39, 3)), LABELS, "one label for each of 39 samples"),
        (np.zeros((0, 3)), [], "at least one, got shape"),
        (np.zeros((40, 0)), LABELS, "at least one, got shape"),
        (np.zeros((2, 3)), [[1], [1, 2]], "all numbers or all texts"),
        (np.zeros((2, 3)), np.array([0, "a"], dtype=object), "all numbers or all texts"),
        (np.zeros((2, 3)), [0, np.nan], "contain NaN"),
    ],
)
def test_wrong_counts_and_labels_are_told(counts, labels, complaint):
    with pytest.raises(NeuroclError, match=complaint):
        separation_rank(counts, labels, per_class=1, draws=1)


def test_wrong_input_is_an_error():
    with pytest.raises(NeuroclError, match="fewer than per_class"):
        separation_rank(np.zeros((40, 3)), LABELS, per_class=21)
    with pytest.raises(NeuroclError, match="two or more reservoirs"):
        kernel_quality([1.0], [1.0])
