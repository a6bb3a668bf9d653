"""Source of what synapses do in every step, with or without events: sums over synapses, and update statements.

Functions made for a projection NAME (only those that its model needs):

    _sum_NAME       adds what each synapse contributes to the parameters of neurons that are sums
    _update_NAME    makes the projection's own sums, then runs the update statements of every synapse
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurocl.core.equations import Sum
from neurocl.core.expressions import names_in
from neurocl.engines.numba.printer import print_expression
from neurocl.engines.numba.source import Function, assignment, draw_lines, indent, read_names

if TYPE_CHECKING:
    from neurocl.engines.numba.synapses import SynapseWriter

__all__ = ["own_sum_rows", "sum_function", "update_function"]


def own_sum_rows(sums: tuple[Sum, ...]) -> dict[str, tuple[str, int]]:
    """Array and row that hold each of a projection's own sums; a running sum is never stored."""
    rows: dict[str, tuple[str, int]] = {}
    for side in ("pre", "post"):
        stored = [s.name for s in sums if s.side == side and not s.in_order]
        rows |= {name: (f"_sums_{side}", k) for k, name in enumerate(stored)}
    return rows


def sum_function(writer: SynapseWriter) -> Function:
    """``_sum_NAME(..., step)``: add to the neurons' parameters, which are zero before the first projection adds."""
    arrays = {"pre": ("_P_from", writer.plan.pre), "post": ("_P_to", writer.plan.post)}
    sums, rows = writer.plan.parsed.neuron_sums, []
    for entry in sums:
        array, population = arrays[entry.side]
        rows.append(f"{array}[{writer.layouts[population].arrays.index(entry.name)}]")
    used = _read(sums)
    return writer.function("sum", ("_step",), [*writer.preamble(used), *_accumulate(writer, sums, rows)])


def update_function(writer: SynapseWriter) -> Function:
    """``_update_NAME(..., step)``: every synapse in order of delay, presynaptic and postsynaptic neuron."""
    parsed, rows = writer.plan.parsed, own_sum_rows(writer.plan.parsed.own_sums)
    stored = tuple(s for s in parsed.own_sums if not s.in_order)
    running = tuple(s for s in parsed.own_sums if s.in_order)
    used = read_names(parsed.update) | _read(running)
    draws, more = writer.draws(used)
    body = writer.preamble(used | more | _read(stored), "", draws)
    if stored:
        body += [f"{array}[{row}, :] = 0" for array, row in rows.values()]
        body += _accumulate(writer, stored, [f"{rows[s.name][0]}[{rows[s.name][1]}]" for s in stored])
    outer, inner = _names(writer, used | more)
    outer += [f"{s.name} = _sums_pre[{rows[s.name][1]}, _pre]" for s in stored if s.side == "pre" and s.name in used]
    outer += [f"{s.name} = _F(0)" for s in running]
    inner += [f"{s.name} = _sums_post[{rows[s.name][1]}, _j]" for s in stored if s.side == "post" and s.name in used]
    inner += draw_lines(draws, "_e")
    inner += [f"{s.name} += {print_expression(s.expression)}" for s in running]
    inner += [assignment(s) for s in parsed.update]
    inner += writer.store({s.name for s in parsed.update})
    return writer.function("update", ("_step",), [*body, *_each_synapse(outer, inner, [])])


def _read(sums: tuple[Sum, ...]) -> set[str]:
    return set().union(*(names_in(s.expression) for s in sums))


def _names(writer: SynapseWriter, used: set[str]) -> tuple[list[str], list[str]]:
    """Lines that load `used`: those of a presynaptic neuron's row, and those of a synapse."""
    return writer.row_names(used), writer.synapse_names(used)


def _accumulate(writer: SynapseWriter, sums: tuple[Sum, ...], rows: list[str]) -> list[str]:
    """One pass over the synapses that adds each sum's expression to its row."""
    outer, inner = _names(writer, _read(sums))
    after = []
    for k, entry in enumerate(sums):
        value = print_expression(entry.expression)
        if entry.side == "post":
            inner.append(f"_sum_{k}[_j] += {value}")
        else:
            outer.append(f"_total_{k} = _F(0)")
            inner.append(f"_total_{k} += {value}")
            after.append(f"_sum_{k}[_pre] += _total_{k}")
    heads = [f"_sum_{k} = {row}" for k, row in enumerate(rows)]
    return [*heads, *_each_synapse(outer, inner, after)]


def _each_synapse(outer: list[str], inner: list[str], after: list[str]) -> list[str]:
    body = ["_pre = _q % _n_pre[0]", *outer, "for _e in _range(_start[_q], _start[_q + 1]):"]
    body += [*indent(["_j = _post[_e]", *inner]), *after]
    return ["for _q in _range(_start.size - 1):", *indent(body)]
