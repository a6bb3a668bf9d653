"""The liquid does what a dense program does that was written from the same order of operations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl import lsm
from neurocl.engines.numba import NumbaSimulation
from neurocl.lsm.network import liquid_network
from neurocl.lsm.running import run_pre_phase
from tests.lsm.dense_reference import Dense

N, N_INPUTS, STEPS = 125, 100, 120
RULES: dict[str, Any] = {
    "static": lsm.Static(),
    "stdp": lsm.STDP(),
    "gated": lsm.APSTDP(c_th=4.0, c_width=2.5),
    "astrocyte": lsm.Astrocyte(),
    "strong astrocyte": lsm.Astrocyte(w_astro=0.3),
    "sparse astrocyte": lsm.Astrocyte(w_astro=0.1, density=0.3),
}
"""Calcium rises with every spike, so that the gates of a short run lie low; a strong astrocyte turns negative."""


def events(n: int, steps: int, seed: int = 0, p: float = 0.3) -> Any:
    return np.random.default_rng(seed).random((n, steps, N_INPUTS)) < p


def make(rule: str, **options: Any) -> lsm.Liquid:
    return lsm.Liquid(N, N_INPUTS, plasticity=RULES[rule], seed=3, **{"magnitude": 2.5, **options})


def raster(recorded: Any, steps: int) -> Any:
    found = np.zeros((steps, N + N_INPUTS), dtype=bool)
    found[recorded.liquid.times.astype(int), recorded.liquid.indices] = True
    found[recorded.input.times.astype(int), N + recorded.input.indices] = True
    return found


@pytest.mark.parametrize("rule", ["static", "stdp", "astrocyte", "strong astrocyte", "sparse astrocyte"])
def test_a_presentation_has_the_same_spikes_and_astrocyte(rule: str) -> None:
    liquid, shown = make(rule), events(2, STEPS)
    found = liquid.present(shown, STEPS, record=[0, 1])
    for k in (0, 1):
        spikes, rates = Dense.of(liquid).run(shown[k], liquid.plasticity, decay=0.99)
        assert spikes[:, :N].sum() > 300
        np.testing.assert_array_equal(raster(found.recorded[k], STEPS), spikes)
        np.testing.assert_array_equal(found.counts[k], spikes[:, :N].sum(axis=0))
        assert found.input_counts[k] == spikes[:, N:].sum()
        if rule != "static":
            np.testing.assert_allclose(found.recorded[k].a_minus, rates, rtol=0, atol=1e-5)
    assert rule != "strong astrocyte" or min(rates) < 0


def pre_phase(liquid: lsm.Liquid, shown: Any) -> tuple[Any, Any]:
    """Recurrent and input weights after a pre-phase, computed in float64 so that only mistakes differ; and expected."""
    dense = Dense.of(liquid)
    for sample in shown:
        dense.run(sample, liquid.plasticity, decay=1.0)
    magnitudes, seed = (liquid.magnitude, liquid.input_magnitude), liquid.seed
    network = liquid_network(N, N_INPUTS, liquid.lattice, liquid.plasticity, *magnitudes, seed)
    simulator = NumbaSimulation(network, seed=seed, dtype="float64")
    found, _ = run_pre_phase(simulator, liquid.weights, shown, 20, 0, {}, None)
    return (found.recurrent, found.input), dense.flat(liquid)


@pytest.mark.parametrize("rule", ["stdp", "gated", "strong astrocyte"])
def test_the_pre_phase_gives_the_same_weights(rule: str) -> None:
    liquid, shown = make(rule), events(10, 20, seed=1)
    for found, expected, before in zip(
        *pre_phase(liquid, shown), (liquid.weights.recurrent, liquid.weights.input), strict=True
    ):
        assert np.abs(found - before).max() > 0.05
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)  # an age of 20 is not quite silent


def test_in_single_precision_the_weights_differ_by_rounding_only() -> None:
    liquid, shown = make("astrocyte"), events(10, 20, seed=1)
    _, expected = pre_phase(liquid, shown)
    found = liquid.pre_phase(shown, 20)
    np.testing.assert_allclose(found.recurrent, expected[0], rtol=0, atol=4e-6)
    np.testing.assert_allclose(found.input, expected[1], rtol=0, atol=4e-6)


def test_with_parity_traces_go_on_in_each_slot_of_a_batch() -> None:
    liquid, shown = make("astrocyte", parity=True), events(5, 40, seed=2)
    found = liquid.present(shown, 40, record=[4], batch=2)
    dense = [Dense.of(liquid), Dense.of(liquid)]
    for k, sample in enumerate(shown):
        dense[k % 2].weights = Dense.of(liquid).weights
        spikes, _ = dense[k % 2].run(sample, liquid.plasticity, decay=0.99)
        np.testing.assert_array_equal(found.counts[k], spikes[:, :N].sum(axis=0))
    np.testing.assert_array_equal(raster(found.recorded[4], 40), spikes)
    fresh = make("astrocyte").present(shown, 40)
    assert (fresh.counts[:2] == found.counts[:2]).all() and (fresh.counts[2:] != found.counts[2:]).any()
