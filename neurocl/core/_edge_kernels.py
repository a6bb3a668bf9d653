"""Compiled loops behind the random connection rules.

A *row* is one neuron of the side a rule goes through, a *column* a position on the other side. Each row draws
from its own stream (SplitMix64; Steele et al. 2014), started at a 64-bit key that the caller takes from a
np.random.Generator, so that rows are independent of each other. `excluded[row]` is the column a row must not
have (the autapse), or -1.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True)
def _uniform(state: np.uint64) -> float:
    """Uniform number in (0, 1), both ends excluded, of a state that the caller advances by _GOLDEN."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (np.float64(z >> np.uint64(12)) + 0.5) * 2.0**-52


@njit(cache=True)
def _with_room(columns: NDArray[np.int32], used: int, wanted: int) -> NDArray[np.int32]:
    """`columns`, or a longer copy of it, with at least `wanted` free places after the first `used`."""
    if used + wanted <= columns.size:
        return columns
    longer = np.empty(2 * columns.size + wanted, np.int32)
    longer[:used] = columns[:used]
    return longer


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def counted_rows(
    keys: NDArray[np.uint64],
    counts: NDArray[np.int64],
    n_columns: int,
    excluded: NDArray[np.int64],
    distinct: bool,
) -> NDArray[np.int32]:
    """`counts[row]` random columns of each row, distinct or with replacement, in random order.

    Distinct columns are drawn again while they are marked; when more than half of them are wanted, the
    unwanted ones are drawn instead. The caller makes sure that every row has enough columns.
    """
    columns, mark = np.empty(counts.sum(), np.int32), np.full(n_columns, -1, np.int32)
    used = 0
    for row in range(keys.size):
        state, barred = keys[row], excluded[row]
        n_allowed = n_columns - (barred >= 0)
        inverted = distinct and counts[row] > n_allowed // 2
        missing = n_allowed - counts[row] if inverted else counts[row]
        while missing > 0:
            state += _GOLDEN
            column = int(_uniform(state) * n_columns)
            if column == barred or (distinct and mark[column] == row):
                continue
            mark[column] = row
            missing -= 1
            if not inverted:
                columns[used] = column
                used += 1
        if inverted:
            for column in range(n_columns):
                if column != barred and mark[column] != row:
                    columns[used] = column
                    used += 1
    return columns


@njit(cache=True)
def sort_by(
    values: NDArray[np.int32], others: NDArray[np.int32], n_values: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Stable counting sort of the pairs (values, others) by values, each in [0, n_values)."""
    place = np.zeros(n_values + 1, np.int64)
    for value in values:
        place[value + 1] += 1
    place = np.cumsum(place)
    sorted_values, sorted_others = np.empty_like(values), np.empty_like(others)
    for i in range(values.size):
        value = values[i]
        sorted_values[place[value]] = value
        sorted_others[place[value]] = others[i]
        place[value] += 1
    return sorted_values, sorted_others
