"""Spikes under way: those of the last steps, which delays may still carry to their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurocl.core.expressions import evaluate
from neurocl.core.plan import ProjectionPlan
from neurocl.engines.numba.delivery import ring_targets

if TYPE_CHECKING:
    from neurocl.engines.numba.memory import Memory

__all__ = ["SpikeLists", "recent_spikes", "refill_rings", "restore_spikes"]

SpikeLists = Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Population -> steps and neurons."""


def recent_spikes(memory: Memory, step: int) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Steps and neurons of the spikes in the history, which reaches back from `step` by the longest delay."""
    found = {}
    for name, plan in memory.plan.populations.items():
        if plan.parsed.threshold is not None:
            history, counts = memory.objects[name]["_history"], memory.objects[name]["_history_n"]
            steps = np.arange(max(step - len(counts) + 1, 0), step + 1)
            rows = steps % len(counts)
            neurons = np.concatenate([history[row, : counts[row]] for row in rows])
            found[name] = np.repeat(steps, counts[rows]), neurons.astype(np.int64)
    return found


def restore_spikes(memory: Memory, spikes: SpikeLists, step: int) -> None:
    """Put into an empty history what `recent_spikes` took out of another, and into the rings what is on its way."""
    for thread in range(memory.threads):
        for name, (steps, neurons) in spikes.items():
            history, counts = (memory.of_thread(thread, name, field) for field in ("_history", "_history_n"))
            for one in np.unique(steps):
                fired = neurons[steps == one]
                history[one % len(counts), : len(fired)] = fired
                counts[one % len(counts)] = len(fired)
    refill_rings(memory, step)


def refill_rings(memory: Memory, step: int) -> None:
    """Write anew what the spikes fired before `step` bring at `step` or later.

    The amounts are added in the order of the time loop, so the sums are the same to the last bit.
    """
    for name in memory.plan.populations:
        memory.objects[name]["_ring"][...] = 0
    recent = recent_spikes(memory, step)
    late = {name: plan for name, plan in memory.plan.projections.items() if plan.edges.steps is not None}
    first = min((steps.min() for steps, _ in recent.values() if len(steps)), default=step)
    for fired in range(int(first), step):
        for name, plan in late.items():
            steps, neurons = recent[plan.pre]
            for neuron in neurons[steps == fired]:
                _send(memory, plan, name, int(neuron), fired, step)


def _send(memory: Memory, plan: ProjectionPlan, name: str, neuron: int, fired: int, step: int) -> None:
    """Add one spike's row to the ring, as far as it arrives at `step` or later."""
    edges, fields = plan.edges, memory.objects[name]
    assert edges.steps is not None
    row = slice(edges.start[neuron], edges.start[neuron + 1])
    arrival = fired + edges.steps[row].astype(np.int64)
    layout = memory.layouts[name]
    values = {key: fields["_C"][k] for k, key in enumerate(layout.scalars)}
    values |= {key: fields["_P"][k, row] for k, key in enumerate(layout.arrays)}
    values |= {key: fields["_E"][k, row] for k, key in enumerate(layout.banks["E"])}
    amount = np.broadcast_to(evaluate(plan.parsed.transmit, values), arrival.shape)
    ring = memory.objects[plan.post]["_ring"][ring_targets(memory.plan, plan.post).index(plan.target or "")]
    late = arrival >= step
    np.add.at(ring, (arrival[late] % len(ring), edges.post[row][late]), amount[late])
