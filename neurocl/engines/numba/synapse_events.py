"""Source of what synapses do at spikes: statements per synapse, and jumps of traces.

Functions made for a projection NAME (only those that its model needs):

    _on_pre_NAME         statements per synapse of arriving spikes
    _on_post_NAME        statements per synapse onto neurons that fired
    _jump_pre_NAME, _jump_post_NAME      statements on traces, once per spike
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurocl.core.equations import Assign
from neurocl.engines.numba.source import Function, assignment, draw_lines, indent, read_names

if TYPE_CHECKING:
    from neurocl.engines.numba.synapses import SynapseWriter

__all__ = ["Scope", "jump_function", "on_post_function", "on_pre_function"]


@dataclass(frozen=True)
class Scope:
    """Source text for the indices at one place of the code: edge, slot, pre- and postsynaptic neuron."""

    edge: str = ""
    slot: str = ""
    pre: str = ""
    post: str = ""


def on_pre_function(writer: SynapseWriter) -> Function:
    """``_on_pre_NAME(..., spikes, count, slot0, step)``."""
    same, own = Scope(slot="_q", pre="_pre"), Scope(edge="_e", post="_j")
    preamble, before, lines, after = _statements(writer, writer.plan.parsed.on_pre_synapse, same, own)
    body = [*preamble, "for _s in _range(_count):"]
    body += indent(["_pre = _spikes[_s]", "_q = _slot0 + _pre", "_targets = _post[_start[_q]:_start[_q + 1]]"])
    # Unsigned numbers: a signed index is checked for being negative, and the loop is not vectorised.
    body += indent(["_first_edge = _uint64(_start[_q])", *before, "for _k in _range(_targets.size):"])
    body += indent(["_e, _j = _first_edge + _uint64(_k), _targets[_k]", *lines], 2)
    return writer.function("on_pre", ("_spikes", "_count", "_slot0", "_step"), [*body, *indent(after)])


def on_post_function(writer: SynapseWriter) -> Function:
    """``_on_post_NAME(..., spikes, count, step)``."""
    same, own = Scope(post="_j"), Scope(edge="_e", slot="_q", pre="_pre")
    preamble, before, lines, after = _statements(writer, writer.plan.parsed.on_post_synapse, same, own)
    # With one delay a slot is a neuron, and a division for each synapse would take longer than all else.
    pre = "_q" if len(writer.plan.edges.delays) == 1 else "_q % _uint32(_n_pre[0])"
    body = [*preamble, "for _s in _range(_count):"]
    body += indent(["_j = _spikes[_s]", "_edges = _in_edge[_in_start[_j]:_in_start[_j + 1]]"])
    body += indent(["_slots = _in_slot[_in_start[_j]:_in_start[_j + 1]]", *before])
    body += indent(["for _k in _range(_edges.size):"])
    body += indent(["_e, _q = _edges[_k], _slots[_k]", f"_pre = {pre}", *lines], 2)
    return writer.function("on_post", ("_spikes", "_count", "_step"), [*body, *indent(after)])


def jump_function(writer: SynapseWriter, side: str, statements: tuple[Assign, ...]) -> Function:
    """``_jump_SIDE_NAME(..., spikes, count(, slot0), step)``."""
    used = read_names(statements)
    extra: tuple[str, ...] = ()
    if side == "pre":
        scope, index, extra = (
            Scope(slot="_q", pre="_pre"),
            ["_pre = _spikes[_s]", "_q = _slot0 + _pre"],
            ("_slot0",),
        )
    else:
        scope, index = Scope(post="_j"), ["_j = _spikes[_s]"]
    lines = [*index, *writer.names(used, scope), *(assignment(s) for s in statements)]
    lines += writer.store_at({s.name for s in statements}, scope)
    body = [*writer.preamble(used), "for _s in _range(_count):", *indent(lines)]
    return writer.function(f"jump_{side}", ("_spikes", "_count", *extra, "_step"), body)


def _statements(
    writer: SynapseWriter, statements: tuple[Assign, ...], same: Scope, own: Scope
) -> tuple[list[str], ...]:
    """Preamble, and the lines before, in and after the loop over the synapses of one spike.

    `same` has the indices that these synapses share, `own` the others. What belongs to the shared neuron is loaded
    once, and stored once after the last synapse. A neuron's held state takes nothing while refractory.
    """
    used = read_names(statements)
    draws, more = writer.draws(used)
    used |= more
    side = "pre" if same.pre else "post"
    shared = _shared_names(writer, used, {s.name for s in statements}, side)
    scope = Scope(own.edge, own.slot or same.slot, own.pre or same.pre, own.post or same.post)
    lines, after = [*writer.names(used - shared, scope), *draw_lines(draws, scope.edge)], []
    for statement in statements:
        stem, _, end = statement.name.rpartition("_")
        lines.append(assignment(statement))
        if end not in ("pre", "post") or not stem:
            continue
        array, index = {"pre": ("from", scope.pre), "post": ("to", scope.post)}[end]
        population = getattr(writer.plan, end)
        row = writer.layouts[population].banks["S"].index(stem)
        store = f"_S_{array}[{row}, {index}] = {statement.name}"
        if statement.name in shared:
            after += [store] if store not in after else []
        elif _is_held(writer, population, stem):
            lines[-1:] = [f"if _refractory_{array}[{index}] == 0:", *indent([assignment(statement), store])]
        else:
            lines.append(store)
    lines += writer.store_at({s.name for s in statements}, scope)
    return writer.preamble(used, "", draws), writer.names(shared, same), lines, after


def _shared_names(writer: SynapseWriter, used: set[str], changed: set[str], side: str) -> set[str]:
    """Those among `used` that belong to the neuron on `side`, as far as no other synapse of it can touch them."""
    other = {"pre": "post", "post": "pre"}[side]
    near, far = getattr(writer.plan, side), getattr(writer.plan, other)
    shared = used & set(writer.layout.banks[{"pre": "A", "post": "B"}[side]])
    own = {*writer.layout.banks["E"], *writer.layout.arrays, *writer.layout.scalars}
    for name in used - own:
        stem, _, end = name.rpartition("_")
        if end != side or not stem:
            continue
        twin = f"{stem}_{other}"  # the same state of the neuron at the other end, perhaps the same neuron
        is_touched = near == far and (twin in changed or (name in changed and twin in used))
        if not is_touched and not (name in changed and _is_held(writer, near, stem)):
            shared.add(name)
    return shared


def _is_held(writer: SynapseWriter, population: str, state: str) -> bool:
    return writer.network.populations[population].parsed.equations.states[state].held
