from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from neurocl.core.errors import NeuroclError
from neurocl.data.digits import digits


def _sorted_rows(x: np.ndarray) -> np.ndarray:
    rows = x.reshape(len(x), -1)
    return rows[np.lexsort(rows.T)]


def test_both_parts_together_are_scikit_learns_images_over_16() -> None:
    data = digits()
    everything = np.concatenate([data.x_train, data.x_test])
    np.testing.assert_array_equal(_sorted_rows(everything), _sorted_rows(load_digits().images / 16))
    assert data.image_shape == (8, 8)
    assert data.n_classes == 10


def test_labels_stay_with_their_images() -> None:
    images, labels = load_digits(return_X_y=True)
    label_of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    data = digits()
    for x, y in zip(data.flat().x_test, data.y_test, strict=True):
        assert label_of[(x * 16).astype(np.float64).tobytes()] == y


def test_split_is_stratified_and_of_the_stated_size() -> None:
    data = digits(test_fraction=0.2)
    assert (len(data.y_train), len(data.y_test)) == (1437, 360)
    counts = np.bincount(np.concatenate([data.y_train, data.y_test]))
    assert np.abs(np.bincount(data.y_test) - counts * 360 / 1797).max() < 1


def test_split_depends_on_the_seed_alone() -> None:
    np.testing.assert_array_equal(digits(seed=5).x_test, digits(seed=5).x_test)
    assert not np.array_equal(digits(seed=5).x_test, digits(seed=6).x_test)


@pytest.mark.parametrize("test_fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_a_split_that_leaves_a_part_empty_is_an_error(test_fraction: float) -> None:
    with pytest.raises(NeuroclError, match="test_fraction"):
        digits(test_fraction)
