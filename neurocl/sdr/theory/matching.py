"""Chance overlaps and false matches of random SDRs.

n bits, a of them active in a random pattern; a segment has s synapses and matches where the overlap is >= theta.

Overlap         P(o = b) = C(s, b) C(n - s, a - b) / C(n, a), mean s a / n
False match     FP(n, a, s, theta) = sum over b >= theta of P(o = b); symmetric in a and s;
                1 / C(n, a) for s = a = theta
Many segments   P(any of M matches) = 1 - (1 - FP)^M <= M FP
Capacity        C(n, a) patterns
Source          Ahmad & Hawkins (2016), arXiv:1601.00720, sections 2 and 3
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, overload

import numpy as np

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr.theory._hypergeometric import LOG10, check_pattern, exact_tail, exact_term, log_sum, log_tail, log_term

__all__ = [
    "any_match", "false_match", "log10_any_match", "log10_capacity", "log10_false_match", "log10_overlap_probability",
    "match_probability", "overlap_mean", "overlap_probability", "overlap_variance",
]  # fmt: skip

_NEGLIGIBLE = 40.0
"""exp(-40) added to 1 changes no digit of a float."""


@overload
def overlap_probability(n: int, a: int, s: int, b: int, *, exact: Literal[True]) -> Fraction: ...
@overload
def overlap_probability(n: int, a: int, s: int, b: int, *, exact: Literal[False] = False) -> float: ...
def overlap_probability(n: int, a: int, s: int, b: int, *, exact: bool = False) -> float | Fraction:
    """Probability that a random pattern has exactly `b` bits in common with `s` fixed ones.

    Parameters
    ----------
    n, a : bits, and active bits of the pattern.
    s : number of fixed bits.
    b : overlap, at most `s`.
    exact : return a `fractions.Fraction`. Default False.
    """
    check_pattern("overlap_probability", n, a, s, b)
    return exact_term(n, a, s, b) if exact else math.exp(log_term(n, a, s, b))


def log10_overlap_probability(n: int, a: int, s: int, b: int) -> float:
    """Decimal logarithm of `overlap_probability`; -inf where that is 0."""
    check_pattern("log10_overlap_probability", n, a, s, b)
    return log_term(n, a, s, b) / LOG10


def overlap_mean(n: int, a: int, s: int) -> float:
    """Mean overlap of a random pattern with `s` fixed bits."""
    check_pattern("overlap_mean", n, a, s, 0)
    return s * a / n


def overlap_variance(n: int, a: int, s: int) -> float:
    """Variance of the overlap of a random pattern with `s` fixed bits."""
    check_pattern("overlap_variance", n, a, s, 0)
    return s * (a / n) * (1 - a / n) * (n - s) / max(n - 1, 1)


@overload
def false_match(n: int, a: int, s: int, theta: int, *, exact: Literal[True]) -> Fraction: ...
@overload
def false_match(n: int, a: int, s: int, theta: int, *, exact: Literal[False] = False) -> float: ...
def false_match(n: int, a: int, s: int, theta: int, *, exact: bool = False) -> float | Fraction:
    """Probability that a random pattern matches a segment; also called `match_probability`.

    Parameters
    ----------
    n, a : bits, and active bits of the pattern.
    s : synapses of the segment. If they are a sample of a stored pattern, the bits not sampled do not matter.
    theta : threshold, at most `s`.
    exact : return a `fractions.Fraction`. Default False; values below 1e-308 are then 0, see `log10_false_match`.

    Examples
    --------
    >>> f"{false_match(10_000, 300, 24, 12):.4g}"
    '8.376e-13'
    """
    check_pattern("false_match", n, a, s, theta)
    return exact_tail(n, a, s, theta) if exact else math.exp(log_tail(n, a, s, theta))


match_probability = false_match


def log10_false_match(n: int, a: int, s: int, theta: int) -> float:
    """Decimal logarithm of `false_match`, also where that is smaller than any float; -inf where it is 0."""
    check_pattern("log10_false_match", n, a, s, theta)
    return log_tail(n, a, s, theta) / LOG10


def any_match(chance: float | Sequence[float], m: int = 1) -> float:
    """Probability that at least one of several independent segments matches.

    Parameters
    ----------
    chance : probability of each; a list for segments that differ.
    m : so many of each. Default 1.
    """
    listed = list(chance) if np.iterable(chance) else [chance]
    whole_number("any_match", "m", m)
    checked = [probability("any_match", "chance", p) for p in listed]
    if m > 0 and 1.0 in checked:
        return 1.0
    return abs(math.expm1(m * math.fsum(math.log1p(-p) for p in checked if p < 1.0)))


def log10_any_match(log10_chance: float | Sequence[float], m: int = 1) -> float:
    """Decimal logarithm of `any_match`, from the decimal logarithm of each probability; -inf where it is 0.

    Parameters
    ----------
    log10_chance : logarithm of the probability of each, such as `log10_false_match`; a list for segments that differ.
    m : so many of each. Default 1.
    """
    listed: list[Any] = list(log10_chance) if np.iterable(log10_chance) else [log10_chance]
    whole_number("log10_any_match", "m", m)
    for value in listed:
        if not isinstance(value, numbers.Real) or not value <= 0.0:
            raise NeuroclError(f"log10_any_match: log10_chance must be a number <= 0, got {shown(value)}.")
    if m == 0 or 0.0 in listed:
        return 0.0 if m else -math.inf
    # P = 1 - exp(-x), x = m times the sum of -log(1 - p); -log(1 - p) is p where that is too small for a float.
    x = math.log(m) + log_sum(_log_of_surprise(LOG10 * float(value)) for value in listed)
    return (x if x < -_NEGLIGIBLE else math.log(-math.expm1(-math.exp(x)))) / LOG10


def _log_of_surprise(log_p: float) -> float:
    """log(-log(1 - p))."""
    return log_p if log_p < -_NEGLIGIBLE else math.log(-math.log1p(-math.exp(log_p)))


def log10_capacity(n: int, a: int) -> float:
    """Decimal logarithm of the number C(n, a) of patterns with `a` active ones of `n` bits."""
    check_pattern("log10_capacity", n, a, 1, 0)
    return math.log10(math.comb(n, a))
