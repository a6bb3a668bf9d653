"""Several patterns on one segment: the union property.

M patterns are stored with s synapses each. A bit stays silent with probability (1 - s/n)^M.

Size        S_M = n (1 - (1 - s/n)^M)
Mean size   FP(n, a, round(S_M), theta), the published approximation
Exact       the size u is a Markov chain, u -> u + k with probability C(n - u, k) C(u, s - k) / C(n, s), begun at s;
            FP(n, a, u, theta) is averaged over its law
Membership  all w bits of a query in a union of M patterns of w bits: (1 - (1 - w/n)^M)^w, as in a Bloom filter

A stored pattern is always found: the union makes no false negatives.

Source      Ahmad & Hawkins (2016), arXiv:1601.00720, section 3.3
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import half_away
from neurocl.sdr.theory._hypergeometric import (
    LOG10,
    check_pattern,
    exact_tail,
    exact_term,
    log_sum,
    log_tail,
    whole_law,
)

__all__ = [
    "log10_union_false_match", "log10_union_membership", "union_false_match", "union_false_match_exact",
    "union_membership", "union_size",
]  # fmt: skip


def union_size(n: int, s: int, m: int) -> float:
    """Mean number of bits in the union of `m` random sets of `s` of `n` bits."""
    check_pattern("union_size", n, 0, s, 0)
    whole_number("union_size", "m", m)
    if s == n:
        return float(n if m else 0)
    return -n * math.expm1(m * math.log1p(-s / n))


def union_false_match(n: int, a: int, s: int, theta: int, m: int, *, size: Literal["mean", "law"] = "law") -> float:
    """Probability that a random pattern matches a segment on which `m` patterns are stored.

    Parameters
    ----------
    n, a : bits, and active bits of the pattern.
    s : synapses for each stored pattern.
    theta : threshold, at most `s`.
    m : stored patterns, >= 1.
    size : "law" averages over the exact law of the number of synapses (default), "mean" takes its rounded mean, as
        published; this is a few per cent off.
    """
    return math.exp(_log_false_match("union_false_match", n, a, s, theta, m, size))


def log10_union_false_match(
    n: int, a: int, s: int, theta: int, m: int, *, size: Literal["mean", "law"] = "law"
) -> float:  # fmt: skip
    """Decimal logarithm of `union_false_match`; -inf where that is 0."""
    return _log_false_match("log10_union_false_match", n, a, s, theta, m, size) / LOG10


def _log_false_match(function: str, n: int, a: int, s: int, theta: int, m: int, size: str) -> float:
    _check(function, n, a, s, theta, m)
    if size == "mean":
        return log_tail(n, a, half_away(union_size(n, s, m)), theta)
    if size != "law":
        raise NeuroclError(f"{function}: size must be 'law' or 'mean', got {shown(size)}.")
    law = np.zeros(min(n, m * s) + 1)
    law[s] = 1.0
    for _ in range(m - 1):
        following = np.zeros_like(law)
        for u in np.flatnonzero(law):
            # k new bits: of the s drawn ones, k fall among the n - u that are not in the union.
            steps = whole_law(n, n - int(u), s)[: law.size - u]
            following[u : u + steps.size] += law[u] * steps
        law = following
    return log_sum(math.log(law[u]) + log_tail(n, a, int(u), theta) for u in np.flatnonzero(law))


def union_false_match_exact(n: int, a: int, s: int, theta: int, m: int) -> Fraction:
    """`union_false_match` with the exact law, as a fraction; takes long for large `m`."""
    _check("union_false_match_exact", n, a, s, theta, m)
    law = {s: Fraction(1)}
    for _ in range(m - 1):
        following: dict[int, Fraction] = {}
        for u, chance in law.items():
            for k in range(min(s, n - u) + 1):
                following[u + k] = following.get(u + k, Fraction(0)) + chance * exact_term(n, n - u, s, k)
        law = following
    return sum((chance * exact_tail(n, a, u, theta) for u, chance in law.items()), Fraction(0))


def union_membership(n: int, w: int, m: int) -> float:
    """Probability that all `w` bits of a random pattern lie in the union of `m` random patterns of `w` bits."""
    return (union_size(n, w, m) / n) ** w


def log10_union_membership(n: int, w: int, m: int) -> float:
    """Decimal logarithm of `union_membership`; -inf where that is 0."""
    share = union_size(n, w, m) / n
    return w * math.log10(share) if share > 0.0 else -math.inf


def _check(function: str, n: int, a: int, s: int, theta: int, m: int) -> None:
    check_pattern(function, n, a, s, theta)
    whole_number(function, "m", m, at_least=1)
