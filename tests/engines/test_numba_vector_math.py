"""Vectorised functions against mpmath, and in a vector against alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from neurocl.engines.numba import vector_math32, vector_math64

OPTIONS: dict[str, Any] = {
    "float64": {"error_model": "numpy"},
    "float32": {"error_model": "numpy", "fastmath": {"afn", "arcp", "contract", "nsz", "reassoc"}},
}
"""As generated code is compiled."""

EXACT: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp, "log": mpmath.log, "expm1": mpmath.expm1, "exprel": lambda x: mpmath.expm1(x) / x,
    "tanh": mpmath.tanh, "cosh": mpmath.cosh, "sin": mpmath.sin, "cos": mpmath.cos,
}  # fmt: skip
TOLERANCE: dict[str, dict[str, float]] = {
    "float64": {"exp": 2.5e-16, "log": 2.5e-16, "expm1": 5e-16, "exprel": 5e-16, "tanh": 5e-16, "cosh": 4e-16,
                "sin": 2.5e-16, "cos": 2.5e-16},
    "float32": {"exp": 1.2e-7, "log": 1.2e-7, "expm1": 5e-7, "exprel": 5e-7, "tanh": 6e-7, "cosh": 3e-7,
                "sin": 6e-8, "cos": 6e-8},
}  # fmt: skip
LIMITS = {"float64": (708.0, 2.3e-308, 1.7e308), "float32": (87.3, 1e-44, 3e38)}


def in_loop(function: Any, dtype: str) -> Any:
    """The function over an array, in a loop as generated code has them."""

    @njit(**OPTIONS[dtype])
    def loop(x: NDArray[Any], out: NDArray[Any]) -> None:
        for i in range(x.size):
            out[i] = function(x[i])

    return loop


LOOPS = {
    (name, dtype): in_loop(getattr(module, name), dtype)
    for dtype, module in (("float64", vector_math64), ("float32", vector_math32))
    for name in EXACT
}


def evaluated(name: str, x: NDArray[Any]) -> NDArray[Any]:
    out = np.empty_like(x)
    LOOPS[name, str(x.dtype)](x, out)
    return out


def arguments(name: str, dtype: str) -> NDArray[Any]:
    """Arguments over the whole range, around 0 and 1, and where the range reduction changes its whole number."""
    x: list[NDArray[Any]]
    rng, (largest, smallest, infinite) = np.random.default_rng(0), LIMITS[dtype]
    if name == "log":
        x = [np.geomspace(smallest, infinite, 1500), rng.uniform(0.5, 2.0, 1500), 1 + np.geomspace(1e-7, 0.1, 300)]
    elif name in ("sin", "cos"):
        far = np.geomspace(1e-9, 1e13, 1000)
        x = [rng.uniform(-10.0, 10.0, 1500), far, -far, np.pi / 2 * np.arange(-100, 101)]
    else:
        small = np.geomspace(1e-12, 1.0, 500)
        x = [np.linspace(-largest, largest, 1000), rng.uniform(-1.5, 1.5, 1000), small, -small]
        x += [np.log(2) * (np.arange(-50, 50) + 0.5)]
    whole = np.concatenate(x).astype(dtype)
    return whole[whole != 0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", list(EXACT))
def test_a_function_has_the_digits_that_its_module_states(name: str, dtype: str) -> None:
    x = arguments(name, dtype)
    with mpmath.workprec(140):
        for number, result in zip(x, evaluated(name, x), strict=True):
            exact = EXACT[name](mpmath.mpf(float(number)))
            error = abs(mpmath.mpf(float(result)) - exact)
            is_absolute = name in ("sin", "cos") or (name == "log" and dtype == "float32" and abs(exact) < 1)
            assert error <= TOLERANCE[dtype][name] * (1 if is_absolute else abs(exact)), number


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", list(EXACT))
def test_special_values_are_those_of_the_c_library(name: str, dtype: str) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-38, -1e-38, 800.0, -800.0, 1.0, -1.0], dtype=dtype)
    with np.errstate(all="ignore"):
        expected = np.where(x == 0, 1, np.expm1(x) / x) if name == "exprel" else getattr(np, name)(x)
        np.testing.assert_allclose(evaluated(name, x), expected, rtol=6e-7 if dtype == "float32" else 1e-15)


@pytest.mark.parametrize("name", list(EXACT))
def test_a_float64_number_is_the_same_wherever_it_stands_in_a_vector(name: str) -> None:
    x = arguments(name, "float64")
    together = evaluated(name, x)
    alone = np.concatenate([evaluated(name, x[k : k + 1]) for k in range(0, x.size, 7)])
    np.testing.assert_array_equal(together[::7], alone)


def test_numbers_at_the_ends_of_float64_do_not_wrap_around() -> None:
    x = np.array([-745.0, -708.3, -708.0, 709.7, 709.79, 5e-324, 1e-310])
    np.testing.assert_allclose(evaluated("exp", x), [0, 0, np.exp(-708.0), np.exp(709.7), np.inf, 1, 1], rtol=1e-15)
    np.testing.assert_allclose(evaluated("expm1", x)[3:], [np.expm1(709.7), np.inf, 5e-324, 1e-310], rtol=1e-15)
    np.testing.assert_array_equal(evaluated("exprel", x)[-2:], 1.0)
    np.testing.assert_allclose(evaluated("log", x)[-2:], np.log(x[-2:]), rtol=1e-15)


@pytest.mark.parametrize(("dtype", "atol"), [("float64", 2e-15), ("float32", 2e-6)])
def test_gaussian_numbers_follow_box_and_muller(dtype: str, atol: float) -> None:
    module = {"float64": vector_math64, "float32": vector_math32}[dtype]

    @njit(**OPTIONS[dtype])
    def loop(u1: NDArray[Any], u2: NDArray[Any], out: NDArray[Any]) -> None:
        for i in range(u1.size):
            out[i] = module.normal(u1[i], u2[i])

    u1, u2 = np.random.default_rng(0).integers(0, 2**23, (2, 5000)) * 2.0**-23 + 2.0**-24
    u1[:1000] *= 2.0**-8  # the tail
    out = np.empty(u1.size, dtype=dtype)
    loop(u1.astype(dtype), u2.astype(dtype), out)
    with mpmath.workprec(100):
        for a, b, result in zip(u1, u2, out, strict=True):
            exact = mpmath.sqrt(-2 * mpmath.log(mpmath.mpf(a))) * mpmath.cos(2 * mpmath.pi * mpmath.mpf(b))
            assert abs(mpmath.mpf(float(result)) - exact) < atol


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", list(EXACT))
def test_a_loop_over_neurons_calls_nothing_and_uses_vectors(name: str, dtype: str) -> None:
    evaluated(name, np.ones(3, dtype=dtype))
    text = next(iter(LOOPS[name, dtype].inspect_llvm().values()))
    assert re.search(r"<\d+ x (float|double)>", text)
    assert not re.search(r"vector_math(32|64)", "".join(re.findall(r"call [^(]*\(", text)))


@pytest.mark.parametrize("name", sorted(set(EXACT) - {"sin", "cos"}))
def test_a_float64_argument_of_a_float32_function_is_rounded(name: str) -> None:
    x = np.random.default_rng(0).uniform(0.1, 5, 1000)
    out, expected = np.empty(1000, np.float32), evaluated(name, x.astype(np.float32))
    LOOPS[name, "float32"](x, out)
    np.testing.assert_array_equal(out, expected)
