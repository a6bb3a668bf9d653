"""The edges of a projection, sorted for delivery.

Edges with one delay form a group. A presynaptic neuron of a group is a *slot*, numbered group * n_pre + neuron, and its
edges lie together: ``post[start[slot]:start[slot + 1]]``, sorted by target. A spike is delivered once per group, when
the group's delay has passed, so weights are read at arrival and one trace per slot is exact for any mix of delays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Projection, Slice
from neurocl.core.connectivity import Edges, OneToOne
from neurocl.core.distributions import Distribution
from neurocl.core.ends import Drawn, Ends
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.core.time_grid import to_steps

__all__ = ["EdgeTable", "draw_edges"]

LONGEST_DELAY = 2**24
"""Steps; the spikes of all populations are kept for the longest delay."""


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Edges by (delay, pre, post).

    Attributes
    ----------
    n_pre, n_post : sizes of the two populations.
    delays : int32 [group], steps.
    start : int64 [group * n_pre + 1].
    pre, post : int32 [edge], indices in the populations.
    """

    n_pre: int
    n_post: int
    delays: NDArray[np.int32]
    start: NDArray[np.int64]
    post: NDArray[np.int32]

    @property
    def n(self) -> int:
        """Number of edges."""
        return len(self.post)

    @property
    def n_slots(self) -> int:
        return len(self.delays) * self.n_pre

    @cached_property
    def slot(self) -> NDArray[np.int32]:
        """Slot of each edge."""
        return np.repeat(np.arange(self.n_slots, dtype=np.int32), np.diff(self.start))

    @property
    def pre(self) -> NDArray[np.int32]:
        """Presynaptic neuron of each edge."""
        return (self.slot % np.int32(max(self.n_pre, 1))).astype(np.int32)

    @property
    def delay(self) -> NDArray[np.int32]:
        """Delay of each edge in steps."""
        return self.delays[self.slot // max(self.n_pre, 1)]

    @cached_property
    def by_post(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same edges seen from the targets: ``edge[start[j]:start[j + 1]]`` are the edges onto neuron j."""
        edge = np.argsort(self.post, kind="stable").astype(np.int64)
        start = np.zeros(self.n_post + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.post, minlength=self.n_post), out=start[1:])
        return start, edge


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
    delays, group = (
        (np.unique(steps, return_inverse=True)) if steps.ndim else (np.atleast_1d(steps), np.zeros(1, np.int64))
    )
    is_sorted = len(delays) <= 1 and pre_end.neurons.step > 0 and post_end.neurons.step > 0
    if not is_sorted:
        order = np.lexsort((post, pre, np.broadcast_to(group, pre.shape)))
        pre, post = pre[order], post[order]
        group = np.broadcast_to(group, order.shape)[order]
        weight = weight[order] if np.ndim(weight) else weight
    slot = (group * n_pre + pre) if len(delays) > 1 else pre
    start = np.zeros(len(delays) * n_pre + 1, dtype=np.int64)
    np.cumsum(np.bincount(slot, minlength=len(delays) * n_pre), out=start[1:])
    table = EdgeTable(n_pre, n_post, delays.astype(np.int32), start, np.ascontiguousarray(post))
    return table, float(weight) if np.ndim(weight) == 0 else weight


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
