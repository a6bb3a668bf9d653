"""Dendritic neuron: its segments match patterns as often as the closed forms say, and its soma fires if one does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.models import DendriticGate, DendriticLIF, NMDASegment, SpikeArray
from neurocl.sdr import theory
from tests.helpers import simulate

GAP = 5.0  # ms between two patterns
TAU = {"tau_dend": 0.5, "t_ref": 0.0}  # a segment forgets a pattern before the next one comes


def rows(rng: np.random.Generator, n: int, size: int, count: int) -> NDArray[np.int64]:
    """`count` random sets of `size` out of `n`."""
    return rng.random((count, n)).argsort(axis=1)[:, :size]


def patterns(active: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Spikes that show one row of neurons after the other, each row at once."""
    times = GAP * (1 + np.arange(len(active)))
    return np.repeat(times, active.shape[1]), active.ravel()


def matches(n: int, active: NDArray[np.int64], synapses: NDArray[np.int64], theta: int) -> int:
    """NMDA spikes of segments with the given synapses [segment, s] while patterns [pattern, a] are shown."""
    net = ncl.Network(dt=1.0)
    inputs = net.add(SpikeArray, n, spikes=patterns(active))
    # at dt = 1 ms and tau = 0.5 ms a count has fallen by exp(-2) when it is compared
    threshold = (theta - 0.5) * math.exp(-2.0)
    segments = net.add(NMDASegment, len(synapses), name="segments", theta=threshold, **TAU)
    post = np.repeat(np.arange(len(synapses)), synapses.shape[1])
    net.connect(inputs, segments, ncl.Edges(synapses.ravel(), post), target="u", weight=1.0)
    out = net.build(dtype="float64").run(GAP * (len(active) + 1), record={"segments": ["spikes"]})
    return len(out["segments"].spikes.times)


def test_false_matches_are_as_rare_as_the_closed_form_says() -> None:
    n, a, s, theta, segments, shown = 300, 64, 24, 12, 2000, 500
    rng = np.random.default_rng(0)
    found = matches(n, rows(rng, n, a, shown), rows(rng, n, s, segments), theta) / (segments * shown)
    expected = theory.false_match(n, a, s, theta)
    assert expected == pytest.approx(1.0946e-3, rel=1e-4)
    assert found == pytest.approx(expected, abs=1.3e-4)  # 4 standard deviations of a million pairs


@pytest.mark.parametrize("v", [19, 45, 58])
def test_noise_hides_a_pattern_as_often_as_the_closed_form_says(v: int) -> None:
    n, a, s, theta, segments, shown = 1000, 128, 30, 16, 500, 100
    rng = np.random.default_rng(v)
    stored = rng.permutation(n)
    kept = stored[rows(rng, a, a - v, shown)]
    moved = stored[a + rows(rng, n - a, v, shown)]
    noisy = np.concatenate([kept, moved], axis=1)
    synapses = stored[rows(rng, a, s, segments)]
    missed = 1.0 - matches(n, noisy, synapses, theta) / (segments * shown)
    expected = theory.false_negative(a, s, v, theta)
    # A moved bit lands off the pattern, hence on no synapse; the 50 000 pairs are independent but for shared patterns
    assert missed == pytest.approx(expected, abs=4 * math.sqrt(expected / (segments * shown)) + 1e-9)


def test_a_soma_fires_if_any_of_its_segments_matches() -> None:
    n, a, s, theta, each, somas, shown = 300, 64, 24, 11, 20, 100, 100
    rng = np.random.default_rng(3)
    net = ncl.Network(dt=1.0)
    spikes = patterns(rows(rng, n, a, shown))
    inputs = net.add(SpikeArray, n, name="inputs", spikes=spikes)
    drive = net.add(SpikeArray, 1, name="drive", spikes=(np.unique(spikes[0]) + 2.0, np.zeros(shown, dtype=np.int64)))
    threshold = (theta - 0.5) * math.exp(-2.0)
    segments = net.add(NMDASegment, somas * each, theta=threshold, tau_plateau=1.5, **TAU)
    soma = net.add(DendriticLIF, somas, name="soma", g_rest=0.0, t_ref=0.0)
    synapses = rows(rng, n, s, somas * each)
    net.connect(inputs, segments, ncl.Edges(synapses.ravel(), np.repeat(np.arange(somas * each), s)), target="u")
    owners = ncl.Edges(np.arange(somas * each), np.repeat(np.arange(somas), each))
    net.connect(segments, soma, owners, synapse=DendriticGate, weight=1.0)
    net.connect(drive, soma, ncl.AllToAll(), target="i_syn", weight=2.5e4)
    out = net.build(dtype="float64").run(GAP * (shown + 1), record={"soma": ["spikes"]})
    times, who = out["soma"].spikes.times, out["soma"].spikes.indices
    fired = len(set(zip(((times - 1e-6) // GAP).astype(int), who, strict=True))) / (somas * shown)
    expected = theory.any_match(theory.false_match(n, a, s, theta), each)
    assert fired == pytest.approx(expected, abs=5 * math.sqrt(expected / (somas * shown)))


def test_the_plateau_decays_and_the_gate_follows_it() -> None:
    out = simulate(NMDASegment, 30.0, dt=0.1, u=20.0, record=["plateau"])
    t = 0.1 * np.arange(1, 301)
    np.testing.assert_allclose(out["plateau"][:, 0], np.exp(-(t - 0.1) / 50.0), rtol=1e-12)
    shown = simulate(
        DendriticLIF, 300.0, dt=0.1, n=3, plateau=np.array([0.0, 0.4, 3.0]), g_rest=0.2, i_ext=250.0, record=["v"]
    )
    np.testing.assert_allclose(shown["v"][-1] + 70.0, [2.0, 5.2, 10.0])


def test_a_plateau_raises_the_rate() -> None:
    out = simulate(DendriticLIF, 500.0, dt=0.1, n=2, plateau=np.array([0.0, 1.0]), i_ext=600.0, record=["spikes"])
    silent, active = np.bincount(out.spikes.indices, minlength=2)
    # at rest half of the current, 300 pA, would hold the soma at -58 mV, below threshold
    assert silent == 0
    period = 10.0 * math.log(24.0 / 9.0) + 2.0
    assert active == pytest.approx(500.0 / period, abs=1.5)
