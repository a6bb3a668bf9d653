"""A projection as a Brian2 `Synapses` object, in the order of the plan's edges.

Every synapse has its own copy of its traces, integrated at each step together with the synapse's equations; all
copies of one trace see the same spikes. The events of t_k are separate pathways, put in order over the whole network:

    transmit     what arriving spikes carry, computed for all projections before anything changes
    add          the targets receive it
    change_pre, change_post     statements on weights, synapse states and neurons, projection by projection
    jump_pre, jump_post         statements on traces
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core.equations import Assign
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import names_in
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.brian2.draws import DrawWriter
from neurocl.engines.brian2.integration import choose_method, integrator_name
from neurocl.engines.brian2.modulators import Brian2Modulator
from neurocl.engines.brian2.populations import Brian2Population
from neurocl.engines.brian2.printer import functions, print_expression, print_statements, synapse_name
from neurocl.engines.brian2.sums import run_update, sum_equations

__all__ = ["Brian2Projection"]

PARTS = ("pre", "post", "synapse")
_AMOUNT = "s_transmitted_"


class Brian2Projection:
    """One projection with at least one synapse; `group` is the Synapses object.

    Parameters
    ----------
    plan, network : the projection's plan, and the whole network's.
    ends : the pre- and the postsynaptic population.
    number : its place in the network, from which the order of its events follows.
    """

    def __init__(
        self, brian2: Any, plan: ProjectionPlan, network: Plan, ends: tuple[Brian2Population, Brian2Population],
        clock: Any, stream: int, number: int,
    ) -> None:  # fmt: skip
        if any(draw.kind == "poisson" for draw in plan.parsed.draws):
            raise NeuroclError(
                f"projection '{plan.name}': the Brian2 engine draws rand() and randn() for synapses, not poisson();"
                " run this network with engine='numba'"
            )
        self.plan, self.network, self.ends = plan, network, ends
        numbers = {"dt": plan.dt, **plan.parameters}
        self.method = choose_method(plan.schemes.values(), numbers, plan.dt)
        if self.method is None:
            for part in PARTS:
                numbers.update(plan.coefficients(part))
        numbers["w"] = plan.weight
        self._driven = self._driven_by_modulators()
        numbers = {k: v for k, v in numbers.items() if k not in self._driven}
        self._arrays = {k: v for k, v in numbers.items() if np.ndim(v)}
        events = self._events(len(network.projections), number)
        self.group = brian2.Synapses(
            ends[0].group, ends[1].group, "\n".join(self._equations()), method=self.method or "euler", clock=clock,
            on_pre={name: code for name, (side, code, _) in events.items() if side == "pre"},
            on_post={name: code for name, (side, code, _) in events.items() if side == "post"},
            namespace={**self._constants(numbers), **functions(brian2)},
        )  # fmt: skip
        self.group.connect(i=plan.edges.pre, j=plan.edges.post)
        self._set_initial()
        for name, (side, _, order) in events.items():
            pathway = getattr(self.group, name)
            pathway.order = order
            if side == "pre":
                pathway.variables["delay"].set_value(plan.edges.delay * plan.dt)
        if self.method is None:
            for k, part in enumerate(PARTS):
                # Traces that the synapses' equations read are advanced among those, one copy per synapse.
                if not plan.joint.traces & set(plan.initial[part]):
                    self._advance_by_statements(part, k)
        run_update(self.group, plan)
        draws = list(enumerate(plan.parsed.draws))
        self.draws = DrawWriter(draws, stream, {d.symbol: self.array(d.symbol) for _, d in draws}, dict)

    @property
    def integrator(self) -> str:
        """Name of what advances the equations, empty if there are none."""
        return integrator_name(self.method, self.plan.schemes.values())

    def array(self, name: str) -> NDArray[Any]:
        """Brian2's array behind a name, one value per synapse (a single one for a modulated parameter): live."""
        return np.asarray(self.group.variables[synapse_name(name)].get_value())

    def values(self, name: str) -> NDArray[np.float64]:
        """Values in the plan's order: per synapse, per slot for a presynaptic, per neuron for a postsynaptic trace.

        A trace without any synapse has no value in Brian2: NaN.
        """
        edges = self.plan.edges
        for part, size, index in (("pre", edges.n_slots, edges.slot), ("post", edges.n_post, edges.post)):
            if name in self.plan.initial[part]:
                values = np.full(size, np.nan)
                values[index] = self.array(name)
                return values
        return self.array(name).copy()

    def take_modulators(self, modulators: dict[str, Brian2Modulator]) -> None:
        """Copy what the synapses read of the modulators."""
        for key, (modulator, name) in (*self._driven.items(), *self.plan.carried.items()):
            self.array(key)[:] = modulators[modulator].array(name)[0]

    def _driven_by_modulators(self) -> dict[str, tuple[str, str]]:
        """Names with one value for all synapses that a modulator gives: modulated parameters, and what drives the
        modulators that are advanced along with the synapses."""
        found = dict(self.plan.modulated)
        for modulator in {m for m, _ in self.plan.carried.values()}:
            own = self.network.modulators[modulator]
            found |= {f"_{modulator}__{key}": (modulator, key) for key in (*own.inputs, *own.counts)}
        return found

    def _constants(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """Scalars of the synapse, and of the neurons that its code names."""
        found = {synapse_name(k): v for k, v in numbers.items() if k not in self._arrays}
        for name in self.plan.parsed.neuron_names():
            stem, side = name.rsplit("_", 1)
            end = self.ends[0 if side == "pre" else 1].plan
            if stem in end.parameters and stem not in end.inputs and not np.ndim(end.parameters[stem]):
                found[synapse_name(name)] = end.parameters[stem]
        return found

    def _derivatives(self) -> dict[str, sympy.Expr]:
        """Derivatives of traces, synapse states and the modulators advanced along with them."""
        parsed, plan = self.plan.parsed, self.plan
        replace: dict[sympy.Symbol, sympy.Symbol] = {}
        found: dict[str, sympy.Expr] = {}
        for name, (modulator, state) in plan.carried.items():
            own = self.network.modulators[modulator]
            known = (*own.parsed.equations.states, *own.parameters, *own.counts)
            symbols = {sympy.Symbol(n): sympy.Symbol(f"_{modulator}__{n}") for n in known}
            derivative = own.parsed.equations.states[state].derivative
            assert derivative is not None  # a modulator is carried only if all its states have one
            found[name] = derivative.xreplace(symbols)
            keys = [key for key, place in plan.modulated.items() if place == (modulator, state)]
            replace |= {sympy.Symbol(key): sympy.Symbol(name) for key in keys}
        for part in (parsed.pre, parsed.post, parsed.synapse):
            for name, s in part.states.items():
                if s.derivative is not None:
                    found[name] = s.derivative.xreplace(replace) if part is parsed.synapse else s.derivative
        return found

    def _equations(self) -> list[str]:
        plan, derivatives = self.plan, {} if self.method is None else self._derivatives()
        lines = [
            f"d{synapse_name(name)}/dt = {print_expression(derivative, synapse_name)}/second : 1 (clock-driven)"
            for name, derivative in derivatives.items()
        ]
        states = [name for part in PARTS for name in plan.initial[part]]
        variables = dict.fromkeys([*states, *self._arrays, *plan.carried, *(d.symbol for d in plan.parsed.draws)])
        lines += [f"{synapse_name(name)} : 1" for name in variables if name not in derivatives]
        lines += [f"{synapse_name(name)} : 1 (shared)" for name in self._driven]
        return [*lines, f"{_AMOUNT} : 1", *sum_equations(plan)]

    def _set_initial(self) -> None:
        edges = self.plan.edges
        index = {"pre": edges.slot, "post": edges.post, "synapse": np.arange(edges.n)}
        for part in PARTS:
            for name, values in self.plan.initial[part].items():
                self.array(name)[:] = values[index[part]]
        for name, values in self._arrays.items():
            self.array(name)[:] = values

    def _events(self, n: int, number: int) -> dict[str, tuple[str, str, int]]:
        """Pathways of projection `number` of `n`: name -> (side of the spikes, code, order)."""
        plan, parsed = self.plan, self.plan.parsed
        found: dict[str, tuple[str, str, int]] = {}
        if plan.target is not None:
            found["transmit"] = ("pre", f"{_AMOUNT} = {print_expression(parsed.transmit, synapse_name)}", number)
            target = synapse_name(f"{plan.target}_post")
            found["add"] = ("pre", f"{target} += {_AMOUNT}{self._accepts(f'{plan.target}_post')}", n + number)
        for name, side, statements, order in (
            ("change_pre", "pre", parsed.on_pre_synapse, 2 * (n + number)),
            ("change_post", "post", parsed.on_post_synapse, 2 * (n + number) + 1),
            ("jump_pre", "pre", parsed.on_pre_trace, 4 * n + number),
            ("jump_post", "post", parsed.on_post_trace, 4 * n + number),
        ):
            if statements:
                found[name] = (side, "\n".join(self._statement(s) for s in statements), order)
        return found

    def _statement(self, statement: Assign) -> str:
        """A statement; onto a neuron's state it is a ``+=`` where possible, because synapses share the neuron."""
        name, expression = statement.name, statement.expression
        target = synapse_name(name)
        if not name.endswith(("_pre", "_post")):
            return print_statements([statement], synapse_name)
        added = expression - sympy.Symbol(name)
        if name not in names_in(added):
            return f"{target} += {print_expression(added, synapse_name)}{self._accepts(name)}"
        text = print_expression(expression, synapse_name)
        free = self._accepts(name).removeprefix("*")
        return f"{target} = own_where({free} > 0, {text}, {target})" if free else f"{target} = {text}"

    def _accepts(self, name: str) -> str:
        """Factor that is 0 where the neuron's state `name` (``v_post``) holds, empty if it never does."""
        stem, side = name.rsplit("_", 1)
        end = self.ends[0 if side == "pre" else 1].plan
        return f"*n_free_{side}" if end.parsed.equations.states[stem].held else ""

    def _advance_by_statements(self, part: str, order: int) -> None:
        statements = self.plan.schemes[part].statements
        if statements:
            self.group.run_regularly(print_statements(statements, synapse_name), when="groups", order=order)
