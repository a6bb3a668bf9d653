"""Compiled recall of dense associative memories: patterns column by column, overlaps kept.

The exact field of unit i is sum_mu xi_i [F(S + 1) - F(S - 1)] with S = T_mu - xi_i s_i and T_mu = sum_j xi_j s_j, for
xi_i and s_i are +-1. S is a whole number, so that the bracket g is read from a table. For F = exp only ratios matter:
g is then a table of exp(-k), k >= 0, and S is counted from the largest S of all patterns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.memory._order import shuffle

__all__ = ["relax_dense", "step_dense"]


@njit(cache=True, nogil=True)
def _field(column: Any, overlaps: Any, own: Any, table: Any, relative: bool) -> float:
    top = 0
    if relative:
        top = -(2**31)
        for mu in range(column.size):
            top = max(top, overlaps[mu] - column[mu] * own)
    middle = table.size // 2
    total = 0.0
    for mu in range(column.size):
        s = overlaps[mu] - column[mu] * own
        total += column[mu] * (table[top - s] if relative else table[s + middle])
    return total


@njit(cache=True, nogil=True)
def relax_dense(
    columns: Any, overlaps: Any, state: Any, table: Any, relative: bool, stream: Any, max_sweeps: int
) -> tuple[int, bool]:
    """Align the units one by one, in random order, until a sweep flips none.

    `columns` [unit, pattern] and `state` are int8, `overlaps` int32 [pattern] are kept up to date.
    """
    order = np.arange(state.size)
    for sweep in range(max_sweeps):
        shuffle(order, stream)
        flips = 0
        for i in order:
            column = columns[i]
            if _field(column, overlaps, np.int32(state[i]), table, relative) * state[i] < 0.0:
                state[i] = -state[i]
                flips += 1
                change = 2 * np.int32(state[i])
                for mu in range(column.size):
                    overlaps[mu] += change * column[mu]
        if flips == 0:
            return sweep + 1, True
    return max_sweeps, False


@njit(cache=True, nogil=True)
def step_dense(columns: Any, overlaps: Any, state: Any, table: Any, relative: bool, fields: Any) -> None:
    """The fields of all units in one state."""
    for i in range(state.size):
        fields[i] = _field(columns[i], overlaps, np.int32(state[i]), table, relative)
