"""The wiring file holds the network that was drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.networks import NETWORKS
from benchmarks.wiring import Wiring, write_wiring


def test_several_populations_get_one_numbering(tmp_path: Path) -> None:
    sim = NETWORKS["izhikevich"].make(50).build(seed=3)
    write_wiring(sim, tmp_path / "wiring.npz")
    wiring = Wiring(tmp_path / "wiring.npz")
    assert wiring.n == 50 and wiring.sizes == {"exc": 40, "inh": 10}
    pre, post = wiring.edges()
    weight = np.zeros((50, 50))
    weight[pre, post] = wiring.synapses("weight")
    for name, (first_pre, first_post) in {"ee": (0, 0), "ei": (0, 40), "ie": (40, 0), "ii": (40, 40)}.items():
        i, j = sim.edges(name)
        np.testing.assert_allclose(weight[first_pre + i, first_post + j], sim.state[f"{name}.w"], rtol=1e-6)
    np.testing.assert_allclose(wiring.values("v"), -65.0)
    np.testing.assert_array_equal(wiring.values("noise"), [5.0] * 40 + [2.0] * 10)
    np.testing.assert_array_equal(wiring.values("noise", "inh"), [2.0] * 10)


def test_what_synapses_share_is_not_repeated(tmp_path: Path) -> None:
    write_wiring(NETWORKS["cuba"].make(100).build(seed=1), tmp_path / "wiring.npz")
    wiring = Wiring(tmp_path / "wiring.npz")
    assert not {"exc.weight", "exc.delay"} & set(wiring.arrays.files)
    assert wiring.number("neurons.v_leak") == -49.0


def test_delays_are_kept(tmp_path: Path) -> None:
    sim = NETWORKS["microcircuit"].make(scale=0.01, k_scale=0.05).build(seed=1)
    write_wiring(sim, tmp_path / "wiring.npz")
    np.testing.assert_allclose(Wiring(tmp_path / "wiring.npz").synapses("delay", "L4E_L23E"), sim.delays("L4E_L23E"))
