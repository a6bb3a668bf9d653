"""Exponential integrate-and-fire: passage times against an integral, and the rheobase."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from neurocl.models import EIF
from tests.helpers import simulate

CURRENTS = np.array([17.0, 30.0, 100.0, 300.0])  # pA; the rheobase is 16.2 pA
G, C, V_LEAK, V_T, DELTA, V_PEAK, V_RESET, T_REF = 10.0, 100.0, -65.0, -59.9, 3.48, -30.0, -68.0, 1.7


def passage(start, current):
    """Time from `start` to the peak: the integral of dv / (dv/dt)."""

    def slowness(v):
        return C / (G * (V_LEAK - v) + G * DELTA * np.exp((v - V_T) / DELTA) + current)

    return quad(slowness, start, V_PEAK, points=[V_T], limit=200, epsrel=1e-11)[0]


@pytest.mark.parametrize("dt", [0.05, 0.01])
def test_passage_times_are_the_integral_rounded_up_to_the_grid(dt):
    trains = simulate(EIF, 400.0, dt=dt, n=4, i_ext=CURRENTS).spikes.trains()
    for train, current in zip(trains, CURRENTS, strict=True):
        late = train[0] - passage(V_LEAK, current)
        assert -1e-3 * dt < late < 2 * dt  # the bound on v in the last step can cost one more
        late = np.diff(train) - passage(V_RESET, current) - round(T_REF / dt) * dt
        assert np.all((late > -1e-3 * dt) & (late < 2 * dt))


def test_neuron_rests_below_its_rheobase():
    currents = G * (V_T - V_LEAK - DELTA) + np.array([-0.1, 0.1])
    counts = simulate(EIF, 3000.0, dt=0.05, n=2, i_ext=currents).counts()
    assert counts[0] == 0 and counts[1] > 0
