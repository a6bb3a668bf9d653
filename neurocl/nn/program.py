"""From a neuron model to functions of tensors: what a layer does in one step.

The scheme is that of the engines (`neurocl.core.integrators`), made by the same planning, and so are the checks of the
values and the initial states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from neurocl.core.components import Input
from neurocl.core.equations import Assign
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import OPAQUE, names_in, suggest
from neurocl.core.integrators import ACTIVE
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network
from neurocl.core.plan import PopulationPlan
from neurocl.core.planning import make_plan
from neurocl.engines.numba.hoisting import hoist
from neurocl.nn.surrogates import SpikeFunction, spike
from neurocl.nn.tensors import TensorFunction, tensor_function

__all__ = ["DEFAULT_TARGETS", "Program", "always_active", "find_target", "make_plan_of_layer", "make_program"]

DEFAULT_TARGETS = ("i_rise", "i_syn", "i_ext")
"""What receives a layer's input unless the user says it: the first of these that the model has."""

Statement = tuple[str, TensorFunction]


@dataclass(frozen=True)
class Program:
    """One step of a layer, in the order of its fields; `constants` are formulas that are computed once per sequence."""

    constants: dict[str, sympy.Basic]
    update: tuple[Statement, ...]
    advance: tuple[Statement, ...]
    spikes: TensorFunction | None
    reset: tuple[Statement, ...]
    names: frozenset[str]
    """Names that the step reads, coefficients of the propagator among them."""


def find_target(model: NeuronModel, given: str | None) -> str:
    """The state or parameter that receives a layer's input.

    Raises
    ------
    NeuroclError
        If the model has no such name, or none of `DEFAULT_TARGETS` where none is given.
    """
    states, parameters = list(model.parsed.equations.states), list(model.parameters)
    known = [*states, *parameters]
    if given is not None:
        if given not in known:
            raise NeuroclError(
                f"layer of {model.where}: input='{given}' is no state or parameter{suggest(given, known)}"
            )
        return given
    for name in DEFAULT_TARGETS:
        if name in known:
            return name
    raise NeuroclError(
        f"layer of {model.where}: it has none of {', '.join(DEFAULT_TARGETS)}; say with input= what receives the input,"
        f" a state ({', '.join(states) or 'none'}) or a parameter ({', '.join(parameters) or 'none'})"
    )


def make_plan_of_layer(
    model: NeuronModel, n: int, target: str, dt: float, seed: int, values: Mapping[str, Any]
) -> PopulationPlan:
    """The plan of `n` neurons whose input is `target`; NeuroclError if a layer cannot be made of the model."""
    where = f"layer of {model.where}"
    if target in model.parameters and target in values:
        raise NeuroclError(f"{where}: '{target}' receives the input and cannot be given as well; choose another input=")
    driven: dict[str, Any] = {target: Input()} if target in model.parameters else {}
    network = Network(dt=dt)
    network.add(model, n, name=model.name, **values, **driven)
    plan = make_plan(network, seed).populations[model.name]
    if plan.is_scheduled:
        raise NeuroclError(
            f"{where}: it fires at scheduled times and has no input to differentiate; use a tensor of spikes"
        )
    if plan.draws:
        raise NeuroclError(
            f"{where}: it draws random numbers ({plan.draws[0].kind}), which a differentiable layer does not; use a"
            " model without noise"
        )
    return plan


