"""The arrays of populations, projections and modulators, by the names that the generated code has for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan
from neurocl.engines.numba import aligned
from neurocl.engines.numba.bitmap import bit_fields
from neurocl.engines.numba.delivery import needs_buffer, ring_slots, ring_targets
from neurocl.engines.numba.edge_scans import incoming
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.synapse_updates import own_sum_rows

__all__ = ["Fields", "modulator_fields", "no_inputs", "no_spikes", "population_fields", "projection_fields"]

Fields = dict[str, Any]
"""Name of a field (see FIELDS of the writers) -> array."""


def population_fields(plan: PopulationPlan, network: Plan, layout: Layout, dtype: Any) -> Fields:
    """Arrays of a population."""
    length, targets = network.max_delay + 1, ring_targets(network, plan.name)
    has_refractory = plan.parsed.refractory is not None
    flags = aligned.zeros(-(-plan.n // 8) * 8, np.uint8)
    spiking = plan.parsed.threshold is not None
    return {
        "_S": aligned.zeros((len(layout.banks["S"]), plan.n), dtype),
        "_P": aligned.zeros((len(layout.arrays), plan.n), dtype),
        "_C": np.zeros(len(layout.scalars), dtype=dtype),
        "_refractory": aligned.zeros(plan.n if has_refractory else 0, np.int32),
        "_hold": plan.refractory,
        "_spiked": flags[: plan.n],
        "_flags": flags.view(np.uint64),
        # np.empty: a page of the history is real memory only once a spike was written to it.
        "_history": np.empty((length, plan.n if spiking else 0), dtype=np.int32),
        "_ring": aligned.zeros((len(targets), ring_slots(network, plan.name), plan.n), dtype),
        # The spikes of one step, of each thread at the place of its part; two, so that one can be read meanwhile.
        "_fresh": np.empty((2, plan.n if spiking else 0), dtype=np.int32),
        "_history_n": np.zeros(length, dtype=np.int64),
        "_scheduled": np.zeros(plan.n if plan.is_scheduled else 0, dtype=np.int32),
        "_scheduled_steps": plan.schedule[0],
        "_scheduled_indices": plan.schedule[1],
        "_inputs": no_inputs(plan.inputs, dtype),
        "_streams": np.zeros(1, dtype=np.uint64),
        "_spike_table": no_spikes(),
    }


def projection_fields(plan: ProjectionPlan, layout: Layout, dtype: Any) -> Fields:
    """Arrays of a projection."""
    edges = plan.edges
    in_start, in_edge, in_slot = np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.uint32)
    if plan.parsed.on_post_synapse:
        in_start, in_edge, in_slot = incoming(edges.start, edges.post, edges.n_post)
    sums = own_sum_rows(plan.parsed.own_sums).values()
    needs_slot = bool(plan.schemes["synapse"].statements)
    return {
        "_start": edges.start,
        # Unsigned, because Numba checks a signed index for wrap-around.
        "_post": edges.post.view(np.uint32),
        "_slot": edges.slot if needs_slot else np.zeros(0, np.int32),
        "_in_start": in_start,
        "_in_edge": in_edge,
        "_in_slot": in_slot,
        # A ring is told of a spike when it is fired, as if all delays were zero.
        "_delays": edges.delays if edges.steps is None else np.zeros(1, np.int32),
        "_steps": np.zeros(0, np.uint8) if edges.steps is None else edges.steps,
        "_n_pre": np.array([edges.n_pre], dtype=np.int64),
        "_E": aligned.zeros((len(layout.banks["E"]), edges.n), dtype),
        "_A": aligned.zeros((len(layout.banks["A"]), edges.n_slots), dtype),
        "_B": aligned.zeros((len(layout.banks["B"]), edges.n_post), dtype),
        "_P": aligned.zeros((len(layout.arrays), edges.n), dtype),
        "_C": np.zeros(len(layout.scalars), dtype=dtype),
        "_streams": np.zeros(1, dtype=np.uint64),
        "_buffer": np.zeros(edges.n_post if needs_buffer(plan) else 0, dtype=dtype),
        "_sums_pre": np.zeros((len([row for array, row in sums if array == "_sums_pre"]), edges.n_pre), dtype),
        "_sums_post": np.zeros((len([row for array, row in sums if array == "_sums_post"]), edges.n_post), dtype),
        **(bit_fields(edges) if layout.delivery == "bitmap" else {}),
    }


def modulator_fields(plan: ModulatorPlan, layout: Layout, dtype: Any) -> Fields:
    """Arrays of a modulator."""
    # Row k: whether a neuron is among those that count k counts; neurons behind its end are not.
    parts = [np.asarray(part) for _, part in plan.counts.values()]
    counted = np.zeros((len(parts), max((part.max() + 1 for part in parts), default=0)), np.bool_)
    for row, part in zip(counted, parts, strict=True):
        row[part] = True
    return {
        "_S": aligned.zeros((len(layout.banks["S"]), 1), dtype),
        "_C": np.zeros(len(layout.scalars), dtype=dtype),
        "_counted": counted,
        "_inputs": no_inputs(plan.inputs, dtype),
        "_counts": np.zeros(len(plan.counts), dtype=dtype),
        "_streams": np.zeros(1, dtype=np.uint64),
    }


def no_inputs(names: tuple[str, ...], dtype: Any) -> tuple[NDArray[Any], ...]:
    """For every input a table that drives nothing."""
    return tuple(np.zeros((0, 1), dtype) for _ in names)


def no_spikes() -> tuple[NDArray[Any], ...]:
    """A table that records no spikes."""
    empty = np.zeros(0, dtype=np.int64)
    return (np.zeros(0, np.uint8), empty, np.zeros(0, np.int32), np.zeros(1, np.int64), empty)
