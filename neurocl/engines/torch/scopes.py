"""How the code of a projection reads the names of its model: for a list of events, for all synapses, or for traces.

    _o              all objects; _p, _from, _to are the projection and the populations before and after it
    _b, _e          batch members (None in a batch of one) and synapses of a list of events
    _pre, _j, _q    presynaptic and postsynaptic neurons and slots of these; _be, _bpre, _bj, _bq their flat places
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from neurocl.core.plan import ProjectionPlan
from neurocl.engines.torch.layout import Layout

__all__ = ["Reader"]

_INDICES = {
    "_pre": "_take(_p._links.pre, _e)", "_j": "_take(_p._links.post, _e)", "_q": "_take(_p._links.slot, _e)",
    "_be": "_flat(_b, _p._links.n, _e)", "_bpre": "_flat(_b, _p._links.n_pre, _pre)",
    "_bj": "_flat(_b, _p._links.n_post, _j)", "_bq": "_flat(_b, _p._links.n_slots, _q)",
}  # fmt: skip
_MADE_OF = {"_bpre": "_pre", "_bj": "_j", "_bq": "_q"}


@dataclass(frozen=True)
class Reader:
    """Writes the lines that load names, for one projection."""

    plan: ProjectionPlan
    layouts: dict[str, Layout]

    @property
    def layout(self) -> Layout:
        return self.layouts[self.plan.name]

    def is_shared(self, state: str) -> bool:
        """Whether the members of a batch share a state: a weight that nothing changes."""
        return state == "w" and not self.plan.is_plastic

    def events(self, used: Iterable[str], places: Iterable[str] = ()) -> list[str]:
        """Lines for a list of events `_events`; `places` are indices that the caller needs besides."""
        lines, needed = [], set(places)
        for name in sorted(used):
            text, index = self._of_events(name)
            if text:
                lines.append(f"{name} = {text}")
                needed.add(index)
        needed |= {_MADE_OF[index] for index in needed if index in _MADE_OF}
        indices = [f"{index} = {text}" for index, text in _INDICES.items() if index in needed]
        return ["_b, _e = _events.member, _events.edge", *indices, *lines]

    def _of_events(self, name: str) -> tuple[str, str]:
        """Source of a name's values, and the index that it needs."""
        group, layout = self.layout.group_of(name), self.layout
        if group == "synapse":
            index = "_e" if self.is_shared(name) else "_be"
            return f"_take(_p.{name}, {index})", index
        if group is not None:
            index = {"pre": "_bq", "post": "_bj"}[group]
            return f"_take(_p.{name}, {index})", index
        if name in layout.arrays:
            return f"_take(_p.{name}, _e)", "_e"
        if far := self._far(name):
            end, stem, is_array = far
            index = {("_from", False): "_bpre", ("_from", True): "_pre", ("_to", False): "_bj", ("_to", True): "_j"}[
                end, is_array
            ]
            return f"_take({end}.{stem}, {index})", index
        if name == "i":
            return "_pre.to(_F)", "_pre"
        if place := self._modulator(name):
            return f"_of_member({place}, _b)", ""
        return self._plain(name), ""

    def synapses(self, used: Iterable[str]) -> list[str]:
        """Lines for all synapses of all members, [member, synapse]."""
        lines = []
        for name in sorted(used):
            group = self.layout.group_of(name)
            if group in ("pre", "post"):
                lines.append(f"{name} = _columns(_p.{name}, _p._links.{'slot' if group == 'pre' else 'post'})")
            elif group or name in self.layout.arrays:
                lines.append(f"{name} = _p.{name}")
            elif far := self._far(name):
                end, stem, _ = far
                lines.append(f"{name} = _columns({end}.{stem}, _p._links.{'pre' if end == '_from' else 'post'})")
            elif name == "i":
                lines.append("i = _p._links.pre.to(_F)")
            elif text := self._modulator(name) or self._plain(name):
                lines.append(f"{name} = {text}")
        return lines

    def traces(self, used: Iterable[str], side: str) -> list[str]:
        """Lines for the traces of one side, [member, slot] or [member, neuron]."""
        lines = []
        for name in sorted(used):
            if self.layout.group_of(name) == side or name in self.layout.arrays:
                lines.append(f"{name} = _p.{name}")
            elif far := self._far(name):
                end, stem, _ = far
                text = f"{end}.{stem}"
                lines.append(f"{name} = " + (f"_columns({text}, _p._links.slot_pre)" if side == "pre" else text))
            elif name == "i":
                lines.append("i = _p._links.slot_pre.to(_F)")
            elif text := self._modulator(name) or self._plain(name):
                lines.append(f"{name} = {text}")
        return lines

    def _far(self, name: str) -> tuple[str, str, bool] | None:
        """End, stem and whether it is a parameter, for a name such as ``v_post`` that is no plain number."""
        stem, _, side = name.rpartition("_")
        if side not in ("pre", "post") or not stem or name in self.layout.numbers:
            return None
        end, layout = {"pre": ("_from", self.plan.pre), "post": ("_to", self.plan.post)}[side]
        known = self.layouts[layout]
        if known.group_of(stem) is None and stem not in (*known.driven, *known.arrays):
            return None
        return end, stem, stem in known.arrays

    def _modulator(self, name: str) -> str:
        """Source of a modulator's value, [member, 1]; empty for another name."""
        places = self.plan.modulated | self.plan.carried | self.plan.live
        if name not in places:
            return ""
        modulator, key = places[name]
        layout = self.layouts[modulator]
        if layout.group_of(key) or key in layout.driven:
            return f"_o[{modulator!r}].{key}"
        return f"_o[{modulator!r}]._count_{key}"

    def _plain(self, name: str) -> str:
        """Source of a plain number, a constant or the time; empty for a name that statements make."""
        if name == "t":
            return "_now.t"
        return f"_p.{name}" if name in self.layout.numbers or name.startswith("_c") else ""
