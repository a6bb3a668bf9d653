"""The grid of time steps that every simulated time lies on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["MOST_STEPS", "to_steps"]

MOST_STEPS = 2**53
"""Beyond it a float cannot tell a step from the next."""


def to_steps(value: Any, dt: float, where: str, what: str) -> NDArray[np.int64]:
    """Times in ms as whole numbers of steps; anything else is an error that says so."""
    times = np.asarray(value, dtype=np.float64)
    # Infinity and what no whole number can hold become NaN, which fails the comparison below.
    steps = np.where(np.abs(times) <= MOST_STEPS * dt, times, np.nan) / dt
    rounded = np.rint(steps)
    # The tolerance forgives the rounding of decimal fractions such as 0.1, not a time between two steps.
    is_wrong = ~(np.abs(steps - rounded) <= np.clip(1e-6 * np.abs(rounded), 1e-6, 0.01)) | (rounded < 0)
    if is_wrong.any():
        wrong = times[is_wrong].flat[0] if times.ndim else float(times)
        raise NeuroclError(
            f"{where}: {what} must be a whole number of steps of dt = {dt:g} ms, zero or more; got {wrong:g} ms"
        )
    return rounded.astype(np.int64)
