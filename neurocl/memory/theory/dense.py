"""Signal to noise of dense associative memories: random patterns, energy -sum F(overlap), F(x) = x^n or exp(x).

Error        first update of a perfect cue, erfc(sqrt(N^(n-1) / (2 (2n-3)!! K))) / 2
Capacity     exact recall of one given pattern, N^(n-1) / (2 (2n-3)!! ln N); n = 2 is the Hopfield network
Exponential  exp(a N) + 1 patterns, of which one synchronous step repairs a share rho of flipped bits while
             a < I(1 - 2 rho) / 2, I(x) = ((1 + x) ln(1 + x) + (1 - x) ln(1 - x)) / 2
Source       Krotov & Hopfield (2016), NeurIPS 29; Demircigil et al. (2017), J. Stat. Phys. 168:288
"""

from __future__ import annotations

import math

from scipy.special import erfc, factorial2

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["dense_capacity", "dense_error", "exponential_load"]


def dense_error(n_units: int, n_patterns: int, degree: int) -> float:
    """Share of wrong bits after the first update of a perfect cue.

    Parameters
    ----------
    n_units, n_patterns : N and K, at least 1.
    degree : n of F(x) = x^n, at least 2.
    """
    n_units = whole_number("dense_error", "n_units", n_units, at_least=1)
    n_patterns = whole_number("dense_error", "n_patterns", n_patterns, at_least=1)
    return float(erfc(math.sqrt(n_units / 2 * _ratio("dense_error", n_units, degree) / n_patterns)) / 2)


def dense_capacity(n_units: int, degree: int) -> float:
    """Patterns of which a given one is recalled without any error, N^(n-1) / (2 (2n-3)!! ln N).

    Parameters
    ----------
    n_units : N, at least 2.
    degree : n of F(x) = x^n, at least 2.
    """
    n_units = whole_number("dense_capacity", "n_units", n_units, at_least=2)
    return n_units * _ratio("dense_capacity", n_units, degree) / (2 * math.log(n_units))


def _ratio(owner: str, n_units: int, degree: int) -> float:
    """N^(n-2) / (2n - 3)!!."""
    degree = whole_number(owner, "degree", degree, at_least=2)
    return float(n_units) ** (degree - 2) / float(factorial2(2 * degree - 3))


def exponential_load(flipped: float = 0.0) -> float:
    """Largest a = ln(patterns) / N of the exponential energy when a share `flipped` of the bits is wrong.

    Raises
    ------
    NeuroclError
        Unless 0 <= flipped < 1/2.
    """
    rho = finite_number("exponential_load", "flipped", flipped)
    if not 0.0 <= rho < 0.5:
        raise NeuroclError(f"exponential_load: flipped must lie in [0, 1/2), got {shown(flipped)}.")
    x = 1.0 - 2.0 * rho
    rest = (1.0 - x) * math.log(1.0 - x) if x < 1.0 else 0.0
    return ((1.0 + x) * math.log(1.0 + x) + rest) / 4.0
