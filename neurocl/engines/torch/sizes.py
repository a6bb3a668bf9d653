"""How much memory the tensors of a network take, known before one of them is made."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.torch.forms import Form
from neurocl.engines.torch.layout import Layout

__all__ = ["history_length", "needed_memory"]


def history_length(plan: Plan, population: str) -> int:
    """Steps for which the spikes of a population are kept: its longest delay, and the present one."""
    delays = (int(p.edges.delay.max(initial=0)) for p in plan.projections.values() if p.pre == population)
    return 1 + max(delays, default=0)


def needed_memory(
    plan: Plan, layouts: Mapping[str, Layout], forms: Mapping[str, Form], dtype: torch.dtype, batch: int
) -> int:
    """Bytes of the states, the parameters and the synapses of `batch` members, about; recordings come on top."""
    number, total = dtype.itemsize, 0
    for name, population in plan.populations.items():
        layout = layouts[name]
        own = number * (len(layout.states["own"]) + len(layout.driven)) + 4  # and the refractory steps that are left
        flags = 1 + history_length(plan, name)
        total += population.n * (batch * (own + flags) + number * len(layout.arrays) + 4)
    for name, projection in plan.projections.items():
        total += _of_projection(projection, layouts[name], forms[name], number, batch)
    return total


def _of_projection(plan: ProjectionPlan, layout: Layout, form: Form, number: int, batch: int) -> int:
    edges, members = plan.edges, {state: batch for state in layout.states["synapse"]}
    if not plan.is_plastic and "w" in members:
        members["w"] = 1
    each = number * (sum(members.values()) + len(layout.arrays)) + 4
    total = edges.n * each + _of_delivery(plan, form, number, batch)
    total += batch * number * (edges.n_slots * len(layout.states["pre"]) + edges.n_post * len(layout.states["post"]))
    if form.is_ahead:
        total += number * (1 + int(edges.delay.max(initial=0))) * batch * edges.n_post
    return total


def _of_delivery(plan: ProjectionPlan, form: Form, number: int, batch: int) -> int:
    """Bytes of what finds the synapses of a spike: see `forms` and `links`."""
    edges, several = plan.edges, len(plan.edges.delays) > 1
    if form.kind == "dense":
        return edges.n_pre * edges.n_post * number
    if form.kind == "sparse":
        return edges.n * (8 + number) + 8 * edges.n_post
    if form.kind == "fused":
        ring = number * (1 + int(edges.delay.max(initial=0))) * batch * edges.n_post
        return edges.n * (4 + 4 * several + number) + ring
    if form.kind == "masks":
        return edges.n * (16 + 8 * several + batch * (1 + number))
    return edges.n * (8 + 8 * several)
