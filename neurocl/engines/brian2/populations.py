"""A population as a Brian2 `NeuronGroup`.

Refractoriness is Brian2's own, one dt longer than the number of updates that hold: Brian2 counts from the beginning of
the step in which the neuron fired, so (R + 1) dt holds the R updates after it. Held states are multiplied by
``int(not_refractory)`` here instead of being flagged ``(unless refractory)``, because the flag would also swallow
synaptic input of the step in which the neuron is free again (it looks at the state of the step before).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core.equations import Assign
from neurocl.core.expressions import OPAQUE, Draw, names_in
from neurocl.core.plan import PopulationPlan
from neurocl.engines.brian2.draws import DrawWriter
from neurocl.engines.brian2.integration import choose_method, integrator_name
from neurocl.engines.brian2.printer import functions, neuron_name, print_expression, print_statements

__all__ = ["Brian2Population"]

FREE = "timestep(t - lastspike, dt) > n_hold"
"""Whether a neuron that fired in an earlier step may move again."""
_ACTIVE, _WHERE = sympy.Symbol("_active"), OPAQUE["where"]
ORDER_UPDATE, ORDER_STATES, ORDER_STATEMENTS = 10, 11, 12
"""Order within Brian2's "groups" slot: after synapses and modulators, so that those read the states of t_k."""


class Brian2Population:
    """One population; `group` is the NeuronGroup, `method` Brian2's integrator (None: the plan's statements).

    Parameters
    ----------
    plan, clock, stream : the population's plan, the network's clock, the key of its random numbers.
    sums : variables that hold sums over synapses.
    summed : parameter -> the `sums` that it is made of.
    """

    def __init__(
        self, brian2: Any, plan: PopulationPlan, clock: Any, stream: int, sums: list[str], summed: dict[str, list[str]]
    ) -> None:
        self.plan, self._sums, self._summed = plan, sums, summed
        numbers = {"dt": plan.dt, **{k: v for k, v in plan.parameters.items() if k not in summed}}
        self.method = choose_method([plan.scheme], numbers, plan.dt)
        if self.method is None:
            numbers.update(plan.coefficients())
        # What differs between neurons or changes during a run is a variable, everything else a constant.
        self._arrays = {k: v for k, v in numbers.items() if np.ndim(v) or k in plan.inputs}
        constants = {neuron_name(k): v for k, v in numbers.items() if k not in self._arrays}
        self.group = brian2.NeuronGroup(
            plan.n, "\n".join(self._equations()), method=self.method or "euler", clock=clock, order=ORDER_STATES,
            namespace={**constants, **functions(brian2)}, **self._spiking(),
        )  # fmt: skip
        self._set_initial()
        self._add_statements()
        arrays = {d.symbol: self.array(d.symbol) for d in plan.draws}
        # Drawn before the neurons are integrated, and (see `_draws`) before they are reset.
        self.draws, self.reset_draws = (
            DrawWriter(self._draws(reset), stream, arrays, self._values) for reset in (False, True)
        )

    @property
    def integrator(self) -> str:
        """Name of what advances the equations, empty if there are none."""
        return integrator_name(self.method, [self.plan.scheme])

    @property
    def is_refractory(self) -> bool:
        return self.plan.parsed.refractory is not None

    def array(self, name: str) -> NDArray[Any]:
        """Brian2's array behind a state, an input, a draw or ``scheduled``: live."""
        return np.asarray(self.group.variables[neuron_name(name)].get_value())

    def fired(self) -> NDArray[np.int32]:
        """Neurons that fired in the last step that was executed."""
        return np.asarray(self.group.spikes) if self.plan.parsed.threshold is not None else np.zeros(0, np.int32)

    def updates_left(self, step: int) -> NDArray[np.int32]:
        """Updates for which each neuron will still hold, at the beginning of `step`."""
        last = np.rint(self.group.variables["lastspike"].get_value() / self.plan.dt).astype(np.int64)
        return np.maximum(self.plan.refractory + 1 - (step - last), 0).astype(np.int32)

    def _equations(self) -> list[str]:
        lines = []
        for name, state in self.plan.parsed.equations.states.items():
            if self.method is None or state.derivative is None:
                lines.append(f"{neuron_name(name)} : 1")
                continue
            held = "*int(not_refractory)" if state.held else ""
            slope = print_expression(state.derivative, neuron_name)
            lines.append(f"d{neuron_name(name)}/dt = {slope}{held}/second : 1")
        lines += [f"{neuron_name(name)} : 1" for name in (*self._arrays, *(d.symbol for d in self.plan.draws))]
        lines += [f"{name} : 1" for name in self._sums]
        lines += [f"{neuron_name(name)} = {' + '.join(parts)} : 1" for name, parts in self._summed.items()]
        if self.plan.is_scheduled:
            lines.append(f"{neuron_name('scheduled')} : 1")
        if self.is_refractory:
            lines += ["n_hold : integer (constant)", f"n_free = int({FREE}) : 1"]
        return lines

    def _spiking(self) -> dict[str, Any]:
        parsed = self.plan.parsed
        if parsed.threshold is None:
            return {}
        options: dict[str, Any] = {"threshold": print_expression(parsed.threshold, neuron_name)}
        if parsed.reset:
            options["reset"] = print_statements(parsed.reset, neuron_name)
        if self.is_refractory:
            options["refractory"] = "(n_hold + 1)*dt"
        return options

    def _set_initial(self) -> None:
        for name, values in {**self.plan.initial, **self._arrays}.items():
            self.array(name)[:] = values
        if self.is_refractory:
            self.group.variables["n_hold"].get_value()[:] = self.plan.refractory
            # As if the last spike were just long enough ago; Brian2's own beginning, -10000 s, is no such number here.
            self.group.variables["lastspike"].get_value()[:] = -(self.plan.refractory + 1.0) * self.plan.dt

    def _add_statements(self) -> None:
        held = {name for name, state in self.plan.parsed.equations.states.items() if state.held}
        update = [
            Assign(s.name, _WHERE(_ACTIVE, s.expression, sympy.Symbol(s.name))) if s.name in held else s
            for s in self.plan.parsed.update
        ]
        self._run_each_step(update, ORDER_UPDATE)
        if self.method is None:
            self._run_each_step(self.plan.scheme.statements, ORDER_STATEMENTS)

    def _run_each_step(self, statements: Any, order: int) -> None:
        if not statements:
            return
        code = print_statements(statements, neuron_name)
        if any("_active" in names_in(s.expression) for s in statements):
            code = f"{neuron_name('_active')} = {FREE}\n{code}"
        self.group.run_regularly(code, when="groups", order=order)

    def _draws(self, reset: bool) -> list[tuple[int, Draw]]:
        """The draws with their call numbers; a Poisson number of the reset is drawn with the states at the reset."""
        used = set().union(*(names_in(s.expression) for s in self.plan.parsed.reset))
        late = {d.symbol for d in self.plan.draws if d.kind == "poisson" and d.symbol in used}
        return [(k, d) for k, d in enumerate(self.plan.draws) if (d.symbol in late) == reset]

    def _values(self) -> dict[str, Any]:
        states = {name: self.array(name) for name in (*self.plan.parsed.equations.states, *self._arrays)}
        time = float(self.group.clock.variables["t"].get_value().item())
        return {**self.plan.parameters, "dt": self.plan.dt, "t": time, "i": np.arange(self.plan.n), **states}
