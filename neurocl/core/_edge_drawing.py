"""From a rule's numbers and two ends to edges: the steps that connection rules share."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neurocl.core import _edge_kernels as kernels
from neurocl.core.ends import Drawn, Ends, Rule
from neurocl.core.errors import NeuroclError

MAX_EDGES = 2**31 - 1
"""Most edges of one projection; beyond it a mistyped number would exhaust the memory."""


def all_pairs(rule: Rule, ends: Ends, excluded: NDArray[np.int64]) -> Drawn:
    """Every pair but the excluded ones."""
    _check_n_edges(rule, ends, ends.n_pre * ends.n_post)
    pre = np.repeat(np.arange(ends.n_pre, dtype=np.int32), ends.n_post)
    post = np.tile(np.arange(ends.n_post, dtype=np.int32), ends.n_pre)
    rows = np.flatnonzero(excluded >= 0)
    if not rows.size:
        return Drawn(pre, post)
    autapses = rows * ends.n_post + excluded[rows]
    return Drawn(np.delete(pre, autapses), np.delete(post, autapses))


def bernoulli(
    rule: Rule, ends: Ends, p: float, excluded: NDArray[np.int64], rng: np.random.Generator
) -> Drawn:
    """Every pair but the excluded ones independently with probability `p`."""
    if p == 1.0:
        return all_pairs(rule, ends, excluded)
    expected = p * ends.n_pre * ends.n_post
    _check_n_edges(rule, ends, expected)
    if p == 0.0:
        return Drawn(np.empty(0, np.int32), np.empty(0, np.int32))
    room = int(expected + 6.0 * math.sqrt(expected)) + ends.n_post
    post, counts = kernels.bernoulli_rows(_keys(ends.n_pre, rng), ends.n_post, p, excluded, room)
    return Drawn(_rows(counts), post)


def distance_dependent(
    rule: Rule,
    ends: Ends,
    p: float,
    length: float,
    gaussian: bool,
    excluded: NDArray[np.int64],
    rng: np.random.Generator,
) -> Drawn:
    """Every pair but the excluded ones independently with a probability that falls with distance."""
    pre_positions, post_positions = ends.pre_positions, ends.post_positions
    if pre_positions is None or post_positions is None:
        side = "presynaptic" if pre_positions is None else "postsynaptic"
        raise NeuroclError(
            f"{ends.where}: {rule!r} needs to know where the neurons are, but the {side} population "
            "has no positions; give positions=Lattice(...) to net.add."
        )
    # One memory layout: a strided slice would have the kernel compiled again.
    rows, columns = (np.ascontiguousarray(x, dtype=np.float64) for x in (pre_positions, post_positions))
    post, counts = kernels.distance_rows(_keys(len(rows), rng), rows, columns, p, length, gaussian, excluded)
    return Drawn(_rows(counts), post)


def fixed_degree(
    rule: Rule,
    ends: Ends,
    k: int,
    excluded: NDArray[np.int64],
    n_columns: int,
    multapses: bool,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """`k` random columns for every row of `excluded`: rows ascending, columns in random order."""
    pool = n_columns - int((excluded >= 0).any())
    enough = pool > 0 if multapses else pool >= k
    if k > 0 and len(excluded) and not enough:
        remedy = "lower k or set multapses=True" if pool else "enlarge the ends"
        raise NeuroclError(f"{ends.where}: {rule!r} has only {pool} neurons to draw from; {remedy}.")
    _check_n_edges(rule, ends, k * len(excluded))
    counts = np.full(len(excluded), k, dtype=np.int64)
    return _rows(counts), kernels.counted_rows(
        _keys(len(excluded), rng), counts, n_columns, excluded, not multapses
    )


def total_with_replacement(
    rule: Rule, ends: Ends, n: int, excluded: NDArray[np.int64], rng: np.random.Generator
) -> Drawn:
    """`n` pairs, uniform over all but the excluded ones.

    The edges are shared out among the rows, then each row draws its columns.
    """
    n_columns = ends.n_post - (excluded >= 0)
    rows = np.flatnonzero(n_columns)
    if n and not rows.size:
        raise NeuroclError(f"{ends.where}: {rule!r} finds no pair that it may connect; enlarge the ends.")
    _check_n_edges(rule, ends, n)
    counts = np.zeros(ends.n_pre, dtype=np.int64)
    counts[rows] = rng.multinomial(n, n_columns[rows] / max(n_columns.sum(), 1)) if n else 0
    post = kernels.counted_rows(_keys(ends.n_pre, rng), counts, ends.n_post, excluded, False)
    return in_canonical_order(ends, _rows(counts), post)


def total_without_replacement(
    rule: Rule, ends: Ends, n: int, excluded: NDArray[np.int64], rng: np.random.Generator
) -> Drawn:
    """`n` distinct pairs, uniform over all but the excluded ones.

    A few edges too many are drawn, each pair independently, and the surplus is removed at random. Given their
    number, the edges are a uniformly random subset, so what is left is one, too.
    """
    allowed = ends.n_pre * ends.n_post - int(np.count_nonzero(excluded >= 0))
    if n > allowed:
        raise NeuroclError(
            f"{ends.where}: {rule!r} has only {allowed} pairs to draw from; lower n or set multapses=True."
        )
    p = min(1.0, (n + 5.0 * math.sqrt(n) + 10.0) / allowed) if n else 0.0
    drawn = bernoulli(rule, ends, p, excluded, rng)
    while drawn.pre.size < n:  # five standard deviations: less than once in a million
        drawn = bernoulli(rule, ends, p, excluded, rng)
    kept = np.ones(drawn.pre.size, dtype=bool)
    kept[rng.choice(kept.size, kept.size - n, replace=False, shuffle=False)] = False
    return Drawn(drawn.pre[kept], drawn.post[kept])


def sorted_by_pre(ends: Ends, pre: NDArray[np.int32], post: NDArray[np.int32]) -> Drawn:
    """Edges that are sorted by post, in canonical order."""
    return Drawn(*kernels.sort_by(pre, post, ends.n_pre))


def in_canonical_order(ends: Ends, pre: NDArray[np.int32], post: NDArray[np.int32]) -> Drawn:
    """Edges in any order, in canonical order."""
    post, pre = kernels.sort_by(post, pre, ends.n_post)
    return sorted_by_pre(ends, pre, post)


def _check_n_edges(rule: Rule, ends: Ends, n: float) -> None:
    if n > MAX_EDGES:
        raise NeuroclError(
            f"{ends.where}: {rule!r} would make about {n:.3g} edges, more than the {MAX_EDGES} that one "
            "projection can hold; choose smaller numbers or split the populations."
        )


def _rows(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Row of each edge."""
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _keys(n_rows: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """One 64-bit key per row."""
    return rng.integers(0, 2**64 - 1, size=n_rows, dtype=np.uint64, endpoint=True)
