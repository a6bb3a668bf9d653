"""Source of one projection's step: delivery, plasticity at events, and the advance of traces and synapse states.

Functions made for a projection NAME (only those that its model needs):

    _deliver_NAME        arriving spikes add what they transmit to the target: see `delivery`
    _add_NAME            the same, second half, where what is transmitted depends on the neurons' states: amounts are
                         collected while all states are as they were before the events, and added afterwards
    _advance_pre_NAME, _advance_post_NAME, _advance_synapse_NAME     one step of their equations

and those of `synapse_events`, at spikes, and of `synapse_updates`, for what happens in every step.
"""

from __future__ import annotations

from neurocl.core.expressions import Draw
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.numba.delivery import deliver_function, needs_buffer
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.neurons import population_arrays
from neurocl.engines.numba.source import (
    Function,
    assignment,
    draw_keys,
    draws_among,
    indent,
    make_function,
    read_names,
)
from neurocl.engines.numba.synapse_events import Scope, jump_function, on_post_function, on_pre_function
from neurocl.engines.numba.synapse_updates import sum_function, update_function

__all__ = ["FIELDS", "SynapseWriter"]

FIELDS = (
    "_start", "_begin", "_end", "_post", "_steps", "_slot", "_in_start", "_in_edge", "_in_slot", "_delays", "_n_pre",
    "_E", "_A", "_B", "_P", "_C", "_streams", "_buffer", "_sums_pre", "_sums_post", "_bits", "_bit_range", "_planes",
    "_counts", "_again_start", "_again",
)  # fmt: skip
"""Arrays of a projection."""

Draws = list[tuple[int, Draw]]


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
            made["on_pre"] = on_pre_function(self)
        if parsed.on_post_synapse:
            made["on_post"] = on_post_function(self)
        if parsed.on_pre_trace:
            made["jump_pre"] = jump_function(self, "pre", parsed.on_pre_trace)
        if parsed.on_post_trace:
            made["jump_post"] = jump_function(self, "post", parsed.on_post_trace)
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
        return self.names(used, Scope(slot="_q", pre="_pre"))

    def synapse_names(self, used: set[str]) -> list[str]:
        """Lines that load what belongs to synapse ``_e`` or to its target ``_j``."""
        return self.names(used - {"i"}, Scope(edge="_e", post="_j"))

    def store(self, changed: set[str]) -> list[str]:
        """Lines that write the states `changed` of synapse ``_e``."""
        return self.store_at(changed, Scope(edge="_e"))

    def names(self, used: set[str], scope: Scope) -> list[str]:
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

    def store_at(self, changed: set[str], scope: Scope) -> list[str]:
        """Lines that write the states `changed`, as far as the indices of `scope` reach them."""
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

    def _advance(self, part: str) -> Function:
        scheme = self.plan.schemes[part]
        used = read_names(scheme.statements)
        far = self._reaches_far(used, part)
        pre = ["_pre = _n % _n_pre[0]"] if far else []
        scope, own, size, index = {
            "pre": (Scope(slot="_n", pre="_pre" if far else ""), Scope(slot="_n"), "_A.shape[1]", pre),
            "post": (Scope(post="_n"), Scope(post="_n"), "_B.shape[1]", []),
            "synapse": (
                Scope("_n", "_q", "_pre", "_j") if far else Scope("_n"), Scope("_n"), "_post.size",
                ["_q = _slot[_n]", "_pre = _q % _n_pre[0]", "_j = _post[_n]"] if far else [],
            ),
        }[part]  # fmt: skip
        carried = {name: place for name, place in self.plan.carried.items() if name in used}
        lines = [*index, *(f"{name} = _now{name}" for name in carried), *self.names(used, scope)]
        lines += [f"{stem} = _P[{k}, _n]" for k, stem in self._array_coefficients(part, used)]
        lines += [assignment(s) for s in scheme.statements]
        lines += self.store_at({s.name for s in scheme.statements}, own)
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
