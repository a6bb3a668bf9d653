"""Rate of each neuron over time, smoothed with a Gaussian.

Rate       r_i(t) = sum over spikes of K(t - t_spike), K a Gaussian of width sigma
At the ends the mass of K that lies outside the window is made up for, so that a constant rate stays constant.
Units      times ms, rates Hz
Source     Gerstner et al. (2014), Neuronal Dynamics, ch. 7

Rates without smoothing are `Spikes.rate`, `Spikes.mean_rate` and `Spikes.population_rate`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis.counts import counts_in_bins
from neurocl.core._checks import positive_number
from neurocl.core._spikes import Spikes

__all__ = ["smoothed_rate"]


def smoothed_rate(spikes: Spikes, sigma: float, bin_width: float = 1.0) -> NDArray[np.float64]:
    """Return the rate of each neuron over time.

    Parameters
    ----------
    spikes : Spikes
        The spikes; `as_spikes` makes one of plain trains.
    sigma : float
        Width (standard deviation) of the Gaussian in ms; it is cut at 4 sigma.
    bin_width : float
        Distance of two values in ms. Default 1. Choose it well below `sigma`.

    Returns
    -------
    float64 array [bins, n]
        Hz, one row per whole bin. ``.mean(axis=1)`` is the population rate.
    """
    from scipy.ndimage import gaussian_filter1d  # loaded here: it costs import time that most users can spare

    width = positive_number("smoothed_rate", "sigma", sigma) / positive_number("smoothed_rate", "bin_width", bin_width)
    counts = counts_in_bins(spikes, bin_width, "smoothed_rate").astype(np.float64)
    mass = gaussian_filter1d(np.ones(counts.shape[0]), width, mode="constant")
    smoothed: NDArray[np.float64] = gaussian_filter1d(counts, width, axis=0, mode="constant")
    smoothed *= (1000.0 / bin_width / mass)[:, None]
    return smoothed
