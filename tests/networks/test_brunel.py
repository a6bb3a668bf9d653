"""Brunel's network: its input, its regimes and their rates, beside theory and the paper's simulations."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.analysis.mean_field import brunel_rate
from neurocl.core.recording import Spikes
from neurocl.networks.brunel import BRUNEL_REGIMES, brunel, threshold_rate


def run(regime: str, n: int, duration: float, discard: float, seed: int = 1) -> Spikes:
    """Spikes after the first `discard` ms."""
    g, eta = BRUNEL_REGIMES[regime]
    out = brunel(n, g=g, eta=eta).build(seed=seed).run(duration, record={"neurons": "spikes"})
    return out["neurons"].spikes.between(discard, duration)


def fluctuation(spikes: Spikes) -> float:
    """Relative standard deviation of the population's rate in bins of 0.5 ms."""
    rate, _ = spikes.population_rate(0.5)
    return float(rate.std() / rate.mean())


def test_constants_are_those_of_the_paper() -> None:
    network = brunel()
    neurons = network.populations["neurons"]
    parameters = {**neurons.model.parameters, **neurons.values}
    expected = {"tau_mem": 20, "v_th": 20, "v_reset": 10, "t_ref": 2, "j_ext": 0.1, "rate_ext": 20_000}
    assert {name: parameters[name] for name in expected} == expected
    exc, inh = network.projections["exc"], network.projections["inh"]
    assert (exc.weight, inh.weight, exc.delay, inh.delay) == (0.1, -0.5, 1.5, 1.5)
    assert (len(exc.pre), len(inh.pre), len(exc.post), len(inh.post)) == (10_000, 2_500, 12_500, 12_500)
    assert threshold_rate() == pytest.approx(10.0)


def test_every_neuron_has_as_many_inputs_and_as_much_external_drive_at_any_size() -> None:
    sim = brunel(100, c_exc=40, j=0.3, g=4.0).build()
    for name, k in {"exc": 40, "inh": 10}.items():
        _, post = sim.edges(name)
        assert (np.bincount(post, minlength=100) == k).all()
    for c_exc, j in ((40, 0.3), (1000, 0.1)):
        values = brunel(100, c_exc=c_exc, j=j, eta=1.0).populations["neurons"].values
        assert values["rate_ext"] / 1000 * values["j_ext"] * 20.0 == pytest.approx(20.0)  # mean of v at threshold


def test_external_input_alone_gives_the_mean_and_variance_of_shot_noise() -> None:
    # eta = 0.5: mean 10 mV and standard deviation 0.7 mV, so that nobody fires and the wiring does not matter.
    sim = brunel(2500, eta=0.5).build(seed=1)
    sim.run(150.0)
    v = sim.state["neurons.v"]
    decay = np.exp(-0.1 / 20.0)
    # Poisson(5 per ms * 0.1 ms * 10) of weight 0.1 at the beginning of a step, decaying through it.
    mean, variance = 1.0 * 0.1 * 0.5 * decay / (1 - decay), 1.0 * 0.01 * 0.5 * decay**2 / (1 - decay**2)
    assert v.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / v.size))
    assert v.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / v.size))


def test_synchronous_regular_neurons_take_turns_in_two_groups() -> None:
    spikes = run("SR", 2500, 80.0, 30.0)
    # A group's spikes arrive 1.5 ms later, when it is refractory, and make the other fire in that step of 0.1 ms.
    assert spikes.mean_rate() == pytest.approx(1000 / (2 * 1.6), rel=0.04)
    assert spikes.cv() < 0.05
    assert fluctuation(spikes) > 1.0


@pytest.mark.parametrize(
    ("regime", "known", "tolerance", "cv"),
    [
        ("SI fast", 60.7, 0.10, (0.7, 1.4)),
        ("AI fast", 37.7, 0.06, (0.4, 0.7)),
        ("AI slow", 8.6, 0.12, (0.35, 0.8)),
        ("SI slow", 6.0, 0.25, (0.35, 0.8)),  # 5.5 in the paper's simulation, 6.5 in the mean field
    ],
)
def test_irregular_regimes_have_their_rate_and_regularity(
    regime: str, known: float, tolerance: float, cv: tuple[float, float]
) -> None:
    spikes = run(regime, 2500, 700.0, 200.0)
    assert spikes.mean_rate() == pytest.approx(known, rel=tolerance)
    assert cv[0] < spikes.cv() < cv[1]


def test_mean_field_rates_are_those_of_the_paper() -> None:
    rates = {"SI fast": 55.8, "AI fast": 38.0, "AI slow": 8.6, "SI slow": 6.5}
    for regime, known in rates.items():
        assert brunel_rate(*BRUNEL_REGIMES[regime]) == pytest.approx(known, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("regime", "known", "tolerance", "cv"),
    [
        ("SI fast", 60.7, 0.05, (0.75, 1.1)),
        ("AI fast", 37.7, 0.03, (0.35, 0.5)),
        ("SI slow", 5.5, 0.20, (0.35, 0.75)),
    ],
)
def test_rates_of_the_full_network_are_those_of_the_paper(
    regime: str, known: float, tolerance: float, cv: tuple[float, float]
) -> None:
    spikes = run(regime, 12_500, 1500.0, 200.0)
    assert spikes.mean_rate() == pytest.approx(known, rel=tolerance)
    assert cv[0] < spikes.cv() < cv[1]


@pytest.mark.slow
def test_only_asynchronous_activity_gets_steady_in_large_networks() -> None:
    ratio = {
        regime: fluctuation(run(regime, 16_000, 500.0, 100.0)) / fluctuation(run(regime, 4_000, 500.0, 100.0))
        for regime in ("SI fast", "AI fast", "AI slow")
    }
    assert ratio["AI fast"] < 0.65 and ratio["AI slow"] < 0.65  # 1 / sqrt(4), or less
    assert ratio["SI fast"] > 0.75


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 9}, "n must be a whole number >= 10"),
        ({"g": -1.0}, "g must be >= 0"),
        ({"eta": float("inf")}, "eta"),
        ({"c_exc": 10}, "c_exc must be a multiple of 4"),
        ({"j": 0.0}, "j must be > 0"),
    ],
)
def test_bad_settings_are_refused(arguments: dict[str, float], words: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=words):
        brunel(**arguments)  # type: ignore[arg-type]
