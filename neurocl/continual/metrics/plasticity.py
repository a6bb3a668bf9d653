"""Plasticity and representation: are units alive, is the representation rich, is learning still fast?

dormancy          s_i = E|h_i| / mean_k E|h_k|; unit i is tau-dormant if s_i <= tau (Sokar et al. 2023, ICML)
effective rank    exp(-sum p ln p), p = sigma / sum sigma, sigma: singular values of [sample, unit] (Roy & Vetterli
                  2007)
approximate rank  smallest k whose k largest sigma^2 hold 99 % of their sum
plasticity        of a sample: max(1 - L_after / L_before, 0), L: its loss before and after the update that it makes
                  (Elsayed & Mahmood 2024, ICLR)
Activity that is not finite, as that of a network that diverged, gives NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = [
    "approximate_rank",
    "dead_units",
    "dormancy",
    "effective_rank",
    "gradient_norm",
    "numerical_rank",
    "online_slope",
    "parameter_distance",
    "sample_plasticity",
    "weight_magnitude",
]


def dormancy(layers: Sequence[ArrayLike], tau: float = 0.025) -> float:
    """Share of the hidden units of all layers that are tau-dormant.

    Parameters
    ----------
    layers : activity of each layer [sample, unit]; convolutional layers [sample, channel, height, width].
    tau : 0: dead; 0.025 (paper, default); 0.1.
    """
    # 1e-9 as in the authors' code: a layer that is silent altogether is dormant.
    scores = [magnitude / (magnitude.mean() + 1e-9) for magnitude in _magnitudes(layers)]
    return _share(np.concatenate(scores) <= tau, scores)


def dead_units(layers: Sequence[ArrayLike]) -> float:
    """Share of the hidden units that are 0 for all samples; layers as in `dormancy`."""
    magnitudes = _magnitudes(layers)
    return _share(np.concatenate(magnitudes) == 0.0, magnitudes)


def effective_rank(activity: ArrayLike) -> float:
    """Effective rank of a matrix [sample, unit], not centred; 0 where all is 0."""
    sigma = _singular_values(activity)
    if np.isnan(sigma).any():
        return math.nan
    p = sigma[sigma > 0] / sigma.sum() if sigma.sum() > 0 else sigma[:0]
    return float(np.exp(-np.sum(p * np.log(p)))) if p.size else 0.0


def approximate_rank(activity: ArrayLike, share: float = 0.99) -> float:
    """Smallest number of singular values whose squares hold `share` of the sum; 0 where all is 0."""
    squares = _singular_values(activity) ** 2
    if np.isnan(squares).any() or squares.sum() == 0:
        return float(squares.sum())
    # 1e-12: the whole sum must count as 100 % in spite of rounding.
    return float(np.searchsorted(np.cumsum(squares) / squares.sum(), share - 1e-12) + 1)


def numerical_rank(activity: ArrayLike) -> float:
    """Number of singular values above rounding error (NumPy's matrix_rank)."""
    matrix = _matrix(activity)
    return float(np.linalg.matrix_rank(matrix)) if np.isfinite(matrix).all() else math.nan


def weight_magnitude(weights: Sequence[ArrayLike]) -> list[float]:
    """Mean |w| of each layer."""
    return [float(np.abs(_array(w)).mean()) for w in weights]


def gradient_norm(gradients: Sequence[ArrayLike]) -> float:
    """Euclidean norm of all gradients taken together."""
    return math.sqrt(sum(float(np.square(_array(g)).sum()) for g in gradients))


def parameter_distance(parameters: Sequence[ArrayLike], initial: Sequence[ArrayLike]) -> float:
    """Euclidean distance of all parameters to those at initialisation (copies that training does not change)."""
    now, then = ([_array(p) for p in each] for each in (parameters, initial))
    if [p.shape for p in now] != [p.shape for p in then]:
        raise NeuroclError("parameter_distance: expected the same parameters twice, and their shapes differ")
    return gradient_norm([p - q for p, q in zip(now, then, strict=True)])


def sample_plasticity(before: ArrayLike, after: ArrayLike) -> float:
    """Mean of max(1 - L_after / L_before, 0) over samples.

    Parameters
    ----------
    before, after : loss of each sample before and after the update that it makes [sample]. Samples without any loss
        before it are left out; NaN if there is no other.
    """
    old, new = _array(before), _array(after)
    if old.ndim != 1 or old.shape != new.shape:
        raise NeuroclError(f"sample_plasticity: expected two losses for each sample, got {old.shape} and {new.shape}")
    counted = old != 0.0
    return float(np.maximum(1.0 - new[counted] / old[counted], 0.0).mean()) if counted.any() else math.nan


def online_slope(online: ArrayLike) -> float:
    """Slope per task of the online accuracy over the second half of the tasks; below 0: plasticity is lost."""
    values = _array(online)
    half = values[len(values) // 2 :]
    if values.ndim != 1 or len(half) < 2:
        raise NeuroclError(f"online_slope: expected the accuracies of at least 3 tasks, got shape {values.shape}")
    return float(np.polyfit(np.arange(len(half)), half, 1)[0])


def _array(values: Any) -> NDArray[np.float64]:
    """An array of what may also be a tensor, on any device and with a gradient."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, dtype=np.float64)


def _magnitudes(layers: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    """E|h_i| of each layer, over samples and places."""
    found = []
    for layer in layers:
        h = np.abs(_array(layer))
        if h.ndim not in (2, 4) or not h.size:
            raise NeuroclError(
                "the activity of a layer must be [sample, unit] or [sample, channel, height, width] and not empty, got"
                f" shape {h.shape}"
            )
        found.append(h.mean(axis=(0, *range(2, h.ndim))))
    if not found:
        raise NeuroclError("expected the activity of at least one hidden layer, got none")
    return found


def _share(chosen: NDArray[np.bool_], values: Sequence[NDArray[np.float64]]) -> float:
    """Share of what is chosen; NaN unless all values are finite."""
    return float(chosen.mean()) if np.isfinite(np.concatenate(values)).all() else math.nan


def _matrix(activity: ArrayLike) -> NDArray[np.float64]:
    matrix = _array(activity)
    if matrix.ndim != 2:
        raise NeuroclError(f"activity must be a matrix [sample, unit], got shape {matrix.shape}")
    return matrix


def _singular_values(activity: ArrayLike) -> NDArray[np.float64]:
    matrix = _matrix(activity)
    if not np.isfinite(matrix).all():
        return np.full(1, np.nan)
    return np.asarray(np.linalg.svd(matrix, compute_uv=False), dtype=np.float64)
