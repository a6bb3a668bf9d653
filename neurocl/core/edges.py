"""The edges of a projection, sorted for delivery.

By group   Edges with one delay form a group. A presynaptic neuron of a group is a *slot*, numbered
           group * n_pre + neuron. A spike is delivered once per group, when the group's delay has passed, so weights
           are read at arrival and one trace per slot is exact for any mix of delays.
By source  A slot is a presynaptic neuron, and every edge has its delay. A spike is sent along all its edges at once,
           each to the step of its arrival. That is one pass through a row of memory instead of one short stretch per
           delay, for synapses of which nothing changes and nothing is read at arrival.

In both forms the edges of a slot lie together: ``post[start[slot]:start[slot + 1]]``, sorted by target.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from neurocl.core import _edge_kernels as kernels
from neurocl.core._edge_drawing import canonical_order
from neurocl.core._edge_values import Steps, draw_delay, draw_weight
from neurocl.core.components import Projection, Slice
from neurocl.core.ends import Drawn, Ends
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import names_in
from neurocl.core.random import build_generator

__all__ = ["EdgeTable", "draw_edges", "goes_by_source"]

LONGEST_AHEAD = 4096
"""Steps; spikes with a longer delay wait at their source, for every step ahead costs memory for every target."""


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Edges by (delay, pre, post), or by (pre, post) with a delay each.

    Attributes
    ----------
    n_pre, n_post : sizes of the two populations.
    delays : int32, the delays that occur, in steps, ascending.
    start : int64 [n_slots + 1], where the edges of each slot begin.
    post : int32 [edge], postsynaptic neurons.
    steps : delay of each edge in steps, [edge], of the smallest of the types uint8, uint16, int32 that holds the
        longest; None for a table by group.
    """

    n_pre: int
    n_post: int
    delays: NDArray[np.int32]
    start: NDArray[np.int64]
    post: NDArray[np.int32]
    steps: Steps | None = None

    @property
    def n(self) -> int:
        """Number of edges."""
        return len(self.post)

    @property
    def n_slots(self) -> int:
        """Number of slots: n_pre by source, delays * n_pre by group."""
        return len(self.start) - 1

    @cached_property
    def slot(self) -> NDArray[np.int32]:
        """Slot of each edge."""
        return np.repeat(np.arange(self.n_slots, dtype=np.int32), np.diff(self.start))

    @property
    def pre(self) -> NDArray[np.int32]:
        """Presynaptic neuron of each edge."""
        neuron = np.arange(self.n_slots, dtype=np.int32) % np.int32(max(self.n_pre, 1))
        return np.repeat(neuron, np.diff(self.start))

    @property
    def delay(self) -> NDArray[np.int32]:
        """Delay of each edge in steps."""
        if self.steps is not None:
            return self.steps.astype(np.int32)
        return np.repeat(self.delays, np.diff(self.start[:: max(self.n_pre, 1)]))


def goes_by_source(projection: Projection) -> bool:
    """Whether all that a spike does can be done when it is sent: nothing changes, nothing but ``w`` is read."""
    parsed = projection.synapse.parsed
    acts = (
        *parsed.on_pre_synapse, *parsed.on_pre_trace, *parsed.on_post_synapse, *parsed.on_post_trace, *parsed.update,
        *parsed.synapse.sums, *parsed.pre.states, *parsed.post.states, *parsed.synapse.states, *projection.modulated,
    )  # fmt: skip
    return not acts and names_in(parsed.transmit) <= {"w", *projection.synapse.parameters}


def draw_edges(
    projection: Projection, dt: float, seed: int, dtype: DTypeLike = np.float64
) -> tuple[EdgeTable, float | NDArray[Any]]:
    """Draw connectivity, delays and weights of a projection; weights come in the table's order (or as one number).

    Weights are of type `dtype`; they and the table's arrays are contiguous, writeable and shared with nobody.
    """
    drawn = projection.rule.draw(_ends(projection, seed), build_generator(seed, projection.name, "edges"))
    if len(drawn.counts) != len(projection.pre) or drawn.counts.sum() != drawn.n:
        raise NeuroclError(
            f"projection '{projection.name}': {projection.rule!r} must count the edges of each of the"
            f" {len(projection.pre)} presynaptic neurons; its counts do not fit its {drawn.n} edges"
        )
    weight = draw_weight(projection, drawn, seed, dtype)
    delays, steps = draw_delay(projection, drawn, dt, seed)
    start, post, order = _in_populations(projection, drawn)
    if order is not None:
        weight = weight[order] if isinstance(weight, np.ndarray) else weight
        steps = steps if steps is None else steps[order]
    n_pre, n_post = projection.pre.population.n, projection.post.population.n
    if steps is None or (delays[-1] <= LONGEST_AHEAD and goes_by_source(projection)):
        return EdgeTable(n_pre, n_post, delays, start if len(delays) else start[:1], post, steps), weight
    group = np.zeros(delays[-1] + 1, np.int64)
    group[delays] = np.arange(len(delays))
    start, order = kernels.group_rows(start, group, steps, len(delays))
    weight = weight[order] if isinstance(weight, np.ndarray) else weight
    return EdgeTable(n_pre, n_post, delays, start, post[order]), weight


def _in_populations(
    projection: Projection, drawn: Drawn
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64] | None]:
    """Where the edges of each neuron of the presynaptic population begin, their targets, and their places in `drawn`.

    The places are None if the order is the same. Otherwise, with an end that runs backwards, edges are sorted anew.
    """
    pre_end, post_end = projection.pre, projection.post
    n_pre, n_post = pre_end.population.n, post_end.population.n
    counts = np.zeros(n_pre, np.int64)
    counts[np.asarray(pre_end.neurons)] = drawn.counts
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    post, order = np.ascontiguousarray(drawn.post), None
    if post_end.neurons != range(len(post_end)):
        post = post * np.int32(post_end.neurons.step)
        post += np.int32(post_end.neurons.start)
    if pre_end.neurons.step < 0 or post_end.neurons.step < 0:
        pre = np.asarray(pre_end.neurons, dtype=np.int32)[drawn.pre]
        order = canonical_order(pre, post, n_pre, n_post)
        post = post if order is None else post[order]
    return start, post, order


def _ends(projection: Projection, seed: int) -> Ends:
    pre, post = projection.pre, projection.post
    where = f"projection '{projection.name}' ({pre.population.name} -> {post.population.name})"
    return Ends(
        np.asarray(pre.neurons, dtype=np.int64), np.asarray(post.neurons, dtype=np.int64),
        pre.population is post.population, _positions(pre, seed), _positions(post, seed), where,
    )  # fmt: skip


def _positions(end: Slice, seed: int) -> NDArray[np.float64] | None:
    population = end.population
    if population.positions is None:
        return None
    if population.positions.n_sites < population.n:
        raise NeuroclError(
            f"population '{population.name}': {population.positions!r} has {population.positions.n_sites} sites,"
            f" too few for {population.n} neurons; enlarge it"
        )
    rng = build_generator(seed, population.name, "positions")
    return population.positions.positions(population.n, rng)[np.asarray(end.neurons)]
