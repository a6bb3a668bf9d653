"""Mathematical functions in float64 that LLVM vectorises.

They are written as range reduction and polynomial, with the power of two moved through the bits of the number, so a
loop over neurons becomes a few vector instructions. Largest relative errors: exp and log 2e-16, expm1 3e-16, exprel
and tanh 4e-16, cosh 3e-16; absolute: Gaussian 2e-15, sin and cos 2e-16 for arguments up to 1e13 (beyond, where
neighbouring numbers lie 0.002 apart, the phase loses its meaning). They treat zero, infinity and NaN as the C library
does, except that exp gives zero below 3.2e-308, cosh infinity from 9e307 on, and sin(-0) is +0.

The polynomials are minimax fits (Remez exchange) on the reduced ranges. They are never compiled with fastmath, which
would reorder the range reduction and lose its digits. Every product that is added is rounded once (`fma`), so that a
neuron's number does not depend on whether it was computed in a vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.engines.numba.bits import as_bits, as_float, fma, in_caller, sqrt

__all__ = ["cos", "cosh", "exp", "expm1", "exprel", "log", "normal", "sin", "tanh"]

# A function inherits fastmath from the first caller unless it says otherwise.
_STRICT: Any = {"fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
_PI_HIGH, _PI_LOW, _OVER_PI = 3.141592653589793, 1.2246467991473532e-16, 0.3183098861837907
_MAGIC = 6755399441055744.0  # 1.5 * 2^52: adding and subtracting it rounds to a whole number, whose bits are its last
_I = np.int64
_ROOT_HALF = _I(0x3FE6A09E667F3BCD)
_ONE = _I(0x3FF0000000000000)
_MANTISSA = _I(0x000FFFFFFFFFFFFF)
_TWO_52 = _I(0x4330000000000000)


@njit(**_STRICT)
def _split_exp(y: Any) -> Any:
    """exp(r) - 1 and 2^(n-1), where y = n ln 2 + r and |r| <= ln(2) / 2."""
    in_caller()
    shifted = fma(y, _LOG2_E, _MAGIC)
    n = shifted - _MAGIC
    r = fma(-n, _LN2_LOW, fma(-n, _LN2_HIGH, y))
    p = 2.0875349506544116e-09
    p = fma(p, r, 2.5108979204877427e-08)
    p = fma(p, r, 2.755740257437091e-07)
    p = fma(p, r, 2.7557244373230437e-06)
    p = fma(p, r, 2.4801587172627155e-05)
    p = fma(p, r, 0.0001984126988596691)
    p = fma(p, r, 0.001388888888896232)
    p = fma(p, r, 0.008333333333321691)
    p = fma(p, r, 0.04166666666666651)
    p = fma(p, r, 0.16666666666666677)
    p = fma(p, r, 0.5)
    return fma(r * r, p, r), as_float(_I((as_bits(shifted) << _I(52)) + _I(1022 << 52)))


@njit(**_STRICT)
def exp(x: Any) -> Any:
    """exp(x)."""
    in_caller()
    y = -708.3 if x < -708.3 else x  # NaN stays NaN
    y = 710.0 if y > 710.0 else y
    p, half = _split_exp(y)
    # 2^1024 has no float, its half has; the half of 2^-1022 has none and is zero.
    return ((1.0 + p) * half) * 2.0


@njit(**_STRICT)
def expm1(x: Any) -> Any:
    """exp(x) - 1."""
    in_caller()
    y = -40.0 if x < -40.0 else x
    y = 710.0 if y > 710.0 else y
    p, half = _split_exp(y)
    return x if abs(x) < 1e-20 else fma(half, p, half - 0.5) * 2.0  # the half of a tiny number may be none


@njit(**_STRICT)
def exprel(x: Any) -> Any:
    """(exp(x) - 1) / x, 1 at x = 0."""
    in_caller()
    return 1.0 if abs(x) < 1e-20 else expm1(x) / x


@njit(**_STRICT)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent of x."""
    in_caller()
    p = expm1(40.0 if x > 20.0 else 2.0 * x)
    return p / (p + 2.0)


