"""The coefficients of an exact linear step as differentiable functions of the parameters.

Step         x(t + dt) = P x(t) + Q b,  P = exp(A dt),  Q = int_0^dt exp(A s) ds; the names are those of
             `neurocl.core.propagator`. Computed in float64, from one exponential of the augmented matrix
             [[A, 1], [0, 0]] (for one state in closed form), and rounded to the layer's type.
Source       Rotter & Diesmann (1999), Biol. Cybern. 81:381; Van Loan (1978), IEEE Trans. Autom. Control 23:395.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor

from neurocl.core.propagator import Propagator
from neurocl.nn.tensors import ONE, TensorFunction, tensor_function

__all__ = ["Propagation"]


class Propagation:
    """Computes the coefficients of `propagator` that are named in `used`."""

    def __init__(self, propagator: Propagator, used: Collection[str], dt: float) -> None:
        self.propagator, self.used, self.dt = propagator, frozenset(used), dt
        self.entries: list[list[TensorFunction]] = [[tensor_function(e) for e in row] for row in propagator.matrix]

    def coefficients(self, values: Mapping[str, Any]) -> dict[str, Tensor]:
        """Coefficients by name, each a number or [n].

        Parameters
        ----------
        values : parameters by name, and `ONE`.
        """
        one = values[ONE].double()
        wide = {k: v.double() if isinstance(v, Tensor) and v.is_floating_point() else v for k, v in values.items()}
        rows = [[entry(wide) * one for entry in row] for row in self.entries]
        found: dict[str, Tensor] = {}
        for prefix in ("P", "H", "R", "RH"):
            self._variant(rows, prefix, found)
        return {name: found[name].to(values[ONE].dtype) for name in found if name in self.used}

    def _variant(self, rows: list[list[Tensor]], prefix: str, found: dict[str, Tensor]) -> None:
        states, held = self.propagator.states, self.propagator.held
        is_refractory = prefix.startswith("R")
        integral = "Q" if prefix == "P" else f"{prefix}Q"
        wanted = [f"_{prefix}_{x}__{y}" for x in states for y in states]
        if not self.used & {*wanted, *(f"_{integral}_{x}__{y}" for x in states for y in states)}:
            return
        step = self.dt / 2 if prefix.endswith("H") else self.dt
        a = [[entry * 0 if is_refractory and held[x] else entry for entry in row] for x, row in enumerate(rows)]
        p, q = _exponential(a, step)
        for x, row in enumerate(states):
            for y, column in enumerate(states):
                found[f"_{prefix}_{row}__{column}"] = p[x][y]
                found[f"_{integral}_{row}__{column}"] = q[x][y] * 0 if is_refractory and held[y] else q[x][y]


def _exponential(a: list[list[Tensor]], step: float) -> tuple[Any, Any]:
    """exp(A step) and its integral; entry [x][y] is a number or [n]."""
    m = len(a)
    if m == 1:
        z = a[0][0] * step
        is_zero = z == 0
        safe = torch.where(is_zero, 1.0, z)
        return [[torch.exp(z)]], [[step * torch.where(is_zero, 1.0 + z / 2, torch.expm1(safe) / safe)]]
    shape = torch.broadcast_shapes(*(entry.shape for row in a for entry in row))
    matrix = torch.stack([torch.stack([entry.expand(shape) for entry in row], -1) for row in a], -2)
    unit = torch.eye(m, dtype=matrix.dtype, device=matrix.device).expand(matrix.shape)
    below = torch.zeros_like(matrix)
    block = torch.cat([torch.cat([matrix, unit], -1), torch.cat([below, below], -1)], -2)
    moved = torch.linalg.matrix_exp(block * step).movedim((-2, -1), (0, 1))
    return moved[:m, :m], moved[:m, m:]
