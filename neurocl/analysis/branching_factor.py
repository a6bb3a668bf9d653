"""Branching factor of a recurrent network: spikes that follow a spike over spikes that precede it, along synapses.

Window       spikes of the first and the last `buffer` steps are left out
Spike        of neuron i in step t:  pre = spikes of its presynaptic neurons in [t - delta, t - 1],
             post = spikes of its postsynaptic neurons in [t + 1, t + delta];  ratio = post / max(1, pre)
Neuron       b_i = mean ratio over its spikes that have both windows whole; none: left out
Sample       mean of b_i over neurons;  several samples: mean over them
Meaning      depends on the rate, because of the max(1, .): an uncorrelated Poisson raster on a liquid of 125 neurons
             gives 0.85 at 30 Hz and 0.15 at 4 Hz. Compare at equal rates and sizes; 1 alone does not mean critical.
             `mr_estimator` has no such dependence, but looks at the population only
Units        buffer and delta in steps
Source       Ivanov & Michmizos (2021), NeurIPS 34, and its published code (combra-lab/NALSM)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from neurocl.analysis._kinds import refuse_recording
from neurocl.analysis.counts import counts_in_bins
from neurocl.core._checks import positive_number, whole_number
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown

__all__ = ["branching_factor", "neuron_branching_factors"]

_OWNER = "branching_factor"

Raster = Spikes | ArrayLike


def branching_factor(
    activity: Raster | Sequence[Raster],
    edges: tuple[ArrayLike, ArrayLike],
    *,
    buffer: int = 25,
    delta: int = 4,
    dt: float = 1.0,
) -> float:
    """Return the branching factor of one sample, or the mean over several.

    Parameters
    ----------
    activity : Spikes, or array [time, neuron] or [sample, time, neuron] of 0 and 1, or a list of Spikes or arrays
        Spikes of the recurrent neurons only.
    edges : (pre, post), int arrays [synapse]
        Recurrent synapses; neuron numbers are columns of the raster. A pair that occurs twice counts once.
    buffer : int
        Steps left out at both ends.
    delta : int
        Steps before and after a spike.
    dt : float
        Time step in ms, for `Spikes`.

    Returns
    -------
    float
        NaN if no neuron of any sample has a spike with both windows.

    Raises
    ------
    NeuroclError
        If the raster is no raster, shorter than 2 (buffer + delta) + 1 steps, or an edge names a neuron it lacks.

    Examples
    --------
    >>> raster = np.zeros((70, 3))
    >>> raster[[34, 35, 36], [0, 1, 2]] = 1  # a spike goes along the chain 0 -> 1 -> 2
    >>> branching_factor(raster, ([0, 1], [1, 2]))  # ratios 1, 1 and 0
    0.6666666666666666
    """
    samples = _samples(activity)
    found = [neuron_branching_factors(sample, edges, buffer=buffer, delta=delta, dt=dt) for sample in samples]
    return _mean([_mean(factors) for factors in found])


def neuron_branching_factors(
    activity: Raster, edges: tuple[ArrayLike, ArrayLike], *, buffer: int = 25, delta: int = 4, dt: float = 1.0
) -> NDArray[np.float64]:
    """Return b_i of each neuron in one sample, float64 [neuron]; NaN where it has no spike with both windows.

    Arguments and errors are those of `branching_factor`, for one sample.
    """
    whole_number(_OWNER, "buffer", buffer)
    whole_number(_OWNER, "delta", delta, at_least=1)
    spikes = _raster(activity, dt)
    steps, n = spikes.shape
    first, stop = buffer + delta, steps - buffer - delta
    if first >= stop:
        raise NeuroclError(
            f"{_OWNER}: {steps} steps are too few, expected {2 * first + 1} or more with buffer = {buffer} and delta"
            f" = {delta}; record longer."
        )
    before, after = _windows(spikes, first, stop, delta)
    targets = _adjacency(edges, n)
    t, neuron = np.nonzero(spikes[first:stop])
    pre, post = (targets.T @ before.T)[neuron, t], (targets @ after.T)[neuron, t]
    ratio = post / np.maximum(pre, 1.0)
    count = np.bincount(neuron, minlength=n)
    with np.errstate(invalid="ignore"):  # 0 / 0: a neuron without spikes
        return np.asarray(np.bincount(neuron, weights=ratio, minlength=n) / count, dtype=np.float64)


def _windows(
    spikes: NDArray[np.bool_], first: int, stop: int, delta: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Spikes of each neuron in the delta steps before, and in those after, each step from `first` to `stop`."""
    total = np.zeros((len(spikes) + 1, spikes.shape[1]), dtype=np.float32)
    np.cumsum(spikes, axis=0, out=total[1:])
    before = total[first:stop] - total[first - delta : stop - delta]
    after = total[first + delta + 1 : stop + delta + 1] - total[first + 1 : stop + 1]
    return before, after


def _adjacency(edges: tuple[ArrayLike, ArrayLike], n: int) -> csr_array:
    """The matrix [pre, post] with 1 at each edge."""
    try:
        pre, post = (np.asarray(end) for end in edges)
    except (TypeError, ValueError):
        raise NeuroclError(f"{_OWNER}: edges must be (pre, post), two arrays, got {shown(edges)}.") from None
    if pre.shape != post.shape or pre.ndim != 1:
        raise NeuroclError(
            f"{_OWNER}: pre and post must be lists of one length, got shapes {list(pre.shape)} and {list(post.shape)}."
        )
    for name, end in (("pre", pre), ("post", post)):
        if end.size and (end.dtype.kind not in "iu" or end.min() < 0 or end.max() >= n):
            raise NeuroclError(
                f"{_OWNER}: {name} must hold numbers of neurons, 0 to {n - 1}, got {end.dtype} values from {end.min()}"
                f" to {end.max()}."
            )
    pairs = np.unique(pre.astype(np.int64) * n + post.astype(np.int64))
    return csr_array((np.ones(pairs.size, np.float32), (pairs // n, pairs % n)), shape=(n, n))


def _samples(activity: Any) -> Sequence[Raster]:
    refuse_recording(_OWNER, activity)
    if isinstance(activity, Spikes):
        return [activity]
    several = isinstance(activity, list | tuple) and len(activity) > 0
    if several and (isinstance(activity[0], Spikes) or np.ndim(activity[0]) == 2):
        return activity  # samples; a list of rows would be one raster
    try:
        array = np.asarray(activity)
    except ValueError:
        raise NeuroclError(f"{_OWNER}: the rows of a raster must have one length.") from None
    if array.ndim == 3 and len(array):
        return list(array)
    return [array]


def _raster(activity: Any, dt: float) -> NDArray[np.bool_]:
    """One sample as a matrix [time, neuron] of truth values."""
    refuse_recording(_OWNER, activity)
    if isinstance(activity, Spikes):
        return counts_in_bins(activity, positive_number(_OWNER, "dt", dt), _OWNER) > 0
    array = np.asarray(activity)
    if array.ndim != 2 or array.dtype.kind not in "biuf" or not np.isin(array, (0, 1)).all():
        raise NeuroclError(
            f"{_OWNER}: expected Spikes or a raster [time, neuron] of 0 and 1, got {array.dtype} of shape"
            f" {list(array.shape)}."
        )
    return array.astype(bool)


def _mean(values: ArrayLike) -> float:
    """Mean of the values that are not NaN; NaN if none is left."""
    array = np.asarray(values, dtype=np.float64)
    kept = array[~np.isnan(array)]
    return float(kept.mean()) if kept.size else float("nan")
