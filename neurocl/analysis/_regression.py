"""Slopes r_k of the regressions of A_{t+k} on A_t, from sums over blocks that a bootstrap can draw anew."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_BLOCKS = 10
MOST_BLOCKS = 200


def pair_sums(trials: Floats, k_max: int) -> Floats:
    """n, sum x, sum y, sum x^2 and sum x y over the pairs (x, y) = (A_t, A_{t+k}), [5, unit, k].

    A unit, which the bootstrap draws, is a trial or, of one series, a block of t at least 2 k_max long where possible.
    """
    n_trials, steps = trials.shape
    blocks = 1 if n_trials > 1 else int(np.clip(steps // (2 * k_max), FEWEST_BLOCKS, MOST_BLOCKS))
    starts = np.arange(blocks) * (steps // blocks)
    lags = np.arange(1, k_max + 1)
    ends = np.minimum(np.append(starts[1:], steps)[:, None], steps - lags)  # [block, k]
    total, squares = (np.pad(np.cumsum(v, axis=1), ((0, 0), (1, 0))) for v in (trials, trials**2))
    starts_k = np.broadcast_to(starts[:, None], ends.shape)
    products = np.empty((n_trials, blocks, k_max))
    product = np.empty_like(trials)
    for k in lags:
        np.multiply(trials[:, :-k], trials[:, k:], out=product[:, :-k])
        product[:, -k:] = 0.0  # the last block may begin where the pairs end: it has none
        products[:, :, k - 1] = np.add.reduceat(product, starts, axis=1)
    parts = (
        np.broadcast_to(ends - starts_k, products.shape),
        total[:, ends] - total[:, starts_k],
        total[:, ends + lags] - total[:, starts_k + lags],
        squares[:, ends] - squares[:, starts_k],
        products,
    )
    return np.stack([part.reshape(-1, k_max) for part in parts])


def regression_slopes(sums: Floats, weights: NDArray[Any], per_trial: bool) -> Floats:
    """r_k with each unit counted `weights` [sample, unit] times, [sample, k]: one intercept, or one per trial."""
    if not per_trial:
        sums = np.stack([weights @ part for part in sums])
    n, x, y, xx, xy = sums
    covariance, variance = xy - x * y / n, xx - x * x / n
    if per_trial:
        covariance, variance = weights @ covariance, weights @ variance
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes: Floats = covariance / variance
    return slopes
