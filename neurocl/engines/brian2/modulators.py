"""A modulator as a Brian2 `NeuronGroup` of one: its statements first (events of t_k), then its equations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.plan import ModulatorPlan
from neurocl.engines.brian2.draws import DrawWriter
from neurocl.engines.brian2.integration import choose_method, integrator_name
from neurocl.engines.brian2.printer import functions, neuron_name, print_expression, print_statements

__all__ = ["ORDER_EVENTS", "Brian2Modulator"]

ORDER_EVENTS, ORDER_STATES, ORDER_STATEMENTS = -10, 5, 6
"""Order within the "groups" slot: the events before the synapses advance, the equations after them."""


class Brian2Modulator:
    """One modulator; its inputs, counts and draws are variables that are written at each step."""

    def __init__(self, brian2: Any, plan: ModulatorPlan, clock: Any, stream: int) -> None:
        self.plan = plan
        numbers = {"dt": plan.dt, **plan.parameters}
        self.method = choose_method([plan.scheme], numbers, plan.dt)
        if self.method is None:
            numbers.update(plan.coefficients())
        variables = (*plan.inputs, *plan.counts, *(d.symbol for d in plan.draws))
        lines = [self._equation(name) for name in plan.parsed.equations.states]
        lines += [f"{neuron_name(name)} : 1" for name in variables]
        constants = {neuron_name(k): v for k, v in numbers.items() if k not in plan.inputs}
        self.group = brian2.NeuronGroup(
            1, "\n".join(lines), method=self.method or "euler", clock=clock, order=ORDER_STATES,
            namespace={**constants, **functions(brian2)},
        )  # fmt: skip
        for name, value in {**plan.initial, **{k: plan.parameters[k] for k in plan.inputs}}.items():
            self.array(name)[:] = value
        if plan.parsed.update:
            code = print_statements(plan.parsed.update, neuron_name)
            self.group.run_regularly(code, when="groups", order=ORDER_EVENTS)
        if self.method is None and plan.scheme.statements:
            code = print_statements(plan.scheme.statements, neuron_name)
            self.group.run_regularly(code, when="groups", order=ORDER_STATEMENTS)
        arrays = {d.symbol: self.array(d.symbol) for d in plan.draws}
        self.draws = DrawWriter(list(enumerate(plan.draws)), stream, arrays, self._values)

    @property
    def integrator(self) -> str:
        """Name of what advances the equations, empty if there are none."""
        return integrator_name(self.method, [self.plan.scheme])

    def array(self, name: str) -> NDArray[Any]:
        """Brian2's array behind a state, an input, a count or a draw: live, of length 1."""
        return np.asarray(self.group.variables[neuron_name(name)].get_value())

    def _equation(self, name: str) -> str:
        derivative = self.plan.parsed.equations.states[name].derivative
        if self.method is None or derivative is None:
            return f"{neuron_name(name)} : 1"
        return f"d{neuron_name(name)}/dt = {print_expression(derivative, neuron_name)}/second : 1"

    def _values(self) -> dict[str, Any]:
        names = (*self.plan.parsed.equations.states, *self.plan.inputs, *self.plan.counts)
        time = float(self.group.clock.variables["t"].get_value().item())
        now = {name: self.array(name) for name in names}
        return {**self.plan.parameters, "dt": self.plan.dt, "i": 0, "t": time, **now}
