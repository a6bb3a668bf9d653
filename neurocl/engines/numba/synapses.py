"""Source of one projection's step: delivery, plasticity at events, and the advance of traces and synapse states.

Functions made for a projection NAME (only those that its model needs):

    _deliver_NAME        arriving spikes add what they transmit to the target: see `delivery`
    _add_NAME            the same, second half, where what is transmitted depends on the neurons' states: amounts are
                         collected while all states are as they were before the events, and added afterwards
    _on_pre_NAME         statements per synapse of arriving spikes
    _on_post_NAME        statements per synapse onto neurons that fired
    _jump_pre_NAME, _jump_post_NAME      statements on traces, once per spike
    _advance_pre_NAME, _advance_post_NAME, _advance_synapse_NAME     one step of their equations

and those of `synapse_updates`, for what happens in every step.
"""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.core.equations import Assign
from neurocl.core.expressions import Draw
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.numba.delivery import deliver_function, needs_buffer
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.neurons import population_arrays
from neurocl.engines.numba.source import (
    Function,
    assignment,
    draw_keys,
    draw_lines,
    draws_among,
    indent,
    make_function,
    read_names,
)
from neurocl.engines.numba.synapse_updates import sum_function, update_function

__all__ = ["FIELDS", "SynapseWriter"]

FIELDS = (
    "_start", "_begin", "_end", "_post", "_steps", "_slot", "_in_start", "_in_edge", "_in_slot", "_delays", "_n_pre",
    "_E", "_A", "_B", "_P", "_C", "_streams", "_buffer", "_sums_pre", "_sums_post", "_bits", "_bit_range", "_planes",
    "_counts", "_again_start", "_again",
)  # fmt: skip
"""Arrays of a projection."""

Draws = list[tuple[int, Draw]]


@dataclass(frozen=True)
class _Scope:
    """Source text for the indices at one place of the code: edge, slot, pre- and postsynaptic neuron."""

    edge: str = ""
    slot: str = ""
    pre: str = ""
    post: str = ""


