"""How a segment of the temporal memory learns: adapt its synapses, then grow new ones to cells that were active."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.sdr._segments import Segments, add_synapse, remove_segment, remove_synapse, set_permanence
from neurocl.sdr.mersenne import shuffle

__all__ = ["Constants", "adapt", "grow"]

_LEAST = np.float32(1e-6)


class Constants(NamedTuple):
    """Numbers that stay."""

    cells_per_column: int
    activation_threshold: int
    min_threshold: int
    max_new_synapses: int
    initial: np.float32
    limit: np.float32
    increment: np.float32
    decrement: np.float32
    punishment: np.float32
    max_segments: int
    max_synapses: int


@njit(inline="always")
def adapt(
    s: Segments, segment: int, was_active: NDArray[np.bool_], increment: np.float32, decrement: np.float32,
    constants: Constants, faded: NDArray[np.int32],
) -> None:  # fmt: skip
    """Strengthen synapses from cells that were active, weaken the others; what has faded is removed."""
    n_faded = 0
    # Rows as locals, and a call only where a synapse connects or disconnects: a call passes all arrays of `s`.
    sources, permanences = s.source[segment], s.permanence[segment]
    for k in range(s.length[segment]):
        change = increment if was_active[sources[k]] else -decrement
        permanence = np.float32(permanences[k] + change)
        if permanence < _LEAST:
            faded[n_faded] = s.number[segment, k]
            n_faded += 1
            continue
        permanence = min(permanence, np.float32(1.0))
        if (permanence >= constants.limit) == (permanences[k] >= constants.limit):
            permanences[k] = permanence
        else:
            set_permanence(s, segment, k, permanence, constants.limit)
    for i in range(n_faded):
        # By number, since a removal moves other synapses.
        for k in range(s.length[segment]):
            if s.number[segment, k] == faded[i]:
                remove_synapse(s, segment, k)
                break
    if s.length[segment] < constants.min_threshold:
        remove_segment(s, segment)


@njit(cache=True)
def grow(
    s: Segments, segment: int, winners: NDArray[np.int64], n_new: Any, constants: Constants, slot_of: NDArray[np.int32],
    random: NDArray[np.uint32],
) -> None:  # fmt: skip
    """Grow up to `n_new` synapses from cells among `winners`; `slot_of` holds -1 for every cell, before and after."""
    n = min(n_new, winners.size)
    overrun = s.length[segment] + n - constants.max_synapses
    if overrun > 0:
        _make_room(s, segment, overrun, winners, slot_of)
    wanted = s.length[segment] + min(n, constants.max_synapses - s.length[segment])
    candidates = winners
    if n_new < winners.size:
        candidates = winners.copy()
        shuffle(random, candidates)
    n_before = s.length[segment]
    for k in range(n_before):
        slot_of[s.source[segment, k]] = k
    for cell in candidates:
        if s.length[segment] == wanted:
            break
        k = slot_of[cell]
        if k < 0:
            add_synapse(s, segment, cell, constants.initial, constants.limit)
        elif s.permanence[segment, k] < constants.initial:
            set_permanence(s, segment, k, constants.initial, constants.limit)
    for k in range(n_before):
        slot_of[s.source[segment, k]] = -1


@njit(cache=True)
def _make_room(s: Segments, segment: Any, n: int, kept: NDArray[np.int64], slot_of: NDArray[np.int32]) -> None:
    """Remove the `n` weakest synapses, sparing those from `kept` cells; of equals the smaller number goes first."""
    for cell in kept:
        slot_of[cell] = 0
    for _ in range(n):
        weakest = -1
        for k in range(s.length[segment]):
            if slot_of[s.source[segment, k]] == 0:
                continue
            lighter = weakest == -1 or s.permanence[segment, k] < s.permanence[segment, weakest]
            if lighter or (
                s.permanence[segment, k] == s.permanence[segment, weakest]
                and s.number[segment, k] < s.number[segment, weakest]
            ):
                weakest = k
        if weakest == -1:
            break
        remove_synapse(s, segment, weakest)
    for cell in kept:
        slot_of[cell] = -1
