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
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Projection, Slice
from neurocl.core.connectivity import Edges, OneToOne
from neurocl.core.distributions import Distribution
from neurocl.core.ends import Drawn, Ends
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import names_in
from neurocl.core.random import build_generator
from neurocl.core.time_grid import to_steps

__all__ = ["EdgeTable", "Steps", "draw_edges", "goes_by_source"]

Steps: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int32]

LONGEST_DELAY = 2**24
"""Steps; the spikes of all populations are kept for the longest delay."""


BY_SOURCE = False
"""Whether tables by source are made at all."""


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

    @cached_property
    def by_post(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same edges seen from the targets: ``edge[start[j]:start[j + 1]]`` are the edges onto neuron j."""
        edge = np.argsort(self.post, kind="stable").astype(np.int64)
        start = np.zeros(self.n_post + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.post, minlength=self.n_post), out=start[1:])
        return start, edge


def goes_by_source(projection: Projection) -> bool:
    """Whether all that a spike does can be done when it is sent: nothing changes, nothing but ``w`` is read."""
    parsed = projection.synapse.parsed
    acts = (
        *parsed.on_pre_synapse, *parsed.on_pre_trace, *parsed.on_post_synapse, *parsed.on_post_trace, *parsed.update,
        *parsed.synapse.sums, *parsed.pre.states, *parsed.post.states, *parsed.synapse.states, *projection.modulated,
    )  # fmt: skip
    return not acts and names_in(parsed.transmit) <= {"w", *projection.synapse.parameters}


def smallest_steps(steps: NDArray[Any], longest: int) -> Steps:
    """Delays as the smallest of uint8, uint16 and int32 that holds the longest."""
    if longest <= np.iinfo(np.uint8).max:
        return steps.astype(np.uint8)
    return steps.astype(np.uint16) if longest <= np.iinfo(np.uint16).max else steps.astype(np.int32)


def draw_edges(projection: Projection, dt: float, seed: int) -> tuple[EdgeTable, float | NDArray[np.float64]]:
    """Draw connectivity, delays and weights of a projection; weights come in the table's order (or as one number)."""
    name = projection.name
    where = f"projection '{name}'"
    pre_end, post_end = projection.pre, projection.post
    ends = _ends(projection, seed)
    drawn = projection.rule.draw(ends, build_generator(seed, name, "edges"))
    weight = _per_edge(projection.weight, "weight", projection, drawn, (seed, name, "weight"))
    if not np.isfinite(weight).all():
        raise NeuroclError(f"{where}: weight is NaN or infinite (inf); give finite numbers")
    steps = _delay_steps(projection, drawn, dt, seed)
    if steps.max(initial=0) >= LONGEST_DELAY:
        raise NeuroclError(f"{where}: a delay of {steps.max() * dt:g} ms is too long; delays are in ms")
    pre = np.asarray(pre_end.neurons, dtype=np.int32)[drawn.pre]
    post = np.asarray(post_end.neurons, dtype=np.int32)[drawn.post]
    n_pre, n_post = pre_end.population.n, post_end.population.n
    table, order = _arrange(n_pre, n_post, pre, post, steps, BY_SOURCE and goes_by_source(projection))
    return table, float(weight) if np.ndim(weight) == 0 else weight[order]


def _arrange(
    n_pre: int, n_post: int, pre: NDArray[np.int32], post: NDArray[np.int32], steps: NDArray[np.int64], by_source: bool
) -> tuple[EdgeTable, NDArray[np.int64] | slice]:
    """The table of these edges, and where each of its edges was in the arrays given."""
    delays, group = np.unique(steps, return_inverse=True)
    by_source = by_source and len(delays) > 1
    group = np.zeros((), np.int64) if by_source or len(delays) <= 1 else group
    n_slots = n_pre * (1 if by_source else len(delays))
    slot = group * n_pre + pre
    order = np.lexsort((post, slot))
    start = np.zeros(n_slots + 1, dtype=np.int64)
    np.cumsum(np.bincount(slot, minlength=n_slots), out=start[1:])
    each = smallest_steps(steps[order], int(delays[-1])) if by_source else None
    return EdgeTable(n_pre, n_post, delays.astype(np.int32), start, post[order], each), order


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


def _per_edge(
    value: Any, what: str, projection: Projection, drawn: Drawn, stream: tuple[int, str, str]
) -> NDArray[np.float64]:
    """A number for each edge in drawn order, or a 0-d array."""
    where, n_edges = f"projection '{projection.name}'", len(drawn.pre)
    if isinstance(value, Distribution):
        return value.sample(n_edges, build_generator(stream[0], *stream[1:]))
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        return array
    matrix = (len(projection.post), len(projection.pre))
    if array.ndim == 2 and array.shape == matrix:
        return array[drawn.post, drawn.pre]
    if array.ndim == 1 and isinstance(projection.rule, Edges | OneToOne) and len(array) == n_edges:
        return array if drawn.order is None else array[drawn.order]
    per_edge = f", or [{n_edges}] (one per edge)" if isinstance(projection.rule, Edges | OneToOne) else ""
    raise NeuroclError(
        f"{where}: {what} must be one number, a distribution or an array of shape {list(matrix)} (post, pre){per_edge};"
        f" got shape {list(array.shape)}"
    )


def _delay_steps(projection: Projection, drawn: Drawn, dt: float, seed: int) -> NDArray[np.int64]:
    where = f"projection '{projection.name}'"
    delay = _per_edge(projection.delay, "delay", projection, drawn, (seed, projection.name, "delay"))
    if isinstance(projection.delay, Distribution):
        if (delay < -dt / 2).any() or not np.isfinite(delay).all():
            raise NeuroclError(
                f"{where}: the delay's distribution gives negative values;"
                f" bound it, for instance normal(1.5, 0.75, low={dt:g})"
            )
        return np.rint(delay / dt).astype(np.int64)
    return to_steps(delay, dt, where, "delay")
