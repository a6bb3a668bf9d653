"""Hotelling's test of whether two samples have one mean.

S    = ((n1 - 1) S1 + (n2 - 1) S2) / (n1 + n2 - 2),   S1, S2 the covariances
T^2  = n1 n2 / (n1 + n2) (m1 - m2)' S^+ (m1 - m2),   S^+ the pseudo-inverse
F    = (n1 + n2 - p - 1) / (p (n1 + n2 - 2)) T^2,   p features
P    = cumulative distribution of F with (p, n1 + n2 - p - 1) degrees of freedom; near 1: the means differ
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as f_distribution

from neurocl.core.errors import NeuroclError

__all__ = ["Sample", "same_distribution"]


class Sample(NamedTuple):
    """Number of rows, their mean [feature] and covariance [feature, feature], all in float64."""

    n: int
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @classmethod
    def of(cls, rows: ArrayLike) -> Sample:
        """The summary of rows [sample, feature]; NeuroclError for fewer than two, or NaN."""
        x = np.asarray(rows, dtype=np.float64)
        if x.ndim != 2 or x.shape[0] < 2:
            raise NeuroclError(f"Hotelling's test: expected at least two rows [sample, feature], got {list(x.shape)}.")
        if not np.isfinite(x).all():
            raise NeuroclError("Hotelling's test: all numbers must be finite, but there is NaN or inf in the rows.")
        return cls(x.shape[0], x.mean(0), np.atleast_2d(np.cov(x, rowvar=False)))


def same_distribution(first: Sample, second: Sample) -> float:
    """P of the test: what share of pairs of samples of one distribution differ less than these two.

    Raises
    ------
    NeuroclError
        If the samples have different features, or both together fewer than two rows more than features.
    """
    p = first.mean.size
    if second.mean.size != p:
        raise NeuroclError(f"Hotelling's test: both samples need the same features, got {p} and {second.mean.size}.")
    n, rest = first.n + second.n, first.n + second.n - p - 1
    if rest < 1:
        raise NeuroclError(
            f"Hotelling's test of {p} features needs at least {p + 2} rows in both samples together, got {n};"
            " use larger batches or fewer features."
        )
    pooled = ((first.n - 1) * first.covariance + (second.n - 1) * second.covariance) / (n - 2)
    shift = first.mean - second.mean
    t_squared = first.n * second.n / n * float(shift @ np.linalg.pinv(pooled, hermitian=True) @ shift)
    return float(f_distribution.cdf(rest / (p * (n - 2)) * t_squared, p, rest))
