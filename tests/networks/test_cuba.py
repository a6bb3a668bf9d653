"""CUBA: the wiring and the rate of the benchmark."""

from __future__ import annotations

import pytest

import neurocl as ncl
from neurocl.networks import cuba


def test_constants_are_those_of_the_benchmark() -> None:
    network = cuba()
    parameters = network.populations["neurons"].model.parameters
    expected = {"tau_mem": 20, "tau_e": 5, "tau_i": 10, "v_leak": -49, "v_th": -50, "v_reset": -60, "t_ref": 5}
    assert {name: parameters[name] for name in expected} == expected
    exc, inh = network.projections["exc"], network.projections["inh"]
    assert (exc.weight, inh.weight) == (1.62, -9.0)
    assert (len(exc.pre), len(inh.pre), len(exc.post), len(inh.post)) == (3200, 800, 4000, 4000)


def test_rate_over_the_first_second_is_the_published_one() -> None:
    rates = []
    for seed in (1, 2, 3):
        out = cuba().build(seed=seed).run(1000.0, record={"neurons": "counts"})
        rates.append(out["neurons"].counts().mean())
    assert 5.2 < sum(rates) / 3 < 6.0  # 5.4 to 5.8 Hz, and the spread of realised networks


@pytest.mark.parametrize("n", [79, 0, 4000.0, True])
def test_too_few_neurons_are_refused(n: object) -> None:
    with pytest.raises(ncl.NeuroclError, match="n must be a whole number >= 80"):
        cuba(n)  # type: ignore[arg-type]
