"""Sums of x^-alpha over whole numbers from `low` to `high`, which normalise discrete power laws."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from scipy.special import zeta

Floats = NDArray[np.float64]

DIRECT = 32
"""Terms summed one by one before the Euler-Maclaurin formula takes over; its relative error is then below 1e-11."""


@overload
def power_sum(alpha: float, low: float, high: float | None) -> float: ...


@overload
def power_sum(alpha: float, low: Floats, high: float | None) -> Floats: ...


def power_sum(alpha: float, low: Any, high: float | None) -> Any:
    """Return the sum of x^-alpha for x = low ... high; high None is infinity and needs alpha > 1.

    Bounded sums converge for every alpha: the first terms are added one by one, the rest is its integral plus
    the end corrections of Euler and Maclaurin. zeta(alpha, low) - zeta(alpha, high + 1) would cancel near alpha = 1.
    """
    if high is None:
        tail = zeta(alpha, low)
        return float(tail) if np.ndim(tail) == 0 else tail
    first = np.atleast_1d(np.asarray(low, dtype=np.float64))
    terms = first[:, None] + np.arange(DIRECT)
    total = np.where(terms <= high, terms**-alpha, 0.0).sum(axis=1) + _rest(alpha, first + DIRECT, float(high))
    return float(total[0]) if np.ndim(low) == 0 else total


def _rest(alpha: float, a: Floats, b: float) -> Floats:
    """Euler-Maclaurin for x = a ... b; 0 where a > b."""
    a = np.minimum(a, b + 1.0)
    log_ratio = np.log(b / np.minimum(a, b))
    power = 1.0 - alpha
    scaled = log_ratio if abs(power) < 1e-12 else np.expm1(power * log_ratio) / power
    integral = np.minimum(a, b) ** power * scaled
    ends = (a**-alpha + b**-alpha) / 2.0
    first = alpha * (a ** (-alpha - 1.0) - b ** (-alpha - 1.0)) / 12.0
    third = alpha * (alpha + 1.0) * (alpha + 2.0) * (a ** (-alpha - 3.0) - b ** (-alpha - 3.0)) / 720.0
    return np.where(a <= b, integral + ends + first - third, 0.0)