@njit(**_STRICT)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine of x."""
    in_caller()
    e = exp(abs(x))
    return 0.5 * e + 0.5 / e


@njit(**_STRICT)
def log(x: Any) -> Any:
    """Natural logarithm of x."""
    in_caller()
    tiny = x < 2.2250738585072014e-308
    y = x * 2.0**54 if tiny else x
    # The exponent that leaves the mantissa between sqrt(1/2) and sqrt(2); a logical shift, for AVX2 has no other.
    bits = _I(as_bits(y) + _I(_ONE - _ROOT_HALF))
    exponent = as_float(_I(_I(np.uint64(bits) >> np.uint64(52)) | _TWO_52)) - (2.0**52 + 1023.0)
    n = exponent - 54.0 if tiny else exponent
    f = as_float(_I(_I(bits & _MANTISSA) + _ROOT_HALF)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 0.14756591924500956
    p = fma(p, z, 0.15318224019479018)
    p = fma(p, z, 0.1818338967011013)
    p = fma(p, z, 0.2222220221587586)
    p = fma(p, z, 0.28571428703232216)
    p = fma(p, z, 0.3999999999961416)
    p = fma(p, z, 0.6666666666666698)
    half = 0.5 * f * f
    result = fma(n, _LN2_HIGH, f - (half - fma(s, fma(z, p, half), n * _LN2_LOW)))
    result = result if x < np.inf else x  # infinity and NaN
    result = -np.inf if x == 0.0 else result
    return np.nan if x < 0.0 else result


@njit(**_STRICT)
def _sine(r: Any, sign: Any) -> Any:
    """sin(r) for |r| <= pi / 2, negative if the last bit of `sign` is set."""
    in_caller()
    z = r * r
    p = 2.722209126789041e-15
    p = fma(p, z, -7.643093817592932e-13)
    p = fma(p, z, 1.6058943811302098e-10)
    p = fma(p, z, -2.5052106958286674e-08)
    p = fma(p, z, 2.7557319212117428e-06)
    p = fma(p, z, -0.00019841269841215246)
    p = fma(p, z, 0.008333333333333212)
    p = fma(p, z, -0.16666666666666666)
    return as_float(_I(as_bits(fma(z * r, p, r)) ^ _I(as_bits(sign) << _I(63))))


@njit(**_STRICT)
def _half_turns(x: Any, n: Any) -> Any:
    """x - n pi, never far outside [-pi/2, pi/2]."""
    in_caller()
    r = fma(-n, _PI_LOW, fma(-n, _PI_HIGH, x))
    r = -1.6 if r < -1.6 else r
    return 1.6 if r > 1.6 else r


@njit(**_STRICT)
def sin(x: Any) -> Any:
    """Sine of x."""
    in_caller()
    shifted = fma(x, _OVER_PI, _MAGIC)
    return _sine(_half_turns(x, shifted - _MAGIC), shifted)


@njit(**_STRICT)
def cos(x: Any) -> Any:
    """Cosine of x, as the sine of x + pi / 2."""
    in_caller()
    shifted = fma(x, _OVER_PI, 0.5) + _MAGIC
    return _sine(_half_turns(x, (shifted - _MAGIC) - 0.5), shifted)


@njit(**_STRICT)
def normal(u1: Any, u2: Any) -> Any:
    """A Gaussian number from two uniform ones in (0, 1) (Box-Muller): sqrt(-2 log u1) cos(2 pi u2)."""
    in_caller()
    d = 0.25 - abs(u2 - ((u2 + _MAGIC) - _MAGIC))  # cos(2 pi u2) = sin(2 pi d), |d| <= 1/4
    z = d * d
    p = 0.1009268106578056
    p = fma(p, z, -0.7177416649196736)
    p = fma(p, z, 3.819928947484828)
    p = fma(p, z, -15.094641725056439)
    p = fma(p, z, 42.05869392702073)
    p = fma(p, z, -76.7058597528541)
    p = fma(p, z, 81.60524927607389)
    p = fma(p, z, -41.341702240399755)
    turn = d * 6.283185307179586
    rest = fma(d, 6.283185307179586, -turn)
    return sqrt(-2.0 * log(u1)) * (turn + fma(d * z, p, rest))
