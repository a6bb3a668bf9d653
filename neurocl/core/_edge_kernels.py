"""Compiled loops behind the random connection rules.

A *row* is one neuron of the side a rule goes through, a *column* a position on the other side. Each row draws
from its own stream (SplitMix64; Steele et al. 2014), started at a 64-bit key that the caller takes from a
np.random.Generator, so that rows are independent of each other. `excluded[row]` is the column a row must not
have (the autapse), or -1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def _uniform(state: np.uint64) -> float:
    """Uniform number in (0, 1), both ends excluded, of a state that the caller advances by _GOLDEN."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (np.float64(z >> np.uint64(12)) + 0.5) * 2.0**-52


@njit(cache=True, nogil=True)
def _with_room(columns: NDArray[np.int32], used: int, wanted: int) -> NDArray[np.int32]:
    """`columns`, or a longer copy of it, with at least `wanted` free places after the first `used`."""
    if used + wanted <= columns.size:
        return columns
    longer = np.empty(2 * columns.size + wanted, np.int32)
    longer[:used] = columns[:used]
    return longer


@njit(cache=True, nogil=True)
def bernoulli_rows(
    keys: NDArray[np.uint64], n_columns: int, p: float, excluded: NDArray[np.int64], room: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each column of each row with probability 0 < p < 1: ascending columns, and the count of each row.

    The gap to the next column is geometric, so that the time goes with the edges, not with the pairs.
    """
    columns, counts = np.empty(room, np.int32), np.empty(keys.size, np.int64)
    scale = 1.0 / math.log1p(-p)
    used = 0
    for row in range(keys.size):
        columns = _with_room(columns, used, n_columns)
        state, column, first = keys[row], -1, used
        while True:
            state += _GOLDEN
            gap = math.log(_uniform(state)) * scale
            if gap >= n_columns - 1 - column:  # compared as float: a gap can exceed every integer
                break
            column += 1 + int(gap)
            if column != excluded[row]:
                columns[used] = column
                used += 1
        counts[row] = used - first
    return columns[:used], counts


@njit(cache=True, nogil=True)
def distance_rows(
    keys: NDArray[np.uint64],
    row_positions: NDArray[np.float64],
    column_positions: NDArray[np.float64],
    p: float,
    length: float,
    gaussian: bool,
    excluded: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each column with probability p * exp(-(D/length)^2), or p * exp(-D/length), D the Euclidean distance.

    Returns ascending columns and the count of each row. No matrix of distances is ever stored.
    """
    n_columns = column_positions.shape[0]
    columns, counts = np.empty(n_columns, np.int32), np.empty(keys.size, np.int64)
    used = 0
    for row in range(keys.size):
        columns = _with_room(columns, used, n_columns)
        x, y, z = row_positions[row]
        state, first = keys[row], used
        for column in range(n_columns):
            state += _GOLDEN
            u = _uniform(state)
            if u >= p or column == excluded[row]:  # most pairs end here, before the exponential
                continue
            dx, dy = column_positions[column, 0] - x, column_positions[column, 1] - y
            dz = column_positions[column, 2] - z
            decay = (dx * dx + dy * dy + dz * dz) / (length * length)
            if u < p * math.exp(-(decay if gaussian else math.sqrt(decay))):
                columns[used] = column
                used += 1
        counts[row] = used - first
    return columns[:used].copy(), counts


@njit(cache=True, nogil=True)
def all_rows(excluded: NDArray[np.int64], n_columns: int) -> NDArray[np.int32]:
    """Every column of each row but the excluded one, ascending."""
    columns = np.empty(excluded.size * n_columns - np.count_nonzero(excluded >= 0), np.int32)
    used = 0
    for barred in excluded:
        for column in range(n_columns):
            if column != barred:
                columns[used] = column
                used += 1
    return columns


@njit(cache=True, nogil=True)
def counted_rows(
    keys: NDArray[np.uint64],
    start: NDArray[np.int64],
    n_columns: int,
    excluded: NDArray[np.int64],
    distinct: bool,
    in_order: bool,
    columns: NDArray[np.int32],
) -> None:
    """Random columns of each row into `columns[start[row]:start[row + 1]]`, distinct or with replacement.

    They are ascending with `in_order`, otherwise in random order. Distinct columns are drawn again while they are
    marked; when more than half of them are wanted, the unwanted ones are drawn instead. The caller makes sure that
    every row has enough columns.
    """
    mark = np.full(n_columns if distinct else 0, -1, np.int32)
    longest = np.diff(start).max() if in_order and keys.size else 0
    spare, histogram = np.empty(longest, np.int32), np.empty(256, np.int64)
    for row in range(keys.size):
        state, barred, used, end = keys[row], excluded[row], start[row], start[row + 1]
        n_allowed = n_columns - (barred >= 0)
        inverted = distinct and end - used > n_allowed // 2
        missing = n_allowed - (end - used) if inverted else end - used
        while missing > 0:
            state += _GOLDEN
            column = int(_uniform(state) * n_columns)
            if column == barred or (distinct and mark[column] == row):
                continue
            missing -= 1
            if distinct:
                mark[column] = row
            if not inverted:
                columns[used] = column
                used += 1
        if inverted:
            for column in range(n_columns):
                if column != barred and mark[column] != row:
                    columns[used] = column
                    used += 1
        elif in_order:
            _sort(columns[start[row] : end], spare, histogram, n_columns - 1)


@njit(cache=True, nogil=True)
def _sort(row: NDArray[np.int32], spare: NDArray[np.int32], histogram: NDArray[np.int64], largest: int) -> None:
    """Sort a row of numbers in [0, largest] in place: by insertion if it is short, else byte by byte."""
    if row.size <= 32:
        for i in range(1, row.size):
            value, place = row[i], i
            while place > 0 and row[place - 1] > value:
                row[place] = row[place - 1]
                place -= 1
            row[place] = value
        return
    source, target = row, spare[: row.size]
    shift = 0
    while largest >> shift:
        histogram[:] = 0
        for value in source:
            histogram[np.uint8(value >> shift)] += 1
        total = 0
        for i in range(256):
            count = histogram[i]
            histogram[i] = total
            total += count
        for value in source:
            digit = np.uint8(value >> shift)
            target[histogram[digit]] = value
            histogram[digit] += 1
        source, target = target, source
        shift += 8
    if (shift // 8) % 2:
        target[:] = source


@njit(cache=True, nogil=True)
def columns_to_rows(
    values: NDArray[np.int32], k: int, n_values: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Columns with `k` values each, sorted by value: the columns of each value ascending, and their count."""
    place = counts_of(values, n_values).cumsum()
    counts = np.diff(place)
    columns = np.empty(values.size, np.int32)
    for column in range(values.size // max(k, 1)):
        for value in values[column * k : (column + 1) * k]:
            columns[place[value]] = column
            place[value] += 1
    return columns, counts


@njit(cache=True, nogil=True)
def counts_of(values: NDArray[np.int32], n_values: int) -> NDArray[np.int64]:
    """How often each value in [0, n_values) occurs, after a leading zero: their running sum says where each begins."""
    counts = np.zeros(n_values + 1, np.int64)
    for value in values:
        counts[value + 1] += 1
    return counts


@njit(cache=True, nogil=True)
def stable_order(values: NDArray[np.int32], n_values: int) -> NDArray[np.int64]:
    """The places of `values`, each in [0, n_values), in the order of the values; equal ones stay in order."""
    place = counts_of(values, n_values).cumsum()
    order = np.empty(values.size, np.int64)
    for i, value in enumerate(values):
        order[place[value]] = i
        place[value] += 1
    return order


@njit(cache=True, nogil=True)
def canonical_order(
    pre: NDArray[np.int32], post: NDArray[np.int32], n_pre: int, n_post: int
) -> NDArray[np.int64]:
    """The places of edges sorted by pre, then by post; equal pairs stay in order."""
    place = counts_of(pre, n_pre).cumsum()
    order = np.empty(pre.size, np.int64)
    for i in stable_order(post, n_post):
        order[place[pre[i]]] = i
        place[pre[i]] += 1
    return order


@njit(cache=True, nogil=True)
def is_canonical(pre: NDArray[np.int32], post: NDArray[np.int32]) -> bool:
    """Whether edges are sorted by pre, then by post."""
    in_order = True
    for i in range(1, pre.size):
        in_order &= pre[i] > pre[i - 1] or (pre[i] == pre[i - 1] and post[i] >= post[i - 1])
    return in_order


@njit(cache=True, nogil=True)
def group_rows(
    start: NDArray[np.int64], group: NDArray[np.int64], steps: NDArray[Any], n_groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges by row, sorted by group: where each (group, row) begins, and the place that each edge had.

    `group[steps[edge]]` is the group of an edge.
    """
    n_rows = start.size - 1
    begin = np.zeros(n_groups * n_rows + 1, np.int64)
    for row in range(n_rows):
        for step in steps[start[row] : start[row + 1]]:
            begin[group[step] * n_rows + row + 1] += 1
    begin = begin.cumsum()
    place, order = begin.copy(), np.empty(steps.size, np.int64)
    for row in range(n_rows):
        for edge in range(start[row], start[row + 1]):
            slot = group[steps[edge]] * n_rows + row
            order[place[slot]] = edge
            place[slot] += 1
    return begin, order
