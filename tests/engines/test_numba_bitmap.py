"""Counting the spikes that reach each target by bits: exact, whatever the number of spikes and the part of a thread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import neurocl as ncl
from neurocl.core.edges import EdgeTable
from neurocl.engines.numba.bitmap import bit_fields, count_bits
from tests.helpers import RECEIVER

N_PRE, N_POST = 200, 1300


@njit
def totals(bits, bit_range, spikes, planes, counts, first, last):  # type: ignore[no-untyped-def]
    found = np.zeros(last - first, np.int64)
    done = 0
    while done < spikes.size:
        done = count_bits(bits, bit_range, spikes, done, spikes.size, planes, counts, first, last)
        found += counts[first - bit_range[2] : last - bit_range[2]]
    return found


PARTS = [(0, N_POST), (0, 512), (512, 1024), (1024, N_POST)]


@given(st.integers(0, 2**32 - 1), st.integers(0, N_PRE), st.sampled_from(PARTS))
def test_counts_are_the_column_sums_of_the_rows_of_the_spikes(seed: int, n_spikes: int, part: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.random((N_PRE, N_POST)) < rng.choice([0.0, 0.1, 0.9, 1.0])
    dense[: rng.integers(0, N_PRE // 2)] = False  # neurons without a row
    dense[:, : rng.integers(0, 700)] = False  # targets without a column
    start = np.concatenate([[0], np.cumsum(dense.sum(axis=1))]).astype(np.int64)
    table = EdgeTable(N_PRE, N_POST, np.zeros(1, np.int32), start, np.nonzero(dense)[1].astype(np.int32))
    fields = bit_fields(table)
    spikes = np.sort(rng.choice(N_PRE, n_spikes, replace=False)).astype(np.int32)
    if not dense.any():
        return
    part = (max(part[0], fields["_bit_range"][2]), min(part[1], fields["_bit_range"][3]))
    if part[0] >= part[1]:
        return
    found = totals(*(fields[k] for k in ("_bits", "_bit_range")), spikes, fields["_planes"], fields["_counts"], *part)
    np.testing.assert_array_equal(found, dense[spikes].sum(axis=0)[slice(*part)])


@pytest.mark.parametrize("rule", [ncl.FixedProbability(0.2), ncl.FixedIndegree(60, multapses=True), ncl.AllToAll()])
@settings(max_examples=10)
@given(st.data())
def test_a_dense_projection_of_one_weight_delivers_what_its_edges_say(rule: ncl.Rule, data: st.DataObject) -> None:
    fired = data.draw(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 299)), max_size=400, unique=True))
    net = ncl.Network(dt=0.1)
    times, neurons = [0.1 * step for step, _ in fired], np.array([i for _, i in fired], dtype=int)
    source = net.add(RECEIVER, 300, name="source", spikes=(times, neurons))
    target = net.add(RECEIVER, 700, name="target")
    net.connect(source, target, rule, target="received", weight=3.0, delay=0.2, name="all")
    sim = net.build(seed=1, dtype="float64")
    assert "_count_bits(" in sim.source.partition("def _deliver_all")[2]
    sim.run(2.5)
    pre, post = sim.edges("all")
    expected = np.zeros(700)
    for neuron in neurons:
        np.add.at(expected, post[pre == neuron], 3.0)
    np.testing.assert_array_equal(sim.state["target.received"], expected)


def test_rewired_synapses_that_no_longer_fit_a_bitmap_are_delivered_another_way() -> None:
    net = ncl.Network(dt=0.1)
    source = net.add(RECEIVER, 100, name="source", spikes=([0.1, 1.1], [3, 3]))
    target = net.add(RECEIVER, 600, name="target")
    net.connect(source, target, ncl.FixedProbability(0.7), target="received", name="all")
    sim = net.build(seed=1)
    sim.run(1.0)
    pre, post = sim.edges("all")
    received = np.bincount(post[pre == 3], minlength=600)
    np.testing.assert_array_equal(sim.state["target.received"], received)
    sim.rewire("all", remove=np.arange(len(pre) - 1000), pre=[3, 3, 3], post=[5, 5, 7])
    pre, post = sim.edges("all")
    sim.run(1.0)
    np.testing.assert_array_equal(
        sim.state["target.received"], received + np.bincount(post[pre == 3], minlength=600)
    )
