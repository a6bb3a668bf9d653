from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from neurocl.core.connectivity import (
    AllToAll,
    DistanceDependent,
    Drawn,
    Edges,
    Ends,
    FixedIndegree,
    FixedOutdegree,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
    Rule,
)
from neurocl.core.errors import NeuroclError
from neurocl.core.lattice import Lattice

WHERE = "projection 'rec' (exc -> exc)"


def ends_of(pre: Any, post: Any, same: bool = True, positions: NDArray[np.float64] | None = None) -> Ends:
    """Two slices; `positions` are those of the one population they belong to."""
    pre_ids, post_ids = np.asarray(pre, dtype=np.int64), np.asarray(post, dtype=np.int64)
    places = (None, None) if positions is None else (positions[pre_ids], positions[post_ids])
    return Ends(pre_ids, post_ids, same, *places, where=WHERE)


def draw(rule: Rule, ends: Ends, seed: int = 0) -> Drawn:
    return rule.draw(ends, np.random.default_rng(seed))


def n_autapses(drawn: Drawn, ends: Ends) -> int:
    return int((ends.pre_ids[drawn.pre] == ends.post_ids[drawn.post]).sum())


def n_multapses(drawn: Drawn) -> int:
    pairs = drawn.pre * np.int64(2**31) + drawn.post
    return len(pairs) - len(np.unique(pairs))


switches = {"autapses": st.booleans(), "multapses": st.booleans()}
RULES = st.one_of(
    st.builds(AllToAll, st.booleans()),
    st.just(OneToOne()),
    st.builds(FixedProbability, st.sampled_from([0.0, 1e-300, 0.3, 0.999999, 1.0]), st.booleans()),
    st.builds(FixedIndegree, st.integers(0, 12), **switches),
    st.builds(FixedOutdegree, st.integers(0, 12), **switches),
    st.builds(FixedTotalNumber, st.integers(0, 150), **switches),
    st.builds(
        DistanceDependent, st.floats(0, 1), st.floats(0.1, 10), st.sampled_from(["gaussian", "exponential"])
    ),
    st.builds(
        lambda e: Edges([a for a, _ in e], [b for _, b in e]),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))),
    ),
)
SLICES = st.sets(st.integers(0, 14), max_size=12).flatmap(lambda s: st.permutations(sorted(s)))


@settings(deadline=None)  # the first example may compile a kernel
@given(rule=RULES, pre=SLICES, post=SLICES, same=st.booleans(), seed=st.integers(0, 2**32))
def test_any_rule_on_any_ends_keeps_its_promises_or_says_why_not(
    rule: Rule, pre: list[int], post: list[int], same: bool, seed: int
) -> None:
    ends = ends_of(pre, post, same, positions=Lattice((3, 5)).positions(15, np.random.default_rng(0)))
    try:
        drawn = draw(rule, ends, seed)
    except NeuroclError as error:
        assert str(error).startswith(WHERE + ": ")
        assert "\n" not in str(error)
        return
    assert drawn.pre.dtype == drawn.post.dtype == np.int32
    assert len(drawn.pre) == len(drawn.post)
    assert ((drawn.pre >= 0) & (drawn.pre < ends.n_pre)).all()
    assert ((drawn.post >= 0) & (drawn.post < ends.n_post)).all()
    np.testing.assert_array_equal(np.lexsort((drawn.post, drawn.pre)), np.arange(len(drawn.pre)))
    if same and not getattr(rule, "autapses", True):
        assert n_autapses(drawn, ends) == 0
    if not getattr(rule, "multapses", isinstance(rule, Edges)):
        assert n_multapses(drawn) == 0


RANDOM_RULES = [
    FixedProbability(0.2),
    FixedProbability(0.2, autapses=False),
    FixedIndegree(5),
    FixedIndegree(5, multapses=False),
    FixedOutdegree(15, autapses=False, multapses=False),
    FixedOutdegree(5),
    FixedTotalNumber(100),
    FixedTotalNumber(100, multapses=False),
    DistanceDependent(0.5, 2.0),
]


