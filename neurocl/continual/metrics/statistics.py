"""Means over seeds with intervals, and comparisons of methods on the same seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurocl.core.errors import NeuroclError

__all__ = ["Interval", "holm", "interval", "paired"]

RESAMPLES = 10_000


class Interval(NamedTuple):
    """Mean over n seeds, sample standard deviation, and a 95 % interval of the mean (NaN for one seed)."""

    mean: float
    sd: float
    n: int
    low: float
    high: float


def interval(values: ArrayLike, bootstrap: bool = False) -> Interval:
    """Mean and 95 % interval: mean +- t_{0.975, n-1} sd / sqrt n, or percentiles of resampled means.

    Parameters
    ----------
    values : one number per seed.
    bootstrap : 10 000 resamples (seed 0) instead of Student's t: for ratios and areas.
    """
    from scipy import stats

    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not x.size:
        raise NeuroclError(f"interval: expected one number per seed, got shape {x.shape}")
    mean, n = float(x.mean()), len(x)
    if n == 1:
        return Interval(mean, math.nan, 1, math.nan, math.nan)
    sd = float(x.std(ddof=1))
    if bootstrap:
        means = np.random.default_rng(0).choice(x, (RESAMPLES, n)).mean(1)
        low, high = np.percentile(means, [2.5, 97.5])
        return Interval(mean, sd, n, float(low), float(high))
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    return Interval(mean, sd, n, mean - half, mean + half)


def paired(a: ArrayLike, b: ArrayLike) -> dict[str, float]:
    """Compare two methods on the same seeds.

    Parameters
    ----------
    a, b : one number per seed, in the same order.

    Returns
    -------
    dict
        "difference" (mean of a - b), "low", "high" (95 % interval), "p" (Wilcoxon signed-rank; NaN below 8 seeds).

    Raises
    ------
    NeuroclError
        Unless both have one number for each of the same seeds.
    """
    from scipy import stats

    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.shape != y.shape:
        raise NeuroclError(f"paired: both methods need one number for each seed, got shapes {x.shape} and {y.shape}")
    difference = x - y
    found = interval(difference)
    p = math.nan
    if found.n >= 8:
        p = 1.0 if not difference.any() else float(stats.wilcoxon(difference).pvalue)
    return {"difference": found.mean, "low": found.low, "high": found.high, "p": p}


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p values adjusted for several comparisons (Holm 1979), by name; a NaN stays one, and is no comparison."""
    names = sorted((name for name in p_values if not math.isnan(p_values[name])), key=lambda name: p_values[name])
    found = dict.fromkeys(p_values, math.nan)
    largest = 0.0
    for rank, name in enumerate(names):
        largest = max(largest, min(1.0, (len(names) - rank) * p_values[name]))
        found[name] = largest
    return found
