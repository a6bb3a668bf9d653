"""Fixed and slow points of a map or a flow, found from many states at once.

Speed        q(x) = 1/2 |F(x) - x|^2 for a map x <- F(x), 1/2 |F(x)|^2 for a flow dx/dt = F(x)
Search       Levenberg-Marquardt on q from every state, each with its own damping: (J'J + damping diag(J'J)) dx = -J' g,
             g = F(x) - x or F(x), J = dg/dx. It ends at a fixed point (q = 0) or at a slow point, a minimum with q > 0
Stability    eigenvalues of dF/dx: a map is stable with all |eigenvalue| < 1, a flow with all real parts < 0
Units        those of the state
Source       Sussillo & Barak (2013), Neural Computation 25:626
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._jacobian import batched_central_differences
from neurocl.analysis._kinds import need_function
from neurocl.core._checks import positive_number, whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown

__all__ = ["FixedPoints", "find_fixed_points"]

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

KINDS = ("map", "flow")
LARGEST_DAMPING = 1e12
"""At this damping no step, however short, lowers q: the state lies at a minimum."""
SMALLEST_Q = 1e-28
SMALLEST_STEP = 1e-9
"""The search ends at this q, or this length of a step relative to the state."""


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """Different points found, sorted by q.

    Attributes
    ----------
    points : float64 [point, n].
    q : float64 [point], the speed that is left.
    is_fixed : bool [point], q <= tolerance; the others are slow points.
    eigenvalues : complex128 [point, n] of dF/dx, the least stable first.
    n_unstable : int [point], number of directions that do not shrink.
    n_starts : int [point], how many of the initial states led there.
    kind : "map" or "flow".
    """

    points: Floats
    q: Floats
    is_fixed: NDArray[np.bool_]
    eigenvalues: NDArray[np.complex128]
    n_unstable: NDArray[np.int64]
    n_starts: NDArray[np.int64]
    kind: str

    @property
    def is_stable(self) -> NDArray[np.bool_]:
        """Whether each point has no unstable direction, bool [point]; stable fixed points are attractors."""
        return self.n_unstable == 0

    def __len__(self) -> int:
        return len(self.points)

    def __str__(self) -> str:
        fixed, stable = self.is_fixed, self.is_fixed & self.is_stable
        return (
            f"{fixed.sum()} fixed points of the {self.kind} ({stable.sum()} stable),"
            f" {len(self) - fixed.sum()} slow points, reached from {self.n_starts.sum()} states"
        )


def find_fixed_points(
    function: Function,
    states: ArrayLike,
    *,
    kind: str = "map",
    jacobian: Function | None = None,
    tolerance: float = 1e-20,
    merge_distance: float = 1e-4,
    slowest: float = 1e-2,
    max_iterations: int = 200,
) -> FixedPoints:
    """Minimise q from many states and return the different points.

    Parameters
    ----------
    function : batched F: states [batch, n] -> [batch, n], each row on its own.
    states : where the search starts, [batch, n]; for a network, states that it visits (200, say).
    kind : "map" (default) or "flow".
    jacobian : batched dF/dx, [batch, n] -> [batch, n, n]. Default: central differences, 2 n more states per call.
    tolerance : largest q of a fixed point.
    merge_distance : points nearer than this (Euclidean) are one.
    slowest : slow points with a larger q are dropped: the search ended away from any slow region.
    max_iterations : steps of the search. States that are still on their way then are dropped too: q may fall for ever
        towards infinity.

    Raises
    ------
    NeuroclError
        If the states are not [batch, n] or `function` returns another shape or NaN there.

    Examples
    --------
    >>> found = find_fixed_points(lambda x: x - x**3, [[-2.0], [0.1], [2.0]], kind="flow")
    >>> np.abs(found.points.ravel()).round(6), found.is_stable
    (array([1., 0., 1.]), array([ True, False,  True]))
    """
    if kind not in KINDS:
        raise NeuroclError(f"find_fixed_points: kind must be 'map' or 'flow', got {shown(kind)}.")
    need_function("find_fixed_points", "function", function)
    if jacobian is not None:
        need_function("find_fixed_points", "jacobian", jacobian)
    limits = {"tolerance": tolerance, "merge_distance": merge_distance, "slowest": slowest}
    for name, value in limits.items():
        positive_number("find_fixed_points", name, value)
    max_iterations = whole_number("find_fixed_points", "max_iterations", max_iterations, at_least=1)
    start = _checked_states(function, states)
    derivative = jacobian or (lambda x: batched_central_differences(function, x))
    expected = (*start.shape, start.shape[1])
    shape = np.shape(derivative(start))
    if shape != expected:
        raise NeuroclError(
            f"find_fixed_points: jacobian must return {list(expected)} for these states, got {list(shape)}."
        )
    x, q, has_ended = _minimise(function, derivative, start, kind == "map", max_iterations)
    found = (q <= tolerance) | (has_ended & (q <= slowest))
    points, q, n_starts = _merged(x[found], q[found], merge_distance)
    eigenvalues, n_unstable = _stability(derivative(points) if len(points) else np.zeros(expected)[:0], kind)
    return FixedPoints(points, q, q <= tolerance, eigenvalues, n_unstable, n_starts, kind)


def _stability(jacobians: Floats, kind: str) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Eigenvalues, the least stable first, and how many do not shrink."""
    eigenvalues = np.linalg.eigvals(jacobians).astype(np.complex128)
    growth = np.abs(eigenvalues) - 1.0 if kind == "map" else eigenvalues.real
    order = np.argsort(-growth, axis=1, kind="stable")
    return np.take_along_axis(eigenvalues, order, axis=1), np.count_nonzero(growth >= 0.0, axis=1)


