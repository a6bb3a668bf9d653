"""Sums over synapses and update statements in Brian2.

Brian2 keeps a sum in a variable of the neurons, and allows one `Synapses` object for each. So every sum of every
projection gets a variable of its own; a neuron's parameter is then the sum of those that projections sum into it.
"""

from __future__ import annotations

from typing import Any

from neurocl.core.equations import Sum
from neurocl.core.errors import NeuroclError
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.brian2.modulators import ORDER_EVENTS
from neurocl.engines.brian2.populations import ORDER_STATEMENTS
from neurocl.engines.brian2.printer import print_expression, print_statements, synapse_name

__all__ = ["ORDER_SUMS", "refuse_running_sums", "run_update", "sum_equations", "sum_variables"]

ORDER_SUMS = ORDER_EVENTS - 1
"""In Brian2's slot "groups": after the inputs, before modulators and synapses advance."""
_ORDER_OWN_SUMS, _ORDER_UPDATE = ORDER_STATEMENTS + 1, ORDER_STATEMENTS + 2


def _variable(projection: str, entry: Sum) -> str:
    return f"sum_{entry.side}_{projection}_{entry.name}_"


def sum_variables(network: Plan, population: str) -> tuple[list[str], dict[str, list[str]]]:
    """Variables that a population holds for sums, and those of them that make up each of its summed parameters."""
    variables: list[str] = []
    parts: dict[str, list[str]] = {key: [] for key in network.populations[population].summed}
    for name, projection in network.projections.items():
        for entry in projection.parsed.synapse.sums:
            if population == (projection.post if entry.side == "post" else projection.pre):
                variables.append(_variable(name, entry))
                if entry.of_neurons:
                    parts[entry.name].append(variables[-1])
    return variables, parts


def refuse_running_sums(network: Plan) -> None:
    """Brian2 has no sum over some of a neuron's synapses."""
    for name, projection in network.projections.items():
        for entry in projection.parsed.own_sums:
            if entry.in_order:
                raise NeuroclError(
                    f"projection '{name}': Brian2 has no sum in order ('{entry.name}'); run this network with"
                    " engine='numba'"
                )


def sum_equations(plan: ProjectionPlan) -> list[str]:
    """Lines for the `Synapses` object."""
    return [
        f"{_variable(plan.name, s)}_{s.side} = {print_expression(s.expression, synapse_name)} : 1 (summed)"
        for s in plan.parsed.synapse.sums
    ]


def run_update(group: Any, plan: ProjectionPlan) -> None:
    """Put the sums of `group` in their places in the step, and add the update statements."""
    names: dict[str, str] = {}
    for entry in plan.parsed.synapse.sums:
        variable = f"{_variable(plan.name, entry)}_{entry.side}"
        group.summed_updaters[variable].order = ORDER_SUMS if entry.of_neurons else _ORDER_OWN_SUMS
        if not entry.of_neurons:
            names[entry.name] = variable
    if plan.parsed.update:
        code = print_statements(plan.parsed.update, lambda name: names.get(name) or synapse_name(name))
        group.run_regularly(code, when="groups", order=_ORDER_UPDATE)
