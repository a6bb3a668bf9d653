"""Latency code: the stronger the input, the earlier its only spike.

Logarithmic   t = tau ln(x / (x - threshold)) for x > threshold, else no spike: the time at which a leaky
              integrator of time constant tau under constant input x reaches threshold
Linear        t = (1 - x) (T - 1)
Units         t, tau and T in steps; x and threshold in [0, 1]
Defaults      tau = 5, threshold = 0.2: x = 1, 0.8, 0.5, 0.25 fire at 1.115718, 1.438410, 2.554128, 8.047190
Source        Thorpe, Delorme and Van Rullen (2001); snnTorch's spikegen.latency uses the same two formulas
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import array_within
from neurocl.data.encoders.first_spike import place_first_spikes

_OWNER = "latency code"


def latency_times(x: ArrayLike, tau: float = 5.0, threshold: float = 0.2) -> NDArray[Any]:
    """Logarithmic spike times t = tau ln(x / (x - threshold)).

    Parameters
    ----------
    x : array, shape [..., neuron]
        Intensities in [0, 1].
    tau : float, default 5
        Time constant (steps), > 0.
    threshold : float, default 0.2
        Between 0 and 1 (both excluded); inputs at or below it are silent.

    Returns
    -------
    array of float, shape [..., neuron]
        Times in steps, not rounded; infinity for silent inputs.

    Raises
    ------
    NeuroclError
        If x leaves [0, 1] or a parameter its range.
    """
    x = array_within(_OWNER, "x", x, 0.0, 1.0)
    tau = positive_number(_OWNER, "tau", tau)
    threshold = positive_number(_OWNER, "threshold", threshold)
    if threshold >= 1:
        raise NeuroclError(f"{_OWNER}: threshold must be < 1, got {threshold!r}; no input could fire.")
    # in x's own precision, so that a float32 pixel of 51/255 is not above a threshold of 0.2
    theta = x.dtype.type(threshold)
    times = np.full(x.shape, np.inf)
    fires = x > theta
    times[fires] = tau * np.log(x[fires] / (x[fires] - theta))
    return times


def encode_latency(
    x: ArrayLike, n_steps: int, tau: float = 5.0, threshold: float = 0.2, *, linear: bool = False
) -> NDArray[np.bool_]:
    """Encode intensities as the time of one spike. Nothing is random.

    Parameters
    ----------
    x : array, shape [..., neuron]
        Intensities in [0, 1].
    n_steps : int
        Number of steps T.
    tau, threshold : float, default 5 and 0.2
        As for :func:`latency_times`.
    linear : bool, default False
        Use t = (1 - x) (T - 1), which has neither `tau` nor `threshold`: every input fires, the weakest
        in the last step.

    Returns
    -------
    array of bool, shape [time, ..., neuron]
        The spike is in the row nearest to t, or in the last row if t comes later. Each neuron fires once;
        in the logarithmic code inputs at or below `threshold` do not fire.

    Raises
    ------
    NeuroclError
        If x leaves [0, 1] or a parameter its range.
    """
    n_steps = whole_number(_OWNER, "n_steps", n_steps, at_least=1)
    if linear:
        times = (1 - array_within(_OWNER, "x", x, 0.0, 1.0)) * (n_steps - 1)
    else:
        times = latency_times(x, tau, threshold)
    return place_first_spikes(times, n_steps)
