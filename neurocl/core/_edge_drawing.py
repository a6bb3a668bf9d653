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
    return Drawn(ends.n_post - (excluded >= 0).astype(np.int64), kernels.all_rows(excluded, ends.n_post))


def bernoulli(
    rule: Rule, ends: Ends, p: float, excluded: NDArray[np.int64], rng: np.random.Generator
) -> Drawn:
    """Every pair but the excluded ones independently with probability `p`."""
    if p == 1.0:
        return all_pairs(rule, ends, excluded)
    expected = p * ends.n_pre * ends.n_post
    _check_n_edges(rule, ends, expected)
    if p == 0.0:
        return Drawn(np.zeros(ends.n_pre, np.int64), np.empty(0, np.int32))
    room = int(expected + 6.0 * math.sqrt(expected)) + ends.n_post
    post, counts = kernels.bernoulli_rows(_keys(ends.n_pre, rng), ends.n_post, p, excluded, room)
    return Drawn(counts, post)


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
    return Drawn(counts, post)


def fixed_degree(
    rule: Rule,
    ends: Ends,
    k: int,
    excluded: NDArray[np.int64],
    n_columns: int,
    multapses: bool,
    in_order: bool,
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """`k` random columns for every row of `excluded`: ascending within a row if they shall be `in_order`."""
    pool = n_columns - int((excluded >= 0).any())
    enough = pool > 0 if multapses else pool >= k
    if k > 0 and len(excluded) and not enough:
        remedy = "lower k or set multapses=True" if pool else "enlarge the ends"
        raise NeuroclError(f"{ends.where}: {rule!r} has only {pool} neurons to draw from; {remedy}.")
    _check_n_edges(rule, ends, k * len(excluded))
    counts = np.full(len(excluded), k, dtype=np.int64)
    return _counted(counts, n_columns, excluded, not multapses, in_order, rng)


def fixed_indegree(
    rule: Rule, ends: Ends, k: int, excluded: NDArray[np.int64], multapses: bool, rng: np.random.Generator
) -> Drawn:
    """`k` random sources for every target."""
    pre = fixed_degree(rule, ends, k, excluded, ends.n_pre, multapses, False, rng)
    post, counts = kernels.columns_to_rows(pre, k, ends.n_pre)
    return Drawn(counts, post)


def fixed_outdegree(
    rule: Rule, ends: Ends, k: int, excluded: NDArray[np.int64], multapses: bool, rng: np.random.Generator
) -> Drawn:
    """`k` random targets for every source."""
    post = fixed_degree(rule, ends, k, excluded, ends.n_post, multapses, True, rng)
    return Drawn(np.full(ends.n_pre, k, dtype=np.int64), post)


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
    return Drawn(counts, _counted(counts, ends.n_post, excluded, False, True, rng))


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
    while drawn.n < n:  # five standard deviations: less than once in a million
        drawn = bernoulli(rule, ends, p, excluded, rng)
    surplus = np.sort(rng.choice(drawn.n, drawn.n - n, replace=False, shuffle=False))
    rows = np.searchsorted(drawn.start, surplus, side="right") - 1
    return Drawn(drawn.counts - np.bincount(rows, minlength=ends.n_pre), np.delete(drawn.post, surplus))


def counts_of(positions: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """How often each of `n` positions occurs."""
    return np.asarray(kernels.counts_of(positions, n)[1:])


def canonical_order(
    pre: NDArray[np.int32], post: NDArray[np.int32], n_pre: int, n_post: int
) -> NDArray[np.int64] | None:
    """Places of edges, given in any order, sorted by pre, then by post; None if they are in order."""
    return None if kernels.is_canonical(pre, post) else kernels.canonical_order(pre, post, n_pre, n_post)


def _counted(
    counts: NDArray[np.int64],
    n_columns: int,
    excluded: NDArray[np.int64],
    distinct: bool,
    in_order: bool,
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """`counts[row]` random columns of each row, row by row."""
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    columns = np.empty(start[-1], np.int32)
    kernels.counted_rows(_keys(len(counts), rng), start, n_columns, excluded, distinct, in_order, columns)
    return columns


def _check_n_edges(rule: Rule, ends: Ends, n: float) -> None:
    if n > MAX_EDGES:
        raise NeuroclError(
            f"{ends.where}: {rule!r} would make about {n:.3g} edges, more than the {MAX_EDGES} that one "
            "projection can hold; choose smaller numbers or split the populations."
        )


def _keys(n_rows: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """One 64-bit key per row."""
    return rng.integers(0, 2**64 - 1, size=n_rows, dtype=np.uint64, endpoint=True)
