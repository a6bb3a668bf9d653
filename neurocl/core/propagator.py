"""Exact steps of linear systems: matrix exponentials, computed at build (Rotter & Diesmann 1999)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core.expressions import evaluate

__all__ = ["Propagator"]


@dataclass(frozen=True)
class Propagator:
    """A linear subsystem dx/dt = A x + b with white noise; its matrices become numbers at build.

    `held[k]` says that state k holds while refractory: a second matrix, with those rows of A zeroed, then advances
    the states that depend on it.
    """

    states: tuple[str, ...]
    matrix: tuple[tuple[sympy.Expr, ...], ...]
    noise: tuple[sympy.Expr | None, ...]
    held: tuple[bool, ...]

    def reach(self) -> NDArray[np.bool_]:
        """reach[x, y]: state y influences state x within a step (pattern of exp(A dt))."""
        pattern = np.array([[entry != 0 for entry in row] for row in self.matrix]) | np.eye(
            len(self.states), dtype=bool
        )
        for _ in self.states:
            pattern = pattern | (pattern.astype(int) @ pattern.astype(int) > 0)
        return np.asarray(pattern)

    def needs_refractory(self, index: int) -> bool:
        """Whether state `index` runs free while a state it depends on holds."""
        return not self.held[index] and any(h and r for h, r in zip(self.held, self.reach()[index], strict=True))

    def coefficients(self, values: Mapping[str, Any], dt: float) -> dict[str, NDArray[np.float64]]:
        """Numbers for the symbols ``_P_x__y`` (step), ``_H_x__y`` (half step), ``_R_x__y`` and ``_RH_x__y`` (the same
        while refractory), ``_Q_x__y``, ``_HQ_x__y``, ``_RQ_x__y``, ``_RHQ_x__y`` (for inputs) and ``_S_x`` (noise);
        arrays for array parameters."""
        entries = [[evaluate(entry, values) for entry in row] for row in self.matrix]
        shape = np.broadcast_shapes(*(np.shape(entry) for row in entries for entry in row))
        a = np.stack([np.stack([np.broadcast_to(entry, shape) for entry in row], -1) for row in entries], -2)
        held = np.where(np.array(self.held)[:, None], 0.0, a)
        result: dict[str, NDArray[np.float64]] = {}
        variants = [("", a, dt), ("H", a, dt / 2)]
        if any(self.needs_refractory(x) for x in range(len(self.states))):
            variants += [("R", held, dt), ("RH", held, dt / 2)]
        for prefix, matrix, step in variants:
            p, q = _exponential(matrix, step)
            for x, row in enumerate(self.states):
                for y, column in enumerate(self.states):
                    if prefix in ("R", "RH") and self.held[y]:
                        q[..., x, y] = 0.0
                    result[f"_{prefix or 'P'}_{row}__{column}"] = p[..., x, y]
                    result[f"_{prefix}Q_{row}__{column}"] = q[..., x, y]
        for x, (name, noise) in enumerate(zip(self.states, self.noise, strict=True)):
            if noise is not None:
                z = 2.0 * a[..., x, x] * dt
                variance = dt * np.where(z == 0, 1.0, np.expm1(z) / np.where(z == 0, 1.0, z))
                result[f"_S_{name}"] = evaluate(noise, values) * np.sqrt(variance)
        return result


def _exponential(a: NDArray[np.float64], step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """exp(A step) and its integral, from one exponential of the augmented matrix (no inverse of A is needed)."""
    from scipy.linalg import expm  # loaded here: it costs import time that a cached run can spare

    n = a.shape[-1]
    rows, where = np.unique(a.reshape(-1, n * n), axis=0, return_inverse=True)
    block = np.zeros((len(rows), 2 * n, 2 * n))
    block[:, :n, :n] = rows.reshape(-1, n, n)
    block[:, :n, n:] = np.eye(n)
    exponential = expm(block * step)[where.reshape(a.shape[:-2])]
    return exponential[..., :n, :n], exponential[..., :n, n:].copy()
