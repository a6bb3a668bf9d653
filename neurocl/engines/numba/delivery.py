"""How spikes reach their targets: `choose_delivery` takes the fastest of four ways that fits a projection.

    rows     each arriving spike walks its row of targets (CSR): fits every projection
    runs     the same where the targets of every row lie side by side (all-to-all): added in vector instructions
    bitmap   dense random wiring with one weight: a bit per pair; the bits of all arriving spikes are counted first
    ring     static synapses with delays of their own: a spike is spread over the coming steps when it is fired, into a
             ring of rows [step, neuron]; each step takes one row out

`deliver_function` writes ``_deliver_NAME`` for each of them, and `landing_function` what takes a row out of the ring.
A thread adds only to its own targets, from ``_first`` to ``_last``: the bounds ``_begin`` and ``_end`` of its rows hold
no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurocl.core.expressions import names_in
from neurocl.core.plan import Plan, PopulationPlan, ProjectionPlan
from neurocl.engines.numba.bitmap import BLOCK
from neurocl.engines.numba.edge_scans import count_multapses, extent, is_side_by_side
from neurocl.engines.numba.printer import print_expression
from neurocl.engines.numba.source import Function, draw_lines, indent, make_function

if TYPE_CHECKING:
    from neurocl.engines.numba.layout import Layout
    from neurocl.engines.numba.synapses import SynapseWriter

__all__ = ["choose_delivery", "deliver_function", "landing_function", "needs_buffer", "ring_slots", "ring_targets"]

LEAST_DENSITY = 1 / 16
"""Share of all pairs from which on counting bits beats walking rows."""
MOST_MULTAPSES = 1 / 4
"""Share of synapses that repeat a pair; a bitmap knows a pair only once, the others are walked."""
LEAST_TARGETS = BLOCK
LEAST_EDGES = 2**15
"""Below it a bitmap or a run saves nothing worth another structure of code."""


def needs_buffer(plan: ProjectionPlan) -> bool:
    """Whether what a spike transmits depends on states of neurons, which other spikes of that time may change."""
    return plan.target is not None and any(n.endswith(("_pre", "_post")) for n in names_in(plan.parsed.transmit))


def choose_delivery(plan: ProjectionPlan) -> str:
    """"rows", "runs", "bitmap" or "ring"."""
    edges = plan.edges
    if edges.steps is not None:
        return "ring"
    if plan.target is None or edges.n < LEAST_EDGES or needs_buffer(plan):
        return "rows"
    names = names_in(plan.parsed.transmit)
    if names & {*plan.parsed.pre.states, *plan.parsed.post.states, *(d.symbol for d in plan.parsed.draws), "i"}:
        return "rows"
    per_synapse = {*plan.parsed.synapse.states, *(k for k, v in plan.parameters.items() if np.ndim(v))}
    if names <= {"w"} and (np.ndim(plan.weight) or plan.is_plastic):
        return "runs" if is_side_by_side(edges.start, edges.post) else "rows"
    is_constant = not names & per_synapse and not np.ndim(plan.weight)
    first_pre, last_pre, first_post, last_post = extent(edges.start, edges.post)
    n_targets = last_post - first_post
    is_dense = n_targets >= LEAST_TARGETS and edges.n >= LEAST_DENSITY * (last_pre - first_pre) * n_targets
    if is_constant and is_dense and len(edges.delays) == 1:
        return "bitmap" if count_multapses(edges.start, edges.post) <= MOST_MULTAPSES * edges.n else "rows"
    return "rows"


def ring_targets(plan: Plan, population: str) -> tuple[str, ...]:
    """States of a population that receive spikes through a ring."""
    found = {p.target for p in plan.projections.values() if p.post == population and p.edges.steps is not None}
    return tuple(sorted(name for name in found if name is not None))


def ring_slots(plan: Plan, population: str) -> int:
    """Rows of a population's ring: the power of two that is greater than its longest delay."""
    into = [p.edges for p in plan.projections.values() if p.post == population and p.edges.steps is not None]
    return 1 << max((int(edges.delays.max(initial=0)) for edges in into), default=0).bit_length() if into else 0


