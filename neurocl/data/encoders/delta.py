"""Delta code: events where the signal has moved by a threshold (as a DVS pixel does).

Start    s_ref = s[0]
Step     while s - s_ref >=  theta: event +1, s_ref += theta
         while s - s_ref <= -theta: event -1, s_ref -= theta
Decode   s_ref[t] = s[0] + theta * sum of the events up to t;  |s - s_ref| < theta at every step
Units    theta in those of the signal
Source   Lichtsteiner, Posch and Delbruck (2008), IEEE J. Solid-State Circuits 43(2)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import as_array, real_array

_OWNER = "delta code"


def encode_delta(signal: ArrayLike, threshold: float) -> NDArray[np.int32]:
    """Encode a signal as signed events, one for each `threshold` it moves away from its reference.

    Parameters
    ----------
    signal : array, shape [time, ..., neuron]
        Finite values, at least one step.
    threshold : float
        Theta, > 0, in the units of the signal.

    Returns
    -------
    array of int32, shape [time, ..., neuron]
        +1, -1 or 0; the first row is 0. A signal that jumps by several thresholds in one step gets that
        many events at once (2, -3, ...), because otherwise the reference would lag behind. On and off
        spikes are ``events > 0`` and ``events < 0``.

    Raises
    ------
    NeuroclError
        If the signal has no time axis or is not finite, or the threshold is not positive or too small.
    """
    s = real_array(_OWNER, "signal", signal).astype(np.float64, copy=False)
    threshold = positive_number(_OWNER, "threshold", threshold)
    if s.ndim == 0 or len(s) == 0:
        raise NeuroclError(f"{_OWNER}: signal must have shape [time, ...] and not be empty, got {s.shape}.")
    span = float(s.max()) - float(s.min()) if s.size else 0.0
    if span / threshold > np.iinfo(np.int32).max:
        raise NeuroclError(
            f"{_OWNER}: threshold must be larger for a signal that spans {span:g}, got {threshold:g}."
        )
    level = np.zeros(s.shape, dtype=np.int32)  # reference = s[0] + threshold * level, free of summed rounding
    for step in range(1, len(s)):
        distance = s[step] - (s[0] + threshold * level[step - 1])
        level[step] = level[step - 1] + np.trunc(distance / threshold).astype(np.int32)
    return np.diff(level, axis=0, prepend=level[:1])


def decode_delta(events: ArrayLike, threshold: float, start: ArrayLike) -> NDArray[np.float64]:
    """Reconstruct the signal that :func:`encode_delta` has encoded, to within one threshold.

    Parameters
    ----------
    events : array of int, shape [time, ..., neuron]
        Signed events.
    threshold : float
        Theta of the encoder, > 0.
    start : float or array, shape [..., neuron]
        The signal's first value.

    Returns
    -------
    array of float64, shape [time, ..., neuron]
        The reference, start + threshold * cumulative sum of the events.

    Raises
    ------
    NeuroclError
        If the events are not whole numbers, `start` has another shape, or the threshold is not positive.
    """
    counts, first = as_array(_OWNER, "events", events), real_array(_OWNER, "start", start)
    threshold = positive_number(_OWNER, "threshold", threshold)
    if counts.dtype.kind not in "iu" or counts.ndim == 0:
        raise NeuroclError(
            f"{_OWNER}: events must be whole numbers of shape [time, ...], "
            f"got {counts.dtype} of shape {counts.shape}."
        )
    if first.ndim and first.shape != counts.shape[1:]:
        raise NeuroclError(
            f"{_OWNER}: start must be a number or have the shape of one step of events, {counts.shape[1:]}, "
            f"got {first.shape}."
        )
    return first.astype(np.float64) + threshold * np.cumsum(counts, axis=0, dtype=np.int64)