@pytest.mark.parametrize("rule", RANDOM_RULES, ids=repr)
def test_the_generator_alone_decides_the_edges(rule: Rule) -> None:
    ends = ends_of(range(20), range(20), positions=Lattice((20,)).positions(20, np.random.default_rng(0)))
    first, again, other = draw(rule, ends, 3), draw(rule, ends, 3), draw(rule, ends, 4)
    np.testing.assert_array_equal(first.pre, again.pre)
    np.testing.assert_array_equal(first.post, again.post)
    assert Counter(zip(first.pre, first.post, strict=True)) != Counter(
        zip(other.pre, other.post, strict=True)
    )
    assert first.order is None


def pair_counts(rule: Rule, ends: Ends, n_draws: int) -> NDArray[np.int64]:
    """How often each pair was drawn; int64 [n_pre, n_post]."""
    rng = np.random.default_rng(11)
    counts = np.zeros((ends.n_pre, ends.n_post), dtype=np.int64)
    for _ in range(n_draws):
        drawn = rule.draw(ends, rng)
        np.add.at(counts, (drawn.pre, drawn.post), 1)
    return counts


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("kind", ["indegree", "outdegree", "total", "probability"])
def test_every_allowed_pair_is_equally_likely(kind: str, autapses: bool, multapses: bool) -> None:
    pre, post = np.arange(3, 8), np.arange(5, 13)[::-1]  # two slices that share 5, 6 and 7
    ends, n_draws = ends_of(pre, post), 3000
    allowed = np.ones((5, 8)) if autapses else (pre[:, None] != post).astype(float)
    rule, expected = {
        "indegree": (FixedIndegree(3, autapses, multapses), 3 * allowed / allowed.sum(axis=0)),
        "outdegree": (
            FixedOutdegree(5, autapses, multapses),
            5 * allowed / allowed.sum(axis=1, keepdims=True),
        ),
        "total": (FixedTotalNumber(20, autapses, multapses), 20 * allowed / allowed.sum()),
        "probability": (FixedProbability(0.4, autapses), 0.4 * allowed),
    }[kind]
    counts = pair_counts(rule, ends, n_draws)
    # A count's variance is at most that of a Poisson count with the same mean.
    assert (np.abs(counts - n_draws * expected) <= 5 * np.sqrt(n_draws * expected)).all()


@pytest.mark.parametrize(
    ("rule", "n_post", "n_outcomes"),
    [
        (FixedOutdegree(2, multapses=False), 4, 6),
        (FixedOutdegree(3, multapses=False), 4, 4),  # drawn as the one that is left out
        (FixedTotalNumber(2, multapses=False), 5, 10),
        (FixedProbability(0.5), 4, 16),
    ],
    ids=repr,
)
def test_every_set_of_edges_is_equally_likely(rule: Rule, n_post: int, n_outcomes: int) -> None:
    rng, ends = np.random.default_rng(2), ends_of([0], range(n_post), same=False)
    outcomes = Counter(tuple(rule.draw(ends, rng).post) for _ in range(4000))
    assert len(outcomes) == n_outcomes
    assert stats.chisquare(list(outcomes.values())).pvalue > 1e-5


def test_with_multapses_pairs_are_drawn_with_replacement() -> None:
    # Two edges over two pairs: both on the first, one on each, both on the second as 1 : 2 : 1.
    rng, ends = np.random.default_rng(3), ends_of([0, 1], [0], same=False)
    outcomes = Counter(tuple(FixedTotalNumber(2).draw(ends, rng).pre) for _ in range(4000))
    counts = [outcomes[0, 0], outcomes[0, 1], outcomes[1, 1]]
    assert stats.chisquare(counts, [1000, 2000, 1000]).pvalue > 1e-5


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.95])
def test_fixed_probability_has_binomial_degrees(p: float) -> None:
    n = 1500
    drawn = draw(FixedProbability(p), ends_of(range(n), range(n)), seed=5)
    assert abs(len(drawn.pre) - p * n * n) < 5 * np.sqrt(n * n * p * (1 - p))
    for positions in (drawn.pre, drawn.post):
        degrees = np.bincount(positions, minlength=n)
        dispersion = ((degrees - n * p) ** 2).sum() / (
            n * p * (1 - p)
        )  # chi-square with n degrees of freedom
        assert abs(dispersion - n) < 5 * np.sqrt(2 * n)