def _checked_states(function: Function, states: ArrayLike) -> Floats:
    x = np.array(states, dtype=np.float64) if is_numeric(states) else np.zeros(0)
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise NeuroclError(f"find_fixed_points: states must be finite numbers [batch, n], got {shown(states)}.")
    values = np.asarray(function(x.copy()))
    if values.shape != x.shape:
        raise NeuroclError(
            f"find_fixed_points: function must return the shape of the states, {list(x.shape)},"
            f" got {list(values.shape)}; it is called with all states at once."
        )
    if not np.isfinite(values).all():
        raise NeuroclError("find_fixed_points: function returns NaN or infinity at an initial state; start elsewhere.")
    return x


def _minimise(
    function: Function, derivative: Function, x: Floats, is_map: bool, max_iterations: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The states after the search, their q, and whether each search came to its end."""

    def residual(states: Floats) -> Floats:
        return np.asarray(function(states), dtype=np.float64) - (states if is_map else 0.0)

    identity = np.eye(x.shape[1])
    g = residual(x)
    q = 0.5 * (g * g).sum(axis=1)
    damping = np.full(len(x), 1e-3)
    has_ended = q <= SMALLEST_Q
    for _ in range(max_iterations):
        active = np.flatnonzero(~has_ended)
        if not active.size:
            break
        J = np.asarray(derivative(x[active]), dtype=np.float64) - (identity if is_map else 0.0)
        gradient = np.einsum("bij,bi->bj", J, g[active])
        squares = np.swapaxes(J, 1, 2) @ J
        # A floor relative to the largest entry keeps flat directions solvable.
        scale = np.einsum("bii->bi", squares)
        scale = np.maximum(scale, 1e-12 * scale.max(axis=1, keepdims=True) + 1e-300)
        damped = squares + (damping[active, None] * scale)[:, :, None] * identity
        moved = x[active] - np.linalg.solve(damped, gradient[:, :, None])[:, :, 0]
        with np.errstate(over="ignore", invalid="ignore"):
            g_moved = residual(moved)
            q_moved = 0.5 * (g_moved * g_moved).sum(axis=1)
        better = q_moved < q[active]  # False for NaN
        damping[active] = np.where(better, np.maximum(damping[active] / 10.0, 1e-12), damping[active] * 10.0)
        size = 1.0 + np.linalg.norm(moved, axis=1)
        is_short = np.linalg.norm(moved - x[active], axis=1) <= SMALLEST_STEP * size
        kept = active[better]
        x[kept], g[kept], q[kept] = moved[better], g_moved[better], q_moved[better]
        has_ended[active] = is_short | (damping[active] >= LARGEST_DAMPING) | (q[active] <= SMALLEST_Q)
    return x, q, has_ended


def _merged(x: Floats, q: Floats, distance: float) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The slowest point of each cluster, its q, and the number of states in it; sorted by q, then by the state."""
    left = np.argsort(q, kind="stable")
    chosen, sizes = [], []
    while left.size:
        near = np.linalg.norm(x[left] - x[left[0]], axis=1) <= distance
        chosen.append(left[0])
        sizes.append(np.count_nonzero(near))
        left = left[~near]
    index, n_starts = np.array(chosen, dtype=np.int64), np.array(sizes, dtype=np.int64)
    # Below 1e-20 q is rounding, which must not decide on the order.
    order = np.lexsort((*x[index].T[::-1], np.log10(np.maximum(q[index], 1e-20)).round()))
    return x[index][order], q[index][order], n_starts[order]
