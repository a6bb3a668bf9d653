"""Choosing the threshold of a segment: the largest that still finds the pattern in noise.

theta       the largest with FN(a, s, v, theta) <= largest_miss; theta = s - v is always safe, because then FN = 0
Source      Ahmad & Hawkins (2016), arXiv:1601.00720, section 4: 9 to 20 is good over a wide range
"""

from __future__ import annotations

from typing import NamedTuple

from neurocl.core._checks import probability
from neurocl.sdr.theory.matching import false_match
from neurocl.sdr.theory.noise import false_negative

__all__ = ["Threshold", "optimal_threshold"]


class Threshold(NamedTuple):
    """A threshold, and the probabilities of both errors at it."""

    theta: int
    false_negative: float
    false_match: float


def optimal_threshold(n: int, a: int, s: int, v: int, largest_miss: float = 0.0) -> Threshold:
    """The largest threshold that misses a pattern with `v` moved bits at most with probability `largest_miss`.

    Parameters
    ----------
    n, a : bits, and active bits of a pattern.
    s : synapses, at most `a`.
    v : moved bits, at most `a`.
    largest_miss : accepted probability of a miss. Default 0: none.

    Returns
    -------
    Threshold
        theta is 0 where the noise leaves no other choice; everything matches then.
    """
    limit = probability("optimal_threshold", "largest_miss", largest_miss)
    theta = next(theta for theta in range(s, -1, -1) if false_negative(a, s, v, theta) <= limit)
    return Threshold(theta, false_negative(a, s, v, theta), false_match(n, a, s, theta))