def test_fixed_probability_at_its_limits() -> None:
    ends = ends_of(range(40), range(50))
    assert len(draw(FixedProbability(0), ends).pre) == 0
    assert len(draw(FixedProbability(5e-324), ends).pre) == 0
    assert len(draw(FixedProbability(1 - 2**-53), ends).pre) == 2000
    everything, without = draw(FixedProbability(1), ends), draw(FixedProbability(1, autapses=False), ends)
    np.testing.assert_array_equal(everything.pre, np.repeat(np.arange(40), 50))
    np.testing.assert_array_equal(everything.post, np.tile(np.arange(50), 40))
    np.testing.assert_array_equal(without.post, draw(AllToAll(autapses=False), ends).post)
    assert len(without.pre) == 1960


@settings(deadline=None)
@given(k=st.integers(0, 20), multapses=st.booleans(), autapses=st.booleans(), seed=st.integers(0, 1000))
def test_fixed_degrees_and_totals_are_exact(k: int, multapses: bool, autapses: bool, seed: int) -> None:
    ends = ends_of(range(30), range(9, 30))
    indegree = draw(FixedIndegree(k, autapses, multapses), ends, seed)
    np.testing.assert_array_equal(np.bincount(indegree.post, minlength=21), k)
    outdegree = draw(FixedOutdegree(k, autapses, multapses), ends, seed)
    np.testing.assert_array_equal(np.bincount(outdegree.pre, minlength=30), k)
    assert len(draw(FixedTotalNumber(30 * k, autapses, multapses), ends, seed).pre) == 30 * k


def test_rules_with_multapses_make_some() -> None:
    ends = ends_of(range(10), range(10))
    for rule in (FixedIndegree(9), FixedOutdegree(9), FixedTotalNumber(90)):
        assert n_multapses(draw(rule, ends)) > 0


def test_an_autapse_is_the_same_neuron_not_the_same_position() -> None:
    pre, post = [4, 5, 6], [6, 5, 7, 4]
    drawn = draw(AllToAll(autapses=False), ends_of(pre, post))
    pairs = {(pre[a], post[b]) for a, b in zip(drawn.pre, drawn.post, strict=True)}
    assert pairs == {(a, b) for a in pre for b in post if a != b}
    assert len(draw(AllToAll(autapses=False), ends_of(pre, post, same=False)).pre) == 12
    assert len(draw(AllToAll(), ends_of(pre, post)).pre) == 12


def test_one_to_one_joins_equal_positions() -> None:
    drawn = draw(OneToOne(), ends_of([7, 3, 5], [0, 1, 2]))
    np.testing.assert_array_equal(drawn.pre, [0, 1, 2])
    np.testing.assert_array_equal(drawn.post, [0, 1, 2])


