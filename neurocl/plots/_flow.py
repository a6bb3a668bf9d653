"""The two derivatives of a model in a plane of two of its states, and the equilibria in that plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core._checks import finite_number
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in, suggest
from neurocl.core.model import NeuronModel

SEEDS = 80
"""Cells per side of the grid that is searched for equilibria; two in one cell count as one."""


@dataclass(frozen=True)
class Equilibrium:
    """A point where both derivatives are 0, stable if both eigenvalues of the Jacobian have negative real parts."""

    x: float
    y: float
    is_stable: bool


@dataclass(frozen=True, eq=False)
class Flow:
    """The vector field (dx/dt, dy/dt) of a model in the plane of its states `x` and `y`, all else fixed."""

    x: str
    y: str
    derivatives: tuple[sympy.Expr, sympy.Expr]
    values: Mapping[str, float]

    def __call__(self, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both derivatives, in units of the states per ms, in the shape of x and y; NaN where they overflow."""
        here = {**self.values, self.x: np.asarray(x, np.float64), self.y: np.asarray(y, np.float64)}
        with np.errstate(all="ignore"):
            fields = [np.broadcast_to(evaluate(d, here), np.shape(x)).astype(np.float64) for d in self.derivatives]
        dx, dy = (np.where(np.isfinite(field), field, np.nan) for field in fields)
        return dx, dy

    def equilibria(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> list[Equilibrium]:
        """Return the equilibria in a rectangle, by x; those closer together than a cell of the search are one."""
        from scipy.optimize import root

        low = np.array([x_range[0], y_range[0]])
        size = np.array([x_range[1], y_range[1]]) - low
        speed = np.array([_scale(field) for field in self(*_grid(x_range, y_range, SEEDS + 1))])

        def scaled(point: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.array([float(d) for d in self(*(low + point * size))]) / speed

        found: list[NDArray[np.float64]] = []
        for seed in self._seeds(x_range, y_range):
            solution = root(scaled, seed)
            inside = np.all((solution.x >= 0.0) & (solution.x <= 1.0))
            known = any(np.abs(solution.x - other).max() < 1.0 / SEEDS for other in found)
            if inside and not known and np.abs(scaled(solution.x)).max() < 1e-9:
                found.append(solution.x)
        points = sorted((low + point * size for point in found), key=lambda point: float(point[0]))
        return [Equilibrium(float(p[0]), float(p[1]), self._is_stable(p, size)) for p in points]

    def _seeds(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> NDArray[np.float64]:
        """Return the middles, in the unit square, of the cells at whose corners both derivatives change their signs."""
        crossed = np.ones((SEEDS, SEEDS), dtype=bool)
        for field in self(*_grid(x_range, y_range, SEEDS + 1)):
            corners = np.stack([field[:-1, :-1], field[:-1, 1:], field[1:, :-1], field[1:, 1:]])
            crossed &= (corners.min(axis=0) <= 0.0) & (corners.max(axis=0) >= 0.0)
        rows, columns = np.nonzero(crossed)
        return (np.stack([columns, rows], axis=1) + 0.5) / SEEDS

    def _is_stable(self, point: NDArray[np.float64], size: NDArray[np.float64]) -> bool:
        jacobian = np.empty((2, 2))
        for k, step in enumerate(1e-5 * size):
            shift = np.eye(2)[k] * step
            above, below = np.array(self(*(point + shift))), np.array(self(*(point - shift)))
            jacobian[:, k] = (above - below) / (2.0 * step)
        return bool(np.isfinite(jacobian).all() and np.linalg.eigvals(jacobian).real.max() < 0.0)


def flow_of(model: NeuronModel, x: str, y: str, values: Mapping[str, Any]) -> Flow:
    """Return the vector field of `model` in the plane (x, y); `values` overrides parameters and fixes other states.

    A synaptic state that decays by itself is 0 unless given. Noise is left out.
    """
    where = f"phase_plane: model '{model.name}'"
    states = model.parsed.equations.states
    for name in (x, y):
        if name not in states:
            raise NeuroclError(f"{where} has no state '{name}'{suggest(name, states)}")
        if states[name].derivative is None:
            raise NeuroclError(
                f"{where}: state '{name}' has no differential equation, it is changed by statements only; "
                "choose a model that is written as differential equations."
            )
    for name in values:
        if name in (x, y) or name not in {*states, *model.parameters, "t", "dt", "i"}:
            raise NeuroclError(f"{where} has no parameter or other state '{name}'{suggest(name, model.parameters)}")
    derivatives = tuple(_without_noise(states[name].derivative) for name in (x, y))
    resting = {name: 0.0 for name, state in states.items() if _rests_at_zero(name, state.derivative, model.parameters)}
    given = {name: finite_number(where, name, value) for name, value in values.items()}
    numbers = {**model.parameters, **resting, **given}
    needed = set().union(*(names_in(derivative) for derivative in derivatives)) - {x, y}
    for name in sorted(needed - set(numbers)):
        what = "random numbers" if name.startswith("_") else f"'{name}' too"
        remedy = "so it cannot be drawn" if name.startswith("_") else f"fix it, for instance {name}=0.0"
        raise NeuroclError(f"{where}: the plane of '{x}' and '{y}' depends on {what}; {remedy}.")
    return Flow(x, y, (derivatives[0], derivatives[1]), numbers)


def _rests_at_zero(name: str, derivative: sympy.Expr | None, parameters: Mapping[str, float]) -> bool:
    """Tell whether a state, such as a synaptic current, depends on itself only and stays 0 without input."""
    if derivative is None or not names_in(derivative) <= {name, *parameters}:
        return False
    return float(evaluate(derivative, {**parameters, name: 0.0})) == 0.0


def _without_noise(derivative: Any) -> sympy.Expr:
    noise = {name for name in names_in(derivative) if name == "xi" or name.startswith("xi_")}
    result: sympy.Expr = derivative.xreplace({sympy.Symbol(name): sympy.Float(0.0) for name in noise})
    return result


def _grid(x_range: tuple[float, float], y_range: tuple[float, float], n: int) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = np.meshgrid(np.linspace(*x_range, n), np.linspace(*y_range, n))
    return x, y


def _scale(field: NDArray[np.float64]) -> float:
    """Return a typical size of a derivative: the median, because an exponential upstroke has a huge maximum."""
    return float(np.nanmedian(np.abs(field))) or 1.0
