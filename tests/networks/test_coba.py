"""COBA: the constants, the start and the rate of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.networks import coba


def test_constants_are_those_of_the_benchmark() -> None:
    network = coba()
    neurons = network.populations["neurons"]
    parameters = {**neurons.model.parameters, **neurons.values}
    expected = {
        "c_mem": 200, "g_leak": 10, "v_leak": -60, "v_th": -50, "v_reset": -60, "t_ref": 5, "e_e": 0, "e_i": -80,
        "tau_e": 5, "tau_i": 10, "i_ext": 200,
    }  # fmt: skip
    assert {name: parameters[name] for name in expected} == expected
    exc, inh = network.projections["exc"], network.projections["inh"]
    assert (exc.weight, inh.weight) == (6.0, 67.0)
    assert (exc.target, inh.target) == ("g_e", "g_i")
    assert (len(exc.pre), len(inh.pre), len(exc.post), len(inh.post)) == (3200, 800, 4000, 4000)


def test_start_is_that_of_the_benchmark() -> None:
    state = coba().build(seed=1).state
    means = {name: (state[f"neurons.{name}"].mean(), state[f"neurons.{name}"].std()) for name in ("v", "g_e", "g_i")}
    # Standard errors of 4000 values; cutting off what is below 0 moves g_i by a few nS.
    assert means["v"] == (pytest.approx(-55, abs=0.3), pytest.approx(5, abs=0.2))
    assert means["g_e"] == (pytest.approx(40, abs=1), pytest.approx(15, abs=0.7))
    assert means["g_i"] == (pytest.approx(212, abs=8), pytest.approx(110, abs=8))
    assert state["neurons.g_i"].min() >= 0 and state["neurons.g_e"].min() >= 0


def test_rate_over_the_first_second_is_the_published_one() -> None:
    rates = [
        coba().build(seed=seed).run(1000.0, record={"neurons": "counts"})["neurons"].counts().mean() for seed in (1, 2)
    ]
    assert 18.0 < np.mean(rates) < 23.0  # 19 to 22 Hz; single wirings differ by 1.3 Hz


def test_without_the_drive_the_network_falls_silent() -> None:
    spikes = coba(i_ext=0.0).build(seed=1).run(300.0, record={"neurons": "spikes"})["neurons"].spikes
    assert len(spikes) > 0 and spikes.times[-1] < 200.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 79}, "n must be a whole number >= 80"),
        ({"i_ext": float("nan")}, "i_ext"),
        ({"dt": 0.0}, "dt must be > 0"),
    ],
)
def test_bad_settings_are_refused(arguments: dict[str, float], words: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=words):
        coba(**arguments)  # type: ignore[arg-type]