def deliver_function(writer: SynapseWriter) -> Function:
    """``_deliver_NAME(..., spikes, count, slot0, step)``."""
    write = {"rows": _walk_rows, "runs": _walk_rows, "bitmap": _count_bits, "ring": _spread}
    delivery = writer.layout.delivery
    extra = ("_first", "_last") if delivery == "bitmap" else ()
    return writer.function("deliver", ("_spikes", "_count", "_slot0", "_step", *extra), write[delivery](writer))


def _target(writer: SynapseWriter) -> str:
    """The row of the target's state."""
    return f"_S_to[{writer.layouts[writer.plan.post].banks['S'].index(writer.plan.target or '')}]"


def _is_held(writer: SynapseWriter) -> bool:
    """Whether a refractory neuron takes nothing."""
    return writer.network.populations[writer.plan.post].parsed.equations.states[writer.plan.target or ""].held


def _walk_rows(writer: SynapseWriter) -> list[str]:
    """Lines that add each spike's row of synapses to the target."""
    preamble, outer, inner, value = _transmitted(writer)
    side_by_side = writer.layout.delivery == "runs"
    if side_by_side:
        # An empty row has no first target; any will do, for nothing is added.
        outer.append("_at = _post[_first_edge] if _last_edge > _first_edge else _uint32(0)")
        outer.append("_row = _target[_at:_at + _weights.size]")
    else:
        inner.insert(0, "_j = _targets[_k]")
    add = [f"{'_row[_k]' if side_by_side else '_target[_j]'} += {value}"]
    if _is_held(writer):
        neuron = "_at + _k" if side_by_side else "_j"
        add = [f"if _refractory_to[{neuron}] == 0:", *indent(add)]
    target = "_buffer" if needs_buffer(writer.plan) else _target(writer)
    body = [*preamble, f"_target = {target}", "for _s in _range(_count):"]
    body += indent(["_pre = _spikes[_s]", "_q = _slot0 + _pre", "_first_edge, _last_edge = _begin[_q], _end[_q]"])
    body += indent(["_targets = _post[_first_edge:_last_edge]", *outer, "for _k in _range(_targets.size):"])
    return body + indent([*inner, *add], 2)


def _spread(writer: SynapseWriter) -> list[str]:
    """Lines that add each spike's row to the ring, every synapse as many rows ahead as its delay has steps."""
    preamble, outer, inner, value = _transmitted(writer)
    row = ring_targets(writer.network, writer.plan.post).index(writer.plan.target or "")
    body = [*preamble, f"_rows = _ring_to[{row}]", "_mask = _uint32(_rows.shape[0] - 1)", "_now = _uint32(_step)"]
    body += ["for _s in _range(_count):"]
    body += indent(["_pre = _spikes[_s]", "_first_edge, _last_edge = _begin[_pre], _end[_pre]"])
    # Rows lie anywhere in memory, so the next is asked for before this one is worked on.
    ahead = ["_next = _spikes[_s + 1]", *(f"_prefetch({a}, _begin[_next], _end[_next])" for a in _read_rows(inner))]
    body += indent(["if _s + 1 < _count:", *indent(ahead)])
    body += indent(["_targets = _post[_first_edge:_last_edge]", "_late = _steps[_first_edge:_last_edge]", *outer])
    body += indent(["for _k in _range(_targets.size):"])
    return body + indent([*inner, f"_rows[(_now + _uint32(_late[_k])) & _mask, _targets[_k]] += {value}"], 2)


def _read_rows(lines: list[str]) -> list[str]:
    """The arrays with an element per synapse that the delivery of a spike to the ring reads."""
    return ["_post", "_steps", *(["_E[0]"] if "w = _weights[_k]" in lines else [])]


