"""Many projections of one structure share one function; what they deliver does not change."""

from __future__ import annotations

import numpy as np

import neurocl as ncl
from neurocl.engines.agreement import compare


def layers(n: int) -> ncl.Network:
    """`n` populations, all connected to all, each projection with its own weights and delays."""
    net = ncl.Network(dt=0.1)
    populations = [net.add(ncl.models.LIF, 20 + k, name=f"l{k}", i_ext=ncl.uniform(350, 500)) for k in range(n)]
    for pre in populations:
        for post in populations:
            net.connect(
                pre, post, ncl.FixedProbability(0.2), target="i_syn", weight=ncl.normal(50, 20),
                delay=ncl.uniform(0, 3), name=f"{pre.name}_{post.name}",
            )  # fmt: skip
    return net


def test_a_group_delivers_what_its_members_would() -> None:
    net = layers(3)
    assert compare(net, 60.0, record={f"l{k}": ["spikes", "v"] for k in range(3)}, seed=3).holds()
    assert "_group_0_deliver" in net.build().source


def test_a_network_of_many_projections_is_saved_rewired_and_run_in_batches() -> None:
    sim = layers(3).build(seed=1, dtype="float64")
    sim.run(20.0)
    sim.rewire("l0_l1", remove=range(len(sim.edges("l0_l1")[0])))
    runs = sim.run_batch(30.0, 3, record={"l1": "v"}, threads=2)
    alone = sim.run(30.0, record={"l1": "v"})
    for run in runs:
        np.testing.assert_array_equal(run["l1"]["v"], alone["l1"]["v"])


def test_the_source_does_not_grow_with_the_number_of_projections() -> None:
    small, large = (layers(n).build().source for n in (3, 5))
    assert small.count("def ") == large.count("def ")
