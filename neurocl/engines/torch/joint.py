"""All projections of the fused kind together: one ring of coming input, and one launch for each presynaptic population.

A network of many projections would otherwise launch several kernels for each of them in every step, and on a GPU the
number of kernels is what a step costs.

ring          [step of arrival, member, column]; each target state of a population has columns of its own
_begin        where the synapses of each presynaptic neuron begin, int64 [projection, pre + 1]
_column       column of each synapse's target, int32, one projection after the other
_late         delays in steps, int32: one per synapse, or [projection, 1] if each projection has only one
_transmitted  what synapses transmit: one per synapse, or [projection, 1]

The ring and the tables of a population are fields of the population, under these names and as ``_ring``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.plan import Plan
from neurocl.engines.torch.forms import Form

if TYPE_CHECKING:
    from neurocl.engines.torch.memory import Memory

__all__ = ["columns", "join", "ring_shape", "sources"]

Forms = Mapping[str, Form]


def sources(plan: Plan, forms: Forms) -> dict[str, list[str]]:
    """The joint projections of each presynaptic population."""
    found: dict[str, list[str]] = {}
    for name, projection in plan.projections.items():
        if forms[name].is_joint:
            found.setdefault(projection.pre, []).append(name)
    return found


def columns(plan: Plan, forms: Forms) -> dict[tuple[str, str], tuple[int, int]]:
    """First column and the one behind the last of each population and target state."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    end = 0
    for name, projection in plan.projections.items():
        if forms[name].is_joint and (key := (projection.post, str(projection.target))) not in found:
            found[key] = end, end + projection.edges.n_post
            end += projection.edges.n_post
    return found


def ring_shape(plan: Plan, forms: Forms, batch: int) -> tuple[int, int, int]:
    """Steps, members, columns; as many steps as the longest delay needs."""
    delays = (int(p.edges.delay.max(initial=0)) for name, p in plan.projections.items() if forms[name].is_joint)
    return 1 + max(delays, default=0), batch, max((end for _, end in columns(plan, forms).values()), default=0)


def join(memory: Memory, source: str, names: Sequence[str]) -> None:
    """Make the tables of one presynaptic population, of its projections `names`."""
    plan, fields = memory.build.plan, memory.objects[source]
    first = {key: begin for key, (begin, _) in columns(plan, memory.build.forms).items()}
    begins, end = [], 0
    targets: list[NDArray[Any]] = []
    delays: list[NDArray[Any]] = []
    amounts: list[NDArray[Any]] = []
    for name in names:
        projection, own = plan.projections[name], memory.objects[name]
        begin, order = own._links.rows_of_pre
        begins.append(begin + end)
        end += own._links.n
        column = projection.edges.post.astype(np.int32) + np.int32(first[projection.post, str(projection.target)])
        delay = projection.edges.delay.astype(np.int32) if len(own._links.delays) > 1 else np.array(own._links.delays)
        for table, values in ((targets, column), (delays, delay), (amounts, np.atleast_1d(own._amounts))):
            table.append(values if order is None or len(values) != len(column) else values[order])
    memory.write(fields, "_begin", np.stack(begins), torch.int64)
    memory.write(fields, "_column", np.concatenate(targets), torch.int32)
    lengths = [memory.objects[name]._links.n for name in names]
    memory.write(fields, "_late", _one_or_each(delays, lengths), torch.int32)
    memory.write(fields, "_transmitted", _one_or_each(amounts, lengths))


def _one_or_each(tables: Sequence[NDArray[Any]], lengths: Sequence[int]) -> NDArray[Any]:
    """[projection, 1] if every projection has one number, else one number per synapse."""
    if all(len(table) == 1 for table in tables):
        return np.stack(tables)
    return np.concatenate([np.broadcast_to(table, n) for table, n in zip(tables, lengths, strict=True)])
