"""Plasticity and representation: are units alive, is the representation rich, is learning still fast?

dormancy          s_i = E|h_i| / mean_k E|h_k|; unit i is tau-dormant if s_i <= tau (Sokar et al. 2023, ICML)
effective rank    exp(-sum p ln p), p = sigma / sum sigma, sigma: singular values of [sample, unit] (Roy & Vetterli
                  2007)
approximate rank  smallest k whose k largest sigma^2 hold 99 % of their sum
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = [
    "approximate_rank",
    "dead_units",
    "dormancy",
    "effective_rank",
    "numerical_rank",
    "online_slope",
    "weight_magnitude",
]


def dormancy(layers: Sequence[ArrayLike], tau: float = 0.025) -> float:
    """Share of the hidden units of all layers that are tau-dormant.

    Parameters
    ----------
    layers : activity of each layer [sample, unit]; convolutional layers [sample, channel, height, width].
    tau : 0: dead; 0.025 (paper, default); 0.1.
    """
    scores = [_scores(layer) for layer in layers]
    return float(np.mean(np.concatenate(scores) <= tau))


def dead_units(layers: Sequence[ArrayLike]) -> float:
    """Share of the hidden units that are 0 for all samples; layers as in `dormancy`."""
    return float(np.mean(np.concatenate([_magnitude(layer) == 0.0 for layer in layers])))


def effective_rank(activity: ArrayLike) -> float:
    """Effective rank of a matrix [sample, unit], not centred; 0 where all is 0."""
    sigma = _singular_values(activity)
    p = sigma[sigma > 0] / sigma.sum() if sigma.sum() > 0 else sigma[:0]
    return float(np.exp(-np.sum(p * np.log(p)))) if p.size else 0.0


def approximate_rank(activity: ArrayLike, share: float = 0.99) -> int:
    """Smallest number of singular values whose squares hold `share` of the sum; 0 where all is 0."""
    squares = _singular_values(activity) ** 2
    if squares.sum() == 0:
        return 0
    # 1e-12: the whole sum must count as 100 % in spite of rounding.
    return int(np.searchsorted(np.cumsum(squares) / squares.sum(), share - 1e-12) + 1)


def numerical_rank(activity: ArrayLike) -> int:
    """Number of singular values above rounding error (NumPy's matrix_rank)."""
    return int(np.linalg.matrix_rank(_matrix(activity)))


def weight_magnitude(weights: Sequence[ArrayLike]) -> list[float]:
    """Mean |w| of each layer."""
    return [float(np.abs(np.asarray(w)).mean()) for w in weights]


def online_slope(online: ArrayLike) -> float:
    """Slope per task of the online accuracy over the second half of the tasks; below 0: plasticity is lost."""
    values = np.asarray(online, dtype=np.float64)
    half = values[len(values) // 2 :]
    if values.ndim != 1 or len(half) < 2:
        raise NeuroclError(f"online_slope: expected the accuracies of at least 3 tasks, got shape {values.shape}")
    return float(np.polyfit(np.arange(len(half)), half, 1)[0])


def _magnitude(layer: ArrayLike) -> NDArray[np.float64]:
    """E|h_i|, over samples and places."""
    h = np.abs(np.asarray(layer, dtype=np.float64))
    if h.ndim not in (2, 4):
        raise NeuroclError(f"activity must be [sample, unit] or [sample, channel, height, width], got shape {h.shape}")
    magnitude: NDArray[np.float64] = h.mean(axis=(0, *range(2, h.ndim)))
    return magnitude


def _scores(layer: ArrayLike) -> NDArray[np.float64]:
    magnitude = _magnitude(layer)
    # 1e-9 as in the authors' code: a layer that is silent altogether is dormant.
    scores: NDArray[np.float64] = magnitude / (magnitude.mean() + 1e-9)
    return scores


def _matrix(activity: ArrayLike) -> NDArray[np.float64]:
    matrix = np.asarray(activity, dtype=np.float64)
    if matrix.ndim != 2:
        raise NeuroclError(f"activity must be a matrix [sample, unit], got shape {matrix.shape}")
    return matrix


def _singular_values(activity: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.linalg.svd(_matrix(activity), compute_uv=False), dtype=np.float64)
