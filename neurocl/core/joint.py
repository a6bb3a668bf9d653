"""The equations of synapses together with what moves beside them within a step.

A synapse's equation may read a modulator (dc/dt = c d) or a trace (dc/dt = x). Both move during the step, so their
equations are advanced along with the synapse's, each synapse on a copy that is thrown away: the product is integrated
to the order of the scheme, not to first order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy

from neurocl.core.equations import Equations, State
from neurocl.core.expressions import names_in
from neurocl.core.model import ParsedSynapse

if TYPE_CHECKING:
    from neurocl.core.plan import ModulatorPlan

__all__ = ["JointEquations", "join_equations"]


@dataclass
class JointEquations:
    """Equations of the synapses, with copies of traces and modulators.

    Attributes
    ----------
    equations : all of them.
    traces : names of the traces among them.
    carried : names of the modulator states among them -> (modulator, state).
    live : names that stand for inputs and counts of those modulators, new each step -> (modulator, name).
    parameters : numbers for the modulators' parameters.
    """

    equations: Equations = field(default_factory=Equations)
    traces: set[str] = field(default_factory=set)
    carried: dict[str, tuple[str, str]] = field(default_factory=dict)
    live: dict[str, tuple[str, str]] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)


def join_equations(
    parsed: ParsedSynapse, modulated: Mapping[str, tuple[str, str]], modulators: Mapping[str, ModulatorPlan]
) -> JointEquations:
    """Join the equations of `parsed` with those of the traces and modulators that they read.

    Parameters
    ----------
    parsed : the synapse.
    modulated : parameter -> (modulator, state) whose value it is.
    modulators : plans of all modulators.
    """
    joint = JointEquations()
    used = _names(parsed.synapse)
    replace: dict[sympy.Symbol, sympy.Basic] = {}
    for modulator in sorted({m for key, (m, _) in modulated.items() if key in used}):
        if _can_be_carried(modulators[modulator]):
            _carry(joint, modulator, modulators[modulator])
            places = {key: place for key, place in modulated.items() if place[0] == modulator}
            replace |= {sympy.Symbol(key): sympy.Symbol(f"_{m}__{name}") for key, (m, name) in places.items()}
    for state in parsed.synapse.states.values():
        joint.equations.states[state.name] = _substituted(state, state.name, replace)
    for part in (parsed.pre, parsed.post):
        if used & set(part.states):
            joint.traces |= set(part.states)
            joint.equations.states.update(part.states)
    return joint


def _names(equations: Equations) -> set[str]:
    return set().union(*(names_in(s.derivative) for s in equations.states.values() if s.derivative is not None))


def _can_be_carried(modulator: ModulatorPlan) -> bool:
    """Not with random numbers, which a copy would draw again, nor with states that have no equation."""
    has_equations = all(s.derivative is not None for s in modulator.parsed.equations.states.values())
    return has_equations and not modulator.draws


def _carry(joint: JointEquations, name: str, modulator: ModulatorPlan) -> None:
    """Copy a modulator's equations, every name of its own with its name in front."""
    states = modulator.parsed.equations.states
    known = (*states, *modulator.parameters, *modulator.counts)
    symbols = {sympy.Symbol(n): sympy.Symbol(f"_{name}__{n}") for n in known}
    for state in states.values():
        joint.equations.states[f"_{name}__{state.name}"] = _substituted(state, f"_{name}__{state.name}", symbols)
        joint.carried[f"_{name}__{state.name}"] = (name, state.name)
    for key in (*modulator.inputs, *modulator.counts):
        joint.live[f"_{name}__{key}"] = (name, key)
    for key, value in modulator.parameters.items():
        if key not in modulator.inputs:
            joint.parameters[f"_{name}__{key}"] = value


def _substituted(state: State, name: str, symbols: Mapping[sympy.Symbol, sympy.Basic]) -> State:
    derivative = None if state.derivative is None else state.derivative.xreplace(symbols)
    return dataclasses.replace(state, name=name, derivative=derivative)
