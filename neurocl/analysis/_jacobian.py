"""Jacobians of functions given by the user: checked, or by central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RELATIVE_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
"""Of a central difference: balances rounding against curvature, relative error about 1e-10."""


def central_differences(function: Callable[[Floats], Floats], state: Floats) -> Floats:
    """Return the Jacobian [n, n] of `function` at `state` [n], from 2 n calls."""
    columns = []
    for j in range(len(state)):
        ahead, behind = state.copy(), state.copy()
        h = RELATIVE_STEP * max(1.0, abs(float(state[j])))
        ahead[j] += h
        behind[j] -= h
        difference = np.asarray(function(ahead), dtype=np.float64) - np.asarray(function(behind), dtype=np.float64)
        columns.append(difference / (ahead[j] - behind[j]))
    return np.stack(columns, axis=1)


def batched_central_differences(function: Callable[[Floats], Floats], states: Floats) -> Floats:
    """Return the Jacobians [batch, n, n] of a batched function at `states` [batch, n], from one call."""
    batch, n = states.shape
    h = RELATIVE_STEP * np.maximum(1.0, np.abs(states))
    offsets = h[:, :, None] * np.eye(n)  # [batch, which state is moved, n]
    moved = np.stack([states[:, None] + offsets, states[:, None] - offsets])
    values = np.asarray(function(moved.reshape(-1, n)), dtype=np.float64).reshape(2, batch, n, n)
    return np.swapaxes((values[0] - values[1]) / (2.0 * h[:, :, None]), 1, 2)
