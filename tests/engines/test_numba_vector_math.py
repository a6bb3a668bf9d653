"""float32 exp, log and Gaussian numbers against NumPy in float64; rows of Poisson numbers against single ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from neurocl.core.random import poisson
from neurocl.engines.numba import kernels, vector_math

FAST: dict[str, Any] = {"error_model": "numpy", "fastmath": {"afn", "arcp", "contract", "nsz", "reassoc"}}
"""As generated float32 code is compiled."""


@njit(**FAST)
def all_exp(x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(x.size):
        out[i] = vector_math.exp32(x[i])


@njit(**FAST)
def all_log(x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(x.size):
        out[i] = vector_math.log32(x[i])


@njit(**FAST)
def all_exprel(x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(x.size):
        out[i] = vector_math.exprel32(x[i])


@njit(**FAST)
def all_expm1(x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(x.size):
        out[i] = vector_math.expm1_32(x[i])


@njit(**FAST)
def all_normal(u1: NDArray[np.float32], u2: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for i in range(u1.size):
        out[i] = vector_math.normal32(u1[i], u2[i])


@njit
def poisson_row(n: int, mean: float, stream: int, step: int, call: int) -> Any:
    return kernels.poisson_row(n, mean, np.uint64(stream), step, call)


def test_exp_has_the_digits_of_float32_over_its_whole_range() -> None:
    x = np.linspace(-87.3, 88.7, 400_001).astype(np.float32)
    out = np.empty_like(x)
    all_exp(x, out)
    exact = np.exp(x.astype(np.float64))
    assert np.abs(out / exact - 1).max() < 1.2e-7


def test_log_has_the_digits_of_float32_from_the_smallest_to_the_largest_number() -> None:
    x = np.concatenate([np.geomspace(1e-44, 3e38, 200_001), np.linspace(0.5, 2, 200_001)]).astype(np.float32)
    out = np.empty_like(x)
    all_log(x, out)
    exact = np.log(x.astype(np.float64))
    assert (np.abs(out - exact) / np.maximum(np.abs(exact), 1)).max() < 1.2e-7


def test_expm1_and_exprel_keep_their_digits_around_zero() -> None:
    x = np.concatenate([[0.0, np.nan, -np.inf], np.geomspace(1e-12, 80, 50_001), -np.geomspace(1e-12, 300, 50_001)])
    x = x.astype(np.float32)
    z = np.where(x == 0, 1e-30, x).astype(np.float64)
    for function, exact in ((all_exprel, np.expm1(z) / z), (all_expm1, np.expm1(x.astype(np.float64)))):
        out = np.empty_like(x)
        function(x, out)
        np.testing.assert_allclose(out, exact, rtol=5e-7)


def test_special_values_are_those_of_the_c_library() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 89.0, -104.0, 1.0, -1.0], dtype=np.float32)
    for function, reference in ((all_exp, np.exp), (all_log, np.log)):
        out = np.empty_like(x)
        function(x, out)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(out, reference(x), rtol=2e-7)


def test_gaussian_numbers_follow_box_and_muller() -> None:
    u1, u2 = np.random.default_rng(0).random((2, 200_000)).astype(np.float32) + np.float32(2.0**-24)
    out = np.empty_like(u1)
    all_normal(u1, u2, out)
    exact = np.sqrt(-2 * np.log(u1.astype(np.float64))) * np.cos(2 * np.pi * u2.astype(np.float64))
    assert np.abs(out - exact).max() < 2e-6


@given(
    mean=st.one_of(st.floats(0, 40), st.sampled_from([0.0, 1e-9, 16.0, 16.1, 300.0])),
    stream=st.integers(0, 2**63 - 1), step=st.integers(0, 10**6), call=st.integers(0, 5),
)  # fmt: skip
def test_a_row_of_poisson_numbers_is_the_numbers_of_its_neurons(mean: float, stream: int, step: int, call: int) -> None:
    row = poisson_row(100, mean, stream, step, call)
    np.testing.assert_array_equal(row, poisson(np.arange(100, dtype=np.uint32), mean, stream, step, call))


@pytest.mark.parametrize("mean", [-1.0, np.nan, np.inf])
def test_a_row_without_a_mean_is_nan(mean: float) -> None:
    assert np.isnan(poisson_row(3, mean, 1, 0, 0)).all()
