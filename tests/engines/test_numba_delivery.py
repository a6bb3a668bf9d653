"""Spikes on their way: when they act, on whom, with which weight (DESIGN.md, "Running: what one step means")."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import neurocl as ncl
from neurocl import models
from tests.helpers import RECEIVER

DT, N_PRE, N_POST, STEPS = 0.1, 4, 3, 30

spike = st.tuples(st.integers(0, N_PRE - 1), st.integers(1, STEPS))
edge = st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1), st.integers(0, 12), st.integers(-9, 9))
spikes_of = st.sets(spike, max_size=25)
edges_of = st.lists(edge, max_size=15)
Edge = tuple[int, int, int, int]


def deliver(
    spikes: set[tuple[int, int]], edges: list[Edge], groups: int = 1, dtype: str = "float64"
) -> NDArray[np.float64]:
    """What each target has received by the end of each step; the edges are split over `groups` projections."""
    net = ncl.Network(dt=DT)
    fired = sorted(spikes)
    pre = net.add(
        RECEIVER, N_PRE, name="pre", spikes=([k * DT for _, k in fired], np.array([i for i, _ in fired], dtype=int))
    )
    post = net.add(RECEIVER, N_POST, name="post")
    for group in range(groups):
        part = np.array(edges[group::groups], dtype=int).reshape(-1, 4)
        rule = ncl.Edges(part[:, 0], part[:, 1])
        net.connect(pre, post, rule, target="received", weight=part[:, 3], delay=part[:, 2] * DT, name=f"p{group}")
    return net.build(dtype=dtype).run(STEPS * DT, record={"post": "received"})["post"]["received"]


def expected(spikes: set[tuple[int, int]], edges: list[Edge]) -> NDArray[np.float64]:
    """A spike stamped t acts in the step that starts at t + d, so it shows in the state at t + d + dt."""
    jumps = np.zeros((STEPS, N_POST))
    for neuron, stamp in spikes:
        for pre, post, delay, weight in edges:
            if pre == neuron and stamp + delay < STEPS:
                jumps[stamp + delay, post] += weight
    return np.cumsum(jumps, axis=0)


@given(spikes_of, edges_of)
def test_every_spike_arrives_once_per_edge_after_the_edges_delay(
    spikes: set[tuple[int, int]], edges: list[Edge]
) -> None:
    np.testing.assert_array_equal(deliver(spikes, edges), expected(spikes, edges))


@given(spikes_of, edges_of)
def test_one_projection_of_many_delays_equals_several_projections(
    spikes: set[tuple[int, int]], edges: list[Edge]
) -> None:
    np.testing.assert_array_equal(deliver(spikes, edges, groups=3), expected(spikes, edges))


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_a_spike_stamped_t_with_delay_d_acts_in_the_step_that_starts_at_t_plus_d(delay: int) -> None:
    received = deliver({(2, 5)}, [(2, 1, delay, 3)])[:, 1]
    assert np.flatnonzero(received)[0] == 5 + delay  # row k is the state at (k + 1) dt, the end of step k
    assert received[-1] == 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_multapses_deliver_once_each(dtype: str) -> None:
    received = deliver({(0, 3)}, [(0, 1, 2, 5), (0, 1, 2, 5), (0, 1, 4, 1), (0, 2, 2, 7)], dtype=dtype)
    assert received[5].tolist() == [0, 10, 7] and received[-1].tolist() == [0, 11, 7]


def connected(
    spikes: tuple[list[float], list[int]], pre: slice = slice(None), post: slice = slice(None), **options: Any
) -> NDArray[np.float64]:
    """What each of six targets has received from eight sources at the end of 2 ms."""
    net = ncl.Network(dt=DT)
    source = net.add(RECEIVER, 8, name="source", spikes=spikes)
    target = net.add(RECEIVER, 6, name="target")
    net.connect(source[pre], target[post], options.pop("rule", ncl.AllToAll()), target="received", **options)
    sim = net.build(dtype="float64")
    sim.run(2.0)
    return sim.state["target.received"].copy()


@given(st.integers(0, 7), st.slices(8), st.slices(6), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_a_weight_matrix_is_post_by_pre_within_the_slices(neuron: int, pre: slice, post: slice, seed: int) -> None:
    ids, targets = np.arange(8)[pre], np.arange(6)[post]
    if ids.size == 0 or targets.size == 0:
        return
    weight = np.random.default_rng(seed).integers(-9, 9, (targets.size, ids.size)).astype(float)
    received = np.zeros(6)
    if neuron in ids:
        received[targets] = weight[:, ids.tolist().index(neuron)]
    np.testing.assert_array_equal(connected(([0.5], [neuron]), pre, post, weight=weight), received)


def test_a_scalar_weight_is_the_same_as_an_array_of_it() -> None:
    spikes = ([0.1, 0.5, 0.5, 1.9], [1, 2, 3, 1])
    np.testing.assert_array_equal(
        connected(spikes, weight=0.25, delay=0.3),
        connected(spikes, weight=np.full((6, 8), 0.25), delay=np.full((6, 8), 0.3)),
    )
    assert connected(spikes, weight=0.25, delay=0.3).tolist() == [0.75] * 6  # the spike at 1.9 ms arrives too late


def test_a_spike_under_way_at_the_end_of_a_run_arrives_in_the_next() -> None:
    net = ncl.Network(dt=DT)
    source = net.add(RECEIVER, 1, name="source", spikes=([0.5], [0]))
    target = net.add(RECEIVER, 1, name="target")
    net.connect(source, target, ncl.AllToAll(), target="received", weight=0.25, delay=0.3)
    sim = net.build(dtype="float64")
    rows = [
        sim.run(duration, record={"target": "received"})["target"]["received"] for duration in (0.5, 0.2, 0.0, 0.1, 0.2)
    ]
    np.testing.assert_array_equal(np.concatenate(rows)[:, 0], [0] * 8 + [0.25] * 2)
    sim.reset()
    sim.run(0.5)
    sim.reset()  # the spike under way is gone
    np.testing.assert_array_equal(
        sim.run(1.0, record={"target": "received"})["target"]["received"][:, 0], [0] * 8 + [0.25] * 2
    )


# ---- potentials ------------------------------------------------------------------------------------------------------


def potential(arrivals: list[tuple[int, float]]) -> NDArray[np.float64]:
    """v of a LIF neuron below threshold after currents that arrive in given steps."""
    net = ncl.Network(dt=DT)
    n = len(arrivals)
    source = net.add(models.SpikeArray, max(n, 1), name="source",
                     spikes=([(k + 1) * DT for k, _ in arrivals], np.arange(n)))  # fmt: skip
    cell = net.add(models.LIF, 1, name="cell", v_th=1e9)
    net.connect(
        source, cell, ncl.AllToAll(), target="i_syn", weight=np.array([[w for _, w in arrivals] or [0.0]]), delay=0.2
    )
    return net.build(dtype="float64").run(20.0, record={"cell": "v"})["cell"]["v"][:, 0] + 70.0


arrival = st.tuples(st.integers(0, 150), st.floats(-500, 500))


@given(st.lists(arrival, max_size=5), st.lists(arrival, max_size=5))
@settings(max_examples=25)
def test_potentials_add_up(first: list[tuple[int, float]], second: list[tuple[int, float]]) -> None:
    np.testing.assert_allclose(potential(first + second), potential(first) + potential(second), atol=1e-10)


@given(st.integers(0, 100), st.floats(0.1, 500), st.integers(1, 80))
@settings(max_examples=25)
def test_a_later_spike_gives_the_same_potential_later(step: int, weight: float, shift: int) -> None:
    early, late = potential([(step, weight)]), potential([(step + shift, weight)])
    np.testing.assert_allclose(late[shift:], early[:-shift], atol=1e-10)
    assert (late[: step + 3 + shift] == 0).all() and late[step + 3 + shift] > 0  # spike at step + 1, delay 2


# ---- refractoriness --------------------------------------------------------------------------------------------------


def test_a_jump_of_the_potential_while_refractory_is_lost() -> None:
    net = ncl.Network(dt=DT)
    arrivals = np.arange(8, 16)  # steps in which the second spike arrives, one per neuron
    source = net.add(models.SpikeArray, 16, name="source",
                     spikes=(np.r_[np.full(8, 0.5), arrivals * DT], np.arange(16)))  # fmt: skip
    cell = net.add(models.LIFDelta, 8, name="cell", t_ref=0.5)
    net.connect(source, cell, ncl.Edges(np.arange(16), np.r_[np.arange(8), np.arange(8)]), target="v",
                weight=np.r_[np.full(8, 30.0), np.full(8, 5.0)])  # fmt: skip
    out = net.build(dtype="float64").run(2.0, record={"cell": ["spikes", "v"]})["cell"]
    # The first spike arrives in step 5 and fires the neuron at 0.6 ms: updates 6 to 10 hold.
    np.testing.assert_allclose(out.spikes.times, 0.6)
    for neuron, step in enumerate(arrivals):
        jumped = out["v"][step, neuron] > -69.0
        assert jumped == (step > 10), (neuron, step)
    assert (out["v"][5:11] == -70.0).all()


def test_a_current_that_arrives_while_refractory_is_kept() -> None:
    net = ncl.Network(dt=DT)
    source = net.add(models.SpikeArray, 2, name="source", spikes=([0.5, 0.8], [0, 1]))
    cell = net.add(models.LIF, 1, name="cell", t_ref=0.5, i_ext=[0.0])
    net.connect(source, cell, ncl.AllToAll(), target="i_syn", weight=[[1e5, 100.0]])
    out = net.build(dtype="float64").run(2.0, record={"cell": ["spikes", "v", "i_syn"]})["cell"]
    assert out.spikes.times[0] == pytest.approx(0.6)
    decay = np.exp(-DT / 2)
    assert out["i_syn"][8, 0] == pytest.approx((1e5 * decay**3 + 100.0) * decay)
    assert (out["v"][5:11, 0] == -70.0).all() and out.spikes.times[1] == pytest.approx(1.2)  # the first free update
