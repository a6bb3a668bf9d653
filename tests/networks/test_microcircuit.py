"""The cortical microcircuit: constants, wiring, scaling, and the published rates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import truncnorm

import neurocl as ncl
from neurocl.analysis.correlations import mean_correlation
from neurocl.core.recording import Spikes
from neurocl.experiments.network_run import split
from neurocl.networks.microcircuit import (
    DELAYS,
    K_EXT,
    OPTIMIZED,
    POPULATIONS,
    PROBABILITIES,
    RATES,
    TAU_SYN,
    full_number,
    mean_current,
    mean_weight,
    microcircuit,
    sizes,
    unit_weight,
)


def spikes_of(scale: float, k_scale: float, duration: float, drive: Any = "dc", seed: int = 1) -> dict[str, Spikes]:
    """Spikes of the populations after the first 500 ms."""
    sim = microcircuit(scale, k_scale, drive).build(seed=seed)
    sim.run(500.0)
    return split(sim.run(duration, record={"neurons": "spikes"})["neurons"].spikes, sizes(scale))


@pytest.fixture(scope="module")
def activity() -> dict[str, Spikes]:
    return spikes_of(0.05, 0.2, 10_000.0)


def test_constants_are_those_of_the_definition() -> None:
    assert sum(POPULATIONS.values()) == 77_169
    assert unit_weight() == pytest.approx(87.81, abs=0.005)
    assert mean_weight("L4E", "L23E") == 2 * unit_weight()
    assert mean_weight("L4I", "L23E") == -4 * unit_weight()
    total = sum(full_number(pre, post) for pre in POPULATIONS for post in POPULATIONS)
    assert total == pytest.approx(2.99e8, rel=0.002)  # 0.3 billion synapses
    # 8 Hz x 1600 x 87.8 pA x 0.5 ms
    assert mean_current("L23E", 1.0, "dc") == pytest.approx(0.001 * 8 * 1600 * 87.8085 * 0.5, rel=1e-5)
    assert mean_current("L23E", 1.0, "poisson") == 0.0


def test_number_of_synapses_gives_the_probability_back() -> None:
    for pre, post in (("L23E", "L23E"), ("L5I", "L4E"), ("L6I", "L6E"), ("thalamus", "L4I")):
        pairs = (902 if pre == "thalamus" else POPULATIONS[pre]) * POPULATIONS[post]
        expected = 0.0619 if pre == "thalamus" else PROBABILITIES[post][list(POPULATIONS).index(pre)]
        assert 1 - math.exp(-full_number(pre, post) / pairs) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("drive", ["dc", "poisson"])
@pytest.mark.parametrize("name", POPULATIONS)
def test_scaling_keeps_mean_and_variance_of_the_input(name: str, drive: str) -> None:
    inputs = [(mean_weight(pre, name), full_number(pre, name) / POPULATIONS[name], RATES[pre]) for pre in RATES]
    if drive == "poisson":
        inputs.append((unit_weight(), K_EXT[name], 8.0))
    means = []
    for k in (1.0, 0.5, 0.03):
        network = microcircuit(0.05, k, drive)
        scaled = network.projections["inh"].weight.mean / mean_weight("L4I", "L4E")  # type: ignore[attr-defined]
        assert k * scaled**2 == pytest.approx(1.0)  # K w^2, so the variance
        arriving = 0.001 * TAU_SYN * sum(k * K * scaled * w * r for w, K, r in inputs)
        means.append(mean_current(name, k, drive) + arriving)
    assert means == pytest.approx([means[0]] * 3)


def test_wiring_has_the_numbers_weights_and_delays_of_the_definition() -> None:
    scale, k_scale = 0.05, 0.2
    sim = microcircuit(scale, k_scale).build(seed=3)
    ends = np.cumsum(list(sizes(scale).values()))
    found = np.zeros((8, 8), dtype=int)
    for name, kind, relative in (("exc", "E", 1.0), ("l4e_l23e", "E", 2.0), ("inh", "I", -4.0)):
        pre, post = (np.searchsorted(ends, x, side="right") for x in sim.edges(name))
        assert {list(POPULATIONS)[k][-1] for k in np.unique(pre)} == {kind}
        np.add.at(found, (post, pre), 1)
        edges, weight = sim.plan.projections[name].edges, sim.plan.projections[name].weight
        w = relative * unit_weight() / math.sqrt(k_scale)
        assert np.all(np.sign(weight) == np.sign(w))
        assert np.mean(weight) == pytest.approx(w, rel=0.005) and np.std(weight) == pytest.approx(
            0.1 * abs(w), rel=0.02
        )
        mean, std = DELAYS[kind]
        assert edges.delay.min() == 1
        truncated = truncnorm((0.05 - mean) / std, np.inf, mean, std)
        assert np.mean(edges.delay) * 0.1 == pytest.approx(truncated.mean(), rel=0.01)
        assert np.std(edges.delay) * 0.1 == pytest.approx(truncated.std(), rel=0.02)
    expected = [[int(full_number(pre, post) * scale * k_scale) for pre in POPULATIONS] for post in POPULATIONS]
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("initial", ["optimized", "original"])
def test_initial_voltages_are_those_of_the_definition(initial: Any) -> None:
    v = np.asarray(microcircuit(0.05, 0.05, initial=initial).build(seed=2).state["neurons.v"], dtype=float)
    for part, name in zip(np.split(v, np.cumsum(list(sizes(0.05).values()))[:-1]), POPULATIONS, strict=True):
        mean, std = OPTIMIZED[name] if initial == "optimized" else (-58.0, 10.0)
        assert abs(part.mean() - mean) < 4.5 * std / math.sqrt(len(part))
        assert part.std() == pytest.approx(std, abs=4.5 * std / math.sqrt(2 * len(part)))


def test_rates_are_near_the_published_ones(activity: dict[str, Spikes]) -> None:
    # Six seeds over 1.5 s gave 0.72 (L6E) to 1.32 (L23E) of the published rates, over 10 s 0.78 to 1.22: a fifth of
    # the inputs, each 2.2 times as strong, is no longer Gaussian noise. The mean over all neurons spread by 2 %.
    for name, spikes in activity.items():
        assert spikes.mean_rate() == pytest.approx(RATES[name], rel=0.35), name
    total = sum(n * RATES[name] for name, n in POPULATIONS.items()) / 77_169
    n = sum(sizes(0.05).values())
    assert sum(map(len, activity.values())) / n / 10.0 == pytest.approx(total, rel=0.15)


def test_activity_is_irregular_and_asynchronous(activity: dict[str, Spikes]) -> None:
    for name, spikes in activity.items():
        assert 0.7 < spikes.cv() < 1.0, name
        assert mean_correlation(spikes, 2.0) < 0.08, name  # below 0.02 at full size; these few neurons share inputs


def test_poisson_background_gives_about_the_same_rates() -> None:
    for name, spikes in spikes_of(0.05, 0.2, 700.0, "poisson").items():
        assert 0.5 < spikes.mean_rate() / RATES[name] < 1.5, name


def test_thalamus_fires_in_its_pulse_only_and_wakes_layer_4() -> None:
    # So few synapses and a constant current: the network is silent but for the thalamus.
    sim = microcircuit(0.05, 0.05, thalamic=True).build(seed=1)
    sim.run(200.0)
    out = sim.run(600.0, record={"neurons": "spikes", "thalamus": "spikes"})
    times = out["thalamus"].spikes.times
    assert times.min() > 700.0 and times.max() < 710.0 + 1e-6
    expected = round(0.05 * 902) * 100 * -math.expm1(-0.012)
    assert abs(len(times) - expected) < 5 * math.sqrt(expected)
    layers = split(out["neurons"].spikes, sizes(0.05))
    assert len(layers["L4E"].between(700.0, 720.0)) > 0 and len(layers["L4E"].between(200.0, 700.0)) == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"scale": 0.0}, r"scale must lie in \(0, 1\]"),
        ({"scale": 1.5}, "scale must lie"),
        ({"scale": 1e-4}, "leaves L5E without neurons"),
        ({"k_scale": -0.1}, "k_scale must lie"),
        ({"scale": float("nan")}, "scale must be a finite number"),
        ({"drive": "ac"}, "drive must be 'dc' or 'poisson', got 'ac'"),
        ({"initial": "zero"}, "initial must be 'optimized' or 'original'"),
        ({"thalamic": 1}, "thalamic must be True or False"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=word):
        microcircuit(**{"scale": 0.05, **arguments})


@pytest.mark.slow
def test_rates_come_closer_as_the_network_grows() -> None:
    for name, spikes in spikes_of(0.2, 0.5, 3000.0).items():
        assert spikes.mean_rate() == pytest.approx(RATES[name], rel=0.2), name  # measured: within 13 %
