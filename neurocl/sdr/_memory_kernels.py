"""Steps of the temporal memory, compiled: no Python runs between the columns of a sequence."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.sdr._memory_learning import Constants, adapt, grow
from neurocl.sdr._segments import CHUNK, Segments, add_segment, has_room
from neurocl.sdr.mersenne import next_word

__all__ = ["Cells", "dendrites", "run"]

# What is called for each segment is inlined, and what is used for each column is a local array: a call with, and each
# use of a field of, the named tuples counts references, which takes longer than the work (measured with 2048 columns:
# 26 000 against 62 000 learned steps/s, 39 000 against 260 000 without learning).

N_ACTIVE, N_WINNERS, N_MATCHING, IS_FRESH = range(4)


class Cells(NamedTuple):
    """What the cells do; of the lists, as many entries count as ``sizes`` says."""

    active: NDArray[np.int64]
    winners: NDArray[np.int64]
    matching: NDArray[np.int64]  # matching segments, by cell and then number
    overlap: NDArray[np.int64]  # [segment]: active synapses + 2**32 * connected ones; 0 where not matching
    is_active: NDArray[np.bool_]  # [cell or context bit]
    slot_of: NDArray[np.int32]  # scratch of `grow`
    sizes: NDArray[np.int64]
    random: NDArray[np.uint32]


@njit(cache=True)
def dendrites(s: Segments, cells: Cells, context: NDArray[np.int64], constants: Constants) -> None:
    """Count the active synapses of all segments; `context` (numbered behind the cells) joins the active cells."""
    sizes = cells.sizes
    for k in range(sizes[N_MATCHING]):
        cells.overlap[cells.matching[k]] = 0
    for bit in context:
        cells.active[sizes[N_ACTIVE]], cells.winners[sizes[N_WINNERS]] = bit, bit
        cells.is_active[bit] = True
        sizes[N_ACTIVE] += 1
        sizes[N_WINNERS] += 1
    active = cells.active[: sizes[N_ACTIVE]]
    n = _count(s.chunk, s.fill, s.chunk_following, s.target, active, cells.matching, cells.overlap)
    sizes[N_MATCHING] = _sorted_matching(s.cell, cells.matching, n, cells.overlap, constants.min_threshold)
    sizes[IS_FRESH] = 1


@njit(cache=True)
def _count(
    first: NDArray[np.int32], fill: NDArray[np.int32], following: NDArray[np.int32], targets: NDArray[np.int32],
    active: NDArray[np.int64], touched: NDArray[np.int64], overlap: NDArray[np.int64],
) -> Any:  # fmt: skip
    """Add up the synapses of the active cells on each segment; returns how many segments were touched."""
    n = 0
    for cell in active:
        chunk, size = first[cell], fill[cell]
        while chunk != -1:
            for k in range(size):
                target = np.int64(targets[chunk, k])
                segment = target >> 1
                if overlap[segment] == 0:
                    touched[n] = segment
                    n += 1
                overlap[segment] += 1 + ((target & 1) << 32)
            chunk, size = following[chunk], CHUNK
    return n


@njit(cache=True)
def _sorted_matching(
    cell: NDArray[np.int32], touched: NDArray[np.int64], n: Any, overlap: NDArray[np.int64], threshold: Any
) -> Any:
    """Keep the segments that match, by cell and then number; returns how many they are."""
    keys, kept = np.empty(n, dtype=np.int64), 0
    for i in range(n):
        segment = touched[i]
        if (overlap[segment] & 0xFFFFFFFF) >= threshold:
            keys[kept] = (np.int64(cell[segment]) << 32) | segment
            kept += 1
        else:
            overlap[segment] = 0
    keys = np.sort(keys[:kept])
    for i in range(kept):
        touched[i] = keys[i] & 0xFFFFFFFF
    return kept


@njit(cache=True)
def run(
    s: Segments, cells: Cells, constants: Constants, start: NDArray[np.int64], indices: NDArray[np.uint32],
    context: NDArray[np.int64], learn: bool, first_row: Any, anomaly: NDArray[np.float64], room: NDArray[np.int64],
) -> Any:  # fmt: skip
    """Show the rows of a batch from `first_row` on; return the row before which more room is needed, or the end.

    `room` then holds how many segments, synapses, and synapses in one row may be needed.
    """
    faded = np.empty(s.source.shape[1], dtype=np.int32)
    previous = np.empty(cells.active.size, dtype=np.int64)
    for row in range(first_row, start.size - 1):
        columns = indices[start[row] : start[row + 1]]
        if cells.sizes[IS_FRESH] == 0:
            dendrites(s, cells, context, constants)
        if learn:
            room[0] = columns.size
            room[1] = (columns.size + cells.sizes[N_MATCHING]) * constants.max_new_synapses
            room[2] = min(_longest(s, cells) + constants.max_new_synapses, constants.max_synapses)
            if not has_room(s, room[0], room[1], room[2]):
                return row
        anomaly[row] = _activate_cells(s, cells, constants, columns, learn, faded, previous)
    return start.size - 1


@njit(cache=True)
def _longest(s: Segments, cells: Cells) -> Any:
    """Synapses of the longest segment that may grow in this step."""
    longest: Any = 0
    for i in range(cells.sizes[N_MATCHING]):
        longest = max(longest, np.int64(s.length[cells.matching[i]]))
    return longest


@njit(cache=True)
def _activate_cells(
    s: Segments, cells: Cells, constants: Constants, columns: NDArray[np.uint32], learn: bool,
    faded: NDArray[np.int32], previous: NDArray[np.int64],
) -> float:  # fmt: skip
    """Columns in ascending order become predicted or bursting, or their segments are punished; returns the anomaly."""
    sizes, per_column, threshold = cells.sizes, constants.cells_per_column, constants.activation_threshold
    matching, overlap, cell_of = cells.matching, cells.overlap, s.cell
    active, winners = cells.active, cells.winners
    n_previous, n_matching = sizes[N_ACTIVE], sizes[N_MATCHING]
    previous[:n_previous] = active[:n_previous]
    old_winners = winners[: sizes[N_WINNERS]].copy()
    punishes = learn and constants.punishment > 0
    place, n_unpredicted, n_active, n_winners = 0, 0, 0, 0
    for k in range(columns.size):
        column = np.int64(columns[k])
        start, end, silent = column * per_column, (column + 1) * per_column, place
        while place < n_matching and cell_of[matching[place]] < start:
            place += 1
        if punishes and silent < place:
            _punish(s, cells, constants, silent, place, faded)
        first, predicted = place, False
        while place < n_matching and cell_of[matching[place]] < end:
            predicted |= (overlap[matching[place]] >> 32) >= threshold
            place += 1
        if not predicted:
            n_unpredicted += 1
            sizes[N_ACTIVE], sizes[N_WINNERS] = n_active, n_winners
            _burst(s, cells, constants, column, first, place, learn, old_winners, faded)
            n_active, n_winners = sizes[N_ACTIVE], sizes[N_WINNERS]
            continue
        n = _fire(matching, first, place, overlap, cell_of, threshold, active, n_active, winners, n_winners)
        n_active, n_winners = n_active + n, n_winners + n
        if learn:
            for i in range(first, place):
                if (overlap[matching[i]] >> 32) >= threshold:
                    _reinforce(s, cells, constants, matching[i], old_winners, faded)
    if punishes:
        _punish(s, cells, constants, place, n_matching, faded)
    sizes[N_ACTIVE], sizes[N_WINNERS], sizes[IS_FRESH] = n_active, n_winners, 0
    _mark(cells.is_active, previous[:n_previous], active[:n_active])
    return n_unpredicted / columns.size if columns.size else 0.0


@njit(inline="always")
def _fire(
    matching: NDArray[np.int64], first: Any, last: Any, overlap: NDArray[np.int64], cell_of: NDArray[np.int32],
    threshold: Any, active: NDArray[np.int64], n_active: Any, winners: NDArray[np.int64], n_winners: Any,
) -> Any:  # fmt: skip
    """The owners of active segments become active and winners, once each; returns how many they are."""
    n, latest = 0, np.int64(-1)
    for i in range(first, last):
        cell = np.int64(cell_of[matching[i]])
        if (overlap[matching[i]] >> 32) >= threshold and cell != latest:
            active[n_active + n], winners[n_winners + n], latest = cell, cell, cell
            n += 1
    return n


@njit(cache=True)
def _punish(
    s: Segments, cells: Cells, constants: Constants, first: Any, last: Any, faded: NDArray[np.int32]
) -> None:
    """Weaken matching segments of silent columns."""
    for place in range(first, last):
        segment = cells.matching[place]
        adapt(s, segment, cells.is_active, -constants.punishment, np.float32(0.0), constants, faded)


@njit(cache=True)
def _mark(is_active: NDArray[np.bool_], before: NDArray[np.int64], now: NDArray[np.int64]) -> None:
    """Which cells are active."""
    for cell in before:
        is_active[cell] = False
    for cell in now:
        is_active[cell] = True


@njit(cache=True)
def _burst(
    s: Segments, cells: Cells, constants: Constants, column: Any, first: Any, last: Any, learn: bool,
    winners: NDArray[np.int64], faded: NDArray[np.int32],
) -> None:  # fmt: skip
    """All cells of the column fire; the one with the best matching segment, or an unused one, learns."""
    per_column = constants.cells_per_column
    for cell in range(column * per_column, (column + 1) * per_column):
        _add_active(cells, cell)
    best: Any = np.int64(-1)
    most: Any = 0
    for i in range(first, last):
        n = cells.overlap[cells.matching[i]] & 0xFFFFFFFF
        if n > most:
            best, most = cells.matching[i], n
    winner: Any
    if best >= 0:
        winner = np.int64(s.cell[best])
    else:
        winner = _least_used(s, cells, per_column, column, winners)
    _add_winner(cells, winner)
    if not learn:
        return
    if best >= 0:
        _reinforce(s, cells, constants, best, winners, faded)
    elif winners.size:
        segment: Any = add_segment(s, winner, constants.max_segments)
        grow(s, segment, winners, constants.max_new_synapses, constants, cells.slot_of, cells.random)


@njit(inline="always")
def _reinforce(
    s: Segments, cells: Cells, constants: Constants, segment: int, winners: NDArray[np.int64],
    faded: NDArray[np.int32],
) -> None:  # fmt: skip
    adapt(s, segment, cells.is_active, constants.increment, constants.decrement, constants, faded)
    n_new = constants.max_new_synapses - (cells.overlap[segment] & 0xFFFFFFFF)
    if n_new > 0 and s.cell[segment] >= 0:
        grow(s, segment, winners, n_new, constants, cells.slot_of, cells.random)


@njit(cache=True)
def _least_used(s: Segments, cells: Cells, per_column: Any, column: Any, winners: NDArray[np.int64]) -> Any:
    if per_column == 1:
        return column
    for cell in winners:
        if cell // per_column == column:
            return cell
    # The reference shuffles the cells and then takes the first of the least used all the same: only the numbers pass.
    for _ in range(per_column - 1):
        next_word(cells.random)
    least_used: Any = column * per_column
    for cell in range(column * per_column + 1, (column + 1) * per_column):
        if s.n_segments[cell] < s.n_segments[least_used]:
            least_used = cell
    return least_used


@njit(inline="always")
def _add_active(cells: Cells, cell: Any) -> None:
    cells.active[cells.sizes[N_ACTIVE]] = cell
    cells.sizes[N_ACTIVE] += 1


@njit(inline="always")
def _add_winner(cells: Cells, cell: Any) -> None:
    cells.winners[cells.sizes[N_WINNERS]] = cell
    cells.sizes[N_WINNERS] += 1
