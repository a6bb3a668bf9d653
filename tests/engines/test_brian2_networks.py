"""Whole networks in Brian2: random small ones spike for spike, a large one in its statistics over two seconds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

import neurocl as ncl
from neurocl.engines.agreement import compare
from tests.networks import Case, cases, network_of


@settings(max_examples=5)
@given(case=cases())
def test_random_small_networks_agree(case: Case) -> None:
    found = compare(network_of(case), 40.0, seed=case.seed)
    assert found.holds(1e-9), str(found)


def test_rates_and_regularity_of_a_large_network_agree_over_two_seconds() -> None:
    net = ncl.Network(dt=0.1)
    neurons = net.add(ncl.models.LIF, 1000, name="neurons", v=ncl.uniform(-70, -55), i_ext=380.0)
    rule = ncl.FixedProbability(0.1)
    net.connect(neurons[:800], neurons, rule, target="i_syn", weight=20.0, delay=1.5)
    net.connect(neurons[800:], neurons, rule, target="i_syn", weight=-100.0, delay=0.8)
    spikes = {}
    for engine in ("numba", "brian2"):
        sim = net.build(engine=engine, seed=1, dtype="float64")
        spikes[engine] = sim.run(2000.0, record={"neurons": "spikes"})["neurons"].spikes
    ours, theirs = spikes["numba"], spikes["brian2"]
    assert ours.mean_rate() == pytest.approx(theirs.mean_rate(), rel=0.02)
    assert ours.cv() == pytest.approx(theirs.cv(), rel=0.02)
    assert ours.mean_rate() > 5.0
