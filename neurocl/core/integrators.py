"""Symbols to one update per step: which scheme advances which state.

Automatic choice (``method=None``), per state:

exact               linear with constant coefficients: x(t + dt) = P x(t) + Q b, P = exp(A dt), Q = int_0^dt exp(A s) ds
                    (matrix exponential, computed at build; Rotter & Diesmann 1999). White noise on such a state has the
                    exact variance of an Ornstein-Uhlenbeck process, sigma^2 (1 - exp(-2 dt/tau)) tau/2.
exponential_euler   linear in itself, with coefficients made of exact states (conductances): the coefficients are taken
                    at mid-step, x' = x + dt (a x + b) exprel(a dt).
rk4                 everything else; exact states enter its stages with their exact values at t, t + dt/2, t + dt.
euler_maruyama      a nonlinear state with white noise, and what depends on it.

A method named by the model is used for all its states; ``exponential_euler`` then takes every non-exact coefficient at
the start of the step (Rush & Larsen 1978), which is first order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy

from neurocl.core.equations import Assign, Equations
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import OPAQUE, Draw, names_in
from neurocl.core.propagator import Propagator

__all__ = ["ACTIVE", "Scheme", "make_scheme"]

ACTIVE = sympy.Symbol("_active")
"""True in the code of a step when the neuron is not refractory."""
_DT, _T = sympy.Symbol("dt"), sympy.Symbol("t")
_WHERE, _EXPREL = OPAQUE["where"], OPAQUE["exprel"]


@dataclass(frozen=True)
class Scheme:
    """One step of a set of equations: statements, the matrices they use, and the method of each state."""

    statements: tuple[Assign, ...] = ()
    propagator: Propagator | None = None
    methods: dict[str, str] = field(default_factory=dict)
    draws: tuple[Draw, ...] = ()


def make_scheme(equations: Equations, where: str, method: str | None, varying: set[str], first_draw: int = 0) -> Scheme:
    """Choose and write the update of `equations`.

    Parameters
    ----------
    equations : the states and their derivatives.
    where : begins error messages.
    method : the model's method, None for the automatic choice.
    varying : names that change between steps from outside (inputs, modulated parameters, neurons' states, draws).
    first_draw : number of random draws that the model already has; noise draws are numbered after them.
    """
    return _Builder(equations, where, method, varying, first_draw).build()


class _Builder:
    def __init__(
        self, equations: Equations, where: str, method: str | None, varying: set[str], first_draw: int
    ) -> None:
        self.where, self.method, self.varying = where, method, varying
        self.states = {n: s for n, s in equations.states.items() if s.derivative is not None}
        self.held = {n for n, s in self.states.items() if s.held}
        self.drift: dict[str, sympy.Expr] = {}
        self.noise: dict[str, dict[str, sympy.Expr]] = {}
        self.draw_of: dict[str, Draw] = {}
        self.first_draw = first_draw
        for name, state in self.states.items():
            self._split_noise(name, state.derivative)
        self.statements: list[Assign] = []
        self.methods: dict[str, str] = {}

    def _split_noise(self, name: str, derivative: sympy.Expr) -> None:
        """derivative = drift + sum of amplitude * xi_k; white noise must enter linearly."""
        sources = sorted(n for n in names_in(derivative) if n == "xi" or n.startswith("xi_"))
        self.noise[name] = {}
        for source in sources:
            is_opaque = _has_opaque_of(derivative, source)
            amplitude = sympy.Integer(0) if is_opaque else sympy.diff(derivative, sympy.Symbol(source))
            if is_opaque or names_in(amplitude) & set(sources):
                raise NeuroclError(f"{self.where}: white noise '{source}' must enter d{name}/dt linearly")
            # Plain xi is a source of its own in every equation, as a user means it.
            key = f"xi_of_{name}" if source == "xi" else source
            self.noise[name][key] = amplitude
            if key not in self.draw_of:
                self.draw_of[key] = Draw("randn", f"_randn_{self.first_draw + len(self.draw_of)}")
        self.drift[name] = derivative.xreplace({sympy.Symbol(s): sympy.Integer(0) for s in sources})

    def build(self) -> Scheme:
        order = list(self.states)
        exact = self._exact_states() if self.method in (None, "exact", "exponential_euler") else []
        if self.method == "exact" and len(exact) < len(order):
            culprit = next(n for n in order if n not in exact)
            raise NeuroclError(
                f"{self.where}: method 'exact' needs linear equations with constant coefficients, d{culprit}/dt is not;"
                " use method=None, 'rk4' or 'exponential_euler'"
            )
        rest = [n for n in order if n not in exact]
        propagator = self._propagator(exact) if exact else None
        if exact and rest:
            self._mid_values(exact, propagator)
        self._advance_rest(rest, exact)
        if propagator:
            self._advance_exact(propagator)
        self.statements += [Assign(n, _new(n)) for n in order]
        return Scheme(
            tuple(self.statements),
            propagator,
            {n: self.methods[n] for n in order},
            tuple(self.draw_of.values()),
        )

    def _exact_states(self) -> list[str]:
        """The largest set of states that is linear, autonomous and closed in itself."""
        chosen = list(self.states)
        while True:
            kept = [n for n in chosen if self._is_linear(n, chosen)]
            if kept == chosen:
                return kept
            chosen = kept

    def _is_linear(self, name: str, among: list[str]) -> bool:
        drift = self.drift[name]
        if "t" in names_in(drift):
            return False
        not_constant = {*self.states, *self.varying, "t", "i"}
        for amplitude in self.noise[name].values():
            if names_in(amplitude) & not_constant:
                return False
        for other in names_in(drift) & set(self.states):
            if other not in among or _has_opaque_of(drift, other):
                return False
            if names_in(sympy.diff(drift, sympy.Symbol(other))) & not_constant:
                return False
        return True

    def _propagator(self, exact: list[str]) -> Propagator:
        matrix = tuple(
            tuple(sympy.diff(self.drift[x], sympy.Symbol(y)) for y in exact) for x in exact
        )  # fmt: skip
        noise = tuple(_common_amplitude(list(self.noise[x].values())) for x in exact)
        return Propagator(tuple(exact), matrix, noise, tuple(x in self.held for x in exact))

    def _offset(self, name: str, exact: list[str]) -> sympy.Expr:
        return self.drift[name].xreplace({sympy.Symbol(y): sympy.Integer(0) for y in exact})

    def _linear_form(self, propagator: Propagator, x: int, prefix: str) -> sympy.Expr:
        """Row x of P x + Q b with the symbols of `prefix`: "P" step, "H" half step, "R", "RH" if refractory."""
        name, q = propagator.states[x], {"P": "Q", "H": "HQ", "R": "RQ", "RH": "RHQ"}[prefix]
        total: sympy.Expr = sympy.Integer(0)
        for y, other in enumerate(propagator.states):
            if not propagator.reach()[x, y]:
                continue
            total += sympy.Symbol(f"_{prefix}_{name}__{other}") * sympy.Symbol(other)
            total += sympy.Symbol(f"_{q}_{name}__{other}") * self._offset(other, list(propagator.states))
        return total

    def _moved(self, propagator: Propagator, x: int, is_half: bool = False) -> sympy.Expr:
        """State x after a step (half a step), whether the states it depends on move or hold."""
        moved = self._linear_form(propagator, x, "H" if is_half else "P")
        if propagator.needs_refractory(x):
            moved = _WHERE(ACTIVE, moved, self._linear_form(propagator, x, "RH" if is_half else "R"))
        return moved

    def _mid_values(self, exact: list[str], propagator: Propagator | None) -> None:
        """Exact values at half a step, for the states that the rest depends on."""
        assert propagator is not None
        used: set[str] = set().union(*(names_in(self.drift[n]) for n in self.states if n not in exact))
        for x, name in enumerate(exact):
            if name in used:
                for label, is_half in (("half", True), ("end", False)):
                    moved = self._moved(propagator, x, is_half)
                    self.statements.append(Assign(f"_{label}_{name}", self._hold(name, moved, sympy.Symbol(name))))

    def _advance_exact(self, propagator: Propagator) -> None:
        for x, name in enumerate(propagator.states):
            full = self._moved(propagator, x)
            if propagator.noise[x] is not None:
                amplitudes = self.noise[name] if len(self.noise[name]) > 1 else dict.fromkeys(self.noise[name], 1)
                drawn = sum(a * sympy.Symbol(self.draw_of[k].symbol) for k, a in amplitudes.items())
                full += sympy.Symbol(f"_S_{name}") * drawn
            self.methods[name] = "exact"
            self.statements.append(Assign(f"_new_{name}", self._hold(name, full, sympy.Symbol(name))))

    def _hold(self, name: str, moved: sympy.Expr, still: sympy.Expr) -> sympy.Expr:
        return _WHERE(ACTIVE, moved, still) if name in self.held else moved

    def _advance_rest(self, rest: list[str], exact: list[str]) -> None:
        if not rest:
            return
        if any(self.noise[n] for n in rest) and self.method not in (None, "euler_maruyama", "euler"):
            raise NeuroclError(
                f"{self.where}: method '{self.method}' cannot integrate white noise; use None or 'euler_maruyama'"
            )
        if self.method is not None:
            steps: dict[str, Callable[[list[str], list[str]], None]] = {
                "exponential_euler": self._exponential_euler, "rk4": self._rk4, "heun": self._heun,
                "euler": self._euler, "euler_maruyama": self._euler,
            }  # fmt: skip
            steps[self.method](rest, exact)
            return
        conditional = self._conditionally_linear(rest, exact)
        other = [n for n in rest if n not in conditional]
        self._exponential_euler(conditional, exact)
        if other:
            (self._euler if any(self.noise[n] for n in other) else self._rk4)(other, exact)

    def _conditionally_linear(self, rest: list[str], exact: list[str]) -> list[str]:
        """States linear in themselves with coefficients of exact states only, and that no other state needs."""
        chosen = []
        for name in rest:
            used = names_in(self.drift[name]) & set(self.states)
            if name not in used:
                continue  # an integral such as dw/dt = c d: RK4 is of higher order and costs no exponential
            is_linear = not _has_opaque_of(self.drift[name], name) and name not in names_in(
                sympy.diff(self.drift[name], sympy.Symbol(name))
            )
            needed = any(name in names_in(self.drift[n]) for n in rest if n != name)
            if used <= {name, *exact} and is_linear and not needed and not self.noise[name]:
                chosen.append(name)
        return chosen

    def _exponential_euler(self, names: list[str], exact: list[str]) -> None:
        middle = {sympy.Symbol(n): sympy.Symbol(f"_half_{n}") for n in exact}
        for name in names:
            x = sympy.Symbol(name)
            is_opaque = _has_opaque_of(self.drift[name], name)
            slope = sympy.Integer(0) if is_opaque else sympy.diff(self.drift[name], x)
            if is_opaque or name in names_in(slope):
                raise NeuroclError(
                    f"{self.where}: method 'exponential_euler' needs d{name}/dt to be linear in '{name}'"
                )
            a, b = slope.xreplace(middle), self.drift[name].xreplace({x: sympy.Integer(0)}).xreplace(middle)
            self.statements.append(Assign(f"_a_{name}", a))
            a = sympy.Symbol(f"_a_{name}")
            moved = x + _DT * (a * x + b) * _EXPREL(a * _DT)
            self.methods[name] = "exponential_euler"
            self.statements.append(Assign(f"_new_{name}", self._hold(name, moved, x)))

    def _stage(
        self,
        k: int,
        names: list[str],
        exact: list[str],
        at: str,
        shift: dict[str, sympy.Expr],
        time: sympy.Expr,
    ) -> list[sympy.Symbol]:
        """Slopes of `names` at a stage: their values in `shift`, exact states at "", "_half_" or "_end_"."""
        values = {sympy.Symbol(n): sympy.Symbol(f"{at}{n}") for n in exact} if at else {}
        for name in names:
            if name in shift:
                self.statements.append(Assign(f"_x{k}_{name}", shift[name]))
                values[sympy.Symbol(name)] = sympy.Symbol(f"_x{k}_{name}")
        values[_T] = time
        slopes = []
        for name in names:
            slope = self.drift[name].xreplace(values)
            self.statements.append(Assign(f"_k{k}_{name}", self._hold(name, slope, sympy.Integer(0))))
            slopes.append(sympy.Symbol(f"_k{k}_{name}"))
        return slopes

    def _rk4(self, names: list[str], exact: list[str]) -> None:
        x = [sympy.Symbol(n) for n in names]
        k1 = self._stage(1, names, exact, "", {}, _T)
        k2 = self._stage(
            2,
            names,
            exact,
            "_half_",
            {n: s + _DT / 2 * k for n, s, k in zip(names, x, k1, strict=True)},
            _T + _DT / 2,
        )
        k3 = self._stage(
            3,
            names,
            exact,
            "_half_",
            {n: s + _DT / 2 * k for n, s, k in zip(names, x, k2, strict=True)},
            _T + _DT / 2,
        )
        k4 = self._stage(
            4, names, exact, "_end_", {n: s + _DT * k for n, s, k in zip(names, x, k3, strict=True)}, _T + _DT
        )
        for name, s, a, b, c, d in zip(names, x, k1, k2, k3, k4, strict=True):
            self.methods[name] = "rk4"
            self.statements.append(Assign(f"_new_{name}", s + _DT / 6 * (a + 2 * b + 2 * c + d)))

    def _heun(self, names: list[str], exact: list[str]) -> None:
        x = [sympy.Symbol(n) for n in names]
        k1 = self._stage(1, names, exact, "", {}, _T)
        k2 = self._stage(
            2, names, exact, "_end_", {n: s + _DT * k for n, s, k in zip(names, x, k1, strict=True)}, _T + _DT
        )
        for name, s, a, b in zip(names, x, k1, k2, strict=True):
            self.methods[name] = "heun"
            self.statements.append(Assign(f"_new_{name}", s + _DT / 2 * (a + b)))

    def _euler(self, names: list[str], exact: list[str]) -> None:
        for name in names:
            moved = sympy.Symbol(name) + _DT * self.drift[name]
            for source, amplitude in self.noise[name].items():
                moved += sympy.sqrt(_DT) * amplitude * sympy.Symbol(self.draw_of[source].symbol)
            self.methods[name] = "euler_maruyama" if self.noise[name] or self.method == "euler_maruyama" else "euler"
            self.statements.append(Assign(f"_new_{name}", self._hold(name, moved, sympy.Symbol(name))))


def _new(name: str) -> sympy.Symbol:
    return sympy.Symbol(f"_new_{name}")


def _has_opaque_of(expression: sympy.Expr, name: str) -> bool:
    """Whether `name` stands inside an opaque function (clip, where, ...) or a condition: diff cannot look inside."""
    symbol = sympy.Symbol(name)
    opaque = expression.atoms(sympy.core.function.AppliedUndef) | expression.atoms(sympy.core.relational.Relational)
    return any(symbol in atom.free_symbols for atom in opaque)


def _common_amplitude(amplitudes: list[sympy.Expr]) -> sympy.Expr | None:
    """What multiplies all white noise of a state: its amplitude, or 1 where each of several sources has its own."""
    if not amplitudes:
        return None
    return amplitudes[0] if len(amplitudes) == 1 else sympy.Integer(1)
