"""The compiled time loops of the neurons of `neurocl.nn.linear_form`, forward and backward.

One sample after the other runs through all its steps, so that its states stay in the cache; every inner loop runs over
a row of neurons without a branch, for LLVM to vectorise. `rows` holds the coefficients, one row [n] for each of `ROWS`.
An input that is held constant has one step, `x.shape[0] == 1`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["SURROGATE_CODES", "run_backward", "run_forward"]

SURROGATE_CODES = {"fast_sigmoid": 0, "atan": 1, "sigmoid": 2, "triangle": 3, "straight_through_estimator": 4}
"""Number of each surrogate in the backward loop; -1 stands for one whose derivative is given as an array."""

# float32 sums may be reordered, but NaN and infinity keep their meaning, for they are looked for afterwards.
_OPTIONS: Any = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "arcp", "nsz"}}


@njit(**_OPTIONS)
def run_forward(
    x: Any, rows: Any, limit: Any, hold: Any, has_current: bool, v: Any, i: Any, left: Any,
    potential: Any, spikes: Any, active: Any, current: Any,
) -> None:  # fmt: skip
    """Fill `spikes` and `potential` (u before the reset), [time, batch, n]; `v`, `i`, `left` [batch, n] are the states.

    Parameters
    ----------
    limit : [n]; a spike where u > limit.
    hold : refractory steps, [n]; `left` the steps that are left of them. Empty if no neuron is refractory.
    active, current : where a neuron was not refractory, and j, [time, batch, n]; not written if empty.
    """
    n_steps, batch, n = spikes.shape
    p, q, g, c, h, d, e, a, r = rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[8], rows[9]
    drive = np.empty(n, rows.dtype)
    one, zero = rows.dtype.type(1), rows.dtype.type(0)
    for b in range(batch):
        row_v, row_i = v[b], i[b]
        for t in range(n_steps):
            row_x = x[t if x.shape[0] > 1 else 0, b]
            row_u, row_z = potential[t, b], spikes[t, b]
            for k in range(n):
                drive[k] = g[k] * row_x[k] + c[k]
            if has_current:
                if current.size:
                    row_j = current[t, b]
                    for k in range(n):
                        row_j[k] = row_i[k] + h[k] * row_x[k]
                for k in range(n):
                    j = row_i[k] + h[k] * row_x[k]
                    drive[k] += q[k] * j
                    row_i[k] = d[k] * j + e[k]
            if hold.size:
                row_on, row_left = active[t, b], left[b]
                for k in range(n):
                    is_active = row_left[k] == 0
                    u = p[k] * row_v[k] + drive[k] if is_active else row_v[k]
                    fires = is_active & (u > limit[k])
                    row_on[k] = is_active
                    row_u[k] = u
                    row_z[k] = one if fires else zero
                    row_v[k] = a[k] * u + r[k] if fires else u
                    row_left[k] = hold[k] if fires else max(row_left[k] - 1, 0)
            else:
                for k in range(n):
                    u = p[k] * row_v[k] + drive[k]
                    fires = u > limit[k]
                    row_u[k] = u
                    row_z[k] = one if fires else zero
                    row_v[k] = a[k] * u + r[k] if fires else u


@njit(**_OPTIONS)
def _fill_slope(code: int, scale: float, u: Any, threshold: Any, slope: Any) -> None:
    """The surrogate's derivative at u - threshold, for a row of neurons."""
    number = u.dtype.type
    k, one, zero = number(scale), number(1), number(0)
    if code == 0:
        for m in range(u.size):
            below = one + k * abs(u[m] - threshold[m])
            slope[m] = one / (below * below)
    elif code == 1:
        half = number(0.5) * k
        for m in range(u.size):
            y = number(np.pi) * half * (u[m] - threshold[m])
            slope[m] = half / (one + y * y)
    elif code == 2:
        for m in range(u.size):
            s = one / (one + np.exp(-k * (u[m] - threshold[m])))
            slope[m] = k * s * (one - s)
    elif code == 3:
        for m in range(u.size):
            height = one - k * abs(u[m] - threshold[m])
            slope[m] = k * height if height > zero else zero
    else:
        slope[:] = one


@njit(**_OPTIONS)
def run_backward(
    rows: Any, has_current: bool, through_reset: bool, code: int, scale: float, slopes: Any,
    potential: Any, spikes: Any, active: Any, given: Any, to_v: Any, to_i: Any, to_x: Any, traces: Any,
) -> None:  # fmt: skip
    """Gradients from the last step to the first.

    Parameters
    ----------
    through_reset : whether gradients flow through the spike into the reset.
    code, scale : the surrogate; `slopes` its derivative [time, batch, n] if the code is -1, else empty.
    given : gradient of the spikes, [time, batch, n].
    to_v, to_i : gradients of the states, [batch, n]: of the last ones when called, of the first ones afterwards.
    to_x : gradient of the input, filled; zeros when called if the input was held constant.
    traces : [4, time, batch, n], gradients of the drive, the threshold (negative), the membrane and the current after
        each step, from which those of the coefficients are made; not written if empty.
    """
    n_steps, batch, n = spikes.shape
    p, q, g, h, d, th, a, r = rows[0], rows[1], rows[2], rows[4], rows[5], rows[7], rows[8], rows[9]
    slope, drive = np.empty(n, rows.dtype), np.empty(n, rows.dtype)
    one, zero = rows.dtype.type(1), rows.dtype.type(0)
    reset = one if through_reset else zero
    is_constant = to_x.shape[0] == 1
    for b in range(batch):
        row_v, row_i = to_v[b], to_i[b]
        for t in range(n_steps - 1, -1, -1):
            row_u, row_z, row_given = potential[t, b], spikes[t, b], given[t, b]
            if code < 0:
                slope[:] = slopes[t, b]
            else:
                _fill_slope(code, scale, row_u, th, slope)
            if active.size:
                row_on = active[t, b]
                for k in range(n):
                    slope[k] = slope[k] if row_on[k] else zero
            if traces.size:
                traces[2, t, b] = row_v
                if has_current:
                    traces[3, t, b] = row_i
                for k in range(n):
                    jump = reset * row_v[k] * ((a[k] - one) * row_u[k] + r[k])
                    traces[1, t, b, k] = (row_given[k] + jump) * slope[k]
            for k in range(n):
                jump = reset * row_v[k] * ((a[k] - one) * row_u[k] + r[k])
                kept = row_v[k] * (one + row_z[k] * (a[k] - one))
                drive[k] = kept + (row_given[k] + jump) * slope[k]
            if active.size:
                for k in range(n):
                    row_v[k] = p[k] * drive[k] if row_on[k] else drive[k]
                    drive[k] = drive[k] if row_on[k] else zero
            else:
                for k in range(n):
                    row_v[k] = p[k] * drive[k]
            if traces.size:
                traces[0, t, b] = drive
            row_x = to_x[0 if is_constant else t, b]
            if has_current:
                for k in range(n):
                    to_j = q[k] * drive[k] + d[k] * row_i[k]
                    row_i[k] = to_j
                    drive[k] = g[k] * drive[k] + h[k] * to_j
            else:
                for k in range(n):
                    drive[k] *= g[k]
            if is_constant:
                for k in range(n):
                    row_x[k] += drive[k]
            else:
                row_x[:] = drive
