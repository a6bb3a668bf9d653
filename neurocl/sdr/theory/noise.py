"""Stored patterns that are missed because of noise.

A segment has s synapses on the a active bits of its pattern and needs theta of them.

Moved bits      v of the a bits moved elsewhere: FN = sum over k > s - theta of C(s, k) C(a - s, v - k) / C(a, v);
                exactly 0 for v <= s - theta; independent of n
Dropped bits    each bit lost with probability p: FN = P(Binomial(s, 1 - p) < theta)
Source          Ahmad & Hawkins (2016), arXiv:1601.00720, section 3.2
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal, overload

import numpy as np

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr.theory._hypergeometric import LOG10, check_pattern, exact_tail, log_sum, log_tail

__all__ = ["false_negative", "false_negative_dropped", "log10_false_negative", "log10_false_negative_dropped"]


@overload
def false_negative(a: int, s: int, v: int, theta: int, *, exact: Literal[True]) -> Fraction: ...
@overload
def false_negative(a: int, s: int, v: int, theta: int, *, exact: Literal[False] = False) -> float: ...
def false_negative(a: int, s: int, v: int, theta: int, *, exact: bool = False) -> float | Fraction:
    """Probability that a segment misses its own pattern when `v` of the bits have moved.

    Parameters
    ----------
    a : active bits of the pattern.
    s : synapses, all on bits of the pattern; at most `a`.
    v : bits that moved; at most `a`.
    theta : threshold, at most `s`.
    exact : return a `fractions.Fraction`. Default False.
    """
    _check("false_negative", a, s, v, theta)
    return exact_tail(a, v, s, s - theta + 1) if exact else math.exp(log_tail(a, v, s, s - theta + 1))


def log10_false_negative(a: int, s: int, v: int, theta: int) -> float:
    """Decimal logarithm of `false_negative`; -inf where that is 0."""
    _check("log10_false_negative", a, s, v, theta)
    return log_tail(a, v, s, s - theta + 1) / LOG10


def false_negative_dropped(s: int, p: float, theta: int) -> float:
    """Probability that a segment misses its pattern when each bit is lost with probability `p`."""
    return math.exp(_log_dropped("false_negative_dropped", s, p, theta))


def log10_false_negative_dropped(s: int, p: float, theta: int) -> float:
    """Decimal logarithm of `false_negative_dropped`; -inf where that is 0."""
    return _log_dropped("log10_false_negative_dropped", s, p, theta) / LOG10


def _log_dropped(function: str, s: int, p: float, theta: int) -> float:
    """Natural logarithm of P(Binomial(s, 1 - p) < theta)."""
    check_pattern(function, s, s, s, theta)
    p = probability(function, "p", p)
    if p in (0.0, 1.0) or theta == 0:
        return 0.0 if p == 1.0 and theta > 0 else -math.inf
    k = np.arange(theta)
    ways = np.cumsum(np.log(np.concatenate([[1.0], (s - k[:-1]) / k[1:]])))
    return min(0.0, log_sum((ways + k * math.log1p(-p) + (s - k) * math.log(p)).tolist()))


def _check(function: str, a: int, s: int, v: int, theta: int) -> None:
    whole_number(function, "a", a, at_least=1)
    check_pattern(function, a, a, s, theta)
    if whole_number(function, "v", v) > a:
        raise NeuroclError(f"{function}: v must be at most the a = {a} active bits, got {v}.")
