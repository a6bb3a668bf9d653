"""Retrieval bounds of the continuous modern Hopfield network: N patterns of norm at most M, inverse temperature beta.

Separation      Delta_i = x_i x_i - max_{j != i} x_i x_j
Well separated  Delta_i >= 2 / (beta N) + ln(2 (N - 1) N beta M^2) / beta: then one fixed point lies within
                1 / (beta N M) of the pattern, and the iteration contracts to it
Error           one update from distance eps: 2 (N - 1) M exp(-beta (Delta_i - 2 eps M))
Storage         on the sphere of radius K sqrt(d - 1), with failure probability p: N >= sqrt(p) c^((d - 1) / 4), where
                a = 2 (1 + ln(2 beta K^2 p (d - 1))) / (d - 1), b = 2 K^2 beta / 5, c = b / W0(exp(a + ln b)), for
                c >= (2 / sqrt(p))^(4 / (d - 1)); W0 is the upper branch of Lambert's function
Source          Ramsauer et al. (2021), ICLR, "Hopfield networks is all you need", theorems 3 to 5
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import lambertw

from neurocl.core._checks import finite_number, non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["ExponentialStorage", "exponential_storage", "retrieval_bound", "separation_threshold"]


class ExponentialStorage(NamedTuple):
    """`patterns` that are surely stored, the base `c` of the exponential law, and whether c is large enough for it."""

    patterns: float
    c: float
    holds: bool


def separation_threshold(n_patterns: int, beta: float, norm: float) -> float:
    """Least separation of a well-separated pattern.

    Parameters
    ----------
    n_patterns : N, at least 2.
    beta : inverse temperature.
    norm : M, the largest norm of a pattern.
    """
    n = whole_number("separation_threshold", "n_patterns", n_patterns, at_least=2)
    beta = positive_number("separation_threshold", "beta", beta)
    norm = positive_number("separation_threshold", "norm", norm)
    return 2.0 / (beta * n) + math.log(2.0 * (n - 1) * n * beta * norm**2) / beta


def retrieval_bound(n_patterns: int, beta: float, norm: float, separation: float, distance: float = 0.0) -> float:
    """Upper bound of the distance to the pattern after one update.

    Parameters
    ----------
    n_patterns, beta, norm : as in `separation_threshold`.
    separation : Delta_i of the pattern.
    distance : of the cue from the pattern, or of the fixed point from it if that is larger. Default 0.
    """
    n = whole_number("retrieval_bound", "n_patterns", n_patterns, at_least=1)
    beta = positive_number("retrieval_bound", "beta", beta)
    norm = positive_number("retrieval_bound", "norm", norm)
    distance = non_negative_number("retrieval_bound", "distance", distance)
    exponent = -beta * (finite_number("retrieval_bound", "separation", separation) - 2.0 * distance * norm)
    return 2.0 * (n - 1) * norm * math.exp(min(exponent, 700.0))


def exponential_storage(dimension: int, beta: float, scale: float, failure: float) -> ExponentialStorage:
    """Random patterns that are stored and retrieved with probability 1 - failure; the law is asymptotic in d.

    Parameters
    ----------
    dimension : d, at least 2.
    beta : inverse temperature.
    scale : K; the patterns have norm K sqrt(d - 1).
    failure : p in (0, 1).
    """
    d = whole_number("exponential_storage", "dimension", dimension, at_least=2)
    beta = positive_number("exponential_storage", "beta", beta)
    scale = positive_number("exponential_storage", "scale", scale)
    failure = positive_number("exponential_storage", "failure", failure)
    if failure >= 1.0:
        raise NeuroclError(f"exponential_storage: failure is a probability below 1, got {failure:g}.")
    a = 2.0 / (d - 1) * (1.0 + math.log(2.0 * beta * scale**2 * failure * (d - 1)))
    b = 2.0 * scale**2 * beta / 5.0
    c = b / float(lambertw(b * math.exp(a)).real)
    holds = c >= (2.0 / math.sqrt(failure)) ** (4.0 / (d - 1))
    return ExponentialStorage(math.sqrt(failure) * c ** ((d - 1) / 4.0), c, holds)
