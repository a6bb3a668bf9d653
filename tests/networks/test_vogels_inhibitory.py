"""A network balanced by inhibitory plasticity: its constants, and the rate to which it converges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl.core.recording import Spikes
from neurocl.networks.vogels_inhibitory import vogels_inhibitory

N, N_EXC = 1000, 800


def test_constants_are_those_of_the_publication() -> None:
    network = vogels_inhibitory()
    neurons = network.populations["neurons"]
    expected = {
        "c_mem": 200,
        "g_leak": 10,
        "v_leak": -60,
        "v_th": -50,
        "v_reset": -60,
        "t_ref": 5,
        "e_e": 0,
        "e_i": -80,
    }
    assert {name: neurons.model.parameters[name] for name in expected} == expected
    assert (neurons.model.parameters["tau_e"], neurons.model.parameters["tau_i"]) == (5.0, 10.0)
    assert neurons.values["i_ext"] == 200.0
    exc, inh, plastic = (network.projections[name] for name in ("exc", "inh_inh", "inh_exc"))
    assert [(len(p.pre), len(p.post)) for p in (exc, inh, plastic)] == [(8000, 10_000), (2000, 2000), (2000, 8000)]
    assert (exc.weight, inh.weight, plastic.weight) == (0.3, 3.0, 0.0)
    assert all(p.rule.p == 0.02 for p in (exc, inh, plastic))  # type: ignore[attr-defined]
    assert plastic.synapse.parameters["tau"] == 20.0 and plastic.values["rate"] == 5.0


def pairs_per_chance(inhibitory: Spikes, excitatory: Spikes, pre: Any, post: Any, tau: float = 20.0) -> float:
    """Pairs of spikes over connected neurons, weighted exp(-|distance| / tau), in units of independent firing."""
    trains = [train.trains() for train in (inhibitory, excitatory)]
    duration = excitatory.t_stop - excitatory.t_start
    found = expected = 0.0
    for i, j in zip(pre, post, strict=True):
        a, b = trains[0][i], trains[1][j]
        found += np.exp(-np.abs(a[:, None] - b) / tau).sum()
        expected += 2 * tau * len(a) * len(b) / duration
    return found / expected


@pytest.mark.parametrize("rate", [4.0, 9.0])
def test_rates_converge_to_the_target(rate: float) -> None:
    sim: Any = vogels_inhibitory(N, rate=rate, eta=0.1).build(seed=0)
    sim.set("inh_exc", eta=0.0)
    before = sim.run(500.0, record={"neurons": "spikes"})["neurons"].spikes.select(slice(0, N_EXC))
    sim.set("inh_exc", eta=0.1)
    sim.run(10_000.0)
    spikes = sim.run(5000.0, record={"neurons": "spikes"})["neurons"].spikes
    exc, inh = spikes.select(slice(0, N_EXC)), spikes.select(slice(N_EXC, None))
    assert before.mean_rate() > 100.0 and before.between(100.0, 500.0).cv() < 0.1  # fast and regular
    assert exc.mean_rate() == pytest.approx(rate, rel=0.25) and exc.cv() > 0.6
    assert exc.rate().std() < 0.4 * rate  # each neuron for itself; without plasticity, a wide distribution
    # The weights stand still where pairs make up for 2 rate tau per inhibitory spike.
    pre, post = (x[::20] for x in sim.edges("inh_exc"))
    pairs = pairs_per_chance(inh, exc, pre - N_EXC, post)
    # 1.00 to 1.11 of it over rates, seeds and precisions: an inhibitory spike also makes the spikes after it rarer.
    assert exc.mean_rate() * pairs == pytest.approx(1.05 * rate, rel=0.1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"n": 199}, "n must be a whole number >= 200"),
        ({"rate": 0.0}, "rate must be > 0"),
        ({"eta": -0.1}, "eta must be >= 0"),
        ({"dt": 0.0}, "dt must be > 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=word):
        vogels_inhibitory(**arguments)
