"""Quadratic integrate-and-fire and theta neuron: intervals and trajectories against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.models import QIF, ThetaNeuron
from tests.helpers import simulate

CURRENTS = np.array([71.0, 80.0, 120.0, 300.0])  # pA; the rheobase is 70 pA
C_MEM, K, V_LEAK, V_T, V_PEAK, V_RESET = 100.0, 0.7, -60.0, -40.0, 35.0, -50.0
TAU = 10.0


def passage(start, currents):
    """Time from `start` to the peak."""
    middle, s = (V_LEAK + V_T) / 2, np.sqrt(currents / K - (V_T - V_LEAK) ** 2 / 4)
    return C_MEM / (K * s) * (np.arctan((V_PEAK - middle) / s) - np.arctan((start - middle) / s))


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_intervals_are_the_closed_form_rounded_up_to_the_grid(dt):
    trains = simulate(QIF, 500.0, dt=dt, n=4, i_ext=CURRENTS).spikes.trains()
    late = np.array([train[0] for train in trains]) - passage(V_LEAK, CURRENTS)
    assert np.all((late > -1e-3 * dt) & (late < 2 * dt))  # the bound on v in the last step can cost one more
    for train, interval in zip(trains, passage(V_RESET, CURRENTS), strict=True):
        late = np.diff(train) - interval
        assert np.all((late > -1e-3 * dt) & (late < 2 * dt))


def test_quadratic_neuron_rests_below_its_rheobase():
    out = simulate(QIF, 500.0, dt=0.1, n=2, i_ext=np.array([0.0, 50.0]), record=["spikes", "v"])
    assert len(out.spikes) == 0
    assert out["v"][-1, 1] == pytest.approx(-50 - np.sqrt(100 - 50 / K), abs=1e-6)


def test_theta_neuron_fires_at_the_rate_of_the_closed_form():
    currents = np.array([0.1, 0.5, 1.0, 4.0])
    trains = simulate(ThetaNeuron, 3000.0, dt=0.1, n=4, i_ext=currents).spikes.trains()
    for train, interval in zip(trains, np.pi * TAU / np.sqrt(currents), strict=True):
        mean = (train[-1] - train[0]) / (len(train) - 1)
        assert mean == pytest.approx(interval, abs=0.1 / (len(train) - 1) + 1e-5)


def test_theta_neuron_is_the_quadratic_one_on_a_circle():
    currents = np.array([0.1, 1.0, 4.0])
    theta = simulate(ThetaNeuron, 15.0, dt=0.1, n=3, i_ext=currents, theta=0.0, record=["theta"])["theta"]
    root, times = np.sqrt(currents), 0.1 * np.arange(1, 151)[:, None]
    v = root * np.tan(root * times / TAU)
    before = np.cumprod(np.diff(v, axis=0, prepend=0) > 0, axis=0).astype(bool)
    np.testing.assert_allclose(theta[before], 2 * np.arctan(v)[before], atol=1e-7)
