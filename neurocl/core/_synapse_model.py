"""`SynapseModel`: what a spike transmits, and how weight and traces change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy

from neurocl.core._description import (
    Description,
    FrozenDict,
    check_name,
    check_new_names,
    check_no_sums,
    describe,
)
from neurocl.core.equations import (
    Assign,
    Equations,
    Sum,
    check_names,
    parse_equations,
    parse_statements,
    substitute,
)
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import Draw, names_in, parse_expression, suggest

__all__ = ["STATIC", "ParsedSynapse", "SynapseModel"]


@dataclass(frozen=True)
class ParsedSynapse:
    """The symbols of a `SynapseModel`.

    `on_pre_synapse` and `on_post_synapse` run once per synapse visited, `on_pre_trace` once per presynaptic
    spike and `on_post_trace` once per postsynaptic spike, after all synapses were visited. `update` runs once per
    synapse and step; the sums in `synapse.sums` that are not the neurons' are made just before it.
    """

    pre: Equations
    post: Equations
    synapse: Equations
    transmit: sympy.Basic
    on_pre_synapse: tuple[Assign, ...]
    on_pre_trace: tuple[Assign, ...]
    on_post_synapse: tuple[Assign, ...]
    on_post_trace: tuple[Assign, ...]
    update: tuple[Assign, ...]
    initial: dict[str, sympy.Expr]
    draws: tuple[Draw, ...]

    @property
    def is_plastic(self) -> bool:
        """Whether anything changes the weight ``w`` during a run."""
        changed = {s.name for s in (*self.on_pre_synapse, *self.on_post_synapse, *self.update)}
        return "w" in changed or "w" in self.synapse.states

    @property
    def neuron_sums(self) -> tuple[Sum, ...]:
        """Sums that are parameters of the connected neurons."""
        return tuple(s for s in self.synapse.sums if s.of_neurons)

    @property
    def own_sums(self) -> tuple[Sum, ...]:
        """Sums that only `update` reads."""
        return tuple(s for s in self.synapse.sums if not s.of_neurons)

    @property
    def acts_without_spikes(self) -> bool:
        """Whether the synapse does something in steps without any event."""
        return bool(self.update or self.synapse.sums)

    def neuron_names(self) -> set[str]:
        """Names such as ``v_post`` that refer to states and parameters of the connected neurons."""
        expressions = [self.transmit, *(s.expression for s in self.synapse.sums)]
        expressions += [
            s.derivative
            for e in (self.pre, self.post, self.synapse)
            for s in e.states.values()
            if s.derivative is not None
        ]
        names: set[str] = set()
        for group in (self.on_pre_synapse, self.on_pre_trace, self.on_post_synapse, self.on_post_trace, self.update):
            names |= {s.name for s in group}
            expressions += [s.expression for s in group]
        for expression in expressions:
            names |= names_in(expression)
        return {name for name in names if name.endswith(("_pre", "_post"))}


@dataclass(frozen=True)
class SynapseModel(Description):
    """A synapse: what a spike transmits, and how weight and traces change.

    Parameters
    ----------
    name : name of the model.
    pre, post : equations of traces, one value per presynaptic (postsynaptic) neuron of the projection.
    equations : equations of states that every synapse has for itself; the weight ``w`` may be one of them. Also sums
        over synapses. ``i_gap_post = w * (v_pre - v_post) : pA (summed)`` makes the parameter ``i_gap`` of every
        postsynaptic neuron the sum over its synapses (``_pre``: of every presynaptic one), new in each step, from the
        states after the events of t_k; projections that sum into one parameter add up. ``total = w : 1 (summed post)``
        (or ``pre``) is a sum for `update` alone, and ``(summed pre, in order)`` the running sum over the presynaptic
        neuron's targets up to the synapse's own.
    transmit : what a presynaptic spike adds to the target, default ``"w"``; it reads everything as it was before
        the events of that time.
    on_pre, on_post : statements at the arrival of a presynaptic spike and at a postsynaptic spike. Statements on
        ``w`` and on per-synapse states run in order, reading traces as they were before any event of that time;
        statements on traces run afterwards. ``v_post`` and ``v_pre`` name the neurons' own states. Where a pre- and
        a postsynaptic event coincide on one synapse, on_pre acts first.
    update : statements on ``w`` and per-synapse states for every synapse in every step. They run after neurons, traces
        and synapses were advanced, and before the threshold, so they read the new states.
    parameters, initial, require, doc : as in `NeuronModel`.

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
    update: str = ""
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    initial: Mapping[str, float | str] = field(default_factory=FrozenDict)
    method: str | None = None
    require: str = ""
    doc: str = ""

    kind = "synapse"
    words = ("name", "target", "weight", "delay", "synapse")

    def __post_init__(self) -> None:
        self._freeze()
        if "w" in self.parameters:
            raise NeuroclError(f"{self.where}: 'w' is the weight and no parameter; give it to net.connect(weight=...)")
        self.parsed, self.requirements  # noqa: B018 - parsing checks the text

    @cached_property
    def parsed(self) -> ParsedSynapse:
        """The synapse as symbols."""
        draws: list[Draw] = []
        groups: dict[str, Equations] = {}
        taken: set[str] = set()
        for part in ("pre", "post", "equations"):
            groups[part] = parse_equations(getattr(self, part), f"{self.where}, {part}", self.parameters, None)
            own = {
                name: line for name, line in groups[part].states.items() if not (part == "equations" and name == "w")
            }
            check_new_names(
                Equations(own, groups[part].aliases), self.parameters, f"{self.where}, {part}", taken | {"w"}
            )
            taken |= set(groups[part].states) | set(groups[part].aliases)
        for part in ("pre", "post"):
            check_no_sums(groups[part], f"{self.where}, {part}")
        pre, post, synapse = groups["pre"], groups["post"], groups["equations"]
        self._check_words([*pre.states, *post.states, *synapse.states, *self.parameters])
        aliases = {**pre.aliases, **post.aliases, **synapse.aliases}
        transmit = substitute(parse_expression(self.transmit, f"{self.where}, transmit", draws), aliases)
        if not isinstance(transmit, sympy.Expr):
            raise NeuroclError(
                f"{self.where}, transmit: '{self.transmit}' is true or false; write int({self.transmit}) for a number"
            )
        on_pre = parse_statements(self.on_pre, f"{self.where}, on_pre", aliases, draws)
        on_post = parse_statements(self.on_post, f"{self.where}, on_post", aliases, draws)
        parsed = ParsedSynapse(
            pre, post, synapse, transmit,
            tuple(s for s in on_pre if s.name not in pre.states), tuple(s for s in on_pre if s.name in pre.states),
            tuple(s for s in on_post if s.name not in post.states), tuple(s for s in on_post if s.name in post.states),
            parse_statements(self.update, f"{self.where}, update", aliases, draws),
            self._parse_initial([*pre.states, *post.states, *synapse.states], set(self.parameters) | {"w"}),
            tuple(draws),
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
                    raise NeuroclError(f"{self.where}, line {shown(state.line)}: a synapse has no refractory time")
                if state.derivative is not None:
                    check_names(state.derivative, allowed | parameters, f"{self.where}, line {shown(state.line)}")
        check_names(parsed.transmit, everything, f"{self.where}, transmit '{self.transmit}'")
        self._check_targets(parsed, "on_pre", parsed.on_pre_synapse, own, pre, post)
        self._check_targets(parsed, "on_post", parsed.on_post_synapse, own, post, pre)
        for statement in (*parsed.on_pre_synapse, *parsed.on_post_synapse):
            check_names(statement.expression, everything, f"{self.where}, statement on '{statement.name}'")
        for statements, side, states in (
            (parsed.on_pre_trace, "pre", pre),
            (parsed.on_post_trace, "post", post),
        ):
            allowed = states | parameters | {n for n in neurons if n.endswith(f"_{side}")}
            for statement in statements:
                where = f"{self.where}, statement on the {side}synaptic trace '{statement.name}'"
                check_names(statement.expression, allowed, where)
                self._check_index(statement.expression, side, where)
        for name, state in parsed.post.states.items():
            if state.derivative is not None:
                self._check_index(state.derivative, "post", f"{self.where}, postsynaptic trace '{name}'")
        self._check_update(parsed, everything, own)

    def _check_update(self, parsed: ParsedSynapse, everything: set[str], own: set[str]) -> None:
        for entry in parsed.synapse.sums:
            check_names(entry.expression, everything, f"{self.where}, line {shown(entry.line)}")
        sums = {entry.name for entry in parsed.own_sums}
        for name in sums:
            check_name(name, self.where)
            if name in everything:
                raise NeuroclError(f"{self.where}: '{name}' is a sum and something else; choose another name")
        for statement in parsed.update:
            where = f"{self.where}, update, statement on '{statement.name}'"
            if statement.name not in own:
                hint = "; to act on neurons write a sum, 'x_post = ... (summed)'"
                is_far = statement.name.endswith(("_pre", "_post"))
                raise NeuroclError(
                    f"{where}: only w and states of the synapse can change here"
                    f"{hint if is_far else suggest(statement.name, own)}"
                )
            check_names(statement.expression, everything | sums, where)
        if sums and not parsed.update:
            raise NeuroclError(f"{self.where}: nothing reads the sum '{min(sums)}'; only update= can")

    def _check_index(self, expression: sympy.Basic, side: str, where: str) -> None:
        if side == "post" and "i" in names_in(expression):
            raise NeuroclError(f"{where}: 'i' is the presynaptic neuron, which a postsynaptic trace does not know")

    def _check_targets(
        self,
        parsed: ParsedSynapse,
        what: str,
        statements: tuple[Assign, ...],
        own: set[str],
        this: set[str],
        other: set[str],
    ) -> None:
        for statement in statements:
            name = statement.name
            if name in own or name.endswith(("_pre", "_post")):
                continue
            if name in other:
                side = "on_post" if what == "on_pre" else "on_pre"
                raise NeuroclError(
                    f"{self.where}, {what}: the trace '{name}' belongs to the other side; change it in {side}"
                )
            raise NeuroclError(f"{self.where}, {what}: '{name}' is no state of the synapse{suggest(name, own | this)}")

    def __str__(self) -> str:
        return describe(self, ("pre", "post", "equations", "transmit", "on_pre", "on_post", "update", "require"))


STATIC = SynapseModel(name="static", doc="A constant weight: a spike adds w to the target.")
