"""Victor-Purpura distance: the cheapest way to edit one spike train into another.

Costs    1 to add or to delete a spike, q |t - u| to shift one from t to u
Distance n_a + n_b - max over matchings that keep the order of sum of (2 - q |t_i - u_j|)
Limits   q = 0: |n_a - n_b|; q large: n_a + n_b without the spikes at equal times
Units    times ms, q per ms
Source   Victor & Purpura (1996), J. Neurophysiol. 76:1310
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.analysis._trains import Trains, flat_trains
from neurocl.core._checks import non_negative_number

__all__ = ["victor_purpura_distance"]


def victor_purpura_distance(trains: Trains, cost: float) -> NDArray[np.float64]:
    """Return the Victor-Purpura distance of all pairs of trains.

    Parameters
    ----------
    trains : Spikes, or list of n float arrays [spikes]
        Spike times in ms, in any order.
    cost : float
        Cost q of shifting a spike, per ms, >= 0. A shift by 2 / q costs as much as a deletion and an addition.

    Returns
    -------
    float64 array [n, n]
        Symmetric, 0 on the diagonal. The distance of two trains is ``victor_purpura_distance([a, b], q)[0, 1]``.

    Notes
    -----
    The time of a pair goes with the number of pairs of spikes closer than 2 / q, at most n_a n_b.

    Examples
    --------
    >>> float(victor_purpura_distance([[10.0, 20.0], [12.0]], cost=0.1)[0, 1])
    1.2
    """
    flat = flat_trains(trains, "victor_purpura_distance")
    cost = non_negative_number("victor_purpura_distance", "cost", cost)
    return _all_pairs(flat.times, flat.bounds, cost)


@njit(cache=True)
def _all_pairs(times: NDArray[np.float64], bounds: NDArray[np.int64], cost: float) -> NDArray[np.float64]:
    n = bounds.size - 1
    distance = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            a, b = times[bounds[i] : bounds[i + 1]], times[bounds[j] : bounds[j + 1]]
            distance[i, j] = distance[j, i] = a.size + b.size - _best_gain(a, b, cost)
    return distance


@njit(cache=True)
def _best_gain(a: NDArray[np.float64], b: NDArray[np.float64], cost: float) -> float:
    """Largest sum of 2 - cost |t - u| over matchings of sorted trains that keep the order.

    gain[j] is the best for the spikes of `a` seen so far and the first j of `b`, j up to `high`. Only pairs with a gain
    matter, so a spike of `a` visits the spikes of `b` nearer than 2 / cost; it changes nothing left of these, and right
    of them no spike of `b` has been within reach.
    """
    gain = np.zeros(b.size + 1)
    low = high = 0
    for t in a:
        while low < b.size and cost * (t - b[low]) >= 2.0:
            low += 1
        while high < b.size and cost * (b[high] - t) < 2.0:
            gain[high + 1] = gain[high]
            high += 1
        diagonal = left = gain[low]
        for j in range(low, high):
            above = gain[j + 1]
            left = max(left, above, diagonal + 2.0 - cost * abs(t - b[j]))
            gain[j + 1] = left
            diagonal = above
    return gain[high]
