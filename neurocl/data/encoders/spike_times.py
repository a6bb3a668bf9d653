"""Between an array of spikes [time, neuron] and lists of spike times and neuron indices.

A spike in row k belongs to the step from k dt to (k + 1) dt and has the time (k + 1) dt, as in the core.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import as_array, real_array

_OWNER = "spike array"


def spikes_to_times(spikes: ArrayLike, dt: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and neuron indices of the spikes in an array.

    Parameters
    ----------
    spikes : array of bool or of 0 and 1, shape [time, neuron]
    dt : float
        Length of a step (ms).

    Returns
    -------
    times : array of float64, shape [spike]
        (row + 1) * dt (ms), in rising order.
    indices : array of int64, shape [spike]
        Neuron of each spike; rising within one step.

    Raises
    ------
    NeuroclError
        If the array is not two-dimensional or holds anything but 0 and 1, or dt is not positive.
    """
    array = as_array(_OWNER, "spikes", spikes)
    dt = positive_number(_OWNER, "dt", dt)
    if array.ndim != 2:
        raise NeuroclError(
            f"{_OWNER}: spikes must have shape [time, neuron], got {array.shape}; "
            f"take one sample and flatten its neurons."
        )
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise NeuroclError(f"{_OWNER}: spikes must hold only 0 and 1; signed events need one array per sign.")
    rows, indices = np.nonzero(array)
    return (rows + 1).astype(np.float64) * dt, indices.astype(np.int64)


def times_to_spikes(
    times: ArrayLike, indices: ArrayLike, n_steps: int, n_neurons: int, dt: float
) -> NDArray[np.bool_]:
    """Array of spikes from spike times and neuron indices; the inverse of :func:`spikes_to_times`.

    Parameters
    ----------
    times : array, shape [spike]
        Spike times (ms), each a multiple of dt from dt to n_steps * dt, in any order.
    indices : array of int, shape [spike]
        Neuron of each spike, 0 .. n_neurons - 1.
    n_steps, n_neurons : int
        Shape of the result.
    dt : float
        Length of a step (ms).

    Returns
    -------
    array of bool, shape [time, neuron]

    Raises
    ------
    NeuroclError
        If a time is off the grid or outside the array, an index is out of range, or a neuron spikes twice
        in one step.
    """
    n_steps = whole_number(_OWNER, "n_steps", n_steps, at_least=1)
    n_neurons = whole_number(_OWNER, "n_neurons", n_neurons, at_least=1)
    dt = positive_number(_OWNER, "dt", dt)
    steps = real_array(_OWNER, "times", times).astype(np.float64, copy=False) / dt
    neurons = as_array(_OWNER, "indices", indices)
    _check_events(steps, neurons, n_steps, n_neurons, dt)
    spikes = np.zeros((n_steps, n_neurons), dtype=bool)
    spikes[np.rint(steps).astype(np.int64) - 1, neurons.astype(np.int64)] = True
    if np.count_nonzero(spikes) != steps.size:
        raise NeuroclError(f"{_OWNER}: a neuron can spike once in a step, but times and indices repeat one.")
    return spikes


def _check_events(
    steps: NDArray[np.floating], neurons: NDArray[np.integer], n_steps: int, n_neurons: int, dt: float
) -> None:
    if steps.ndim != 1 or neurons.shape != steps.shape:
        raise NeuroclError(
            f"{_OWNER}: times and indices must be two lists of one length, "
            f"got shapes {steps.shape} and {neurons.shape}."
        )
    if not steps.size:
        return
    if neurons.dtype.kind not in "iu" or neurons.min() < 0 or neurons.max() >= n_neurons:
        raise NeuroclError(
            f"{_OWNER}: indices must be whole numbers from 0 to {n_neurons - 1}, "
            f"got {neurons.dtype} values from {neurons.min()} to {neurons.max()}."
        )
    rows = np.rint(steps)
    if rows.min() < 1 or rows.max() > n_steps:
        raise NeuroclError(
            f"{_OWNER}: times must lie between dt = {dt:g} and n_steps * dt = {n_steps * dt:g} ms, "
            f"got {steps.min() * dt:g} to {steps.max() * dt:g}."
        )
    off_grid = np.abs(steps - rows)
    # a thousandth of a step: rounding in the last digits passes, a wrong dt does not
    if off_grid.max() > 1e-3:
        worst = steps[off_grid.argmax()] * dt
        raise NeuroclError(f"{_OWNER}: times must be multiples of dt = {dt:g} ms, got {worst:g}; round them.")
