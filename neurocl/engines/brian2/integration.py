"""Which of Brian2's own integrators advances a set of equations, if any does.

A referee should compute as independently as possible: wherever Brian2 has the method that the plan chose, the equations
go to Brian2 and its integrator does the rest. Otherwise (a conductance at mid-step, noise with given random numbers,
mixed methods) Brian2 executes the plan's statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.expressions import evaluate
from neurocl.core.integrators import Scheme
from neurocl.core.propagator import Propagator

__all__ = ["choose_method", "integrator_name"]

MOST_SYMBOLIC = 3
"""States that sympy solves together in about a second; the time grows fast beyond."""
SMALLEST_GAP = 1e-3
"""Relative distance of two eigenvalues below which the closed form loses digits (it divides by their difference)."""
SMALL_STEP = 0.03
"""dt / tau up to which RK4 is as good as exact: its error per step is (dt / tau)^5 / 120 = 2e-10."""


def choose_method(schemes: Iterable[Scheme], numbers: Mapping[str, Any], dt: float) -> str | None:
    """Name of Brian2's integrator for the states of all `schemes` together, None if it has none that does the same."""
    used = [scheme for scheme in schemes if scheme.statements]
    methods = {method for scheme in used for method in scheme.methods.values()}
    if not used or any(scheme.draws for scheme in used):
        return None
    if methods == {"euler"}:
        return "euler"
    if not methods <= {"exact", "rk4"}:
        return None
    propagators = [scheme.propagator for scheme in used if scheme.propagator is not None]
    matrices = [_matrices(p, numbers) for p in propagators]
    if methods == {"exact"}:
        few = sum(len(p.states) for p in propagators) <= MOST_SYMBOLIC
        if few and all(_has_closed_form(p, *m) for p, m in zip(propagators, matrices, strict=True)):
            return "exact"
    fastest = max((float(np.abs(np.linalg.eigvals(active)).max()) for active, _ in matrices), default=0.0)
    return "rk4" if fastest * dt <= SMALL_STEP else None


def integrator_name(method: str | None, schemes: Iterable[Scheme]) -> str:
    """`method`, "statements" where the plan's statements are executed, empty if there is nothing to integrate."""
    return (method or "statements") if any(scheme.statements for scheme in schemes) else ""


def _matrices(propagator: Propagator, numbers: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A of dx/dt = A x + b, [neuron, state, state], and the same with the rows of held states zeroed."""
    entries = [[np.asarray(evaluate(entry, numbers), dtype=np.float64) for entry in row] for row in propagator.matrix]
    shape = np.broadcast_shapes((1,), *(entry.shape for row in entries for entry in row))
    active = np.stack([np.stack([np.broadcast_to(entry, shape) for entry in row], -1) for row in entries], -2)
    return active, np.where(np.array(propagator.held)[:, None], 0.0, active)


def _has_closed_form(propagator: Propagator, active: NDArray[np.float64], held: NDArray[np.float64]) -> bool:
    """Whether sympy's solution is simple and accurate: no circle of influences, distinct eigenvalues, none zero.

    Without a circle the eigenvalues are the diagonal. Two held states that depend on each other would make the
    solution 0 / 0 while refractory.
    """
    reach = propagator.reach() & ~np.eye(len(propagator.states), dtype=bool)
    if (reach & reach.T).any() or (reach & np.outer(propagator.held, propagator.held)).any():
        return False
    values = np.diagonal(active, axis1=-2, axis2=-1)
    if (values == 0).any():
        return False
    for diagonal in (values, np.diagonal(held, axis1=-2, axis2=-1)):
        gap = np.abs(diagonal[:, :, None] - diagonal[:, None, :])
        scale = np.maximum(np.abs(diagonal[:, :, None]), np.abs(diagonal[:, None, :]))
        if ((gap <= SMALLEST_GAP * scale) & (reach | reach.T)).any():
            return False
    return True
