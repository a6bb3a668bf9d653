"""Irregularity of spike trains beyond the CV, from pairs of neighbouring inter-spike intervals I_k, I_{k+1}.

CV2     mean of 2 |I_{k+1} - I_k| / (I_{k+1} + I_k)
LV      3 / (n - 1) sum over k of ((I_k - I_{k+1}) / (I_k + I_{k+1}))^2,   n intervals
LvR     3 / (n - 1) sum over k of (1 - 4 I_k I_{k+1} / (I_k + I_{k+1})^2) (1 + 4 R / (I_k + I_{k+1}))
Values  0 for a regular train, 1 for a Poisson train (LvR with R = 0); unlike the CV, a slow change of the rate leaves
        them nearly alone
Units   times and R in ms; R = 5 ms
Source  Holt et al. (1996), J. Neurophysiol. 75:1806 (CV2); Shinomoto et al. (2003), Neural Comput. 15:2823 (LV);
        Shinomoto et al. (2009), PLoS Comput. Biol. 5:e1000433 (LvR)

The CV itself is `Spikes.cv_per_neuron` and `Spikes.cv`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis._trains import Trains, flat_trains
from neurocl.core._checks import non_negative_number

__all__ = ["cv2", "lv", "lvr"]

_Array = NDArray[np.float64]


def cv2(trains: Trains) -> Any:
    """Return the CV2 of each train.

    Parameters
    ----------
    trains : Spikes, float array [spikes], or list of n such arrays
        Spike times in ms, in any order.

    Returns
    -------
    float64 array [n], or float for a single train
        NaN for a train of fewer than three spikes, or with three spikes at one time.

    Examples
    --------
    >>> cv2([0.0, 10.0, 40.0])
    1.0
    """
    return _mean_over_pairs(trains, "cv2", lambda first, second: 2.0 * np.abs(second - first) / (first + second))


def lv(trains: Trains) -> Any:
    """Return the local variation LV of each train; input and output as in `cv2`."""
    return _mean_over_pairs(trains, "lv", lambda first, second: 3.0 * ((first - second) / (first + second)) ** 2)


def lvr(trains: Trains, refractoriness: float = 5.0) -> Any:
    """Return the local variation LvR of each train, corrected for refractoriness; output as in `cv2`.

    Parameters
    ----------
    trains : Spikes, float array [spikes], or list of n such arrays
        Spike times in ms, in any order.
    refractoriness : float
        The constant R in ms. Default 5. With 0, LvR is LV.
    """
    constant = non_negative_number("lvr", "refractoriness", refractoriness)

    def contribution(first: _Array, second: _Array) -> _Array:
        both = first + second
        # (1 - 4 I I' / (I + I')^2) is the square of (I - I') / (I + I'), here without cancellation.
        return 3.0 * ((first - second) / both) ** 2 * (1.0 + 4.0 * constant / both)

    return _mean_over_pairs(trains, "lvr", contribution)


def _mean_over_pairs(trains: Trains, owner: str, contribution: Callable[[_Array, _Array], _Array]) -> Any:
    """Return the mean contribution of the pairs of neighbouring intervals of each train."""
    flat = flat_trains(trains, owner)
    train = flat.owners
    intervals = np.diff(flat.times)
    within = train[2:] == train[:-2]  # three spikes of one train make a pair
    train = train[2:][within]
    with np.errstate(invalid="ignore", divide="ignore"):  # no pair, or a pair of length 0: 0 / 0
        values = contribution(intervals[:-1][within], intervals[1:][within])
        sums = np.bincount(train, weights=values, minlength=flat.n)
        return flat.shaped(sums / np.bincount(train, minlength=flat.n))
