"""Dendritic segments and their synapses, in arrays that compiled code changes.

A segment is a row of synapses; its cell, its length and its neighbours in the cell's list are columns beside it. For
each presynaptic cell there is a chain of chunks of 16 targets, 2 * segment + (1 if connected): one cache line, read in
a row when the cell is active. A synapse knows its place in the chain, so that both ends change together. Freed
segments, chunks and synapse numbers are used again, the last freed first.

The arrays do not grow in compiled code: `has_room` tells beforehand whether a step may need more.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

CHUNK = 16
EPSILON = np.float32(1e-6)
N_SEGMENTS, FREE_SEGMENT, N_CHUNKS, FREE_CHUNK, N_NUMBERS, N_FREE_NUMBERS, N_ALIVE, N_SYNAPSES = range(8)


class Segments(NamedTuple):
    """All segments; rows beyond ``counters[N_SEGMENTS]`` are unused."""

    cell: NDArray[np.int32]  # [segment], -1 where freed
    length: NDArray[np.int32]
    following: NDArray[np.int32]  # in the list of the cell, or of freed segments; -1 at the end
    preceding: NDArray[np.int32]
    source: NDArray[np.int32]  # [segment, synapse]: presynaptic cell
    permanence: NDArray[np.float32]
    place: NDArray[np.int32]  # CHUNK * chunk + offset
    number: NDArray[np.int32]  # of the synapse; the smaller of two equally weak ones gives way
    target: NDArray[np.int32]  # [chunk, CHUNK]
    slot: NDArray[np.int32]  # which synapse of the target
    chunk_following: NDArray[np.int32]
    free_numbers: NDArray[np.int32]
    first: NDArray[np.int32]  # [cell]: first segment
    n_segments: NDArray[np.int32]
    chunk: NDArray[np.int32]  # [presynaptic cell]: first chunk, the only one that is not full
    fill: NDArray[np.int32]  # targets in it
    counters: NDArray[np.int64]


def empty_segments(n_cells: int, n_sources: int) -> Segments:
    """No segment yet, and little room."""
    room, width, chunks = 256, 32, 1024
    counters = np.zeros(8, dtype=np.int64)
    counters[[FREE_SEGMENT, FREE_CHUNK]] = -1
    return Segments(
        cell=_zeros(room), length=_zeros(room), following=_zeros(room), preceding=_zeros(room),
        source=_zeros(room, width), permanence=np.zeros((room, width), dtype=np.float32), place=_zeros(room, width),
        number=_zeros(room, width), target=_zeros(chunks, CHUNK), slot=_zeros(chunks, CHUNK),
        chunk_following=_zeros(chunks), free_numbers=_zeros(chunks), first=_zeros(n_cells) - 1,
        n_segments=_zeros(n_cells), chunk=_zeros(n_sources) - 1, fill=_zeros(n_sources), counters=counters,
    )  # fmt: skip


def _zeros(*shape: int) -> NDArray[np.int32]:
    return np.zeros(shape, dtype=np.int32)


def with_more_room(segments: Segments, n_new: int, n_synapses: int, width: int) -> Segments:
    """A copy with room for so many more segments and synapses, and for rows of `width`; at least doubled."""
    c = segments.counters
    rows, row_width = segments.source.shape
    chunks, numbers = segments.target.shape[0], segments.free_numbers.size
    rows = rows if c[N_SEGMENTS] + n_new <= rows else max(2 * rows, int(c[N_SEGMENTS]) + n_new)
    row_width = row_width if width <= row_width else max(width, min(2 * row_width, row_width + 32))
    chunks = chunks if c[N_CHUNKS] + n_synapses <= chunks else max(2 * chunks, int(c[N_CHUNKS]) + n_synapses)
    numbers = numbers if c[N_NUMBERS] + n_synapses <= numbers else max(2 * numbers, int(c[N_NUMBERS]) + n_synapses)
    shapes: dict[str, tuple[int, ...]] = {"target": (chunks, CHUNK), "slot": (chunks, CHUNK)}
    shapes |= {"chunk_following": (chunks,), "free_numbers": (numbers,)}
    shapes |= {name: (rows,) for name in ("cell", "length", "following", "preceding")}
    shapes |= {name: (rows, row_width) for name in ("source", "permanence", "place", "number")}
    return segments._replace(**{name: _grown(getattr(segments, name), shape) for name, shape in shapes.items()})


def _grown(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if array.shape == shape:
        return array
    larger = np.zeros(shape, dtype=array.dtype)
    larger[tuple(slice(length) for length in array.shape)] = array
    return larger


@njit(cache=True)
def has_room(s: Segments, n_new: int, n_synapses: int, width: int) -> bool:
    """Whether so many new segments and synapses fit, and rows of `width`."""
    c = s.counters
    fits = c[N_SEGMENTS] + n_new <= s.cell.size and width <= s.source.shape[1]
    return fits and c[N_CHUNKS] + n_synapses <= s.target.shape[0] and c[N_NUMBERS] + n_synapses <= s.free_numbers.size


@njit(cache=True)
def add_synapse(s: Segments, segment: int, source: int, permanence: np.float32, limit: np.float32) -> None:
    """Append a synapse to a segment."""
    slot = s.length[segment]
    c = s.counters
    if s.chunk[source] == -1 or s.fill[source] == CHUNK:
        chunk = c[FREE_CHUNK]
        if chunk == -1:
            chunk = c[N_CHUNKS]
            c[N_CHUNKS] += 1
        else:
            c[FREE_CHUNK] = s.chunk_following[chunk]
        s.chunk_following[chunk] = s.chunk[source]
        s.chunk[source], s.fill[source] = chunk, 0
    if c[N_FREE_NUMBERS] > 0:
        c[N_FREE_NUMBERS] -= 1
        number = np.int64(s.free_numbers[c[N_FREE_NUMBERS]])
    else:
        number = c[N_NUMBERS]
        c[N_NUMBERS] += 1
    chunk, offset = np.int64(s.chunk[source]), np.int64(s.fill[source])
    s.target[chunk, offset] = 2 * segment + (permanence >= limit)
    s.slot[chunk, offset] = slot
    s.fill[source] += 1
    s.source[segment, slot], s.permanence[segment, slot] = source, permanence
    s.place[segment, slot], s.number[segment, slot] = CHUNK * chunk + offset, number
    s.length[segment] += 1
    c[N_SYNAPSES] += 1


@njit(cache=True)
def remove_synapse(s: Segments, segment: int, slot: int) -> None:
    """Remove a synapse; the last one of the segment takes its slot, the last one of the chain its place."""
    c = s.counters
    source, place = np.int64(s.source[segment, slot]), np.int64(s.place[segment, slot])
    chunk, offset = np.int64(s.chunk[source]), np.int64(s.fill[source]) - 1
    moved, moved_slot = s.target[chunk, offset], s.slot[chunk, offset]
    s.target[place // CHUNK, place % CHUNK], s.slot[place // CHUNK, place % CHUNK] = moved, moved_slot
    s.place[moved >> 1, moved_slot] = place
    s.fill[source] = offset
    if offset == 0:
        s.chunk[source] = s.chunk_following[chunk]
        s.fill[source] = CHUNK
        s.chunk_following[chunk] = c[FREE_CHUNK]
        c[FREE_CHUNK] = chunk
    s.free_numbers[c[N_FREE_NUMBERS]] = s.number[segment, slot]
    c[N_FREE_NUMBERS] += 1
    last = s.length[segment] - 1
    if slot != last:
        s.source[segment, slot], s.permanence[segment, slot] = s.source[segment, last], s.permanence[segment, last]
        s.place[segment, slot], s.number[segment, slot] = s.place[segment, last], s.number[segment, last]
        s.slot[s.place[segment, slot] // CHUNK, s.place[segment, slot] % CHUNK] = slot
    s.length[segment] = last
    c[N_SYNAPSES] -= 1


@njit(cache=True)
def set_permanence(s: Segments, segment: int, slot: int, permanence: np.float32, limit: np.float32) -> None:
    """Change a permanence, and whether the synapse counts as connected."""
    if (permanence >= limit) != (s.permanence[segment, slot] >= limit):
        place = s.place[segment, slot]
        s.target[place // CHUNK, place % CHUNK] = 2 * segment + (permanence >= limit)
    s.permanence[segment, slot] = permanence


@njit(cache=True)
def add_segment(s: Segments, cell: int, most: int) -> int:
    """Make a segment on `cell`; where it has `most` already, the weakest are removed."""
    while s.n_segments[cell] >= most:
        weakest, least = -1, np.float32(np.inf)
        segment = s.first[cell]
        while segment != -1:
            strength = np.float32(0.0)
            for k in range(s.length[segment]):
                strength += s.permanence[segment, k] * s.permanence[segment, k]
            if strength < least or (strength == least and segment < weakest):
                weakest, least = segment, strength
            segment = s.following[segment]
        remove_segment(s, weakest)
    c = s.counters
    new = c[FREE_SEGMENT]
    if new == -1:
        new = c[N_SEGMENTS]
        c[N_SEGMENTS] += 1
    else:
        c[FREE_SEGMENT] = s.following[new]
    s.cell[new], s.length[new] = cell, 0
    s.following[new], s.preceding[new] = s.first[cell], -1
    if s.first[cell] != -1:
        s.preceding[s.first[cell]] = new
    s.first[cell] = new
    s.n_segments[cell] += 1
    c[N_ALIVE] += 1
    return new


@njit(cache=True)
def remove_segment(s: Segments, segment: int) -> None:
    """Remove a segment with its synapses, the last one first."""
    while s.length[segment] > 0:
        remove_synapse(s, segment, s.length[segment] - 1)
    cell, before, after = s.cell[segment], s.preceding[segment], s.following[segment]
    if before == -1:
        s.first[cell] = after
    else:
        s.following[before] = after
    if after != -1:
        s.preceding[after] = before
    s.n_segments[cell] -= 1
    s.cell[segment] = -1
    s.following[segment] = s.counters[FREE_SEGMENT]
    s.counters[FREE_SEGMENT] = segment
    s.counters[N_ALIVE] -= 1
