"""Mathematical functions in float32 that LLVM vectorises; see `vector_math64` for the same in float64.

Largest errors: exp 1.2e-7, expm1 and exprel 5e-7, tanh 6e-7, cosh 3e-7 relative; log 1.2e-7 (relative, absolute below
1); Gaussian 2e-6 absolute; sin and cos are those of float64, rounded. They treat zero, infinity and NaN as the C
library does, but flush results below 1e-38 to zero.

An argument in float64 is rounded first, for the range reduction counts on the digits of float32.

The polynomials are minimax fits (Remez exchange) on the reduced ranges. They are never compiled with fastmath, which
would reorder the range reduction and lose its digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.engines.numba import vector_math64
from neurocl.engines.numba.bits import as_bits, as_float, in_caller, sqrt

__all__ = ["cos", "cosh", "exp", "expm1", "exprel", "log", "normal", "sin", "tanh"]

# A function inherits fastmath from the first caller unless it says otherwise.
_STRICT: Any = {"fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_F, _I = np.float32, np.int32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _F(1.4426950408889634), _F(0.693359375), _F(-2.1219444005469058e-4)
_MAGIC = _F(12582912.0)  # 1.5 * 2^23: adding and subtracting it rounds to a whole number
_LARGEST, _SMALLEST = _F(88.72283), _F(-87.33654)


@njit(**_STRICT)
def exp(x: Any) -> Any:
    """exp(x)."""
    in_caller()
    x = _F(x)
    y = x if x > _SMALLEST else _SMALLEST  # NaN becomes a number here, and NaN again at the end
    y = y if y < _LARGEST else _LARGEST
    shifted = y * _LOG2_E + _MAGIC
    n = shifted - _MAGIC
    r = (y - n * _LN2_HIGH) - n * _LN2_LOW
    p = _F(0.0013836742167314404)
    p = p * r + _F(0.008374898357633033)
    p = p * r + _F(0.04166823179901457)
    p = p * r + _F(0.16666419190434045)
    p = p * r + _F(0.4999999203232881)
    p = p * r + _F(1.000000036539099)
    p = p * r + _F(1.0000000005585945)
    whole = _I(n)
    half = _I(whole >> _I(1))  # 2^128 has no float, its two halves have
    p *= as_float(_I(_I(half + _I(127)) << _I(23)))
    p *= as_float(_I(_I(_I(whole - half) + _I(127)) << _I(23)))
    p = _F(np.inf) if x > _LARGEST else p
    p = _F(0.0) if x < _SMALLEST else p
    return p if x == x else x


@njit(**_STRICT)
def log(x: Any) -> Any:
    """Natural logarithm of x."""
    in_caller()
    x = _F(x)
    tiny = x < _F(1.1754944e-38)
    y = x * _F(8388608.0) if tiny else x
    bits = as_bits(y)
    # The exponent that leaves the mantissa between sqrt(1/2) and sqrt(2).
    exponent = _I(_I(bits - _I(0x3F3504F3)) >> _I(23))
    f = as_float(_I(bits - _I(exponent << _I(23)))) - _F(1.0)
    n = _F(exponent) - (_F(23.0) if tiny else _F(0.0))
    p = _F(0.0692104131193362)
    p = p * f - _F(0.11780694066204629)
    p = p * f + _F(0.1186513086533554)
    p = p * f - _F(0.12385552878701489)
    p = p * f + _F(0.1422002189376708)
    p = p * f - _F(0.1666921634269728)
    p = p * f + _F(0.20002146075416083)
    p = p * f - _F(0.24999986420553444)
    p = p * f + _F(0.3333331193383408)
    square = f * f
    result = n * _LN2_HIGH + (f + (n * _LN2_LOW + (square * f * p - _F(0.5) * square)))
    result = result if x < _F(np.inf) else x
    result = -_F(np.inf) if x == _F(0.0) else result
    return _F(np.nan) if x < _F(0.0) else result


@njit(**_STRICT)
def _series(z: Any) -> Any:
    """(exp(z) - 1) / z near zero, where exp(z) - 1 would lose its digits."""
    in_caller()
    p = _F(1.0 / 5040.0) * z + _F(1.0 / 720.0)
    p = p * z + _F(1.0 / 120.0)
    p = p * z + _F(1.0 / 24.0)
    p = p * z + _F(1.0 / 6.0)
    p = p * z + _F(0.5)
    return p * z + _F(1.0)


@njit(**_STRICT)
def expm1(z: Any) -> Any:
    """exp(z) - 1."""
    in_caller()
    z = _F(z)
    is_small = (z < _F(0.5)) & (z > _F(-0.5))
    return z * _series(z) if is_small else exp(z) - _F(1.0)


@njit(**_STRICT)
def exprel(z: Any) -> Any:
    """(exp(z) - 1) / z, 1 at z = 0."""
    in_caller()
    z = _F(z)
    is_small = (z < _F(0.5)) & (z > _F(-0.5))
    return _series(z) if is_small else (exp(z) - _F(1.0)) / (_F(1.0) if is_small else z)


@njit(**_STRICT)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent of x."""
    in_caller()
    x = _F(x)
    p = expm1(_F(20.0) if x > _F(10.0) else _F(2.0) * x)
    return p / (p + _F(2.0))


@njit(**_STRICT)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine of x."""
    in_caller()
    x = _F(x)
    e = exp(abs(x))
    return _F(0.5) * e + _F(0.5) / e


@njit(**_STRICT)
def sin(x: Any) -> Any:
    """Sine of x."""
    in_caller()
    return _F(vector_math64.sin(np.float64(x)))


@njit(**_STRICT)
def cos(x: Any) -> Any:
    """Cosine of x."""
    in_caller()
    return _F(vector_math64.cos(np.float64(x)))


@njit(**_STRICT)
def normal(u1: Any, u2: Any) -> Any:
    """A Gaussian number from two uniform ones in (0, 1) (Box-Muller): sqrt(-2 log u1) cos(2 pi u2)."""
    in_caller()
    t = u2 - ((u2 + _MAGIC) - _MAGIC)
    s = t * t
    p = _F(6.52961044058377)
    p = p * s - _F(25.968313322768903)
    p = p * s + _F(60.167831737874735)
    p = p * s - _F(85.45016555129578)
    p = p * s + _F(64.93911898396458)
    p = p * s - _F(19.73920453209656)
    p = p * s + _F(0.9999999891722869)
    return sqrt(_F(-2.0) * log(u1)) * p
