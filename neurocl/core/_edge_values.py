"""Weights and delays of drawn edges: one number for all, or one for each edge.

Values are drawn, converted and checked in blocks, so that no more than the result is ever in memory: weights in the
plan's float type, delays as the smallest whole numbers that hold them. The numbers do not depend on the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from neurocl.core.components import Projection
from neurocl.core.connectivity import Edges, OneToOne
from neurocl.core.distributions import Distribution
from neurocl.core.ends import Drawn
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.core.time_grid import to_steps

__all__ = ["LONGEST_DELAY", "Steps", "draw_delay", "draw_weight"]

Steps: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int32]
"""Delays of edges, in the smallest of the three types that holds the longest."""

LONGEST_DELAY = 2**24
"""Steps; the spikes of all populations are kept for the longest delay."""
BLOCK = 2**18
"""Edges; a block of float64 and of what is made of it stays within a core's cache."""


def draw_weight(projection: Projection, drawn: Drawn, seed: int, dtype: DTypeLike) -> float | NDArray[Any]:
    """The weight of every edge in drawn order, rounded once to `dtype`, or the one number for all."""
    shared = _shared(projection.weight)
    if shared is not None:
        _check_weight(projection, np.asarray(shared))
        return shared
    weight = np.empty(drawn.n, dtype)
    with np.errstate(over="ignore"):  # beyond float32: infinite, as an engine's own conversion has it
        for first, values in _blocks(projection, "weight", drawn, seed):
            _check_weight(projection, values)
            weight[first : first + len(values)] = values
    return weight


def draw_delay(projection: Projection, drawn: Drawn, dt: float, seed: int) -> tuple[NDArray[np.int32], Steps | None]:
    """The delays that occur, in steps and ascending, and that of every edge in drawn order; None if all have one."""
    shared = _shared(projection.delay)
    if shared is not None:
        return np.atleast_1d(_to_steps(projection, np.asarray(shared), dt)).astype(np.int32), None
    found = np.zeros(0, bool)
    steps: Steps = np.empty(drawn.n, np.uint8)
    for first, values in _blocks(projection, "delay", drawn, seed):
        block = _to_steps(projection, values, dt)
        occurs = np.bincount(block, minlength=len(found)) > 0
        occurs[: len(found)] |= found
        found = occurs
        steps = _widened(steps, len(found) - 1)
        steps[first : first + len(block)] = block
    delays = np.flatnonzero(found).astype(np.int32)
    return delays, steps if len(delays) > 1 else None


def _shared(value: Any) -> float | None:
    """The one number for all edges, or None."""
    return None if isinstance(value, Distribution) or np.ndim(value) else float(value)


def _blocks(projection: Projection, what: str, drawn: Drawn, seed: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """First edge and values of one block after the other; `what` is "weight" or "delay"."""
    value = getattr(projection, what)
    if isinstance(value, Distribution):
        rng = build_generator(seed, projection.name, what)
        for first in range(0, drawn.n, BLOCK):
            yield first, value.sample(min(BLOCK, drawn.n - first), rng)
        return
    array = np.asarray(value, dtype=np.float64)
    is_matrix = _check_shape(array, projection, what, drawn.n)
    for first in range(0, drawn.n, BLOCK):
        end = min(first + BLOCK, drawn.n)
        if is_matrix:
            yield first, array[drawn.post[first:end], drawn.pre_between(first, end)]
        else:
            yield first, array[first:end] if drawn.order is None else array[drawn.order[first:end]]


def _check_shape(array: NDArray[np.float64], projection: Projection, what: str, n_edges: int) -> bool:
    """Whether the values given are a matrix (post, pre), and not one for each edge; NeuroclError if neither."""
    matrix = (len(projection.post), len(projection.pre))
    is_listed = isinstance(projection.rule, Edges | OneToOne)
    if array.shape == matrix:
        return True
    if is_listed and array.shape == (n_edges,):
        return False
    per_edge = f", or [{n_edges}] (one per edge)" if is_listed else ""
    raise NeuroclError(
        f"projection '{projection.name}': {what} must be one number, a distribution or an array of shape {list(matrix)}"
        f" (post, pre){per_edge}; got shape {list(array.shape)}"
    )


def _check_weight(projection: Projection, values: NDArray[np.float64]) -> None:
    if not np.isfinite(values).all():
        raise NeuroclError(f"projection '{projection.name}': weight is NaN or infinite (inf); give finite numbers")


def _to_steps(projection: Projection, values: NDArray[np.float64], dt: float) -> NDArray[np.int64]:
    """Delays in ms as whole numbers of steps: those of a distribution are rounded, others must lie on the grid."""
    where = f"projection '{projection.name}'"
    if isinstance(projection.delay, Distribution):
        if (values < -dt / 2).any() or not np.isfinite(values).all():
            raise NeuroclError(
                f"{where}: the delay's distribution gives negative values;"
                f" bound it, for instance normal(1.5, 0.75, low={dt:g})"
            )
        steps = np.rint(values / dt).astype(np.int64)
    else:
        steps = to_steps(values, dt, where, "delay")
    if steps.max(initial=0) >= LONGEST_DELAY:
        raise NeuroclError(f"{where}: a delay of {steps.max() * dt:g} ms is too long; delays are in ms")
    return steps


def _widened(steps: Steps, longest: int) -> Steps:
    """The same numbers in a type that also holds the longest."""
    if longest <= np.iinfo(steps.dtype).max:
        return steps
    return steps.astype(np.uint16) if longest <= np.iinfo(np.uint16).max else steps.astype(np.int32)
