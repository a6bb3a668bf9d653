"""The small quadratic program of gradient episodic memory.

Equation     minimise 1/2 v' (P + eps I) v + q' v   subject to   v >= margin,   P = G G',  q = G g
             With u = v - margin this is a non-negative least-squares problem, solved exactly by an active set.
Source       Lopez-Paz & Ranzato (2017), NeurIPS; Lawson & Hanson (1974), Solving Least Squares Problems, ch. 23.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["solve_lower_bounded"]


def solve_lower_bounded(
    P: NDArray[np.float64], q: NDArray[np.float64], margin: float = 0.0, eps: float = 0.0
) -> NDArray[np.float64]:
    """The minimiser v [n] for a positive semidefinite P [n, n].

    Raises
    ------
    NeuroclError
        If P or q is not finite.
    """
    if not (np.isfinite(P).all() and np.isfinite(q).all()):
        raise NeuroclError("GEM: the gradients are not finite; lower the learning rate or look for NaN in the data.")
    n = len(q)
    A = P + eps * np.eye(n)
    c = q + A @ np.full(n, margin)
    u, free = np.zeros(n), np.zeros(n, dtype=bool)
    tolerance = 1e-12 * max(1.0, float(np.abs(c).max()))
    for _ in range(10 * n + 10):  # each round lowers the objective, so that no set of free variables comes twice
        slope = -(A @ u + c)
        slope[free] = -np.inf
        best = int(slope.argmax())
        if slope[best] <= tolerance:
            break
        free[best] = True
        u, free = _descend(A, c, u, free)
    return u + margin


def _descend(
    A: NDArray[np.float64], c: NDArray[np.float64], u: NDArray[np.float64], free: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Go to the minimum over the free variables; those that reach 0 on the way are fixed there."""
    while free.any():
        wanted = np.zeros_like(u)
        # Least squares instead of a solver: equal gradients of two tasks make A singular when eps is 0.
        wanted[free] = np.linalg.lstsq(A[np.ix_(free, free)], -c[free], rcond=None)[0]
        crossing = free & (wanted <= 0.0)
        if not crossing.any():
            return wanted, free
        steps = u[crossing] / np.maximum(u[crossing] - wanted[crossing], 1e-300)
        u = u + float(steps.min()) * (wanted - u)
        free = free & (u > 1e-15)
        u = np.where(free, u, 0.0)
    return u, free
