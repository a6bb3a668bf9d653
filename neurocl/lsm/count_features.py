"""What a readout sees of a presentation: its spike counts, as shares.

Share        z = counts / sum of the counts of the sample;  all 0 for a silent sample
Feature      z / c, c = largest z of the training samples, a constant of the readout
Parity       c = largest z of the batch that the sample was presented in, as published: features then depend on the
             other samples of the batch
Source       Ivanov & Michmizos (2021), NeurIPS 34, and its published code (combra-lab/NALSM), where a silent sample
             makes all features of its batch, and then all weights, NaN; here it does not
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["count_array", "count_shares", "features_by_batch"]


def count_shares(counts: ArrayLike) -> NDArray[np.float32]:
    """Return z, float32 [sample, neuron].

    Parameters
    ----------
    counts : array [sample, neuron]
        Spike counts >= 0.

    Raises
    ------
    NeuroclError
        If the array has another shape, or a count is negative or not finite.
    """
    array = count_array(counts)
    total = array.sum(axis=1, keepdims=True)
    return np.divide(array, total, out=np.zeros_like(array), where=total > 0)


def count_array(counts: ArrayLike) -> NDArray[np.float32]:
    """Return checked counts, float32 [sample, neuron]; errors as in `count_shares`."""
    try:
        array = np.asarray(counts)
    except ValueError:
        raise NeuroclError("readout: expected counts [sample, neuron], got rows of unequal length.") from None
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "biuf":
        raise NeuroclError(f"readout: expected counts [sample, neuron], got {array.dtype}, shape {list(array.shape)}.")
    array = array.astype(np.float32)
    if not (np.isfinite(array).all() and array.min() >= 0):
        raise NeuroclError("readout: spike counts must be finite and >= 0.")
    return array


def features_by_batch(counts: ArrayLike, batch_size: int) -> NDArray[np.float32]:
    """Return the features of the parity mode: each batch of consecutive samples is divided by its own largest z."""
    features = count_shares(counts)
    for first in range(0, len(features), batch_size):
        batch = features[first : first + batch_size]
        largest = batch.max()
        if largest > 0:
            batch /= largest
    return features
