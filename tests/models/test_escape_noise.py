"""Neurons that spike by chance: distribution of intervals, mean rates and fluctuations against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

from neurocl.models import EscapeNoiseLIF, StochasticLIF
from tests.helpers import simulate

TAU_MEM, V_LEAK, V_TH, V_RESET, T_REF, SIGMA = 10.0, -70.0, -55.0, -70.0, 2.0, 3.0
N = 2000


def survival(times, current, dt):
    """Probability of no spike up to `times`, on the grid, from the reset potential."""
    v_inf = V_LEAK + TAU_MEM * current / 250
    hazard = np.exp((v_inf + (V_RESET - v_inf) * np.exp(-times / TAU_MEM) - V_TH) / 4) / 19
    return np.exp(-dt * np.cumsum(hazard))


@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize("current", [200.0, 400.0, 800.0])
def test_first_spikes_survive_as_the_hazard_says(dt, current):
    trains = simulate(EscapeNoiseLIF, 300.0, dt=dt, n=N, i_ext=np.full(N, current)).spikes.trains()
    times = dt * np.arange(1, round(300 / dt) + 1)
    first = np.array([train[0] if len(train) else np.inf for train in trains])
    found = (first[:, None] > times + dt / 2).mean(axis=0)
    # Kolmogorov-Smirnov: a larger distance has a probability of 1e-4.
    assert np.abs(found - survival(times, current, dt)).max() < 2.2 / np.sqrt(N)


def test_rate_under_escape_noise_is_that_of_the_renewal_process():
    currents = np.array([200.0, 400.0, 800.0])
    counts = simulate(EscapeNoiseLIF, 2000.0, dt=0.1, n=900, i_ext=np.repeat(currents, 300)).counts()
    times = 0.1 * np.arange(1, 20_000)
    for current, own in zip(currents, counts.reshape(3, 300), strict=True):
        interval = T_REF + 0.1 * (1 + survival(times, current, 0.1).sum())
        tolerance = 4 * own.std() / 2 / np.sqrt(300)
        assert own.mean() / 2 == pytest.approx(1000 / interval, abs=tolerance + 0.01 * own.mean() / 2)


def siegert_rate(current, dt):
    """Mean rate (Hz) of a leaky integrate-and-fire neuron under white noise, its threshold seen every dt only."""
    mean, scale = V_LEAK + TAU_MEM * current / 250, SIGMA * np.sqrt(2)
    threshold = V_TH + 0.5826 * SIGMA * np.sqrt(2 * dt / TAU_MEM)
    integral = quad(lambda x: np.exp(x**2) * (1 + erf(x)), (V_RESET - mean) / scale, (threshold - mean) / scale)[0]
    return 1000 / (T_REF + TAU_MEM * np.sqrt(np.pi) * integral)


def test_rate_under_white_noise_is_that_of_siegert():
    currents = np.array([250.0, 300.0, 375.0, 500.0])
    out = simulate(StochasticLIF, 2500.0, dt=0.1, n=800, i_ext=np.repeat(currents, 200), record=["spikes"])
    start, seconds = 100.0, 2.4
    late = out.spikes.times > start
    counts = np.bincount(out.spikes.indices[late], minlength=800).reshape(4, 200)
    rates = counts.mean(axis=1) / seconds
    for rate, own, current in zip(rates, counts, currents, strict=True):
        tolerance = 4 * own.std() / seconds / np.sqrt(200)
        assert rate == pytest.approx(siegert_rate(current, 0.1), abs=tolerance + 0.01 * rate)


@pytest.mark.parametrize("dt", [0.1, 5.0])
def test_free_membrane_fluctuates_exactly_at_every_step(dt):
    steps, n = 1000, 400
    v = simulate(StochasticLIF, steps * dt, dt=dt, n=n, v_th=1e6, record=["v"])["v"] - V_LEAK
    times = dt * np.arange(1, steps + 1)
    for k in (0, 9, steps - 1):
        expected = SIGMA * np.sqrt(-np.expm1(-2 * times[k] / TAU_MEM))
        assert v[k].std() == pytest.approx(expected, rel=4 / np.sqrt(2 * n))
    late = v[steps // 2 :]
    correlation = (late[1:] * late[:-1]).mean() / (late**2).mean()
    assert correlation == pytest.approx(np.exp(-dt / TAU_MEM), abs=0.01)