def _count_bits(writer: SynapseWriter) -> list[str]:
    """Lines that count the spikes that reach each target, in blocks that the counters hold, and add the counts."""
    used = names_in(writer.plan.parsed.transmit)
    is_held = _is_held(writer)
    amount = "_amount * _F(_int32(_hits[_k]))"
    amount = f"_select(_left[_k] == 0, {amount}, _F(0))" if is_held else amount
    body = [*writer.preamble(used), f"_amount = {print_expression(writer.plan.parsed.transmit)}"]
    # From here on _first and _last bound the targets that both the thread and the bitmap have.
    body += ["_first, _last = max(_first, _bit_range[2]), min(_last, _bit_range[3])"]
    body += ["if _first >= _last:", "    return"]
    body += [f"_target = {_target(writer)}[_first:_last]"]
    body += ["_hits = _counts[_first - _bit_range[2]:_last - _bit_range[2]]"]
    body += ["_left = _refractory_to[_first:_last]"] if is_held else []
    body += ["_done = 0", "while _done < _count:"]
    body += indent(["_done = _count_bits(_bits, _bit_range, _spikes, _done, _count, _planes, _counts, _first, _last)"])
    body += indent(["for _k in _range(_target.size):", f"    _target[_k] += {amount}"])
    takes = "_first <= _j < _last" + (" and _refractory_to[_j] == 0" if is_held else "")
    repeated = ["_pre = _spikes[_s]", "for _k in _range(_again_start[_pre], _again_start[_pre + 1]):"]
    repeated += indent(["_j = _int64(_again[_k])", f"if {takes}:", "    _target[_j - _first] += _amount"])
    return [*body, "for _s in _range(_count):", *indent(repeated)]


def _transmitted(writer: SynapseWriter) -> tuple[list[str], list[str], list[str], str]:
    """What a spike transmits: preamble, lines for a row and for a synapse, and the value."""
    used = names_in(writer.plan.parsed.transmit)
    draws, more = writer.draws(used)
    used |= more
    value = print_expression(writer.plan.parsed.transmit)
    outer: list[str] = writer.row_names(used)
    inner: list[str] = []
    if used <= {"w"} and writer.is_edge_level(used):
        # The common case, a row of weights, is written so that no index can be negative and none is checked.
        outer.append("_weights = _E[0][_first_edge:_last_edge]")
        inner.append("w = _weights[_k]")
    elif writer.is_edge_level(used) or draws:
        inner += ["_e = _first_edge + _k", *writer.synapse_names(used), *draw_lines(draws, "_e")]
    else:
        outer, value = [*outer, f"_amount = {value}"], "_amount"
    return writer.preamble(used, "", draws), outer, inner, value


def landing_function(plan: PopulationPlan, network: Plan, layout: Layout) -> Function | None:
    """``_land_NAME(..., step, first, last)``: what arrives now leaves the ring; None without a ring."""
    body: list[str] = []
    for k, target in enumerate(ring_targets(network, plan.name)):
        row = layout.banks["S"].index(target)
        arriving = "_arriving[_k]"
        if plan.parsed.equations.states[target].held:
            arriving = f"_select(_left[_k] == 0, {arriving}, _F(0))"
        body.append(f"_arriving = _ring[{k}, _step & (_ring.shape[1] - 1)][_first:_last]")
        body.append(f"_target = _S[{row}][_first:_last]")
        body += ["_left = _refractory[_first:_last]"] if "_left" in arriving else []
        body += ["for _k in _range(_target.size):", *indent([f"_target[_k] += {arriving}", "_arriving[_k] = 0"])]
    arrays = {field: f"{field}__{plan.name}" for field in ("_ring", "_S", "_refractory")}
    return make_function(f"_land_{plan.name}", arrays, ("_step", "_first", "_last"), body) if body else None
