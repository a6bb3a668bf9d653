"""Autocorrelation of activity.

rho(k)  mean over t of (x_t - m)(x_{t+k} - m) / var(x),   m = mean(x), over the n - k pairs there are; rho(0) = 1
Bias    subtracting the mean of the recording itself lowers rho by about (2 tau + 1) / n steps
Units   k in steps
Source  Box et al. (2015), Time Series Analysis, ch. 2
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from neurocl.analysis._finite import finite_array
from neurocl.analysis._kinds import refuse_spikes
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["autocorrelation"]

_COLUMNS = 64  # Fourier transforms of so many columns at once: memory for 100 000 steps stays near 200 MB.


def autocorrelation(activity: ArrayLike, max_lag: int) -> NDArray[np.float64]:
    """Return the autocorrelation of activity along the first axis.

    Parameters
    ----------
    activity : array [time] or [time, n]
        A rate, a state or spike counts in bins (`bin_counts`), in steps of equal length.
    max_lag : int
        Largest lag in steps, below the number of steps.

    Returns
    -------
    float64 array [max_lag + 1] or [max_lag + 1, n]
        1 at lag 0. The mean at lag k is over the pairs there are. NaN for a column that does not vary; the mean over
        neurons is ``numpy.nanmean(..., axis=1)``.

    Raises
    ------
    NeuroclError
        If the activity is not finite or not longer than `max_lag`.
    """
    refuse_spikes("autocorrelation", "activity in bins", activity)
    values = finite_array("autocorrelation", "activity", activity)
    max_lag = whole_number("autocorrelation", "max_lag", max_lag, at_least=1)
    if values.ndim not in (1, 2):
        raise NeuroclError(f"autocorrelation: expected activity [time] or [time, n], got shape {values.shape}.")
    steps = values.shape[0]
    if steps <= max_lag:
        raise NeuroclError(f"autocorrelation: max_lag ({max_lag}) must be below the number of steps, {steps}.")
    columns = values.reshape(steps, -1)
    blocks = range(0, columns.shape[1], _COLUMNS)
    parts = [_autocorrelation_of(columns[:, first : first + _COLUMNS], max_lag) for first in blocks]
    return np.concatenate(parts, axis=1).reshape(max_lag + 1, *values.shape[1:])


def _autocorrelation_of(columns: NDArray[np.float64], max_lag: int) -> NDArray[np.float64]:
    steps = columns.shape[0]
    centred = columns - columns.mean(axis=0)
    # Padded with zeros, or the end would be correlated with the start.
    spectrum = fft.rfft(centred, fft.next_fast_len(steps + max_lag, real=True), axis=0)
    power = spectrum.real**2 + spectrum.imag**2
    sums = fft.irfft(power, fft.next_fast_len(steps + max_lag, real=True), axis=0)[: max_lag + 1]
    means = sums / np.arange(steps, steps - max_lag - 1, -1)[:, None]
    variance = np.where(np.ptp(columns, axis=0) > 0.0, means[0], np.nan)
    result: NDArray[np.float64] = means / variance
    return result
