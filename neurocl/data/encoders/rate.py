"""Rate code: the stronger the input, the more spikes.

Step    spike with probability p = x * max_rate * dt / 1000, independent of all others (Bernoulli)
Units   x in [0, 1], max_rate in Hz, dt in ms (hence the 1000)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import array_within

_OWNER = "rate code"


def encode_rate(
    x: ArrayLike, n_steps: int, dt: float, max_rate: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Encode intensities as Bernoulli spike trains.

    Parameters
    ----------
    x : array, shape [..., neuron]
        Intensities in [0, 1].
    n_steps : int
        Number of steps T.
    dt : float
        Length of a step (ms).
    max_rate : float
        Firing rate (Hz) at x = 1; 0 gives silence. max_rate * dt may not exceed one spike per step.
    rng : numpy.random.Generator
        Source of the randomness; the same generator state gives the same spikes.

    Returns
    -------
    array of bool, shape [time, ..., neuron]
        The expected number of spikes of a neuron is x * max_rate * dt / 1000 * n_steps.

    Raises
    ------
    NeuroclError
        If x leaves [0, 1], a number has a wrong sign, or the probability at x = 1 exceeds 1.
    """
    x = array_within(_OWNER, "x", x, 0.0, 1.0)
    n_steps = whole_number(_OWNER, "n_steps", n_steps, at_least=1)
    dt = positive_number(_OWNER, "dt", dt)
    max_rate = non_negative_number(_OWNER, "max_rate", max_rate)
    if not isinstance(rng, np.random.Generator):
        raise NeuroclError(f"{_OWNER}: rng must be np.random.default_rng(seed) or the like, got {rng!r}.")
    p_max = max_rate * dt / 1000
    if p_max > 1:
        raise NeuroclError(
            f"{_OWNER}: max_rate = {max_rate:g} Hz with dt = {dt:g} ms asks for {p_max:g} spikes per step, "
            f"at most 1 is possible; lower max_rate or dt."
        )
    p = x * p_max
    spikes = np.empty((n_steps, *x.shape), dtype=bool)
    # row by row: all random numbers at once would need eight times the memory of the result
    for step in range(n_steps):
        spikes[step] = rng.random(x.shape) < p
    return spikes
