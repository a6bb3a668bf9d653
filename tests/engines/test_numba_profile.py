"""`profile` tells of every part of a run, and changes nothing."""

from __future__ import annotations

import numpy as np

import neurocl as ncl
from neurocl.networks import cuba
from tests.engines.test_numba_groups import layers


def learning() -> ncl.Network:
    """Noise, plasticity with traces, a modulator, a ring and a plain projection."""
    noisy = ncl.NeuronModel(
        name="noisy", equations="dv/dt = -v / 10 + xi / sqrt(10) : mV", threshold="v > 1", reset="v = 0"
    )
    net = ncl.Network(dt=0.1)
    a, b = net.add(noisy, 200, name="a"), net.add(ncl.models.LIF, 100, name="b")
    net.connect(a, b, ncl.FixedProbability(0.2), target="i_syn", weight=0.5, synapse=ncl.models.PairSTDP, name="stdp")
    net.connect(b, a, ncl.FixedProbability(0.2), target="v", weight=0.1, delay=ncl.uniform(0, 2), name="late")
    net.add(ncl.models.Dopamine, name="da")
    return net


def test_the_parts_are_those_of_the_network_and_their_times_sum_to_the_whole() -> None:
    profile = learning().build(seed=1).profile(50.0, record={"b": "v"})
    assert {("update", "a"), ("random numbers", "a"), ("update", "b"), ("delivery", "stdp"), ("delivery", "late"),
            ("delivery", "a"), ("plasticity", "stdp"), ("traces", "stdp"), ("modulators", "da"),
            ("spikes and reset", "a"), ("recording", "")} <= set(profile.parts)  # fmt: skip
    assert all(seconds >= 0 for seconds in profile.parts.values())
    np.testing.assert_allclose(sum(profile.parts.values()), profile.seconds)
    assert profile.duration == 50.0 and profile.real_time_factor > 0


def test_a_profile_leaves_the_simulation_where_it_was() -> None:
    one, two = (learning().build(seed=1) for _ in range(2))
    one.profile(20.0)
    runs = [sim.run(20.0, record={"a": ["spikes", "v"]})["a"] for sim in (one, two)]
    np.testing.assert_array_equal(runs[0]["v"], runs[1]["v"])


def test_a_group_of_projections_is_told_one_by_one() -> None:
    sim = layers(3).build(seed=1)
    profile = sim.profile(20.0)
    assert {name for what, name in profile.parts if what == "delivery"} >= set(sim.plan.projections)


def test_the_table_has_a_line_for_every_part() -> None:
    sim = cuba(400).build(seed=1)
    profile = sim.profile(20.0)
    head, *lines = str(profile).splitlines()
    assert head.startswith("20 ms in ") and "real-time factor" in head
    assert len(lines) == len(profile.parts)
    assert [line.split()[-1] for line in lines if "update" in line] == ["neurons"]
