"""Van Rossum distance: how far apart two trains are when each spike leaves an exponential trace.

Trace     f(t) = sum over spikes t_i <= t of exp(-(t - t_i) / tau), of train a minus that of train b
Distance  D^2 = (1 / tau) integral of f^2
              = (1/2) [sum_ij e^(-|t_i - t_j| / tau) + sum_ij e^(-|u_i - u_j| / tau) - 2 sum_ij e^(-|t_i - u_j| / tau)]
Limits    "elephant" (sqrt(2) D): sqrt(n_a + n_b) for small tau, |n_a - n_b| for large tau
Units     times and tau in ms
Source    van Rossum (2001), Neural Comput. 13:751; sums in linear time: Houghton & Kreuz (2012), Network 23:48
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.analysis._trains import Trains, flat_trains
from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["van_rossum_distance"]

_FACTORS = {"elephant": 1.0, "van_rossum": math.sqrt(0.5)}

# Sums over all pairs of trains share the rounding of their largest term; a pair nearer than this is summed on its own.
_CANCELLED = 1e-6


def van_rossum_distance(trains: Trains, tau: float, normalisation: str = "elephant") -> NDArray[np.float64]:
    """Return the van Rossum distance of all pairs of trains.

    Parameters
    ----------
    trains : Spikes, or list of n float arrays [spikes]
        Spike times in ms, in any order.
    tau : float
        Time constant of the trace in ms.
    normalisation : "elephant" or "van_rossum"
        "van_rossum" is D of the paper, "elephant" is sqrt(2) D as in the package of that name, so that one spike more
        counts 1. Default "elephant".

    Returns
    -------
    float64 array [n, n]
        Symmetric, 0 on the diagonal. The distance of two trains is ``van_rossum_distance([a, b], tau)[0, 1]``.

    Examples
    --------
    >>> float(van_rossum_distance([[10.0], []], tau=5.0)[0, 1])
    1.0
    """
    flat = flat_trains(trains, "van_rossum_distance")
    tau = positive_number("van_rossum_distance", "tau", tau)
    if normalisation not in _FACTORS:
        names = " or ".join(map(repr, _FACTORS))
        raise NeuroclError(f"van_rossum_distance: normalisation must be {names}, got {shown(normalisation)}.")
    order = np.argsort(flat.times, kind="stable")
    sums = _kernel_sums(flat.times[order] / tau, flat.owners[order], flat.n)
    return _FACTORS[normalisation] * _distances(flat.times / tau, flat.bounds, sums)


@njit(cache=True)
def _kernel_sums(times: NDArray[np.float64], train: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """sums[i, j]: exp(-(t - u)) over all spikes t of train i and earlier u of train j, times in units of tau.

    Traces are kept as they would be at `origin`, so that they need no decay at each spike.
    """
    sums, traces = np.zeros((n, n)), np.zeros(n)
    origin = 0.0
    for time, i in zip(times, train):  # noqa: B905  (Numba knows no strict=)
        if time - origin > 20.0:  # far from the overflow at 709
            traces *= math.exp(origin - time)
            origin = time
        decay = math.exp(origin - time)
        sums[i] += decay * traces
        traces[i] += 1.0 / decay
    return sums


@njit(cache=True)
def _distances(
    times: NDArray[np.float64], bounds: NDArray[np.int64], sums: NDArray[np.float64]
) -> NDArray[np.float64]:
    n = bounds.size - 1
    distance = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            own = bounds[i + 1] - bounds[i] + 2.0 * sums[i, i] + bounds[j + 1] - bounds[j] + 2.0 * sums[j, j]
            squared = own - 2.0 * (sums[i, j] + sums[j, i])
            if squared < _CANCELLED * own:
                squared = _squared_distance(times[bounds[i] : bounds[i + 1]], times[bounds[j] : bounds[j + 1]])
            distance[i, j] = distance[j, i] = math.sqrt(squared)
    return distance


@njit(cache=True)
def _squared_distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """2 times the integral of f^2, times in units of tau, as a sum of terms >= 0, one per interval between spikes."""
    i = j = 0
    f = total = 0.0
    while i < a.size or j < b.size:
        if j == b.size or (i < a.size and a[i] <= b[j]):
            now = a[i]
            f += 1.0
            i += 1
        else:
            now = b[j]
            f -= 1.0
            j += 1
        following = min(a[i] if i < a.size else math.inf, b[j] if j < b.size else math.inf)
        lost = -math.expm1(now - following)  # 1 - the decay until the next spike
        total += f * f * lost * (2.0 - lost)
        f *= 1.0 - lost
    return total
