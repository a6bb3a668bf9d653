"""Ornstein-Uhlenbeck current: variance and memory at every step, and the fluctuations that it gives the membrane."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.models import ColoredNoiseLIF
from tests.helpers import simulate

N, SIGMA, TAU_NOISE, TAU_MEM = 400, 100.0, 5.0, 10.0


@pytest.mark.parametrize("dt", [0.1, 10.0])
def test_current_has_its_variance_and_memory_at_every_step(dt):
    current = simulate(ColoredNoiseLIF, 500 * dt, dt=dt, n=N, v_th=1e6, record=["i_noise"])["i_noise"]
    for k in (0, 4, 499):
        expected = SIGMA * np.sqrt(-np.expm1(-2 * (k + 1) * dt / TAU_NOISE))
        assert current[k].std() == pytest.approx(expected, rel=4 / np.sqrt(2 * N))
    steady = current[min(250, round(30 / dt)) :]
    assert steady.mean() == pytest.approx(0, abs=4 * SIGMA / np.sqrt(N))
    for lag in (1, 3):
        found = (steady[lag:] * steady[:-lag]).mean() / (steady**2).mean()
        assert found == pytest.approx(np.exp(-lag * dt / TAU_NOISE), abs=0.03)


def test_membrane_fluctuates_as_the_low_pass_of_the_current():
    v = simulate(ColoredNoiseLIF, 1000.0, dt=0.1, n=N, v_th=1e6, record=["v"])["v"][1000:] + 70
    expected = TAU_MEM / 250 * SIGMA * np.sqrt(TAU_NOISE / (TAU_MEM + TAU_NOISE))
    assert v.std() == pytest.approx(expected, rel=0.03)


def test_noise_makes_a_subthreshold_neuron_fire_irregularly():
    counts = simulate(ColoredNoiseLIF, 1000.0, dt=0.1, n=N, i_ext=300.0).counts()  # the rheobase is 375 pA
    silent = simulate(ColoredNoiseLIF, 1000.0, dt=0.1, n=N, i_ext=300.0, sigma=0.0).counts()
    assert silent.max() == 0 and counts.min() > 0 and counts.std() > 0
