"""Structural changes: synapses go and come, everything else stays; a saved simulation knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.core import edges
from neurocl.core.planning import make_plan
from neurocl.core.rewiring import make_rewiring

N_PRE, N_POST = 8, 5
TAGGED = ncl.models.PairSTDP.replace(
    name="tagged", equations="dtag/dt = -tag / 50 : 1", on_pre="tag += 1; w += gain * tag; x += 1",
    parameters={"gain": 0.0, "w_max": 100.0}, initial={"tag": 0.5},
)  # fmt: skip


def build() -> ncl.Simulator:
    net = ncl.Network(dt=0.1)
    pre = net.add(ncl.models.Poisson, N_PRE, name="pre", rate=100.0)
    post = net.add(ncl.models.LIF, N_POST, name="post")
    net.connect(
        pre, post, ncl.FixedProbability(0.5), target="i_syn", weight=ncl.uniform(200, 400), delay=ncl.uniform(0, 0.5),
        synapse=TAGGED, name="c", gain=ncl.uniform(0, 0.01),
    )  # fmt: skip
    return net.build(seed=1, dtype="float64")


def synapses(sim: ncl.Simulator) -> list[tuple[Any, ...]]:
    """All synapses with their states, in a fixed order."""
    state = sim.state
    return sorted(zip(*sim.edges("c"), sim.delays("c"), state["c.w"], state["c.tag"], strict=True))


@given(data=st.data())
def test_what_is_not_named_stays_and_what_is_added_is_there(data: st.DataObject) -> None:
    sim = build()
    sim.run(20.0)
    n = len(sim.state["c.w"])
    remove = data.draw(st.lists(st.integers(0, n - 1), unique=True))
    new = data.draw(st.lists(st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1)), max_size=10))
    before, traces = synapses_by_number(sim), {k: sim.state[f"c.{k}"].copy() for k in "xy"}
    sim.rewire("c", remove=remove, pre=[a for a, _ in new], post=[b for _, b in new], weight=7.0, delay=0.2, gain=0.0)
    kept = [s for k, s in enumerate(before) if k not in set(remove)]
    assert synapses(sim) == sorted([*kept, *((a, b, 0.2, 7.0, 0.5) for a, b in new)])
    for name, values in traces.items():
        np.testing.assert_array_equal(sim.state[f"c.{name}"], values)
    sim.run(5.0)


def synapses_by_number(sim: ncl.Simulator) -> list[tuple[Any, ...]]:
    state = sim.state
    return list(zip(*sim.edges("c"), sim.delays("c"), state["c.w"], state["c.tag"], strict=True))


def test_a_saved_simulation_goes_on_with_the_new_synapses(tmp_path: Path) -> None:
    sim = build()
    sim.run(30.0)
    sim.rewire("c", remove=range(5), pre=[0, 1, 2], post=[4, 4, 4], weight=[1.0, 2.0, 3.0], delay=0.2, gain=0.001)
    sim.run(10.0)
    sim.save(tmp_path / "a")
    other = ncl.Simulator.load(tmp_path / "a")
    assert synapses(other) == synapses(sim)
    first, second = (s.run(30.0, record={"post": "spikes", "c": "w"}) for s in (sim, other))
    assert first["post"].spikes == second["post"].spikes
    np.testing.assert_array_equal(first["c"]["w"], second["c"]["w"])


def test_a_reset_begins_with_the_new_synapses() -> None:
    sim = build()
    sim.rewire("c", remove=[0], pre=[3], post=[2], weight=9.0, delay=0.2, gain=0.0, tag=0.25)
    begun = synapses(sim)
    sim.run(20.0)
    assert synapses(sim) != begun
    sim.reset()
    assert synapses(sim) == begun and (3, 2, 0.2, 9.0, 0.25) in begun


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"remove": [99]}, "remove 99 is no synapse; they are numbered from 0 to"),
        ({"remove": [1, 1]}, "remove names a synapse twice"),
        ({"pre": [1], "post": [1, 2]}, "pre and post must be equally long"),
        ({"pre": [8], "post": [1]}, "pre 8 is no neuron of 'pre'; they are numbered from 0 to 7"),
        ({"pre": [1.5], "post": [1]}, "pre must be a list of whole numbers"),
        ({"pre": [1], "post": [1]}, "the synapses have different delays; give delay="),
        ({"pre": [1], "post": [1], "delay": 0.2}, "every synapse has its own weight; give weight="),
        ({"pre": [1], "post": [1], "delay": 7.0, "weight": 1.0}, "no synapse has the delay 7 ms"),
        ({"pre": [1], "post": [1], "delay": 0.2, "weight": 1.0}, "'gain' differs between synapses; give gain="),
        ({"pre": [1], "post": [1], "delay": 0.2, "weight": np.nan, "gain": 0.0}, "weight must be finite"),
        ({"pre": [1], "post": [1], "delay": 0.2, "weight": 1.0, "gain": [1, 2]}, "gain: expected one number or 1"),
        ({"x": 1.0}, "'x' is no state, and no parameter that differs between synapses"),
    ],
)
def test_wrong_changes_are_refused_and_change_nothing(wrong: dict[str, Any], message: str) -> None:
    sim = build()
    before = synapses(sim)
    with pytest.raises(ncl.NeuroclError, match=message):
        sim.rewire("c", **wrong)
    assert synapses(sim) == before


def test_only_neurons_of_the_slices_can_be_connected_and_a_shared_weight_stays_one_number() -> None:
    net = ncl.Network(dt=0.1)
    cells = net.add(ncl.models.LIF, 6, name="cells")
    net.connect(cells[:3], cells, ncl.AllToAll(), target="i_syn", weight=2.0, name="c")
    sim = net.build(dtype="float64")
    with pytest.raises(ncl.NeuroclError, match="pre 4 is none of the neurons that were connected"):
        sim.rewire("c", pre=[4], post=[0])
    with pytest.raises(ncl.NeuroclError, match="all synapses share the weight 2; leave out weight="):
        sim.rewire("c", pre=[1], post=[0], weight=3.0)
    sim.rewire("c", remove=range(18), pre=[1], post=[0])
    assert [list(a) for a in sim.edges("c")] == [[1], [0]]
    with pytest.raises(ncl.NeuroclError, match="the network has no projection 'd'"):
        sim.rewire("d")
    with pytest.raises(ncl.NeuroclError, match="the brian2 engine cannot change synapses"):
        net.build(engine="brian2").rewire("c", remove=[0])


@given(data=st.data())
def test_a_table_by_source_is_rewired_like_one_by_group(data: st.DataObject) -> None:
    net = ncl.Network(dt=0.1)
    pre, post = net.add(ncl.models.Poisson, N_PRE, name="pre"), net.add(ncl.models.LIF, N_POST, name="post")
    projection = net.connect(
        pre, post, ncl.FixedProbability(0.5), target="i_syn", weight=ncl.uniform(200, 400), delay=ncl.uniform(0, 0.5),
        name="c",
    )  # fmt: skip
    table = make_plan(net, 1).projections["c"].edges
    n = table.n
    remove = np.array(data.draw(st.lists(st.integers(0, n - 1), unique=True)), dtype=np.int64)
    ends = st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1), st.sampled_from(table.delays.tolist()))
    new = np.array(data.draw(st.lists(ends, max_size=10)), dtype=np.int64).reshape(-1, 3).T
    found = []
    for by_source in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edges, "LONGEST_AHEAD", 2**24 if by_source else -1)
            plan = make_plan(net, 1).projections["c"]
        numbers = np.lexsort((plan.edges.delay, plan.edges.post, plan.edges.pre))[remove]
        rewiring = make_rewiring(plan, projection, numbers, new[0], new[1], 7.0, new[2] * 0.1, {})
        rewiring.apply(plan)
        assert (plan.edges.steps is not None) == by_source
        found.append(sorted(zip(plan.edges.pre, plan.edges.post, plan.edges.delay, plan.weight, strict=True)))
    assert found[0] == found[1] and len(found[0]) == n - remove.size + new.shape[1]
