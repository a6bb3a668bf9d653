"""exp, log, (exp(z) - 1) / z and Gaussian numbers; those in float32 are vectorised by LLVM.

In float64 they are the C library's, called one element at a time. In float32 they are written as range reduction and
polynomial, with the power of two moved through the bits of the number, so a loop over neurons becomes a few vector
instructions. Largest errors: exp 1.1e-7, expm1 and exprel 5e-7 relative, log 1e-7 (relative, absolute below 1),
Gaussian 2e-6 absolute. They treat zero, infinity and NaN as the C library does, but flush results below 1e-38 to zero.

The polynomials are minimax fits (Remez exchange) on the reduced ranges. They are never compiled with fastmath, which
would reorder the range reduction and lose its digits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

__all__ = [
    "exp32", "exp64", "expm1_32", "expm1_64", "exprel32", "exprel64", "log32", "log64", "normal32", "normal64",
]  # fmt: skip

# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic
# A function inherits fastmath from the first caller unless it says otherwise.
_STRICT: Any = {"fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_F, _I = np.float32, np.int32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _F(1.4426950408889634), _F(0.693359375), _F(-2.1219444005469058e-4)
_MAGIC = _F(12582912.0)  # 1.5 * 2^23: adding and subtracting it rounds to a whole number
_LARGEST, _SMALLEST = _F(88.72283), _F(-87.33654)

exp64, expm1_64, log64 = math.exp, math.expm1, math.log


@_intrinsic
def _as_float(context: Any, bits: Any) -> Any:
    """The float32 whose bits are those of an int32."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), make


@_intrinsic
def _as_bits(context: Any, number: Any) -> Any:
    """The bits of a float32 as an int32."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), make


@njit(**_STRICT)
def exp32(x: Any) -> Any:
    """exp(x) in float32."""
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
    p *= _as_float(_I(_I(half + _I(127)) << _I(23)))
    p *= _as_float(_I(_I(_I(whole - half) + _I(127)) << _I(23)))
    p = _F(np.inf) if x > _LARGEST else p
    p = _F(0.0) if x < _SMALLEST else p
    return p if x == x else x


@njit(**_STRICT)
def log32(x: Any) -> Any:
    """log(x) in float32."""
    tiny = x < _F(1.1754944e-38)
    y = x * _F(8388608.0) if tiny else x
    bits = _as_bits(y)
    # The exponent that leaves the mantissa between sqrt(1/2) and sqrt(2).
    exponent = _I(_I(bits - _I(0x3F3504F3)) >> _I(23))
    f = _as_float(_I(bits - _I(exponent << _I(23)))) - _F(1.0)
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


@njit(inline="always")
def exprel64(z: float) -> float:
    """(exp(z) - 1) / z, 1 at z = 0."""
    return math.expm1(z) / z if z != 0 else z + 1


@njit(**_STRICT)
def _series(z: Any) -> Any:
    """(exp(z) - 1) / z near zero, where exp(z) - 1 would lose its digits."""
    p = _F(1.0 / 5040.0) * z + _F(1.0 / 720.0)
    p = p * z + _F(1.0 / 120.0)
    p = p * z + _F(1.0 / 24.0)
    p = p * z + _F(1.0 / 6.0)
    p = p * z + _F(0.5)
    return p * z + _F(1.0)


@njit(**_STRICT)
def expm1_32(z: Any) -> Any:
    """exp(z) - 1 in float32."""
    is_small = (z < _F(0.5)) & (z > _F(-0.5))
    return z * _series(z) if is_small else exp32(z) - _F(1.0)


@njit(**_STRICT)
def exprel32(z: Any) -> Any:
    """As `exprel64`, in float32."""
    is_small = (z < _F(0.5)) & (z > _F(-0.5))
    return _series(z) if is_small else (exp32(z) - _F(1.0)) / (_F(1.0) if is_small else z)


@njit(inline="always")
def normal64(u1: float, u2: float) -> float:
    """A Gaussian number from two uniform ones (Box-Muller): sqrt(-2 log u1) cos(2 pi u2)."""
    return math.sqrt(-2.0 * math.log(u1)) * math.cos(2.0 * math.pi * u2)


@njit(**_STRICT)
def normal32(u1: Any, u2: Any) -> Any:
    """As `normal64`, in float32."""
    t = u2 - ((u2 + _MAGIC) - _MAGIC)
    s = t * t
    p = _F(6.52961044058377)
    p = p * s - _F(25.968313322768903)
    p = p * s + _F(60.167831737874735)
    p = p * s - _F(85.45016555129578)
    p = p * s + _F(64.93911898396458)
    p = p * s - _F(19.73920453209656)
    p = p * s + _F(0.9999999891722869)
    return np.sqrt(_F(-2.0) * log32(u1)) * p
