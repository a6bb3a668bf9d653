"""The descriptions a user writes: `NeuronModel`, `SynapseModel` and `Modulator`.

A description is text and numbers: frozen, hashable, printable, with no arrays, no state and no `step` method.
It is checked when it is made, so that a mistake is told where it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy

from neurocl.core._checks import positive_number
from neurocl.core._description import (
    METHODS,
    Description,
    FrozenDict,
    check_constant,
    check_name,
    check_new_names,
    check_no_sums,
    describe,
    noise_names,
)
from neurocl.core._synapse_model import STATIC, ParsedSynapse, SynapseModel
from neurocl.core.equations import (
    Assign,
    Equations,
    check_names,
    parse_equations,
    parse_statements,
    substitute,
)
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import Draw, parse_expression, suggest

__all__ = [
    "STATIC",
    "METHODS",
    "FrozenDict",
    "Modulator",
    "NeuronModel",
    "ParsedNeuron",
    "ParsedSynapse",
    "SynapseModel",
]


@dataclass(frozen=True)
class ParsedNeuron:
    """The symbols of a `NeuronModel` (or of a `Modulator`, which has no threshold)."""

    equations: Equations
    update: tuple[Assign, ...]
    threshold: sympy.Basic | None
    reset: tuple[Assign, ...]
    refractory: sympy.Basic | None
    initial: dict[str, sympy.Expr]
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class NeuronModel(Description):
    """A neuron (or source) described by equations.

    Parameters
    ----------
    name : name of the model, an identifier.
    equations : lines ``dx/dt = ... : unit (unless refractory)``, ``alias = ... : unit``, ``state : unit``.
    threshold : condition for a spike, tested on the new state of each step, for instance ``"v > v_th"``. The name
        ``scheduled`` is 1 in the steps for which the user scheduled a spike of the neuron (a spike-array source).
    reset : statements after a spike.
    refractory : name of a parameter, a number or an expression, in ms. The neuron is refractory for exactly
        round(refractory/dt) updates: states marked ``(unless refractory)`` hold, and it cannot spike.
    parameters : default values; units as in the equations (time ms, voltage mV, current pA, ...).
    update : discrete-time statements, executed at the beginning of the integration of each step.
    initial : initial values, numbers or expressions of parameters; 0 where not given.
    method : integration scheme, one of `METHODS`; None chooses per state (see `neurocl.core.integrators`).
    require : conditions that the parameters must meet, for instance ``"rate >= 0; rate * t_ref < 1000"``; checked when
        the network is built, at `set`, and for the inputs of a run.
    dt : the only time step in ms at which the model is defined (a published discrete-time script), or None.
    doc : what the model is, with its source.

    Raises
    ------
    NeuroclError
        For every mistake in the text: syntax, unknown name, a state to hold without refractory time, ...
    """

    equations: str = ""
    threshold: str | None = None
    reset: str = ""
    refractory: str | float | None = None
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    update: str = ""
    initial: Mapping[str, float | str] = field(default_factory=FrozenDict)
    method: str | None = None
    dt: float | None = None
    require: str = ""
    doc: str = ""

    kind = "model"
    words = ("name", "positions", "spikes", "counts", "refractory")

    def __post_init__(self) -> None:
        self._freeze()
        if self.dt is not None:
            positive_number(self.where, "dt", self.dt)
        self.parsed, self.requirements  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedNeuron:
        """The model as symbols."""
        draws: list[Draw] = []
        equations = parse_equations(self.equations, self.where, self.parameters, draws)
        check_no_sums(equations, self.where)
        check_new_names(equations, self.parameters, self.where, set())
        self._check_words([*equations.states, *self.parameters])
        states, parameters = set(equations.states), set(self.parameters)
        threshold = None
        if self.threshold is not None:
            threshold = substitute(
                parse_expression(self.threshold, f"{self.where}, threshold", draws), equations.aliases
            )
            if threshold == sympy.Symbol("scheduled"):
                threshold = sympy.Gt(threshold, 0)
            if isinstance(threshold, sympy.Expr):
                raise NeuroclError(
                    f"{self.where}, threshold: '{self.threshold}' is a number; write a comparison such as 'v > v_th'"
                )
            check_names(threshold, states | parameters | {"scheduled"}, f"{self.where}, threshold '{self.threshold}'")
        elif self.reset or self.refractory is not None:
            raise NeuroclError(f"{self.where}: a reset or refractory time needs a threshold; give threshold='v > v_th'")
        update = self._statements(self.update, "update", equations, draws)
        reset = self._statements(self.reset, "reset", equations, draws)
        self._check_derivatives(equations, states | parameters)
        return ParsedNeuron(
            equations, update, threshold, reset, self._parse_refractory(equations),
            self._parse_initial(list(states), parameters), tuple(draws),
        )  # fmt: skip

    def _statements(self, text: str, what: str, equations: Equations, draws: list[Draw]) -> tuple[Assign, ...]:
        program = parse_statements(text, f"{self.where}, {what}", equations.aliases, draws)
        for statement in program:
            if statement.name not in equations.states:
                hint = (
                    " (it is a parameter; declare it as a state 'name : unit')"
                    if statement.name in self.parameters
                    else ""
                )
                raise NeuroclError(
                    f"{self.where}, {what}: '{statement.name}' is no state"
                    f"{hint or suggest(statement.name, equations.states)}"
                )
            check_names(statement.expression, set(equations.states) | set(self.parameters), f"{self.where}, {what}")
        return program

    def _check_derivatives(self, equations: Equations, allowed: set[str]) -> None:
        for state in equations.states.values():
            if state.held and self.refractory is None:
                raise NeuroclError(
                    f"{self.where}, line {shown(state.line)}: '{state.name}' is marked (unless refractory), but the"
                    " model has no refractory time; give refractory='t_ref'"
                )
            if state.derivative is not None:
                noise = noise_names(state.derivative)
                check_names(state.derivative, allowed | noise, f"{self.where}, line {shown(state.line)}")
        for name, alias in equations.aliases.items():
            check_names(alias, allowed | noise_names(alias), f"{self.where}, alias '{name}'")

    def _parse_refractory(self, equations: Equations) -> sympy.Basic | None:
        if self.refractory is None:
            return None
        expression = parse_expression(str(self.refractory), f"{self.where}, refractory")
        where = f"{self.where}, refractory '{self.refractory}'"
        check_names(expression, set(self.parameters), where)
        check_constant(expression, where, allowed=("dt",))
        return expression

    def __str__(self) -> str:
        return describe(self, ("equations", "update", "threshold", "reset", "refractory", "require"))


@dataclass(frozen=True)
class Modulator(Description):
    """A pooled state (an astrocyte, dopamine) whose value is a parameter of projections or populations.

    Parameters
    ----------
    name : name of the model.
    equations : as in `NeuronModel`; one value for the whole network.
    update : statements executed at the beginning of the integration of each step, for instance
        ``"d += reward; a += w_astro * n_spikes"``.
    counts : names in the equations that stand for the number of spikes at t_k of a population, told at
        ``net.add(modulator, n_spikes=population)``.
    parameters, initial, method, require, doc : as in `NeuronModel`.
    """

    equations: str = ""
    update: str = ""
    counts: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    initial: Mapping[str, float | str] = field(default_factory=FrozenDict)
    method: str | None = None
    require: str = ""
    doc: str = ""

    kind = "modulator"
    words = ("name", "positions", "spikes")

    def __post_init__(self) -> None:
        counts: Any = self.counts  # text is a sequence of names, too, but surely not what was meant
        if not isinstance(counts, list | tuple):
            raise NeuroclError(f"{self.where}: counts must be a list of names, got {counts!r}; write [{counts!r}]")
        object.__setattr__(self, "counts", tuple(counts))
        self._freeze()
        self.parsed, self.requirements  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedNeuron:
        """The modulator as symbols."""
        draws: list[Draw] = []
        equations = parse_equations(self.equations, self.where, self.parameters, draws)
        check_no_sums(equations, self.where)
        for name in self.counts:
            check_name(name, self.where)
        check_new_names(equations, self.parameters, self.where, set(self.counts))
        self._check_words([*equations.states, *self.parameters, *self.counts])
        allowed = set(equations.states) | set(self.parameters) | set(self.counts)
        update = parse_statements(self.update, f"{self.where}, update", equations.aliases, draws)
        for statement in update:
            if statement.name not in equations.states:
                raise NeuroclError(
                    f"{self.where}, update: '{statement.name}' is no state{suggest(statement.name, equations.states)}"
                )
            check_names(statement.expression, allowed, f"{self.where}, update")
        for state in equations.states.values():
            if state.held:
                raise NeuroclError(f"{self.where}, line {shown(state.line)}: a modulator has no refractory time")
            if state.derivative is not None:
                noise = noise_names(state.derivative)
                check_names(state.derivative, allowed | noise, f"{self.where}, line {shown(state.line)}")
        initial = self._parse_initial(list(equations.states), set(self.parameters))
        return ParsedNeuron(equations, update, None, (), None, initial, tuple(draws))

    def __str__(self) -> str:
        return describe(self, ("equations", "update", "counts", "require"))
