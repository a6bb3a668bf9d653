"""The three descriptions a user writes: `NeuronModel`, `SynapseModel` and `Modulator`.

A description is text and numbers: frozen, hashable, printable, with no arrays, no state and no `step` method.
It is checked when it is made, so that a mistake is told where it was typed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import sympy

from neurocl.core.equations import (
    RESERVED,
    Assign,
    Equations,
    check_names,
    parse_equations,
    parse_statements,
    substitute,
)
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import Draw, names_in, parse_expression, suggest

__all__ = ["METHODS", "FrozenDict", "Modulator", "NeuronModel", "ParsedNeuron", "ParsedSynapse", "SynapseModel"]

METHODS: tuple[str, ...] = ("exact", "exponential_euler", "rk4", "heun", "euler", "euler_maruyama")
"""Integration schemes that a model may ask for by name; see `neurocl.core.integrators`."""


class FrozenDict(Mapping[str, Any]):
    """An immutable, hashable mapping with a dict's looks."""

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __repr__(self) -> str:
        return repr(self._items)


@dataclass(frozen=True)
class _Description:
    """What the three descriptions share: a name, parameters, initial values, and the checks on them."""

    name: str

    kind = "model"

    @property
    def where(self) -> str:
        return f"{self.kind} '{self.name}'"

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; ``parameters`` and ``initial`` are merged into the old ones."""
        known = [f.name for f in dataclasses.fields(self)]
        for key, value in changes.items():
            if key not in known:
                raise NeuroclError(f"{self.where}: no field '{key}'{suggest(key, known)}")
            if key in ("parameters", "initial"):
                changes[key] = {**getattr(self, key), **value}
        return dataclasses.replace(self, **changes)

    def _freeze(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise NeuroclError(f"a {self.kind} needs a name made of letters, digits and _, got {self.name!r}")
        for key in ("parameters", "initial"):
            object.__setattr__(self, key, FrozenDict(getattr(self, key)))
        for key, value in self.parameters.items():  # type: ignore[attr-defined]
            _check_name(key, self.where)
            if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
                raise NeuroclError(f"{self.where}: parameter '{key}' must be a number, got {value!r}")
        method = getattr(self, "method", None)
        if method is not None and method not in METHODS:
            raise NeuroclError(f"{self.where}: unknown method {method!r}; known: {', '.join(METHODS)}")

    def _parse_initial(self, states: list[str], allowed: set[str]) -> dict[str, sympy.Expr]:
        parsed: dict[str, sympy.Expr] = {}
        for key, value in self.initial.items():  # type: ignore[attr-defined]
            if key not in states:
                raise NeuroclError(f"{self.where}: initial value for '{key}', which is no state{suggest(key, states)}")
            expression = parse_expression(str(value), f"{self.where}, initial value of '{key}'")
            check_names(expression, allowed, f"{self.where}, initial value of '{key}'")
            if expression == sympy.nan:
                raise NeuroclError(f"{self.where}: the initial value of '{key}' must be a number, got {value!r}")
            parsed[key] = expression  # type: ignore[assignment]
        return parsed


def _check_name(name: str, where: str) -> None:
    if name in RESERVED:
        raise NeuroclError(f"{where}: '{name}' has a meaning of its own in equations; choose another name")
    if name.startswith("_") or not name.isidentifier():
        raise NeuroclError(f"{where}: {name!r} is no valid name; use letters, digits and _, starting with a letter")
    if name.endswith(("_pre", "_post")):
        raise NeuroclError(f"{where}: '{name}' ends in _pre or _post, which name a neuron's states in a synapse")


def _check_new_names(equations: Equations, parameters: Mapping[str, float], where: str, taken: set[str]) -> None:
    for name in [*equations.states, *equations.aliases]:
        _check_name(name, where)
        if name in taken or (name in parameters):
            raise NeuroclError(f"{where}: '{name}' is defined twice, as a state or alias and as something else")


def _noise_names(expression: sympy.Basic) -> set[str]:
    return {name for name in names_in(expression) if name == "xi" or name.startswith("xi_")}


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
class NeuronModel(_Description):
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
    doc: str = ""

    kind = "model"

    def __post_init__(self) -> None:
        self._freeze()
        self.parsed  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedNeuron:
        """The model as symbols."""
        draws: list[Draw] = []
        equations = parse_equations(self.equations, self.where, self.parameters, draws)
        _check_new_names(equations, self.parameters, self.where, set())
        states, parameters = set(equations.states), set(self.parameters)
        threshold = None
        if self.threshold is not None:
            threshold = substitute(parse_expression(self.threshold, f"{self.where}, threshold", draws), equations.aliases)
            if threshold == sympy.Symbol("scheduled"):
                threshold = sympy.Gt(threshold, 0)
            if isinstance(threshold, sympy.Expr):
                raise NeuroclError(f"{self.where}, threshold: '{self.threshold}' is a number; write a comparison such as 'v > v_th'")
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
                hint = " (it is a parameter; declare it as a state 'name : unit')" if statement.name in self.parameters else ""
                raise NeuroclError(
                    f"{self.where}, {what}: '{statement.name}' is no state{hint or suggest(statement.name, equations.states)}"
                )
            check_names(statement.expression, set(equations.states) | set(self.parameters), f"{self.where}, {what}")
        return program

    def _check_derivatives(self, equations: Equations, allowed: set[str]) -> None:
        for state in equations.states.values():
            if state.held and self.refractory is None:
                raise NeuroclError(
                    f"{self.where}, line '{state.line}': '{state.name}' is marked (unless refractory) but the model has"
                    " no refractory time; give refractory='t_ref'"
                )
            if state.derivative is not None:
                noise = _noise_names(state.derivative)
                check_names(state.derivative, allowed | noise, f"{self.where}, line '{state.line}'")
        for name, alias in equations.aliases.items():
            check_names(alias, allowed | _noise_names(alias), f"{self.where}, alias '{name}'")

    def _parse_refractory(self, equations: Equations) -> sympy.Basic | None:
        if self.refractory is None:
            return None
        expression = parse_expression(str(self.refractory), f"{self.where}, refractory")
        check_names(expression, set(self.parameters), f"{self.where}, refractory '{self.refractory}'")
        return expression

    def __str__(self) -> str:
        return _describe(self, ("equations", "update", "threshold", "reset", "refractory"))


@dataclass(frozen=True)
class Modulator(_Description):
    """A pooled state (an astrocyte, dopamine) whose value is a parameter of projections or populations.

    Parameters
    ----------
    name : name of the model.
    equations : as in `NeuronModel`; one value for the whole network.
    update : statements executed at the beginning of the integration of each step, for instance
        ``"d += reward; a += w_astro * n_spikes"``.
    counts : names in the equations that stand for the number of spikes at t_k of a population, told at
        ``net.add(modulator, n_spikes=population)``.
    parameters, initial, method, doc : as in `NeuronModel`.
    """

    equations: str = ""
    update: str = ""
    counts: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    initial: Mapping[str, float | str] = field(default_factory=FrozenDict)
    method: str | None = None
    doc: str = ""

    kind = "modulator"

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", tuple(self.counts))
        self._freeze()
        self.parsed  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedNeuron:
        """The modulator as symbols."""
        draws: list[Draw] = []
        equations = parse_equations(self.equations, self.where, self.parameters, draws)
        for name in self.counts:
            _check_name(name, self.where)
        _check_new_names(equations, self.parameters, self.where, set(self.counts))
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
                raise NeuroclError(f"{self.where}, line '{state.line}': a modulator has no refractory time")
            if state.derivative is not None:
                noise = _noise_names(state.derivative)
                check_names(state.derivative, allowed | noise, f"{self.where}, line '{state.line}'")
        initial = self._parse_initial(list(equations.states), set(self.parameters))
        return ParsedNeuron(equations, update, None, (), None, initial, tuple(draws))

    def __str__(self) -> str:
        return _describe(self, ("equations", "update", "counts"))


@dataclass(frozen=True)
class ParsedSynapse:
    """The symbols of a `SynapseModel`.

    `on_pre_synapse` and `on_post_synapse` run once per synapse visited, `on_pre_trace` once per presynaptic
    spike and `on_post_trace` once per postsynaptic spike, after all synapses were visited.
    """

    pre: Equations
    post: Equations
    synapse: Equations
    transmit: sympy.Basic
    on_pre_synapse: tuple[Assign, ...]
    on_pre_trace: tuple[Assign, ...]
    on_post_synapse: tuple[Assign, ...]
    on_post_trace: tuple[Assign, ...]
    initial: dict[str, sympy.Expr]
    draws: tuple[Draw, ...]

    @property
    def is_plastic(self) -> bool:
        """Whether anything changes the weight ``w`` during a run."""
        changed = {s.name for s in (*self.on_pre_synapse, *self.on_post_synapse)}
        return "w" in changed or "w" in self.synapse.states

    def neuron_names(self) -> set[str]:
        """Names such as ``v_post`` that refer to states of the connected neurons."""
        expressions = [self.transmit]
        expressions += [s.derivative for e in (self.pre, self.post, self.synapse) for s in e.states.values() if s.derivative is not None]
        names: set[str] = set()
        for group in (self.on_pre_synapse, self.on_pre_trace, self.on_post_synapse, self.on_post_trace):
            names |= {s.name for s in group}
            expressions += [s.expression for s in group]
        for expression in expressions:
            names |= names_in(expression)
        return {name for name in names if name.endswith(("_pre", "_post"))}


@dataclass(frozen=True)
class SynapseModel(_Description):
    """A synapse: what a spike transmits, and how weight and traces change.

    Parameters
    ----------
    name : name of the model.
    pre, post : equations of traces, one value per presynaptic (postsynaptic) neuron of the projection.
    equations : equations of states that every synapse has for itself; the weight ``w`` may be one of them.
    transmit : what a presynaptic spike adds to the target, default ``"w"``; it reads everything as it was before
        the events of that time.
    on_pre, on_post : statements at the arrival of a presynaptic spike and at a postsynaptic spike. Statements on
        ``w`` and on per-synapse states run in order, reading traces as they were before any event of that time;
        statements on traces run afterwards. ``v_post`` and ``v_pre`` name the neurons' own states. Where a pre- and
        a postsynaptic event coincide on one synapse, on_pre acts first.
    parameters, initial, doc : as in `NeuronModel`.

    Raises
    ------
    NeuroclError
        For every mistake in the text.
    """

    equations: str = ""
    pre: str = ""
    post: str = ""
    on_pre: str = ""
    on_post: str = ""
    transmit: str = "w"
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    initial: Mapping[str, float | str] = field(default_factory=FrozenDict)
    method: str | None = None
    doc: str = ""

    kind = "synapse"

    def __post_init__(self) -> None:
        self._freeze()
        self.parsed  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedSynapse:
        """The synapse as symbols."""
        draws: list[Draw] = []
        groups: dict[str, Equations] = {}
        taken: set[str] = set()
        for part in ("pre", "post", "equations"):
            groups[part] = parse_equations(getattr(self, part), f"{self.where}, {part}", self.parameters, None)
            own = {name: line for name, line in groups[part].states.items() if not (part == "equations" and name == "w")}
            _check_new_names(Equations(own, groups[part].aliases), self.parameters, f"{self.where}, {part}", taken | {"w"})
            taken |= set(groups[part].states) | set(groups[part].aliases)
        pre, post, synapse = groups["pre"], groups["post"], groups["equations"]
        aliases = {**pre.aliases, **post.aliases, **synapse.aliases}
        transmit = substitute(parse_expression(self.transmit, f"{self.where}, transmit", draws), aliases)
        on_pre = parse_statements(self.on_pre, f"{self.where}, on_pre", aliases, draws)
        on_post = parse_statements(self.on_post, f"{self.where}, on_post", aliases, draws)
        parsed = ParsedSynapse(
            pre, post, synapse, transmit,
            tuple(s for s in on_pre if s.name not in pre.states), tuple(s for s in on_pre if s.name in pre.states),
            tuple(s for s in on_post if s.name not in post.states), tuple(s for s in on_post if s.name in post.states),
            self._parse_initial([*pre.states, *post.states, *synapse.states], set(self.parameters) | {"w"}), tuple(draws),
        )  # fmt: skip
        self._check(parsed)
        return parsed

    def _check(self, parsed: ParsedSynapse) -> None:
        parameters = set(self.parameters)
        neurons = parsed.neuron_names()
        pre, post, own = set(parsed.pre.states), set(parsed.post.states), set(parsed.synapse.states) | {"w"}
        everything = pre | post | own | parameters | neurons
        for part, allowed in ((parsed.pre, pre | {n for n in neurons if n.endswith("_pre")}),
                              (parsed.post, post | {n for n in neurons if n.endswith("_post")}),
                              (parsed.synapse, everything)):  # fmt: skip
            for state in part.states.values():
                if state.held:
                    raise NeuroclError(f"{self.where}, line '{state.line}': a synapse has no refractory time")
                if state.derivative is not None:
                    check_names(state.derivative, allowed | parameters, f"{self.where}, line '{state.line}'")
        check_names(parsed.transmit, everything, f"{self.where}, transmit '{self.transmit}'")
        self._check_targets(parsed, "on_pre", parsed.on_pre_synapse, own, pre, post)
        self._check_targets(parsed, "on_post", parsed.on_post_synapse, own, post, pre)
        for statement in (*parsed.on_pre_synapse, *parsed.on_post_synapse):
            check_names(statement.expression, everything, f"{self.where}, statement on '{statement.name}'")
        for statements, side, states in ((parsed.on_pre_trace, "pre", pre), (parsed.on_post_trace, "post", post)):
            allowed = states | parameters | {n for n in neurons if n.endswith(f"_{side}")}
            for statement in statements:
                check_names(statement.expression, allowed, f"{self.where}, statement on the {side}synaptic trace '{statement.name}'")

    def _check_targets(
        self, parsed: ParsedSynapse, what: str, statements: tuple[Assign, ...], own: set[str], this: set[str], other: set[str]
    ) -> None:
        for statement in statements:
            name = statement.name
            if name in own or name.endswith(("_pre", "_post")):
                continue
            if name in other:
                side = "on_post" if what == "on_pre" else "on_pre"
                raise NeuroclError(f"{self.where}, {what}: the trace '{name}' belongs to the other side; change it in {side}")
            raise NeuroclError(f"{self.where}, {what}: '{name}' is no state of the synapse{suggest(name, own | this)}")

    def __str__(self) -> str:
        return _describe(self, ("pre", "post", "equations", "transmit", "on_pre", "on_post"))


def _describe(model: Any, fields: tuple[str, ...]) -> str:
    """The model as a newcomer wants to read it: equations, events, parameters, source."""
    lines = [f"{type(model).__name__} '{model.name}'"]
    if model.doc:
        lines += [f"  {line.strip()}" for line in model.doc.strip().splitlines()]
    for key in fields:
        value = getattr(model, key)
        if value in ("", None, ()):
            continue
        text = [line.strip() for line in str(value).strip().splitlines() if line.strip()]
        lines.append(f"  {key:<11}" + f"\n  {'':<11}".join(text))
    if model.parameters:
        lines.append("  parameters " + ", ".join(f"{k}={v:g}" for k, v in model.parameters.items()))
    if model.initial:
        lines.append("  initial    " + ", ".join(f"{k}={v}" for k, v in model.initial.items()))
    if model.method:
        lines.append(f"  method     {model.method}")
    return "\n".join(lines)