def make_program(plan: PopulationPlan, target: str, surrogate: SpikeFunction, is_refractory: bool) -> Program:
    """The step of the neurons of `plan`.

    Parameters
    ----------
    plan : of `make_plan_of_layer`.
    target : what receives the input.
    surrogate : gives spikes from u = v - v_th.
    is_refractory : whether any neuron has a refractory time; else all are always active.
    """
    parsed = plan.parsed
    states = parsed.equations.states
    update = [Assign(s.name, _held(s.expression, s.name, states[s.name].held)) for s in parsed.update]
    advance = list(plan.scheme.statements)
    if not is_refractory:
        update, advance = always_active(update), always_active(advance)
    condition = _spike_condition(plan.name, parsed.threshold, update)
    everything = [
        *(s.expression for s in (*update, *advance, *parsed.reset)),
        *([] if condition is None else [condition]),
    ]
    names = set().union(*(names_in(e) for e in everything))
    assigned = {*states, *(s.name for s in advance), target, "t", "i", ACTIVE.name}
    same = hoist(everything, names - assigned)
    spikes = None if condition is None else _spikes(condition.xreplace(same), surrogate, plan.name)

    def compiled(statements: Iterable[Assign]) -> tuple[Statement, ...]:
        return tuple((s.name, tensor_function(s.expression.xreplace(same))) for s in statements)

    updates = compiled(update)
    if spikes is not None and condition is not parsed.threshold:
        # The state that holds the spikes is the spikes themselves, so that its gradient is the surrogate's.
        name = next(iter(names_in(parsed.threshold)))
        updates = (*(s for s in updates if s[0] != name), (name, spikes))
        spikes = tensor_function(sympy.Symbol(name))
        updates = _in_order(updates, [s.name for s in update])
    constants = {symbol.name: e for e, symbol in same.items()}
    return Program(constants, updates, compiled(advance), spikes, compiled(parsed.reset), frozenset(names))


def always_active(statements: Iterable[Assign]) -> list[Assign]:
    """The statements for neurons that are never refractory."""
    where = OPAQUE["where"]

    def is_hold(e: sympy.Basic) -> bool:
        return isinstance(e, where) and e.args[0] == ACTIVE

    return [Assign(s.name, s.expression.replace(is_hold, lambda e: e.args[1])) for s in statements]


def _held(expression: sympy.Basic, name: str, is_held: bool) -> sympy.Basic:
    return OPAQUE["where"](ACTIVE, expression, sympy.Symbol(name)) if is_held else expression


def _in_order(statements: Iterable[Statement], order: list[str]) -> tuple[Statement, ...]:
    return tuple(sorted(statements, key=lambda s: order.index(s[0])))


def _spike_condition(name: str, threshold: sympy.Basic | None, update: list[Assign]) -> sympy.Basic | None:
    """The condition for a spike; where the threshold reads a state that is one (``z = int(v > v_th)``), that one."""
    if isinstance(threshold, sympy.Gt) and isinstance(threshold.lhs, sympy.Symbol) and threshold.rhs == 0:
        made = [s.expression for s in update if s.name == threshold.lhs.name]
        if len(made) == 1 and type(made[0]).__name__ == "int" and isinstance(made[0].args[0], Boolean):
            return made[0].args[0]
    return threshold


def _spikes(condition: sympy.Basic, surrogate: SpikeFunction, name: str) -> TensorFunction:
    """Spikes of a condition: 1 where it holds, with the surrogate gradient of each comparison in it."""
    match condition:
        case sympy.Gt() | sympy.Ge() | sympy.Lt() | sympy.Le():
            greater, less = tensor_function(condition.gts), tensor_function(condition.lts)
            is_strict = isinstance(condition, sympy.Gt | sympy.Lt)
            return lambda values: spike(surrogate, greater(values) - less(values), is_strict)
        case sympy.And():
            all_of = [_spikes(part, surrogate, name) for part in condition.args]
            return lambda values: reduce(lambda a, b: a * b, [part(values) for part in all_of])
        case sympy.Or():
            any_of = [_spikes(part, surrogate, name) for part in condition.args]
            return lambda values: 1 - reduce(lambda a, b: a * b, [1 - part(values) for part in any_of])
        case sympy.Not():
            inner = _spikes(condition.args[0], surrogate, name)
            return lambda values: 1 - inner(values)
    raise NeuroclError(
        f"layer of model '{name}': the threshold has {shown(str(condition))}, which has no surrogate gradient; write it"
        " with <, <=, > or >="
    )
