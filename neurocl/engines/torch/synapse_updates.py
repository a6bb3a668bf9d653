"""Source of what synapses do in every step, with or without events: sums over synapses, and update statements.

Functions made for a projection NAME (only those that its model needs):

    _sum_NAME       adds what each synapse contributes to the parameters of neurons that are sums
    _update_NAME    makes the projection's own sums, then runs the update statements of every synapse
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurocl.core.equations import Sum
from neurocl.core.expressions import names_in
from neurocl.engines.torch.printer import print_expression
from neurocl.engines.torch.source import assignment, read_names

if TYPE_CHECKING:
    from neurocl.engines.torch.synapses import SynapseWriter

__all__ = ["sum_function", "update_function"]


def sum_function(writer: SynapseWriter) -> list[str]:
    """``_sum_NAME``: add to the neurons' parameters, which are zero before the first projection adds."""
    sums = [(entry, writer.constants.fold(entry.expression)) for entry in writer.plan.parsed.neuron_sums]
    lines = writer.reader.synapses(set().union(*(names_in(e) for _, e in sums)))
    for entry, expression in sums:
        end = {"pre": "_from", "post": "_to"}[entry.side]
        value = print_expression(expression, writer.constants.names)
        lines.append(f"_add_columns({end}.{entry.name}, _p._links.{entry.side}, {value})")
    return writer.function("sum", lines)


def update_function(writer: SynapseWriter) -> list[str]:
    """``_update_NAME``: the projection's own sums, then every synapse's statements."""
    parsed, fold = writer.plan.parsed, writer.constants
    statements = fold.fold_all(parsed.update)
    sums = [(entry, fold.fold(entry.expression)) for entry in parsed.own_sums]
    used = read_names(statements).union(*(names_in(e) for _, e in sums))
    draws = writer.draws(used, "_p._index")
    lines = writer.reader.synapses(used)
    for entry, expression in sums:
        lines += _own_sum(entry, print_expression(expression, fold.names))
    lines += [*draws, *(assignment(s, fold.names) for s in statements)]
    return writer.function("update", [*lines, *writer.stores(statements, "synapse")])


def _own_sum(entry: Sum, value: str) -> list[str]:
    """Lines that make one sum, seen from every synapse."""
    if entry.in_order:
        return [f"{entry.name} = _p._links.running_sum({value}, _p._buffer)"]
    size = {"pre": "n_pre", "post": "n_post"}[entry.side]
    return [
        f"_total = _p._buffer.new_zeros(_p._buffer.shape[0], _p._links.{size})",
        f"_add_columns(_total, _p._links.{entry.side}, {value})",
        f"{entry.name} = _columns(_total, _p._links.{entry.side})",
    ]