@pytest.mark.parametrize(("kernel", "power"), [("gaussian", 2), ("exponential", 1)])
def test_connection_probability_falls_with_distance_as_the_kernel_says(kernel: Any, power: int) -> None:
    positions = Lattice((3, 4), spacing=1.5).positions(12, np.random.default_rng(0))
    rule, n_draws = DistanceDependent(0.8, 2.0, kernel, autapses=True), 4000
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    expected = 0.8 * np.exp(-((distance / 2.0) ** power))
    counts = pair_counts(rule, ends_of(range(12), range(12), positions=positions), n_draws)
    assert (np.abs(counts - n_draws * expected) < 5 * np.sqrt(n_draws * expected * (1 - expected))).all()


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (5, [706.3, 89.2, 267.5, 10.7]),
        (7, [2875.2, 363.3, 1090.0, 45.1]),
        (10, [11029.2, 1380.4, 4141.1, 171.7]),
    ],
)
def test_a_liquid_has_the_published_numbers_of_connections(side: int, expected: list[float]) -> None:
    """Expected E->E, E->I, I->E and I->I counts of NALSM (Ivanov & Michmizos 2021)."""
    n, n_draws, rng = side**3, 40, np.random.default_rng(1)
    n_exc = round(0.8 * n)
    exc, inh = range(n_exc), range(n_exc, n)
    blocks = [(exc, exc, 0.2), (exc, inh, 0.1), (inh, exc, 0.3), (inh, inh, 0.05)]
    counts = np.empty((n_draws, 4))
    for i in range(n_draws):
        positions = Lattice((side,) * 3, shuffle=True).positions(n, rng)
        for j, (pre, post, c) in enumerate(blocks):
            ends = ends_of(pre, post, positions=positions)
            counts[i, j] = len(DistanceDependent(c, 3.0).draw(ends, rng).pre)
    error = counts.mean(axis=0) - expected
    assert (np.abs(error) < 5 * counts.std(axis=0) / np.sqrt(n_draws)).all()


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), max_size=40)


@given(pairs=PAIRS)
def test_edges_are_sorted_stably_and_tell_the_users_order(pairs: list[tuple[int, int]]) -> None:
    pre, post = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    drawn = draw(Edges(pre, post), ends_of(range(6), range(8), same=False))
    order = np.lexsort((post, pre))
    if drawn.order is None:
        np.testing.assert_array_equal(order, np.arange(order.size))
    else:
        np.testing.assert_array_equal(drawn.order, order)
    np.testing.assert_array_equal(drawn.pre, pre[order])
    np.testing.assert_array_equal(drawn.post, post[order])


@given(first=PAIRS, second=PAIRS)
def test_edges_are_equal_when_their_contents_are(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    one, two = (Edges([a for a, _ in p], [b for _, b in p]) for p in (first, second))
    assert (one == two) == (first == second)
    assert hash(one) == hash(Edges(np.asarray(one.pre, dtype=np.uint8), one.post))


@given(counts=st.lists(st.integers(0, 4), max_size=12), data=st.data())
def test_the_rows_of_a_part_of_the_edges_are_that_part_of_all(counts: list[int], data: st.DataObject) -> None:
    n = sum(counts)
    drawn = Drawn(np.array(counts, np.int64), np.zeros(n, np.int32))
    first, end = sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n))))
    everything = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    np.testing.assert_array_equal(drawn.pre, everything)
    np.testing.assert_array_equal(drawn.pre_between(first, end), everything[first:end])


@pytest.mark.parametrize("n_post", [200, 60_000, 2**24 + 3])
@pytest.mark.parametrize("k", [20, 500])
def test_rows_are_sorted_however_wide_and_long_they_are(n_post: int, k: int) -> None:
    drawn = draw(FixedOutdegree(k), ends_of(range(3), range(n_post), same=False))
    rows = drawn.post.reshape(3, k)
    assert (np.diff(rows, axis=1) >= 0).all()
    assert rows.min() < 0.2 * n_post and rows.max() > 0.8 * n_post


def test_edges_do_not_change_with_the_users_arrays() -> None:
    pre = np.array([2, 0, 1], dtype=np.int32)
    edges = Edges(pre, [0, 0, 0])
    pre[:] = 0
    np.testing.assert_array_equal(edges.pre, [2, 0, 1])
    with pytest.raises(ValueError, match="read-only"):
        edges.pre[0] = 1  # type: ignore[index]
    assert repr(edges) == "Edges(<3 edges>)"
