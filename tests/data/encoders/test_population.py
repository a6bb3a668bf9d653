from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders.population import encode_population, population_responses


def test_responses_are_the_published_ones() -> None:
    responses = population_responses(0.3, m=5, low=0.0, high=1.0)
    np.testing.assert_allclose(responses, [0.110251, 0.835270, 0.666977, 0.056135, 0.000498], atol=5e-7)


def test_centres_and_width_are_the_published_ones() -> None:
    # seen through the responses: 1 at the centres inside the range, exp(-d^2 / (2 sigma^2)) away from them
    inside = np.array([0.166667, 0.5, 0.833333])
    responses = population_responses(inside, m=5, low=0.0, high=1.0)
    np.testing.assert_allclose(responses[[0, 1, 2], [1, 2, 3]], 1, atol=1e-11)
    outside = np.array([-0.166667, 1.166667])
    edge = population_responses([0.0, 1.0], m=5, low=0.0, high=1.0)[[0, 1], [0, 4]]
    distance = 0.222222 * np.sqrt(-2 * np.log(edge))
    np.testing.assert_allclose(distance, np.abs(outside - [0, 1]), atol=2e-6)


def test_spikes_stand_at_one_minus_response_and_weak_ones_are_silent() -> None:
    spikes = encode_population([0.3], m=5, low=0.0, high=1.0, n_steps=100)
    assert spikes.shape == (100, 1, 5)
    rows, _, neurons = np.nonzero(spikes)
    assert dict(zip(neurons.tolist(), rows.tolist(), strict=True)) == {0: 89, 1: 16, 2: 33}  # (1 - r) * 100


@given(x=st.floats(-2, 3), m=st.integers(3, 12), beta=st.floats(0.5, 3), n_steps=st.integers(1, 50))
def test_each_neuron_fires_once_unless_its_response_is_below_a_tenth(
    x: float, m: int, beta: float, n_steps: int
) -> None:
    responses = population_responses(x, m, -2.0, 3.0, beta)
    spikes = encode_population(x, m, -2.0, 3.0, n_steps, beta)
    np.testing.assert_array_equal(spikes.sum(axis=0), responses >= 0.1)


@given(x=st.floats(0, 1), m=st.integers(3, 12))
def test_the_code_is_mirror_symmetric(x: float, m: int) -> None:
    mirrored = population_responses(1 - x, m, 0.0, 1.0)[::-1]
    np.testing.assert_allclose(population_responses(x, m, 0.0, 1.0), mirrored, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"x": [1.1]}, r"x must lie in \[0, 1\]"),
        ({"x": [np.nan]}, "NaN"),
        ({"m": 2}, "m must be"),
        ({"beta": 0.0}, "beta"),
        ({"low": 1.0}, "low must be smaller than high"),
        ({"high": np.inf}, "high"),
        ({"n_steps": 0}, "n_steps"),
    ],
)
def test_wrong_input_is_an_error(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(NeuroclError, match=complaint):
        encode_population(**({"x": [0.5], "m": 5, "low": 0.0, "high": 1.0, "n_steps": 10} | changed))
