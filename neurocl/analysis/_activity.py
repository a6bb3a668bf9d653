"""Activity of a population as numbers per bin, from spikes or from an array that a user gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._bins import bin_numbers
from neurocl.analysis._kinds import refuse_recording
from neurocl.core._spikes import Spikes
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown


def as_activity(owner: str, activity: ArrayLike) -> NDArray[np.float64]:
    """Return activity as float64 [time] or [trial, time]; NeuroclError unless finite and not negative."""
    refuse_recording(owner, activity)
    if not is_numeric(activity):
        raise NeuroclError(f"{owner}: activity must be Spikes or an array of numbers per bin, got {shown(activity)}.")
    array = np.asarray(activity, dtype=np.float64)
    if array.size == 0:
        raise NeuroclError(f"{owner}: the activity is empty; give at least one bin.")
    if not np.isfinite(array).all():
        raise NeuroclError(f"{owner}: the activity contains NaN or infinity; give finite numbers.")
    if (array < 0).any():
        raise NeuroclError(f"{owner}: the activity is negative (smallest {array.min():g}); give counts or rates >= 0.")
    return array


def count_spikes(owner: str, spikes: Spikes, bin_width: Any) -> NDArray[np.float64]:
    """Return the spikes of all neurons per bin, float64 [bin], in bins (a, b] from `spikes.t_start` on.

    A last bin that the window cuts short is left out, unless it holds spikes.
    """
    bins, number = bin_numbers(spikes, bin_width, owner)
    bins = max(bins, int(number[-1]) + 1 if number.size else 0)
    return np.bincount(number, minlength=bins).astype(np.float64)


def generator(owner: str, rng: Any) -> np.random.Generator:
    """Return a generator for a seed, or the generator itself."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise NeuroclError(f"{owner}: rng must be a seed (a whole number >= 0) or a Generator, got {shown(rng)}.")
    return np.random.default_rng(int(rng))
