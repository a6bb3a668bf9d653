"""Spike counts in bins, and their variability.

Bin          (t_start + k w, t_start + (k + 1) w], as in `Spikes.population_rate`: a bin holds its right edge
Fano factor  var(counts, ddof=0) / mean(counts): 0 for equal counts, 1 for a Poisson process
Units        w in ms
Source       Gerstner et al. (2014), Neuronal Dynamics, ch. 7
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._bins import whole_bins
from neurocl.analysis._finite import finite_array
from neurocl.analysis._kinds import refuse_spikes
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError

__all__ = ["bin_counts", "counts_in_bins", "fano_factor"]

_MOST_COUNTS = 10**9  # more than fit into memory: a mistake in the width


def bin_counts(spikes: Spikes, bin_width: float) -> NDArray[np.int32]:
    """Count the spikes of each neuron in bins of time.

    Parameters
    ----------
    spikes : Spikes
        The spikes; `as_spikes` makes one of plain trains.
    bin_width : float
        Width of a bin in ms.

    Returns
    -------
    int32 array [bins, n]
        Whole bins only: a rest of the window shorter than a bin is left out.

    Raises
    ------
    NeuroclError
        If the window is shorter than a bin, or there are more than 10^9 counts.
    """
    return counts_in_bins(spikes, bin_width, "bin_counts")


def counts_in_bins(spikes: Spikes, bin_width: float, owner: str) -> NDArray[np.int32]:
    """Return what `bin_counts` does; NeuroclError is begun by `owner`."""
    bins, number = whole_bins(spikes, bin_width, owner)
    if bins * spikes.n > _MOST_COUNTS:
        raise NeuroclError(f"{owner}: {bins} bins of {spikes.n} neurons are too many; widen bin_width.")
    inside = number < bins
    flat = number[inside] * spikes.n + spikes.indices[inside]
    counts = np.bincount(flat, minlength=bins * spikes.n)
    return counts.astype(np.int32).reshape(bins, spikes.n)


def fano_factor(counts: ArrayLike) -> Any:
    """Return the Fano factor of spike counts along the first axis.

    Parameters
    ----------
    counts : array [samples] or [samples, ...]
        Spike counts: of one neuron over trials, as in ``fano_factor(trials.counts())`` where each train is a trial, or
        of each neuron over windows, as in ``fano_factor(bin_counts(spikes, 1000.0))``.

    Returns
    -------
    float, or float64 array [...]
        NaN where all counts are 0.

    Raises
    ------
    NeuroclError
        If there is no count, or one is negative or not finite.

    Examples
    --------
    >>> fano_factor([2, 4])
    0.3333333333333333
    """
    refuse_spikes("fano_factor", "counts", counts)
    values = finite_array("fano_factor", "counts", counts)
    if values.ndim == 0 or values.shape[0] == 0 or np.any(values < 0.0):
        raise NeuroclError("fano_factor: expected at least one count along the first axis, all >= 0.")
    with np.errstate(invalid="ignore"):  # 0 / 0
        ratio = values.var(axis=0) / values.mean(axis=0)
    return float(ratio) if ratio.ndim == 0 else ratio
