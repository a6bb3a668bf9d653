"""What a model requires of its parameters is checked wherever they come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neurocl as ncl

SOURCE = ncl.models.PoissonDeadTime


def source(**values: Any) -> ncl.Simulator:
    net = ncl.Network(dt=0.1)
    net.add(SOURCE, 3, name="p", **values)
    return net.build()


def test_a_condition_that_fails_is_told_with_its_values() -> None:
    with pytest.raises(ncl.NeuroclError, match=r"population 'p': rate >= 0 must hold, got rate = -1"):
        source(rate=-1.0)
    with pytest.raises(ncl.NeuroclError, match=r"rate \* t_ref < 1000 must hold, got rate = 600, t_ref = 2"):
        source(rate=[10.0, 600.0, 700.0])


def test_set_refuses_and_changes_nothing() -> None:
    sim = source(rate=[1.0, 2.0, 3.0])
    with pytest.raises(ncl.NeuroclError, match="population 'p': rate >= 0 must hold, got rate = -5"):
        sim.set("p", rate=[1.0, -5.0, 2.0])
    assert list(sim.plan.populations["p"].parameters["rate"]) == [1.0, 2.0, 3.0]


def test_inputs_of_a_run_and_of_a_batch_are_checked() -> None:
    sim: Any = source(rate=ncl.Input(10.0))
    with pytest.raises(ncl.NeuroclError, match="rate >= 0 must hold, got rate = -2"):
        sim.run(1.0, inputs={"p": {"rate": np.full((10, 3), -2.0)}})
    with pytest.raises(ncl.NeuroclError, match="rate >= 0 must hold, got rate = -3"):
        sim.run_batch(1.0, 2, values={"p": {"rate": [1.0, -3.0]}})


def test_synapses_require_too() -> None:
    synapse = ncl.models.PairSTDP.replace(require="w_min <= w_max; tau_plus > 0")
    assert "require    w_min <= w_max" in str(synapse)
    net = ncl.Network()
    cells = net.add(SOURCE, 2, name="cells")
    net.connect(cells, cells, ncl.AllToAll(), synapse=synapse, w_min=2.0, name="c")
    with pytest.raises(ncl.NeuroclError, match="projection 'c': w_min <= w_max must hold, got w_max = 1, w_min = 2"):
        net.build()


@pytest.mark.parametrize(
    ("require", "message"),
    [
        ("rate", "require 'rate' is a number; write a comparison"),
        ("rat >= 0", "require 'rat >= 0': unknown name 'rat'; did you mean 'rate'"),
        ("rate >= t", "'t' is not known when the network is built"),
        ("rate >=", "is not a valid expression"),
    ],
)
def test_wrong_conditions_are_refused(require: str, message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=message):
        ncl.NeuronModel(name="m", parameters={"rate": 1.0}, require=require)


def test_a_condition_may_join_one_number_and_an_array() -> None:
    model = ncl.NeuronModel(
        name="joined", equations="dv/dt = -v / tau : mV", parameters={"tau": 10.0, "a": 1.0},
        require="tau > 0 and a > 0",
    )  # fmt: skip
    net = ncl.Network(dt=0.1)
    net.add(model, 3, name="p", a=np.array([1.0, 2.0, 3.0]))
    net.build()
    net.add(model, 3, name="q", a=np.array([1.0, -2.0, 3.0]))
    with pytest.raises(ncl.NeuroclError, match="'q'"):
        net.build()
