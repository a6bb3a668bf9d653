"""Bins of time: (t_start + k w, t_start + (k + 1) w], as in `Spikes.population_rate`; a bin holds its right edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis._trains import need_spikes
from neurocl.core._checks import positive_number
from neurocl.core._events import TIME_TOLERANCE
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError

MOST_BINS = 10**9
"""More bins than this are a mistake in a bin width, not a recording."""


def bin_numbers(spikes: Spikes, bin_width: Any, owner: str) -> tuple[int, NDArray[np.int64]]:
    """Return how many whole bins the window holds, and the bin of each spike: `bins` for a rest shorter than a bin."""
    width = positive_number(owner, "bin_width", bin_width)
    duration = spikes.t_stop - spikes.t_start
    if duration / width > MOST_BINS:
        raise NeuroclError(f"{owner}: bin_width {width:g} ms cuts {duration:g} ms into too many bins; widen the bins.")
    bins = int((duration + TIME_TOLERANCE) / width)
    position = (spikes.times - spikes.t_start - TIME_TOLERANCE) / width
    return bins, np.clip(np.ceil(position).astype(np.int64) - 1, 0, bins)


def whole_bins(spikes: Spikes, bin_width: Any, owner: str) -> tuple[int, NDArray[np.int64]]:
    """Return the same; NeuroclError, begun by `owner`, unless the window holds a bin."""
    need_spikes(spikes, owner)
    bins, number = bin_numbers(spikes, bin_width, owner)
    if bins == 0:
        duration = spikes.t_stop - spikes.t_start
        raise NeuroclError(f"{owner}: bin_width ({bin_width} ms) must not exceed the window ({duration} ms).")
    return bins, number
