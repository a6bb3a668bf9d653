"""Structural plasticity between runs: synapses are removed and added, all others keep their states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from neurocl.core.components import Projection, is_numeric
from neurocl.core.distributions import Distribution
from neurocl.core.edges import EdgeTable
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import evaluate, suggest
from neurocl.core.plan import ProjectionPlan
from neurocl.core.time_grid import to_steps

__all__ = ["Rewiring", "make_rewiring"]


@dataclass(frozen=True)
class Rewiring:
    """New edges of a projection, and the numbers of its new synapses.

    Attributes
    ----------
    edges : the new table.
    source : int64 [edge], where each edge comes from: below the old number of edges an old edge, above it a new one.
    values : name -> float64 [new synapse]: weight, states and parameters that differ between synapses.
    """

    edges: EdgeTable
    source: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]

    def rearranged(self, name: str, old: NDArray[Any]) -> NDArray[Any]:
        """An array with one value per old edge, as one with one value per new edge."""
        return np.concatenate([old, self.values[name].astype(old.dtype)])[self.source]

    def apply(self, plan: ProjectionPlan) -> None:
        """Let `plan` have the new edges, so that a reset begins with them."""
        plan.edges = self.edges
        if not isinstance(plan.weight, float):
            plan.weight = self.rearranged("w", plan.weight)
        for key, value in plan.parameters.items():
            if np.ndim(value):
                plan.parameters[key] = self.rearranged(key, value)
        for state, initial in plan.initial["synapse"].items():
            plan.initial["synapse"][state] = self.rearranged(state, initial)


def make_rewiring(
    plan: ProjectionPlan, projection: Projection, remove: ArrayLike, pre: ArrayLike, post: ArrayLike,
    weight: ArrayLike | None, delay: ArrayLike | None, given: Mapping[str, ArrayLike],
) -> Rewiring:  # fmt: skip
    """Check a change of synapses and carry it out on the edges; see `Simulator.rewire`.

    Raises
    ------
    NeuroclError
        For an index out of range, lists of different length, a missing or needless weight, a delay that the
        projection does not have yet.
    """
    where, old = f"rewire('{plan.name}')", plan.edges
    removed = _indices(remove, old.n, f"{where}: remove", "synapse")
    if len(np.unique(removed)) != len(removed):
        raise NeuroclError(f"{where}: remove names a synapse twice; name each once")
    ends = {"pre": (pre, projection.pre), "post": (post, projection.post)}
    added = {
        key: _indices(value, end.population.n, f"{where}: {key}", f"neuron of '{end.population.name}'")
        for key, (value, end) in ends.items()
    }
    if len(added["pre"]) != len(added["post"]):
        raise NeuroclError(
            f"{where}: pre and post must be equally long, one entry for each new synapse; got {len(added['pre'])} and"
            f" {len(added['post'])}"
        )
    for key, (_, end) in ends.items():
        outside = ~np.isin(added[key], np.asarray(end.neurons))
        if outside.any():
            raise NeuroclError(f"{where}: {key} {added[key][outside][0]} is none of the neurons that were connected")
    group = _groups(plan, delay, len(added["pre"]), where)
    edges, source = _change(old, removed, group, added["pre"], added["post"])
    return Rewiring(edges, source, _values(plan, weight, given, len(added["pre"]), where))


def _change(
    old: EdgeTable, removed: NDArray[np.int64], group: NDArray[np.int64], pre: NDArray[np.int64],
    post: NDArray[np.int64],
) -> tuple[EdgeTable, NDArray[np.int64]]:  # fmt: skip
    kept = np.delete(np.arange(old.n), removed)
    slot = pre if old.steps is not None else group * old.n_pre + pre
    slots = np.concatenate([old.slot[kept], slot])
    posts = np.concatenate([old.post[kept], post]).astype(np.int32)
    source = np.concatenate([kept, old.n + np.arange(len(slot))])
    order = np.lexsort((posts, slots))
    start = np.zeros(old.n_slots + 1, dtype=np.int64)
    np.cumsum(np.bincount(slots, minlength=old.n_slots), out=start[1:])
    steps = None
    if old.steps is not None:
        steps = np.concatenate([old.steps[kept], old.delays[group].astype(old.steps.dtype)])[order]
    return EdgeTable(old.n_pre, old.n_post, old.delays, start, posts[order], steps), source[order]


def _indices(value: ArrayLike, n: int, where: str, what: str) -> NDArray[np.int64]:
    array = np.atleast_1d(np.asarray(value if is_numeric(value) else "text"))
    if array.size == 0:
        return np.zeros(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise NeuroclError(f"{where} must be a list of whole numbers, got {shown(value)}")
    if array.min() < 0 or array.max() >= n:
        wrong = array[(array < 0) | (array >= n)][0]
        raise NeuroclError(f"{where} {wrong} is no {what}; they are numbered from 0 to {n - 1}")
    return array.astype(np.int64)


def _groups(plan: ProjectionPlan, delay: ArrayLike | None, n: int, where: str) -> NDArray[np.int64]:
    """Delay group of each new synapse."""
    known = plan.edges.delays
    if delay is None:
        if len(known) > 1 and n:
            raise NeuroclError(f"{where}: the synapses have different delays; give delay= for the new ones")
        return np.zeros(n, np.int64)
    steps = np.broadcast_to(to_steps(_numbers(delay, n, f"{where}: delay"), plan.dt, where, "delay"), n)
    missing = ~np.isin(steps, known)
    if missing.any():
        raise NeuroclError(
            f"{where}: no synapse has the delay {steps[missing][0] * plan.dt:g} ms; a new one must have one that the"
            f" projection was built with: {', '.join(f'{d * plan.dt:g}' for d in known[:10])}"
        )
    return np.searchsorted(known, steps)


def _values(
    plan: ProjectionPlan, weight: ArrayLike | None, given: Mapping[str, ArrayLike], n: int, where: str
) -> dict[str, NDArray[np.float64]]:
    states = [s for s in plan.parsed.synapse.states if s != "w"]
    arrays = [name for name, value in plan.parameters.items() if np.ndim(value)]
    for key in given:
        if key not in states and key not in arrays:
            raise NeuroclError(
                f"{where}: '{key}' is no state, and no parameter that differs between synapses"
                f"{suggest(key, [*states, *arrays])}"
            )
    values: dict[str, NDArray[np.float64]] = {}
    if np.ndim(plan.weight):
        if weight is None and n:
            raise NeuroclError(f"{where}: every synapse has its own weight; give weight= for the new ones")
        values["w"] = _numbers(0.0 if weight is None else weight, n, f"{where}: weight")
    elif weight is not None and not (np.asarray(weight) == plan.weight).all():
        raise NeuroclError(f"{where}: all synapses share the weight {plan.weight:g}; leave out weight=")
    for key in arrays:
        if key not in given and n:
            raise NeuroclError(f"{where}: '{key}' differs between synapses; give {key}= for the new ones")
        values[key] = _numbers(given.get(key, 0.0), n, f"{where}: {key}")
    known = {k: v for k, v in plan.parameters.items() if not np.ndim(v)} | {"w": plan.weight} | values
    for state in states:
        formula = plan.parsed.initial.get(state, sympy.Integer(0))
        values[state] = _numbers(given[state] if state in given else evaluate(formula, known), n, f"{where}: {state}")
    return values


def _numbers(value: Any, n: int, where: str) -> NDArray[np.float64]:
    if isinstance(value, Distribution) or not is_numeric(value):
        raise NeuroclError(f"{where} must be a number or {n} of them, got {shown(value)}")
    array = np.asarray(value, dtype=np.float64)
    if array.shape not in ((), (n,)):
        raise NeuroclError(f"{where}: expected one number or {n} of them, got shape {list(array.shape)}")
    if not np.isfinite(array).all():
        raise NeuroclError(f"{where} must be finite, got {shown(value)}")
    return np.broadcast_to(array, n).copy()
