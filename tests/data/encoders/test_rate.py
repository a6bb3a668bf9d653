from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders.rate import encode_rate


def test_mean_counts_are_within_four_sigma() -> None:
    x = np.repeat([0.0, 0.1, 0.5, 0.9, 1.0], 200).reshape(5, 200)
    n_steps, dt, max_rate = 500, 0.5, 400.0  # p = x * 0.2
    counts = encode_rate(x, n_steps, dt, max_rate, np.random.default_rng(7)).sum(axis=(0, 2))
    p, n = x[:, 0] * max_rate * dt / 1000, n_steps * 200
    assert (np.abs(counts - n * p) <= 4 * np.sqrt(n * p * (1 - p))).all()


def test_steps_and_neurons_are_independent() -> None:
    spikes = encode_rate(np.full(200, 0.5), 2000, 1.0, 1000.0, np.random.default_rng(1))
    centred = spikes - 0.5
    for lagged in (centred[1:] * centred[:-1], centred[:, 1:] * centred[:, :-1]):
        # products of independent centred coins have mean 0 and standard deviation 1/4
        assert abs(lagged.mean()) < 4 * 0.25 / np.sqrt(lagged.size)


def test_probability_zero_and_one_are_exact() -> None:
    spikes = encode_rate([0.0, 1.0], 1000, 1.0, 1000.0, np.random.default_rng(0))
    assert spikes.dtype == bool
    assert not spikes[:, 0].any()
    assert spikes[:, 1].all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 4, 5)])
def test_time_comes_first(shape: tuple[int, ...]) -> None:
    assert encode_rate(np.ones(shape), 6, 1.0, 50.0, np.random.default_rng(0)).shape == (6, *shape)


def test_the_generator_alone_decides() -> None:
    first, again, other = (
        encode_rate(np.full(50, 0.5), 40, 1.0, 500.0, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"x": [0.5, 1.2]}, r"x must lie in \[0, 1\], got values from 0.5 to 1.2"),
        ({"x": [-0.1]}, r"x must lie in \[0, 1\]"),
        ({"x": [np.nan]}, "NaN"),
        ({"x": [1j]}, "real numbers"),
        ({"x": ["a"]}, "real numbers"),
        ({"x": [[1.0], [1.0, 0.0]]}, "unequal length"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_steps": 2.5}, "n_steps"),
        ({"dt": 0.0}, "dt"),
        ({"max_rate": -1.0}, "max_rate"),
        ({"max_rate": 1001.0}, "at most 1"),
        ({"rng": 5}, "default_rng"),
    ],
)
def test_wrong_input_is_an_error(changed: dict[str, Any], complaint: str) -> None:
    good = {"x": [0.5], "n_steps": 10, "dt": 1.0, "max_rate": 100.0, "rng": np.random.default_rng(0)}
    with pytest.raises(NeuroclError, match=complaint):
        encode_rate(**(good | changed))
