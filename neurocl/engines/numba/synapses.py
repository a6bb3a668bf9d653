"""Source of one projection's step: delivery, plasticity at events, and the advance of traces and synapse states.

Functions made for a projection NAME (only those that its model needs):

    _deliver_NAME        arriving spikes add what they transmit to the target
    _on_pre_NAME         statements per synapse of arriving spikes
    _on_post_NAME        statements per synapse onto neurons that fired
    _jump_pre_NAME, _jump_post_NAME      statements on traces, once per spike
    _advance_pre_NAME, _advance_post_NAME, _advance_synapse_NAME     one step of their equations
"""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.core.equations import Assign
from neurocl.core.expressions import Draw, names_in
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.neurons import unpack_population
from neurocl.engines.numba.printer import print_expression
from neurocl.engines.numba.source import assignment, draw_keys, draw_lines, indent, read_names

__all__ = ["SynapseWriter"]

FIELDS = (
    "_start", "_post", "_slot", "_by_start", "_by_edge", "_delays", "_n_pre", "_E", "_A", "_B", "_P", "_C", "_streams",
    "_table_E", "_table_A", "_table_B",
)  # fmt: skip
"""What the tuple of a projection holds, in order."""


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
        self.modulators = sorted({m for m, _ in plan.modulated.values()})
        self.arguments = ["_projection", "_from", "_to", *(f"_modulator_{m}" for m in self.modulators)]

    def functions(self) -> list[list[str]]:
        """Source of all functions, each a list of lines."""
        parsed = self.plan.parsed
        made = [self._deliver()] if self.plan.target is not None else []
        if parsed.on_pre_synapse:
            made.append(self._on_pre())
        if parsed.on_post_synapse:
            made.append(self._on_post())
        if parsed.on_pre_trace:
            made.append(self._jump("pre", parsed.on_pre_trace))
        if parsed.on_post_trace:
            made.append(self._jump("post", parsed.on_post_trace))
        made += [self._advance(part) for part in ("pre", "post", "synapse") if self.plan.schemes[part].statements]
        return made

    def _names(self, used: set[str], scope: _Scope) -> list[str]:
        """Lines that load the names `used`, as far as the indices of `scope` reach them."""
        lines = []
        for bank, index in (("E", scope.edge), ("A", scope.slot), ("B", scope.post)):
            if index:
                lines += [f"{s} = _{bank}[{k}, {index}]" for k, s in enumerate(self.layout.banks[bank]) if s in used]
        if scope.edge:
            lines += [
                f"{p} = _P[{k}, {scope.edge}]" for k, p in enumerate(self.layout.arrays) if "@" not in p and p in used
            ]
        for side, index, population in (
            ("pre", scope.pre, self.plan.pre),
            ("post", scope.post, self.plan.post),
        ):
            if index:
                lines += self._neuron_names(used, side, index, population)
        if scope.pre and "i" in used:
            lines.append(f"i = {scope.pre}")
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

    def _preamble(
        self, used: set[str], part: str | None = None, draws: list[tuple[int, Draw]] | None = None
    ) -> list[str]:
        lines = [
            ", ".join(FIELDS) + " = _projection",
            unpack_population("_from", "_from"),
            unpack_population("_to", "_to"),
        ]
        for k, name in enumerate(self.layout.scalars):
            stem, _, owner = name.partition("@")
            if stem in used and owner in ("", part):
                lines.append(f"{stem} = _C[{k}]")
        for key, (modulator, state) in self.plan.modulated.items():
            if key in used:
                row = self.layouts[modulator].banks["S"].index(state)
                lines = [line for line in lines if not line.startswith(f"{key} = ")]
                lines.append(f"{key} = _modulator_{modulator}[0][{row}, 0]")
        if "t" in used:
            lines.append("t = _F(_step * _DT)")
        if draws:
            lines += ["_stream = _streams[0]", *draw_keys(draws)]
        return lines

    def _draws(self, used: set[str]) -> list[tuple[int, Draw]]:
        return [(k, d) for k, d in enumerate(self.plan.parsed.draws) if d.symbol in used]

    def _arguments_of(self, draws: list[tuple[int, Draw]]) -> set[str]:
        return set().union(*(names_in(d.argument) for _, d in draws if d.argument is not None))

    def _edge_level(self, used: set[str]) -> bool:
        """Whether any of `used` differs between the edges of one presynaptic spike."""
        edge = {
            *self.layout.banks["E"],
            *self.layout.banks["B"],
            *(p for p in self.layout.arrays if "@" not in p),
        }
        return bool(used & edge) or any(n.endswith("_post") for n in used)

    def _is_held(self, state: str) -> bool:
        return self.network.populations[self.plan.post].parsed.equations.states[state].held

    def _deliver(self) -> list[str]:
        plan = self.plan
        assert plan.target is not None
        used = names_in(plan.parsed.transmit)
        draws = self._draws(used)
        used |= self._arguments_of(draws)
        row = self.layouts[plan.post].banks["S"].index(plan.target)
        value = print_expression(plan.parsed.transmit)
        add = f"_target[_j] += {value}"
        per_edge = self._edge_level(used) or bool(draws)
        outer = self._names(used, _Scope(slot="_q", pre="_pre"))
        inner = ["_j = _targets[_k]"]
        if per_edge:
            inner += [
                *self._names(used, _Scope(edge="_first + _k", post="_j")),
                *draw_lines(draws, "_first + _k"),
            ]
        else:
            outer, add = [*outer, f"_amount = {value}"], "_target[_j] += _amount"
        if per_edge and used <= {"w"}:
            # The common case, a row of weights, is written so that no index can be negative and none is checked.
            outer.append("_weights = _E[0][_first:_last]")
            inner = ["_j = _targets[_k]", "w = _weights[_k]"]
        if self._is_held(plan.target):
            inner.append("if _refractory_to[_j] == 0:")
            add = "    " + add
        lines = [f"def _deliver_{plan.name}({', '.join([*self.arguments, '_spikes', '_count', '_slot0', '_step'])}):"]
        lines += indent([*self._preamble(used, None, draws), f"_target = _S_to[{row}]", "for _s in _range(_count):"])
        lines += indent(["_pre = _spikes[_s]", "_q = _slot0 + _pre", "_first, _last = _start[_q], _start[_q + 1]"], 2)
        lines += indent(["_targets = _post[_first:_last]", *outer, "for _k in _range(_targets.size):"], 2)
        lines += indent([*inner, add], 3)
        return lines

    def _statements(
        self, statements: tuple[Assign, ...], scope: _Scope
    ) -> tuple[list[str], set[str], list[tuple[int, Draw]]]:
        """Load, compute and store per-synapse statements; a neuron's held state takes nothing while refractory."""
        used = read_names(statements)
        draws = self._draws(used)
        used |= self._arguments_of(draws)
        lines = [*self._names(used, scope), *draw_lines(draws, scope.edge)]
        for statement in statements:
            side = statement.name.rsplit("_", 1)[-1]
            if side not in ("pre", "post") or "_" not in statement.name:
                lines.append(assignment(statement))
                continue
            stem, population = statement.name.removesuffix(f"_{side}"), getattr(self.plan, side)
            end, index = {"pre": ("from", scope.pre), "post": ("to", scope.post)}[side]
            row = self.layouts[population].banks["S"].index(stem)
            store = [assignment(statement), f"_S_{end}[{row}, {index}] = {statement.name}"]
            if self.network.populations[population].parsed.equations.states[stem].held:
                store = [f"if _refractory_{end}[{index}] == 0:", *indent(store)]
            lines += store
        changed = {s.name for s in statements}
        return [*lines, *self._store(changed, scope)], used, draws

    def _on_pre(self) -> list[str]:
        body, used, draws = self._statements(self.plan.parsed.on_pre_synapse, _Scope("_e", "_q", "_pre", "_j"))
        lines = [
            f"def _on_pre_{self.plan.name}({', '.join([*self.arguments, '_spikes', '_count', '_slot0', '_step'])}):"
        ]
        lines += indent([*self._preamble(used, None, draws), "for _s in _range(_count):"])
        lines += indent(
            ["_pre = _spikes[_s]", "_q = _slot0 + _pre", "for _e in _range(_start[_q], _start[_q + 1]):"], 2
        )
        return [*lines, *indent(["_j = _post[_e]", *body], 3)]

    def _on_post(self) -> list[str]:
        body, used, draws = self._statements(self.plan.parsed.on_post_synapse, _Scope("_e", "_q", "_pre", "_j"))
        lines = [f"def _on_post_{self.plan.name}({', '.join([*self.arguments, '_spikes', '_count', '_step'])}):"]
        lines += indent([*self._preamble(used, None, draws), "for _s in _range(_count):"])
        lines += indent(["_j = _spikes[_s]", "for _k in _range(_by_start[_j], _by_start[_j + 1]):"], 2)
        return [*lines, *indent(["_e = _by_edge[_k]", "_q = _slot[_e]", "_pre = _q % _n_pre[0]", *body], 3)]

    def _jump(self, side: str, statements: tuple[Assign, ...]) -> list[str]:
        scope = _Scope(slot="_q", pre="_pre") if side == "pre" else _Scope(post="_j")
        used = read_names(statements)
        slot = ", '_slot0'" if side == "pre" else ""
        arguments = [*self.arguments, "_spikes", "_count", *(["_slot0"] if slot else []), "_step"]
        index = ["_pre = _spikes[_s]", "_q = _slot0 + _pre"] if side == "pre" else ["_j = _spikes[_s]"]
        body = [*self._names(used, scope), *(assignment(s) for s in statements)]
        body += self._store({s.name for s in statements}, scope)
        lines = [f"def _jump_{side}_{self.plan.name}({', '.join(arguments)}):", *indent(self._preamble(used))]
        return [*lines, "    for _s in _range(_count):", *indent([*index, *body], 2)]

    def _advance(self, part: str) -> list[str]:
        scheme = self.plan.schemes[part]
        used = read_names(scheme.statements)
        scope, size, index = {
            "pre": (_Scope(slot="_n", pre="_pre"), "_A.shape[1]", ["_pre = _n % _n_pre[0]"]),
            "post": (_Scope(post="_n"), "_B.shape[1]", []),
            "synapse": (
                _Scope("_n", "_q", "_pre", "_j"),
                "_post.size",
                ["_q = _slot[_n]", "_pre = _q % _n_pre[0]", "_j = _post[_n]"],
            ),
        }[part]
        carried = {name: place for name, place in self.plan.carried.items() if name in used and part == "synapse"}
        body = index if self._needs_indices(used, part) else []
        if not self._needs_indices(used, part):
            scope = _Scope(
                edge=scope.edge,
                slot=scope.slot if part == "pre" else "",
                post=scope.post if part == "post" else "",
            )
        body = [*body, *(f"{name} = _now{name}" for name in carried), *self._names(used, scope)]
        body += [f"{stem} = _P[{k}, _n]" for k, stem in self._array_coefficients(part, used)]
        body += [assignment(s) for s in scheme.statements]
        body += self._store({s.name for s in scheme.statements}, scope)
        lines = [f"def _advance_{part}_{self.plan.name}({', '.join([*self.arguments, '_step'])}):"]
        lines += indent(self._preamble(used, part))
        for name, (modulator, state) in carried.items():
            row = self.layouts[modulator].banks["S"].index(state)
            lines.append(f"    _now{name} = _modulator_{modulator}[0][{row}, 0]")
        return [*lines, f"    for _n in _range({size}):", *indent(body, 2)]

    def _array_coefficients(self, part: str, used: set[str]) -> list[tuple[int, str]]:
        named = [(k, name.partition("@")) for k, name in enumerate(self.layout.arrays)]
        return [(k, stem) for k, (stem, at, owner) in named if at and owner == part and stem in used]

    def _needs_indices(self, used: set[str], part: str) -> bool:
        """Whether the equations read anything beyond their own row: neurons, or (per synapse) traces."""
        traces = {*self.layout.banks["A"], *self.layout.banks["B"]} if part == "synapse" else set()
        return bool(used & traces) or any(n.endswith(("_pre", "_post")) for n in used) or "i" in used
