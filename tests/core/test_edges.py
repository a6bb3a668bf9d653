"""Edges sorted for delivery: whatever the order given, each keeps its weight and its delay."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core import _edge_values
from neurocl.core import edges as edges_module
from neurocl.core.connectivity import Drawn, Rule
from neurocl.core.edges import EdgeTable, draw_edges

N_PRE, N_POST, DT = 5, 4, 0.1


def table(rule: Any, pre: slice = slice(None), post: slice = slice(None), **options: Any) -> tuple[EdgeTable, Any]:
    net = ncl.Network(dt=DT)
    source, target = net.add(models.Poisson, N_PRE, name="pre"), net.add(models.LIF, N_POST, name="post")
    projection = net.connect(source[pre], target[post], rule, target="i_syn", **options)
    return draw_edges(projection, DT, 1)


def listed(edges: EdgeTable, weight: Any) -> list[tuple[int, int, int, float]]:
    columns = np.broadcast_arrays(edges.pre, edges.post, edges.delay, weight)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def is_in_order(edges: EdgeTable) -> bool:
    group = edges.delay if edges.steps is None else np.zeros(edges.n)
    keys = list(zip(group.tolist(), edges.pre.tolist(), edges.post.tolist(), strict=True))
    return keys == sorted(keys) and edges.start[0] == 0 and edges.start[-1] == edges.n


one_edge = st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1), st.integers(0, 3), st.floats(-5, 5))


@given(st.lists(one_edge, max_size=30))
def test_edges_given_one_by_one_keep_weight_and_delay(given_edges: list[tuple[int, int, int, float]]) -> None:
    pre, post, steps, weight = (list(column) for column in zip(*given_edges, strict=True)) if given_edges else ([],) * 4
    edges, weights = table(ncl.Edges(pre, post), weight=weight, delay=np.array(steps) * DT)
    assert listed(edges, weights) == sorted((a, b, d, w) for a, b, d, w in given_edges)
    assert is_in_order(edges)


slices = st.sampled_from([slice(None), slice(None, None, -1), slice(1, 4), slice(None, None, 2), slice(3, 0, -2)])


@given(slices, slices, st.booleans(), st.integers(0, 2**32 - 1))
def test_a_matrix_is_indexed_post_pre_within_the_slices(pre: slice, post: slice, many_delays: bool, seed: int) -> None:
    ids, targets = np.arange(N_PRE)[pre], np.arange(N_POST)[post]
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(targets.size, ids.size))
    steps = rng.integers(0, 4, weight.shape) if many_delays else np.full(weight.shape, 2)
    edges, weights = table(ncl.AllToAll(), pre, post, weight=weight, delay=steps * DT if many_delays else 0.2)
    expected = [
        (int(a), int(b), int(steps[q, p]), float(weight[q, p]))
        for p, a in enumerate(ids)
        for q, b in enumerate(targets)
    ]
    assert listed(edges, weights) == sorted(expected)
    assert is_in_order(edges)


def test_edges_are_counted_within_the_slices() -> None:
    edges, weights = table(ncl.Edges([0, 2], [1, 0]), slice(4, 1, -1), slice(2, 4), weight=[10.0, 20.0])
    assert listed(edges, weights) == [(2, 2, 0, 20.0), (4, 3, 0, 10.0)]


def test_one_to_one_takes_one_weight_per_edge_in_the_order_of_the_slices() -> None:
    edges, weights = table(ncl.OneToOne(), slice(3, None, -1), slice(None), weight=[1.0, 2.0, 3.0, 4.0])
    assert listed(edges, weights) == [(0, 3, 0, 4.0), (1, 2, 0, 3.0), (2, 1, 0, 2.0), (3, 0, 0, 1.0)]


def test_a_distribution_of_delays_is_rounded_to_the_grid() -> None:
    edges, weights = table(ncl.AllToAll(), delay=ncl.uniform(0.14, 0.26), weight=ncl.normal(1, 0.1))
    assert set(edges.delay.tolist()) <= {1, 2, 3} and weights.shape == (20,) and len(set(weights)) == 20


def test_a_projection_may_have_no_edges() -> None:
    for options in ({}, {"delay": ncl.uniform(1, 2), "weight": ncl.uniform(0, 1)}):
        edges, _ = table(ncl.FixedProbability(0.0), **options)
        assert edges.n == 0 and edges.pre.size == edges.post.size == edges.delay.size == 0


@given(st.lists(one_edge, max_size=30), slices, st.sampled_from([1, 300, 70_000]))
def test_by_source_an_edge_has_the_weight_and_the_delay_that_it_has_by_group(
    given_edges: list[tuple[int, int, int, float]], pre_end: slice, unit: int
) -> None:
    n_ids = len(range(N_PRE)[pre_end])
    columns = [(a, b, d * unit, w) for a, b, d, w in given_edges if a < n_ids]
    pre, post, steps, weight = (list(column) for column in zip(*columns, strict=True)) if columns else ([],) * 4
    options: dict[str, Any] = {"weight": weight, "delay": np.array(steps) * DT}
    tables = []
    for allowed in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edges_module, "LONGEST_AHEAD", 2**24 if allowed else -1)
            tables.append(table(ncl.Edges(pre, post), pre_end, **options))
    (by_group, expected), (by_source, weights) = tables
    assert (by_source.steps is None) == (len(by_group.delays) <= 1)
    assert listed(by_source, weights) == listed(by_group, expected)
    np.testing.assert_array_equal(by_source.delays, by_group.delays)
    assert is_in_order(by_source)
    if by_source.steps is not None:
        kind = np.uint8 if max(steps) < 256 else np.uint16 if max(steps) < 65536 else np.int32
        assert by_source.steps.dtype == kind and by_source.n_slots == N_PRE


@pytest.mark.parametrize("by_source", [False, True])
def test_weights_and_delays_do_not_depend_on_the_blocks_in_which_they_are_made(by_source: bool) -> None:
    matrix = np.random.default_rng(0).integers(0, 300, (N_POST, N_PRE))
    given_edges = [[4, 0, 0, 2, 4], [1, 1, 0, 3, 0]]
    for rule, weight, delay in (
        (ncl.FixedTotalNumber(50), ncl.normal(1, 1, low=0.5), ncl.normal(20, 9, low=0, high=40)),
        (ncl.FixedTotalNumber(50), matrix * 0.5, matrix * DT),
        (ncl.Edges(*given_edges), np.arange(5.0), np.arange(5)[::-1] * DT),
    ):
        found = []
        for block in (7, 1000):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(edges_module, "LONGEST_AHEAD", 2**24 if by_source else -1)
                patch.setattr(_edge_values, "BLOCK", block)
                edges, weights = table(rule, weight=weight, delay=delay)
            assert (edges.steps is not None) == by_source
            found.append((edges.start, edges.post, edges.delays, edges.delay, weights))
        for one, other in zip(*found, strict=True):
            np.testing.assert_array_equal(one, other)


def test_weights_are_rounded_once_to_the_type_asked_for_and_what_a_table_holds_is_its_own() -> None:
    net = ncl.Network(dt=DT)
    source, target = net.add(models.Poisson, N_PRE, name="pre"), net.add(models.LIF, N_POST, name="post")
    for rule in (ncl.AllToAll(), ncl.Edges([0, 1, 1], [0, 2, 3]), ncl.FixedProbability(0.5)):
        projection = net.connect(source, target, rule, target="i_syn", weight=ncl.normal(1, 0.1))
        (edges, single), (_, double) = (draw_edges(projection, DT, 1, kind) for kind in (np.float32, np.float64))
        assert isinstance(single, np.ndarray) and single.dtype == np.float32
        np.testing.assert_array_equal(single, np.asarray(double, dtype=np.float32))
        for array in (edges.post, edges.start, single):
            assert array.flags["C_CONTIGUOUS"] and array.flags["WRITEABLE"]
        assert not np.shares_memory(edges.post, getattr(rule, "post", edges.start))


def test_drawing_a_large_projection_needs_little_more_memory_than_its_edges() -> None:
    n, size = 4_000_000, 2000
    net = ncl.Network(dt=DT)
    source, target = net.add(models.Poisson, size, name="pre"), net.add(models.LIF, size, name="post")
    projection = net.connect(
        source, target, ncl.FixedTotalNumber(n), target="i_syn", weight=ncl.normal(50, 5, low=0),
        delay=ncl.normal(1.5, 0.75, low=0.06),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edges_module, "LONGEST_AHEAD", 2**24)
        tracemalloc.start()
        edges, weights = draw_edges(projection, DT, 1, np.float32)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert edges.steps is not None
    held = sum(array.nbytes for array in (edges.start, edges.post, edges.steps, weights))
    assert edges.n == n and held < 9.01 * n and peak < 12 * n


def test_a_rule_that_miscounts_its_edges_is_told_so() -> None:
    class Wrong(Rule):
        def draw(self, ends: Any, rng: Any) -> Any:
            return Drawn(np.zeros(3, np.int64), np.zeros(3, np.int32))

    with pytest.raises(ncl.NeuroclError, match="must count the edges of each of the 5 presynaptic neurons"):
        table(Wrong())


@pytest.mark.parametrize(
    ("synapse", "by_source"),
    [
        (ncl.SynapseModel(name="plain"), True),
        (ncl.SynapseModel(name="scaled", transmit="gain * w", parameters={"gain": 2.0}), True),
        (ncl.SynapseModel(name="reading", transmit="w * v_post"), False),
        (ncl.SynapseModel(name="random", transmit="w * rand()"), False),
        (models.TsodyksMarkram, False),
        (models.PairSTDP, False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_only_synapses_that_are_done_when_they_are_sent_go_by_source(synapse: Any, by_source: bool) -> None:
    net = ncl.Network(dt=DT)
    source, target = net.add(models.Poisson, N_PRE, name="pre"), net.add(models.LIF, N_POST, name="post")
    projection = net.connect(source, target, ncl.AllToAll(), target="i_syn", synapse=synapse)
    assert edges_module.goes_by_source(projection) == by_source
