"""Noise of images, of probabilities and of event times."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders import noisy_images, noisy_probabilities, shift_events


def test_noise_in_every_step_is_a_larger_probability() -> None:
    p, rng = np.array([0.0, 0.01, 0.1, 0.5]), np.random.default_rng(0)
    drawn = np.clip(p + 0.025 * rng.standard_normal((200_000, 4)), 0, 1).mean(axis=0)
    np.testing.assert_allclose(noisy_probabilities(p, 0.025), drawn, atol=3e-4)
    np.testing.assert_array_equal(noisy_probabilities(p, 0.0), p)


def test_noise_of_pixels_is_normal_and_cut_to_the_range_of_the_set() -> None:
    images = np.stack([np.full(100_000, 100.0), np.full(100_000, 250.0)])
    noisy = noisy_images(images, 0.5, np.random.default_rng(0))  # sd 125
    for pixels, level in zip(noisy, (100.0, 250.0), strict=True):
        low, high = -level / 125, (250 - level) / 125
        inside = norm.cdf(high) - norm.cdf(low)
        mean = level * inside - 125 * (norm.pdf(high) - norm.pdf(low)) + 250 * norm.sf(high)
        assert pixels.mean() == pytest.approx(mean, abs=5 * 125 / np.sqrt(100_000))
        assert (pixels == 0).mean() == pytest.approx(norm.cdf(low), abs=0.008)
        assert (pixels == 250).mean() == pytest.approx(norm.sf(high), abs=0.008)
    np.testing.assert_array_equal(noisy_images(images, 0.0, np.random.default_rng(0)), images)


@pytest.mark.parametrize(("shift", "expected"), [(0, [0, 1, 9]), (3, [3, 4, 6]), (-2, [1, 2, 7]), (9, [0, 8, 9])])
def test_shifted_events_are_reflected_at_the_ends(shift: int, expected: list[int]) -> None:
    events = np.zeros((2, 10, 2), dtype=bool)
    events[0, [0, 1, 9], 1] = True
    found = shift_events(events, [shift, 5])
    assert found[0, :, 1].nonzero()[0].tolist() == expected
    assert not found[0, :, 0].any() and not found[1].any()


def test_wrong_events_and_shifts_are_an_error() -> None:
    with pytest.raises(NeuroclError, match="one whole number for each sample"):
        shift_events(np.zeros((2, 10, 2)), [0.5, 1.0])
    with pytest.raises(NeuroclError, match="between -9 and 9 steps, got -12"):
        shift_events(np.zeros((2, 10, 2)), [1, -12])
