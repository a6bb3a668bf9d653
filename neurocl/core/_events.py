"""Times and train numbers of spikes: checked, and brought into one order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._arrays import read_only
from neurocl.core.errors import NeuroclError

# k * dt is off by rounding (3 * 0.1 > 0.3): times closer than this, far below any step, count as one.
TIME_TOLERANCE = 1e-6  # ms


def sorted_events(times: ArrayLike, indices: ArrayLike) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return read-only times (float64) and indices (int32 or int64) sorted by time, then by index.

    It is the one order in which the spikes of two engines can be compared.
    """
    when, which = read_only(times, np.float64), np.asarray(indices)
    if which.dtype.kind not in "iu" and which.size:
        raise NeuroclError(f"Spikes: indices must be whole numbers, got an array of {which.dtype}.")
    which = read_only(which, which.dtype if which.dtype in (np.int32, np.int64) else np.int64)
    if when.ndim != 1 or when.shape != which.shape:
        shapes = f"{when.shape} and {which.shape}"
        raise NeuroclError(f"Spikes: times and indices must be two lists of one length, got {shapes}.")
    step = np.diff(when)
    if np.all((step > 0) | ((step == 0) & (which[1:] >= which[:-1]))):
        return when, which
    order = np.lexsort((which, when))
    return read_only(when[order]), read_only(which[order])


def check_events(times: NDArray[Any], indices: NDArray[Any], n: int, t_start: float, t_stop: float) -> None:
    """Refuse spikes outside the window (or at no time at all) and indices outside 0 to n - 1."""
    inside = (times >= t_start - TIME_TOLERANCE) & (times <= t_stop + TIME_TOLERANCE)
    if not inside.all():
        time = times[~inside][0]
        raise NeuroclError(f"Spikes: a spike at {time} ms is outside the window {t_start} to {t_stop} ms.")
    wrong = indices[(indices < 0) | (indices >= n)]
    if wrong.size:
        raise NeuroclError(f"Spikes: index {wrong[0]} is outside 0 to {n - 1} (n = {n}).")
