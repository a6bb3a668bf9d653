"""Synchronous recall of a batch: all units at once, until rest, a cycle of two, or the last step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["glauber_steps", "parallel_steps"]

States = NDArray[np.int8]


def parallel_steps(fields: Callable[[States], Any], state: States, max_steps: int) -> tuple[States, Any, Any]:
    """Apply s <- sgn(h(s)), where a field of 0 keeps the unit, to each row until it repeats.

    Parameters
    ----------
    fields : h of a batch of states.
    state : [row, unit] of -1 and +1.
    max_steps : most updates.

    Returns
    -------
    states, updates made, and period: 1 at rest, 2 in a cycle, 0 if still changing.
    """
    state = state.copy()
    steps, cycle = np.zeros(len(state), dtype=np.int64), np.zeros(len(state), dtype=np.int64)
    before = state.copy()
    running = np.arange(len(state))
    for step in range(max_steps):
        if not running.size:
            break
        now = state[running]
        h = fields(now)
        new = np.where(h > 0, np.int8(1), np.where(h < 0, np.int8(-1), now))
        rest = (new == now).all(axis=1)
        # The first step has no state before the last: a row is compared with its own cue, which is no cycle.
        alternates = (new == before[running]).all(axis=1) & ~rest & (step > 0)
        before[running], state[running] = now, new
        steps[running] += 1
        cycle[running] = np.where(rest, 1, np.where(alternates, 2, 0))
        running = running[~(rest | alternates)]
    return state, steps, cycle


def glauber_steps(
    fields: Callable[[States], Any],
    state: States,
    beta: float,
    generators: Sequence[np.random.Generator],
    max_steps: int,
) -> States:
    """Apply P(s_i = +1) = 1 / (1 + exp(-2 beta h_i)) to all units at once, `max_steps` times; one generator per row."""
    state = state.copy()
    for _ in range(max_steps):
        uniform = np.stack([generator.random(state.shape[1]) for generator in generators])
        up = uniform < 0.5 + 0.5 * np.tanh(beta * fields(state))
        state = np.where(up, np.int8(1), np.int8(-1))
    return state
