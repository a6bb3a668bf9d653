"""Least squares of many rows r_k, k = 1 ... K, on b m^k (+ c) at once.

For a given m the best b and c are linear, so that only tau = -1 / ln m is searched: over a grid in ln tau, then by
golden section around the best point. That finds the global minimum, which gradient fits of exponentials miss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORTEST_TAU = 0.05
LONGEST_TAU_IN_K = 100.0
GRID = 100
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
ITERATIONS = 45  # the bracket shrinks by 0.618^45 = 4e-10


def fit_exponential(rows: Floats, with_offset: bool) -> tuple[Floats, Floats, Floats]:
    """Return m in (0, 1), b >= 0 and c, float64 [row], of the rows, float64 [row, k]."""
    lags = np.arange(1, rows.shape[1] + 1, dtype=np.float64)
    grid = np.linspace(np.log(SHORTEST_TAU), np.log(LONGEST_TAU_IN_K * len(lags)), GRID)
    best = np.argmax(_explained(rows, grid[None, :], lags, with_offset), axis=1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, GRID - 1)]
    for _ in range(ITERATIONS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        scores = _explained(rows, np.stack([left, right], axis=1), lags, with_offset)
        rises = scores[:, 1] > scores[:, 0]
        low, high = np.where(rises, left, low), np.where(rises, high, right)
    log_tau = (low + high) / 2
    basis, projected, power = _project(rows, log_tau[:, None], lags, with_offset)
    b = (np.maximum(projected, 0.0) / power)[:, 0]
    c = rows.mean(axis=1) - b * basis[:, 0].mean(axis=1) if with_offset else np.zeros(len(rows))
    return np.exp(-np.exp(-log_tau)), b, c


def _project(rows: Floats, log_tau: Floats, lags: Floats, with_offset: bool) -> tuple[Floats, Floats, Floats]:
    """The exponentials [row or 1, candidate, k], their products with the rows, and with themselves."""
    basis = np.exp(-lags / np.exp(log_tau)[..., None])
    centred = basis - basis.mean(axis=-1, keepdims=True) if with_offset else basis
    if len(log_tau) == 1:
        projected = rows @ centred[0].T
    else:
        projected = np.einsum("rk,rck->rc", rows, centred)
    return basis, projected, np.maximum((centred**2).sum(axis=-1), 1e-300)


def _explained(rows: Floats, log_tau: Floats, lags: Floats, with_offset: bool) -> Floats:
    """Sum of squares that each candidate explains, [row, candidate]; 0 where b would be negative."""
    _, projected, power = _project(rows, log_tau, lags, with_offset)
    explained: Floats = np.maximum(projected, 0.0) ** 2 / power
    return explained
