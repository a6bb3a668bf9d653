"""Population code: a number as the spike times of neurons with overlapping Gaussian receptive fields.

Centre     mu_i = low + (2 i - 3) / 2 * (high - low) / (m - 2),   i = 1 .. m
Width      sigma = (high - low) / (beta (m - 2))
Response   r_i = exp(-(x - mu_i)^2 / (2 sigma^2))
Spike      t_i = (1 - r_i) T, silent where r_i < 0.1
Units      low, high, mu, sigma in those of x; t and T in steps; beta = 1.5
Source     Bohte, Kok and La Poutre (2002), Neurocomputing 48
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import array_within
from neurocl.data.encoders.first_spike import place_first_spikes

_OWNER = "population code"

_SILENT_BELOW = 0.1


def population_responses(x: ArrayLike, m: int, low: float, high: float, beta: float = 1.5) -> NDArray[Any]:
    """Responses of m Gaussian receptive fields.

    Parameters
    ----------
    x : array, shape [...]
        Values in [low, high].
    m : int
        Number of neurons per value, at least 3. The first and last centre lie outside [low, high].
    low, high : float
        Range of x, low < high.
    beta : float, default 1.5
        Larger is narrower, > 0.

    Returns
    -------
    array of float, shape [..., m]
        Responses in (0, 1].

    Raises
    ------
    NeuroclError
        If x leaves [low, high] or a parameter its range.
    """
    m = whole_number(_OWNER, "m", m, at_least=3)
    beta = positive_number(_OWNER, "beta", beta)
    low, high = finite_number(_OWNER, "low", low), finite_number(_OWNER, "high", high)
    if low >= high:
        raise NeuroclError(f"{_OWNER}: low must be smaller than high, got low = {low:g} and high = {high:g}.")
    x = array_within(_OWNER, "x", x, low, high)
    spacing = (high - low) / (m - 2)
    centres = low + (2 * np.arange(1, m + 1) - 3) / 2 * spacing
    sigma = spacing / beta
    return np.exp(-((x[..., np.newaxis] - centres) ** 2) / (2 * sigma**2))


def encode_population(
    x: ArrayLike, m: int, low: float, high: float, n_steps: int, beta: float = 1.5
) -> NDArray[np.bool_]:
    """Encode values as first-spike times of a population. Nothing is random.

    Parameters
    ----------
    x, m, low, high, beta
        As for :func:`population_responses`.
    n_steps : int
        Number of steps T.

    Returns
    -------
    array of bool, shape [time, ..., m]
        Neuron i fires once, in the row nearest to (1 - r_i) T (at most the last row), or not at all if its
        response r_i is below 0.1. Reshape to [time, batch, feature * m] for a flat layer of inputs.

    Raises
    ------
    NeuroclError
        If x leaves [low, high] or a parameter its range.
    """
    n_steps = whole_number(_OWNER, "n_steps", n_steps, at_least=1)
    responses = population_responses(x, m, low, high, beta)
    times = np.where(responses >= _SILENT_BELOW, (1 - responses) * n_steps, np.inf)
    return place_first_spikes(times, n_steps)
