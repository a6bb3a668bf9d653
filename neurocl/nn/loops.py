"""The compiled time loops of the neurons of `neurocl.nn.linear_form`, forward and backward.

One sample after the other runs through all its steps, so that its states stay in the cache; every inner loop runs over
a row of neurons without a branch, for LLVM to vectorise. Nothing but the spikes is kept of the way forward: its states
are computed again on the way back, which costs less than to write them to memory and to read them.

x            input, [time, batch, n]; x.shape[0] is 1 if it is held constant
rows         the coefficients, one row [n] for each of `ROWS`
limit        [n]; a spike where u > limit
hold         refractory steps, [n]; empty if no neuron is refractory
v, i, left   states, [batch, n]: membrane, current, refractory steps that are left (both empty where there are none)
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
def _advance(x: Any, rows: Any, limit: Any, hold: Any, v: Any, i: Any, left: Any, drive: Any, u: Any, z: Any) -> None:
    """One step of a row of neurons: the states move on; u before the reset and the spikes z are written.

    A refractory neuron is found afterwards by its u, which is NaN.
    """
    p, q, g, c, h = rows[0], rows[1], rows[2], rows[3], rows[4]
    d, e, a, r = rows[5], rows[6], rows[8], rows[9]
    one, zero = rows.dtype.type(1), rows.dtype.type(0)
    n = x.size
    for k in range(n):
        drive[k] = g[k] * x[k] + c[k]
    if i.size:
        for k in range(n):
            j = i[k] + h[k] * x[k]
            drive[k] += q[k] * j
            i[k] = d[k] * j + e[k]
    if hold.size:
        for k in range(n):
            is_active = left[k] == 0
            moved = p[k] * v[k] + drive[k]
            fires = is_active & (moved > limit[k])
            held = moved if is_active else v[k]
            u[k] = moved if is_active else rows.dtype.type(np.nan)
            z[k] = one if fires else zero
            v[k] = a[k] * moved + r[k] if fires else held
            left[k] = hold[k] if fires else max(left[k] - 1, 0)
    else:
        for k in range(n):
            moved = p[k] * v[k] + drive[k]
            fires = moved > limit[k]
            u[k] = moved
            z[k] = one if fires else zero
            v[k] = a[k] * moved + r[k] if fires else moved


@njit(**_OPTIONS)
def run_forward(
    x: Any, rows: Any, limit: Any, hold: Any, v: Any, i: Any, left: Any, spikes: Any, potential: Any
) -> None:
    """Fill `spikes` and, unless it is empty, `potential` (u before the reset), [time, batch, n]; the states move on."""
    n_steps, batch, n = spikes.shape
    drive, u = np.empty(n, rows.dtype), np.empty(n, rows.dtype)
    for b in range(batch):
        for t in range(n_steps):
            _advance(x[t if x.shape[0] > 1 else 0, b], rows, limit, hold, v[b], i[b], left[b], drive, u, spikes[t, b])
            if potential.size:
                potential[t, b] = u


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
    x: Any, rows: Any, limit: Any, hold: Any, v: Any, i: Any, left: Any, through_reset: bool, code: int, scale: float,
    slopes: Any, given: Any, to_v: Any, to_i: Any, to_x: Any, to_rows: Any,
) -> None:  # fmt: skip
    """Gradients from the last step to the first.

    Parameters
    ----------
    v, i, left : the first states; they are moved on.
    through_reset : whether gradients flow through the spike into the reset.
    code, scale : the surrogate; `slopes` its derivative [time, batch, n] if the code is -1, else empty.
    given : gradient of the spikes, [time, batch, n].
    to_v, to_i : gradients of the states, [batch, n]: of the last ones when called, of the first ones afterwards.
    to_x : gradient of the input, filled; zeros when called if the input was held constant.
    to_rows : gradient of the coefficients in float64, [row, n], zeros when called; not written if empty.
    """
    n_steps, batch, n = given.shape
    p, q, g, h, d = rows[0], rows[1], rows[2], rows[4], rows[5]
    th, a, r = rows[7], rows[8], rows[9]
    kind = rows.dtype
    u, z, before, current = (
        np.empty((n_steps, n), kind), np.empty((n_steps, n), kind), np.empty((n_steps, n), kind),
        np.empty((n_steps, n), kind),
    )  # fmt: skip
    slope, drive = np.empty(n, kind), np.empty(n, kind)
    one, zero = kind.type(1), kind.type(0)
    reset = one if through_reset else zero
    is_constant = to_x.shape[0] == 1
    for b in range(batch):
        row_v, row_i = to_v[b], to_i[b]
        for t in range(n_steps):
            if to_rows.size:
                before[t] = v[b]
                if i.size:
                    current[t] = i[b]
            _advance(x[t if x.shape[0] > 1 else 0, b], rows, limit, hold, v[b], i[b], left[b], drive, u[t], z[t])
        for t in range(n_steps - 1, -1, -1):
            row_u, row_z, row_given = u[t], z[t], given[t, b]
            if code < 0:
                slope[:] = slopes[t, b]
            else:
                _fill_slope(code, scale, row_u, th, slope)
            for k in range(n):
                is_active = row_u[k] == row_u[k]
                jump = reset * row_v[k] * ((a[k] - one) * row_u[k] + r[k])
                kept = row_v[k] * (one + row_z[k] * (a[k] - one))
                moved = kept + (row_given[k] + jump) * slope[k]
                drive[k] = moved if is_active else zero
            row_x = x[t if x.shape[0] > 1 else 0, b]
            if to_rows.size:
                _add_to_rows(
                    rows, row_x, row_u, row_z, before[t], current[t], drive, slope, row_given, row_v, row_i, reset,
                    to_rows,
                )  # fmt: skip
            for k in range(n):
                row_v[k] = p[k] * drive[k] if row_u[k] == row_u[k] else row_v[k]
            if row_i.size:
                for k in range(n):
                    to_j = q[k] * drive[k] + d[k] * row_i[k]
                    row_i[k] = to_j
                    drive[k] = g[k] * drive[k] + h[k] * to_j
            else:
                for k in range(n):
                    drive[k] *= g[k]
            row_to_x = to_x[0 if is_constant else t, b]
            if is_constant:
                for k in range(n):
                    row_to_x[k] += drive[k]
            else:
                row_to_x[:] = drive


@njit(**_OPTIONS)
def _add_to_rows(
    rows: Any, x: Any, u: Any, z: Any, before: Any, current: Any, drive: Any, slope: Any, given: Any, to_v: Any,
    to_i: Any, reset: Any, to_rows: Any,
) -> None:  # fmt: skip
    """Add one step's part to the gradients of the coefficients; `to_v` and `to_i` are those of the states after it."""
    one = rows.dtype.type(1)
    a, r = rows[8], rows[9]
    for k in range(x.size):
        if u[k] == u[k]:
            jump = reset * to_v[k] * ((a[k] - one) * u[k] + r[k])
            to_rows[0, k] += drive[k] * before[k]
            to_rows[2, k] += drive[k] * x[k]
            to_rows[3, k] += drive[k]
            to_rows[7, k] -= (given[k] + jump) * slope[k]
            to_rows[8, k] += to_v[k] * z[k] * u[k]
            to_rows[9, k] += to_v[k] * z[k]
    if to_i.size:
        q, h, d = rows[1], rows[4], rows[5]
        for k in range(x.size):
            j = current[k] + h[k] * x[k]
            to_j = q[k] * drive[k] + d[k] * to_i[k]
            to_rows[1, k] += drive[k] * j
            to_rows[4, k] += to_j * x[k]
            to_rows[5, k] += to_i[k] * j
            to_rows[6, k] += to_i[k]
