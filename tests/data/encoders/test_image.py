from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.data import ImageEncoder, digits, mnist

IMAGES = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(2, 9)), elements=st.floats(0.0, 255.0, allow_subnormal=False)
).filter(lambda x: x.sum() > 1e-3)


@given(IMAGES)
def test_every_image_has_the_same_expected_number_of_events(images: np.ndarray) -> None:
    encoder = ImageEncoder().fit(images)
    p = encoder.probabilities(images)
    assert p.max() == 1.0 and p.min() >= 0.0
    expected = np.where(images.sum(axis=1) > 0, 1 / encoder.largest_, 0.0)
    np.testing.assert_allclose(p.sum(axis=1), expected, rtol=1e-9)


@given(IMAGES, st.floats(0.01, 100.0))
def test_brightness_does_not_matter(images: np.ndarray, factor: float) -> None:
    p = ImageEncoder().fit(images).probabilities(images)
    np.testing.assert_allclose(ImageEncoder().fit(factor * images).probabilities(factor * images), p, rtol=1e-9)


def test_norm_decides_whose_largest_share_scales_a_test_set() -> None:
    train, test = [[1.0, 1.0, 2.0]], [[0.0, 1.0, 9.0], [1.0, 1.0, 0.0]]  # shares up to 0.5 and 0.9
    np.testing.assert_allclose(ImageEncoder().fit(train).probabilities(test), [[0, 0.2, 1], [1, 1, 0]])
    split = ImageEncoder(norm="split").fit(train).probabilities(test)
    np.testing.assert_allclose(split, [[0, 1 / 9, 1], [5 / 9, 5 / 9, 0]])


def test_mnist_is_driven_as_published() -> None:
    try:
        data = mnist()
    except NeuroclError as error:
        pytest.skip(str(error))
    encoder = ImageEncoder().fit(data.x_train)
    assert encoder.largest_ == pytest.approx(0.0501376, abs=5e-8)
    assert 1 / encoder.largest_ == pytest.approx(19.945, abs=5e-4)
    assert ImageEncoder().fit(data.x_test).largest_ == pytest.approx(0.0453737, abs=5e-8)


def test_events_are_drawn_with_these_probabilities_and_by_the_generator_alone() -> None:
    images = digits().x_train[:3]
    encoder = ImageEncoder().fit(images)
    events = encoder.encode(images, 4000, np.random.default_rng(0))
    assert events.shape == (4000, 3, 64) and events.dtype == bool
    p = encoder.probabilities(images)
    assert (np.abs(events.mean(axis=0) - p) <= 5 * np.sqrt(p * (1 - p) / 4000)).all()
    np.testing.assert_array_equal(events, encoder.encode(images, 4000, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((2, 4)), "all images are black"),
        (-np.ones((2, 4)), "must be >= 0"),
        (np.full((2, 4), np.nan), "NaN"),
        (np.ones(4), r"\[image, ...\]"),
        (np.ones((0, 4)), "at least one"),
    ],
)
def test_wrong_images_are_an_error(images: np.ndarray, complaint: str) -> None:
    with pytest.raises(NeuroclError, match=complaint):
        ImageEncoder().fit(images)


def test_a_wrong_norm_and_a_missing_fit_are_errors() -> None:
    with pytest.raises(NeuroclError, match="'train' or 'split'"):
        ImageEncoder(norm="test")
    with pytest.raises(NeuroclError, match="call fit first"):
        ImageEncoder().probabilities(np.ones((2, 4)))
