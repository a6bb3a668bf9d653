from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders.latency import encode_latency, latency_times

UNIT = hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=8), elements=st.floats(0, 1))


def test_times_are_the_published_ones() -> None:
    times = latency_times([1.0, 0.8, 0.5, 0.25, 0.2, 0.0], tau=5.0, threshold=0.2)
    np.testing.assert_allclose(times[:4], [1.115718, 1.438410, 2.554128, 8.047190], atol=5e-7)  # six decimals
    assert np.isinf(times[4:]).all()


def test_time_is_when_a_leaky_integrator_crosses_the_threshold() -> None:
    x, tau, threshold = np.array([0.3, 0.7]), 12.0, 0.25
    t = latency_times(x, tau, threshold)
    np.testing.assert_allclose(x * (1 - np.exp(-t / tau)), threshold, rtol=1e-12)


def test_spikes_stand_in_the_nearest_row() -> None:
    spikes = encode_latency([1.0, 0.8, 0.5, 0.25], 20)
    rows, neurons = np.nonzero(spikes)
    np.testing.assert_array_equal(rows[np.argsort(neurons)], [1, 1, 3, 8])


def test_linear_times_run_from_the_first_to_the_last_row() -> None:
    spikes = encode_latency([1.0, 0.75, 0.5, 0.0], 9, linear=True)
    np.testing.assert_array_equal(spikes.argmax(axis=0), [0, 2, 4, 8])


@given(x=UNIT, n_steps=st.integers(1, 30), linear=st.booleans())
def test_each_input_fires_once_or_is_silent(x: np.ndarray, n_steps: int, linear: bool) -> None:
    spikes = encode_latency(x, n_steps, linear=linear)
    assert spikes.shape == (n_steps, *x.shape)
    assert spikes.dtype == bool
    np.testing.assert_array_equal(spikes.sum(axis=0), np.ones(x.shape) if linear else x > 0.2)


@given(x=UNIT, linear=st.booleans())
def test_a_stronger_input_never_fires_later(x: np.ndarray, linear: bool) -> None:
    x = np.sort(x.ravel())
    spikes = encode_latency(x, 25, linear=linear)
    rows = spikes.argmax(axis=0)[spikes.any(axis=0)]
    assert (np.diff(rows) <= 0).all()


def test_a_float32_pixel_equal_to_the_threshold_is_silent() -> None:
    pixel = np.float32(51) / np.float32(255)  # a little above 0.2 when widened to float64
    assert not encode_latency(np.array([pixel]), 20, threshold=0.2).any()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"x": [1.5]}, r"\[0, 1\]"),
        ({"x": [1.5], "linear": True}, r"\[0, 1\]"),
        ({"x": [np.inf]}, "infinity"),
        ({"n_steps": 0}, "n_steps"),
        ({"tau": 0.0}, "tau"),
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": 1.0}, "threshold"),
    ],
)
def test_wrong_input_is_an_error(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(NeuroclError, match=complaint):
        encode_latency(**({"x": [0.5], "n_steps": 10} | changed))
