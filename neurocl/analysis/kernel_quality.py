"""Kernel quality of a reservoir: separation of different inputs, less that of noisy versions of the same inputs.

Separation     SP = rank of the matrix [sample, neuron] of spike counts for n samples of each class, mean over draws
Approximation  AP = the same for counts of the samples with noise: the fewer dimensions noise adds, the better
Quality        SP and AP are each rescaled to [0, 1] over all reservoirs compared; quality = SP - AP, rescaled again
Source         Legenstein & Maass (2007), Neural Networks 20:323 (ranks); Ivanov & Michmizos (2021), NeurIPS 34, and its
               published code, which takes n = 100 samples of each of 10 classes and 1000 draws
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._activity import generator
from neurocl.analysis._finite import finite_array
from neurocl.analysis._kinds import refuse_spikes
from neurocl.core._checks import whole_number
from neurocl.core._classes import class_numbers
from neurocl.core.errors import NeuroclError

__all__ = ["kernel_quality", "separation_rank"]


def separation_rank(
    counts: ArrayLike,
    labels: ArrayLike,
    *,
    per_class: int = 100,
    draws: int = 1000,
    rng: int | np.random.Generator = 0,
) -> float:
    """Return the mean rank of the matrix of spike counts of `per_class` random samples of each class.

    Parameters
    ----------
    counts : array [sample, neuron]
        Spike counts of a reservoir: to the samples for the separation, to noisy samples for the approximation.
    labels : array [sample]
        Class of each sample: all numbers or all texts.
    per_class : int
        Samples of each class, without replacement.
    draws : int
        Over which the rank is averaged. Each is a singular value decomposition: 0.3 s for 1000 x 1000.
    rng : seed or Generator.

    Raises
    ------
    NeuroclError
        If a class has fewer samples, or the shapes disagree.
    """
    owner = "separation_rank"
    refuse_spikes(owner, "counts [sample, neuron]", counts)
    matrix = finite_array(owner, "counts", counts)
    if matrix.ndim != 2 or matrix.size == 0:
        raise NeuroclError(f"{owner}: expected counts [sample, neuron], at least one, got shape {list(matrix.shape)}.")
    classes, numbers = class_numbers(owner, labels, len(matrix))
    size = whole_number(owner, "per_class", per_class, at_least=1)
    count, rng = whole_number(owner, "draws", draws, at_least=1), generator(owner, rng)
    members = [np.flatnonzero(numbers == k) for k in range(len(classes))]
    for label, found in zip(classes, members, strict=True):
        if found.size < size:
            raise NeuroclError(f"{owner}: class {label} has {found.size} samples, fewer than per_class = {size}.")
    ranks = []
    for _ in range(count):
        chosen = np.concatenate([rng.choice(found, size, replace=False) for found in members])
        ranks.append(np.linalg.matrix_rank(matrix[chosen]))
    return float(np.mean(ranks))


def kernel_quality(separation: ArrayLike, approximation: ArrayLike) -> NDArray[np.float64]:
    """Return the kernel quality of each of several reservoirs, in [0, 1].

    Parameters
    ----------
    separation, approximation : arrays [reservoir]
        `separation_rank` of the counts to the samples, and to the noisy samples.

    Returns
    -------
    float64 array [reservoir]
        1 for the best of those compared, 0 for the worst; all 0 where they are equal.

    Raises
    ------
    NeuroclError
        If there are fewer than two reservoirs, or not as many ranks of both kinds.

    Examples
    --------
    >>> kernel_quality([900.0, 800.0, 700.0], [650.0, 500.0, 575.0])
    array([0.5, 1. , 0. ])
    """
    owner = "kernel_quality"
    sp, ap = finite_array(owner, "separation", separation), finite_array(owner, "approximation", approximation)
    if sp.ndim != 1 or sp.shape != ap.shape or sp.size < 2:
        raise NeuroclError(
            f"{owner}: expected two ranks for each of two or more reservoirs, got shapes {list(sp.shape)} and"
            f" {list(ap.shape)}; quality is relative to the reservoirs compared."
        )
    return _rescaled(_rescaled(sp) - _rescaled(ap))


def _rescaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