class SynapseWriter:
    """Writes the functions of one projection."""

    def __init__(self, plan: ProjectionPlan, network: Plan, layouts: dict[str, Layout]) -> None:
        self.plan, self.network, self.layouts = plan, network, layouts
        self.layout = layouts[plan.name]
        self.arrays = {field: f"{field}__{plan.name}" for field in FIELDS}
        self.arrays |= population_arrays(plan.pre, "_from") | population_arrays(plan.post, "_to")
        for modulator in network.modulators:
            self.arrays |= {f"{field}_mod_{modulator}": f"{field}__{modulator}" for field in ("_S", "_C", "_counts")}

    def functions(self) -> dict[str, Function]:
        """All functions, by what they do."""
        parsed = self.plan.parsed
        made: dict[str, Function] = {}
        if self.plan.target is not None:
            made["deliver"] = deliver_function(self)
            if needs_buffer(self.plan):
                made["add"] = self._add()
        if parsed.on_pre_synapse:
            made["on_pre"] = self._on_pre()
        if parsed.on_post_synapse:
            made["on_post"] = self._on_post()
        if parsed.on_pre_trace:
            made["jump_pre"] = self._jump("pre", parsed.on_pre_trace)
        if parsed.on_post_trace:
            made["jump_post"] = self._jump("post", parsed.on_post_trace)
        for part in ("pre", "post", "synapse"):
            if self.plan.schemes[part].statements:
                made[f"advance_{part}"] = self._advance(part)
        if parsed.neuron_sums:
            made["sum"] = sum_function(self)
        if parsed.update:
            made["update"] = update_function(self)
        return made

    def function(self, what: str, extra: tuple[str, ...], body: list[str]) -> Function:
        """The function that does `what`, with its arrays and the arguments `extra`."""
        return make_function(f"_{what}_{self.plan.name}", self.arrays, extra, body)

    def row_names(self, used: set[str]) -> list[str]:
        """Lines that load what the synapses ``_e`` of one slot ``_q`` of neuron ``_pre`` share."""
        return self._names(used, _Scope(slot="_q", pre="_pre"))

    def synapse_names(self, used: set[str]) -> list[str]:
        """Lines that load what belongs to synapse ``_e`` or to its target ``_j``."""
        return self._names(used - {"i"}, _Scope(edge="_e", post="_j"))

    def store(self, changed: set[str]) -> list[str]:
        """Lines that write the states `changed` of synapse ``_e``."""
        return self._store(changed, _Scope(edge="_e"))

    def _names(self, used: set[str], scope: _Scope) -> list[str]:
        """Lines that load the names `used`, as far as the indices of `scope` reach them."""
        lines = []
        for bank, index in (("E", scope.edge), ("A", scope.slot), ("B", scope.post)):
            if index:
                lines += [f"{s} = _{bank}[{k}, {index}]" for k, s in enumerate(self.layout.banks[bank]) if s in used]
        if scope.edge:
            arrays = enumerate(self.layout.arrays)
            lines += [f"{p} = _P[{k}, {scope.edge}]" for k, p in arrays if "@" not in p and p in used]
        if scope.pre:
            lines += self._neuron_names(used, "pre", scope.pre, self.plan.pre)
        if scope.post:
            lines += self._neuron_names(used, "post", scope.post, self.plan.post)
        if "i" in used and (scope.pre or scope.post):
            lines.append(f"i = {scope.pre or scope.post}")
        return lines

    def _neuron_names(self, used: set[str], side: str, index: str, population: str) -> list[str]:
        lines, layout, end = [], self.layouts[population], {"pre": "from", "post": "to"}[side]
        for name in sorted(n for n in used if n.endswith(f"_{side}")):
            stem = name.removesuffix(f"_{side}")
            place = layout.bank_of(stem)
            if place is not None:
                lines.append(f"{name} = _S_{end}[{place[1]}, {index}]")
            elif stem in layout.arrays:
                lines.append(f"{name} = _P_{end}[{layout.arrays.index(stem)}, {index}]")
            elif stem in layout.scalars:
                lines.append(f"{name} = _C_{end}[{layout.scalars.index(stem)}]")
        return lines

    def _store(self, changed: set[str], scope: _Scope) -> list[str]:
        lines = []
        for bank, index in (("E", scope.edge), ("A", scope.slot), ("B", scope.post)):
            if index:
                lines += [f"_{bank}[{k}, {index}] = {s}" for k, s in enumerate(self.layout.banks[bank]) if s in changed]
        return lines

    def preamble(self, used: set[str], part: str = "", draws: Draws | None = None) -> list[str]:
        """Lines that load what is the same for all synapses; `part` chooses whose propagator."""
        lines = []
        for k, name in enumerate(self.layout.scalars):
            stem, _, owner = name.partition("@")
            if stem in used and owner in ("", part) and stem not in self.plan.modulated:
                lines.append(f"{stem} = _C[{k}]")
        for key, (modulator, state) in self.plan.modulated.items():
            if key in used:
                lines.append(f"{key} = _S_mod_{modulator}[{self.layouts[modulator].banks['S'].index(state)}, 0]")
        if "t" in used:
            lines.append("t = _F(_step * _DT)")
        if draws:
            lines += ["_stream = _streams[0]", *draw_keys(draws)]
        return lines

    def draws(self, used: set[str]) -> tuple[Draws, set[str]]:
        """The draws among `used`, and the names that their arguments need."""
        draws, everything = draws_among(self.plan.parsed.draws, used)
        return draws, everything - used

    def is_edge_level(self, used: set[str]) -> bool:
        """Whether any of `used` differs between the edges of one presynaptic spike."""
        per_edge = {*self.layout.banks["E"], *self.layout.banks["B"], *self.layout.arrays}
        return bool(used & per_edge) or any(n.endswith("_post") for n in used)

    def _add(self) -> Function:
        row = self.layouts[self.plan.post].banks["S"].index(self.plan.target or "")
        body = [f"_target = _S_to[{row}]", "for _j in _range(_buffer.size):"]
        body += indent(["_target[_j] += _buffer[_j]", "_buffer[_j] = 0"])
        return self.function("add", (), body)

    def _statements(self, statements: tuple[Assign, ...], scope: _Scope) -> tuple[list[str], list[str]]:
        """Preamble and body of per-synapse statements; a neuron's held state takes nothing while refractory."""
        used = read_names(statements)
        draws, more = self.draws(used)
        used |= more
        lines = [*self._names(used, scope), *draw_lines(draws, scope.edge)]
        for statement in statements:
            stem, _, side = statement.name.rpartition("_")
            if side not in ("pre", "post") or not stem:
                lines.append(assignment(statement))
                continue
            population = getattr(self.plan, side)
            end, index = {"pre": ("from", scope.pre), "post": ("to", scope.post)}[side]
            row = self.layouts[population].banks["S"].index(stem)
            store = [assignment(statement), f"_S_{end}[{row}, {index}] = {statement.name}"]
            if self.network.populations[population].parsed.equations.states[stem].held:
                store = [f"if _refractory_{end}[{index}] == 0:", *indent(store)]
            lines += store
        lines += self._store({s.name for s in statements}, scope)
        return self.preamble(used, "", draws), lines

    def _on_pre(self) -> Function:
        preamble, lines = self._statements(self.plan.parsed.on_pre_synapse, _Scope("_e", "_q", "_pre", "_j"))
        body = [*preamble, "for _s in _range(_count):"]
        body += indent(["_pre = _spikes[_s]", "_q = _slot0 + _pre", "_targets = _post[_start[_q]:_start[_q + 1]]"])
        # Unsigned numbers: a signed index is checked for being negative, and the loop is not vectorised.
        body += indent(["_first_edge = _uint64(_start[_q])", "for _k in _range(_targets.size):"])
        body += indent(["_e, _j = _first_edge + _uint64(_k), _targets[_k]", *lines], 2)
        return self.function("on_pre", ("_spikes", "_count", "_slot0", "_step"), body)

    def _on_post(self) -> Function:
        preamble, lines = self._statements(self.plan.parsed.on_post_synapse, _Scope("_e", "_q", "_pre", "_j"))
        body = [*preamble, "for _s in _range(_count):"]
        body += indent(["_j = _spikes[_s]", "_edges = _in_edge[_in_start[_j]:_in_start[_j + 1]]"])
        body += indent(["_slots = _in_slot[_in_start[_j]:_in_start[_j + 1]]", "for _k in _range(_edges.size):"])
        body += indent(["_e, _q = _edges[_k], _slots[_k]", "_pre = _q % _uint32(_n_pre[0])", *lines], 2)
        return self.function("on_post", ("_spikes", "_count", "_step"), body)

    def _jump(self, side: str, statements: tuple[Assign, ...]) -> Function:
        used = read_names(statements)
        extra: tuple[str, ...] = ()
        if side == "pre":
            scope, index, extra = (
                _Scope(slot="_q", pre="_pre"),
                ["_pre = _spikes[_s]", "_q = _slot0 + _pre"],
                ("_slot0",),
            )
        else:
            scope, index = _Scope(post="_j"), ["_j = _spikes[_s]"]
        lines = [*index, *self._names(used, scope), *(assignment(s) for s in statements)]
        lines += self._store({s.name for s in statements}, scope)
        body = [*self.preamble(used), "for _s in _range(_count):", *indent(lines)]
        return self.function(f"jump_{side}", ("_spikes", "_count", *extra, "_step"), body)

    def _advance(self, part: str) -> Function:
        scheme = self.plan.schemes[part]
        used = read_names(scheme.statements)
        far = self._reaches_far(used, part)
        pre = ["_pre = _n % _n_pre[0]"] if far else []
        scope, own, size, index = {
            "pre": (_Scope(slot="_n", pre="_pre" if far else ""), _Scope(slot="_n"), "_A.shape[1]", pre),
            "post": (_Scope(post="_n"), _Scope(post="_n"), "_B.shape[1]", []),
            "synapse": (
                _Scope("_n", "_q", "_pre", "_j") if far else _Scope("_n"), _Scope("_n"), "_post.size",
                ["_q = _slot[_n]", "_pre = _q % _n_pre[0]", "_j = _post[_n]"] if far else [],
            ),
        }[part]  # fmt: skip
        carried = {name: place for name, place in self.plan.carried.items() if name in used}
        lines = [*index, *(f"{name} = _now{name}" for name in carried), *self._names(used, scope)]
        lines += [f"{stem} = _P[{k}, _n]" for k, stem in self._array_coefficients(part, used)]
        lines += [assignment(s) for s in scheme.statements]
        lines += self._store({s.name for s in scheme.statements}, own)
        body = [*self.preamble(used, part), *self._modulator_values(used, carried)]
        return self.function(f"advance_{part}", ("_step",), [*body, f"for _n in _range({size}):", *indent(lines)])

    def _modulator_values(self, used: set[str], carried: dict[str, tuple[str, str]]) -> list[str]:
        """Lines that load what the synapses' equations read of modulators: states, inputs and counts."""
        lines = []
        for name, (modulator, state) in carried.items():
            lines.append(f"_now{name} = _S_mod_{modulator}[{self.layouts[modulator].banks['S'].index(state)}, 0]")
        for name, (modulator, key) in self.plan.live.items():
            counts = tuple(self.network.modulators[modulator].counts)
            if name in used and key in counts:
                lines.append(f"{name} = _counts_mod_{modulator}[{counts.index(key)}]")
            elif name in used:
                lines.append(f"{name} = _C_mod_{modulator}[{self.layouts[modulator].scalars.index(key)}]")
        return lines

    def _array_coefficients(self, part: str, used: set[str]) -> list[tuple[int, str]]:
        named = [(k, name.partition("@")) for k, name in enumerate(self.layout.arrays)]
        return [(k, stem) for k, (stem, at, owner) in named if at and owner == part and stem in used]

    def _reaches_far(self, used: set[str], part: str) -> bool:
        """Whether the equations read anything beyond their own row: neurons, or (per synapse) traces."""
        traces = {*self.layout.banks["A"], *self.layout.banks["B"]} if part == "synapse" else set()
        return bool(used & traces) or any(n.endswith(("_pre", "_post")) for n in used) or "i" in used
