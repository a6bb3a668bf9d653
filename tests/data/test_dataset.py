from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset, stratified_choice


@pytest.fixture
def tiny() -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.random((40, 2, 3)).astype(np.float32)
    y = np.repeat(np.arange(4), 10)
    return Dataset("tiny", x[::2], y[::2], x[1::2], y[1::2])


def test_image_shape_and_number_of_classes(tiny: Dataset) -> None:
    assert tiny.image_shape == (2, 3)
    assert tiny.n_classes == 4


def test_flat_is_the_same_memory_row_by_row(tiny: Dataset) -> None:
    x = np.ascontiguousarray(tiny.x_train)
    data = Dataset("tiny", x, tiny.y_train, tiny.x_test, tiny.y_test)
    flat = data.flat()
    assert flat.image_shape == (6,)
    assert np.shares_memory(flat.x_train, x)
    np.testing.assert_array_equal(flat.x_train[3], x[3].ravel())
    np.testing.assert_array_equal(flat.y_test, data.y_test)


def test_subset_keeps_pairs_proportions_and_order(tiny: Dataset) -> None:
    part = tiny.subset(8, 4, seed=3)
    np.testing.assert_array_equal(part.y_train, np.repeat(np.arange(4), 2))
    np.testing.assert_array_equal(part.y_test, np.arange(4))
    for x, y in zip(part.x_train, part.y_train, strict=True):
        (source,) = np.flatnonzero((tiny.x_train == x).all(axis=(1, 2)))
        assert tiny.y_train[source] == y


def test_subset_depends_on_the_seed_alone(tiny: Dataset) -> None:
    np.testing.assert_array_equal(tiny.subset(8, 4, seed=1).x_train, tiny.subset(8, 4, seed=1).x_train)
    assert not np.array_equal(tiny.subset(8, 4, seed=1).x_train, tiny.subset(8, 4, seed=2).x_train)


@pytest.mark.parametrize(("n_train", "n_test"), [(0, 4), (21, 4), (8, 21), (8, -1), (2.5, 4)])
def test_subset_of_an_impossible_size_is_an_error(tiny: Dataset, n_train: int, n_test: int) -> None:
    with pytest.raises(NeuroclError, match="tiny: n_t"):
        tiny.subset(n_train, n_test)


@given(labels=st.lists(st.integers(0, 5), min_size=1, max_size=60), data=st.data())
def test_stratified_choice_is_within_one_of_the_exact_share(labels: list[int], data: st.DataObject) -> None:
    y = np.array(labels)
    n = data.draw(st.integers(0, len(y)))
    chosen = stratified_choice(y, n, np.random.default_rng(0))
    assert len(chosen) == n
    assert (np.diff(chosen) > 0).all()
    for label in np.unique(y):
        assert abs((y[chosen] == label).sum() - n * (y == label).mean()) < 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda x, y: (x.astype(np.float64), y), "float32"),
        (lambda x, y: (x[:, 0, 0], y), "shape"),
        (lambda x, y: (x[:0], y[:0]), "not empty"),
        (lambda x, y: (x, y[:-1]), "one label for each"),
        (lambda x, y: (x, y.astype(np.int32)), "int64"),
        (lambda x, y: (x * 255, y), r"\[0, 1\]"),
        (lambda x, y: (np.full_like(x, np.nan), y), "NaN"),
        (lambda x, y: (x, y - 1), "counted from 0"),
        (lambda x, y: (x[:, :1], y), "one shape"),
    ],
)
def test_wrong_arrays_are_an_error(tiny: Dataset, change: Callable, complaint: str) -> None:
    x, y = change(tiny.x_train, tiny.y_train)
    with pytest.raises(NeuroclError, match=complaint):
        Dataset("tiny", x, y, tiny.x_test, tiny.y_test)
