"""The benchmarks are the networks that they say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.networks import ALL, BENCHMARKS, NETWORKS, QUICK, brunel, find
from neurocl import NeuroclError


def test_names_are_unique_and_known() -> None:
    assert len(BENCHMARKS) == len(ALL) and set(QUICK) <= BENCHMARKS.keys()
    assert {benchmark.network for benchmark in ALL} == NETWORKS.keys()
    with pytest.raises(NeuroclError, match="did you mean 'cuba-4000'"):
        find("cuba-400")


@pytest.mark.parametrize("benchmark", [b for b in ALL if "n" in b.size], ids=lambda b: b.name)
def test_networks_have_the_size_and_the_populations_that_are_counted(benchmark: object) -> None:
    network = NETWORKS[benchmark.network].make(**benchmark.size)  # type: ignore[attr-defined]
    counted = NETWORKS[benchmark.network].counted  # type: ignore[attr-defined]
    assert set(counted) <= network.populations.keys()
    sizes = {name: len(population) for name, population in network.populations.items()}
    assert sum(sizes.values()) - sizes.get("neuron", 0) == benchmark.size["n"]  # type: ignore[attr-defined]


def test_brunels_inputs_are_all_different() -> None:
    sim = brunel(1500).build(seed=1)
    for name, number in (("exc", 1000), ("inh", 250)):
        pre, post = sim.edges(name)
        assert len(np.unique(pre.astype(np.int64) * 1500 + post)) == len(pre) == 1500 * number
        assert set(np.bincount(post).tolist()) == {number}


def test_brunels_plasticity_is_that_of_the_definition() -> None:
    # In units of J: w from 1, in [0, 2]; -2 0.01 1.05 y at arrivals, +2 0.01 x at postsynaptic spikes.
    network = brunel(12500, is_plastic=True)
    plastic, j = network.projections["ee"], 0.1
    assert plastic.weight == j and plastic.delay == 1.5
    parameters = {**plastic.synapse.parameters, **plastic.values}
    assert {key: parameters[key] for key in ("w_min", "w_max", "a_plus", "a_minus", "tau_plus", "tau_minus")} == (
        pytest.approx(
            {"w_min": 0, "w_max": 2 * j, "a_plus": 0.02 * j, "a_minus": 0.021 * j, "tau_plus": 20, "tau_minus": 20}
        )
    )
    assert network.projections["inh"].weight == -5 * j
    assert network.populations["neurons"].values["rate_ext"] == 20_000
