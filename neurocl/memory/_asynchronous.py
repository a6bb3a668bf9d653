"""Compiled asynchronous recall of a pairwise network: units one by one, in a fresh random order in each sweep.

The fields h = W s are kept: a unit that flips by delta = +-2 adds delta W[i] to them, which costs N where the field of
one unit from scratch costs as much for every unit that is only looked at. Whole-number weights keep the fields exact.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from neurocl.memory._order import draw, shuffle

__all__ = ["relax", "sample"]


@njit(cache=True, nogil=True)
def _flip(i: int, weights: Any, fields: Any, state: Any) -> None:
    state[i] = -state[i]
    row = weights[i]
    if state[i] > 0:
        for j in range(row.size):
            fields[j] += row[j] + row[j]
    else:
        for j in range(row.size):
            fields[j] -= row[j] + row[j]


@njit(cache=True, nogil=True)
def relax(
    weights: Any, fields: Any, state: Any, scale: float, bias: Any, coin: bool, stream: Any, max_sweeps: int
) -> tuple[int, bool]:
    """Temperature 0: align each unit with scale h_i + b_i until a sweep flips nothing.

    A unit without field keeps its state; with `coin` it is set by a fair coin instead, which does not count as a
    change. Returns the sweeps made, and whether the last one changed nothing.
    """
    order = np.arange(state.size)
    for sweep in range(max_sweeps):
        shuffle(order, stream)
        flips = 0
        for i in order:
            field = scale * fields[i] + bias[i]
            if field * state[i] < 0.0:
                _flip(i, weights, fields, state)
                flips += 1
            elif coin and field == 0.0 and draw(stream) < 0.5:
                _flip(i, weights, fields, state)
        if flips == 0:
            return sweep + 1, True
    return max_sweeps, False


@njit(cache=True, nogil=True)
def sample(
    weights: Any, fields: Any, state: Any, scale: float, bias: Any, beta: float, stream: Any, sweeps: int
) -> None:
    """Temperature 1 / beta: each unit is +1 with probability 1 / (1 + exp(-2 beta (scale h_i + b_i)))."""
    order = np.arange(state.size)
    for _ in range(sweeps):
        shuffle(order, stream)
        for i in order:
            field = scale * fields[i] + bias[i]
            up = draw(stream) < 0.5 + 0.5 * math.tanh(beta * field)
            if up != (state[i] > 0):
                _flip(i, weights, fields, state)
