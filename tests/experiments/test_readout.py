"""The readout and the interval of its accuracy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.experiments.readout import STRENGTHS, fit_readout, wilson_interval


def test_classes_that_are_apart_are_told_apart_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(400) % 4
    noise = rng.normal(size=(400, 6)).astype(np.float32)
    apart = noise + 8 * np.eye(4, 6, dtype=np.float32)[y]
    good = fit_readout(apart[:200], y[:200], apart[200:], y[200:])
    assert good.test_accuracy == 1.0 and np.array_equal(good.predicted, y[200:])
    bad = fit_readout(noise[:200], y[:200], noise[200:], y[200:])
    assert bad.test_accuracy < 0.4 and bad.strength in STRENGTHS


def test_a_silent_neuron_does_no_harm() -> None:
    x = np.zeros((60, 3), dtype=np.float32)
    x[:, 0] = np.arange(60) % 2
    y = np.arange(60) % 2
    assert fit_readout(x, y, x, y).test_accuracy == 1.0


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_interval_holds_the_fraction_and_stays_in_range(n: int, fraction: float) -> None:
    accuracy = round(fraction * n) / n
    low, high = wilson_interval(accuracy, n)
    assert 0 <= low <= accuracy + 1e-12 and accuracy - 1e-12 <= high <= 1 and low < high


def test_interval_is_that_of_the_textbook() -> None:
    assert wilson_interval(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)  # Wilson score, 90 of 100
