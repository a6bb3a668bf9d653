"""FitzHugh-Nagumo: spikes against a high-order solver, and the two Hopf points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from neurocl.models import FitzHughNagumo
from tests.helpers import simulate

CURRENTS = np.array([0.4, 0.5, 1.0, 1.3])
A, B, TAU = 0.7, 0.8, 12.5
HOPF = (0.33128133745474575, 1.4187186625452541)


def slope(t, x, current):
    v, r = x
    return [v - v**3 / 3 - r + current, (v + A - B * r) / TAU]


def rest(current):
    """The fixed point."""
    v = brentq(lambda v: v - v**3 / 3 - (v + A) / B + current, -3, 3)
    return v, (v + A) / B


def test_default_state_is_the_rest_without_input():
    initial = FitzHughNagumo.initial
    np.testing.assert_allclose([initial["v"], initial["r"]], rest(0.0), rtol=1e-12)


@pytest.mark.parametrize(("dt", "tolerance"), [(0.2, 2e-3), (0.05, 1e-5)])
def test_spikes_come_at_the_reference_times(dt, tolerance):
    out = simulate(FitzHughNagumo, 200.0, dt=dt, n=4, i_ext=CURRENTS, record=["spikes", "v"])
    times = dt * np.arange(1, len(out["v"]) + 1)
    for v, train, current in zip(out["v"].T, out.spikes.trains(), CURRENTS, strict=True):

        def crossing(t, x, _):
            return x[0] - 1

        crossing.direction = 1
        exact = solve_ivp(
            slope, (0, 200), rest(0.0), args=(current,), method="DOP853", rtol=1e-11, atol=1e-11, events=crossing,
            t_eval=times,
        )  # fmt: skip
        assert len(exact.t_events[0]) >= 3
        np.testing.assert_allclose(v, exact.y[0], atol=tolerance)
        np.testing.assert_allclose(train, dt * np.ceil(exact.t_events[0] / dt), atol=1e-9)


def test_rest_loses_stability_between_the_hopf_points():
    near = np.array([HOPF[0] - 0.02, HOPF[0] + 0.02, HOPF[1] - 0.02, HOPF[1] + 0.02])
    v, r = np.transpose([rest(current) for current in near])
    out = simulate(FitzHughNagumo, 2000.0, dt=0.2, n=4, i_ext=near, v=v + 1e-4, r=r, v_before=v, record=["v"])
    swing = np.abs(out["v"][-500:] - v).max(axis=0)
    assert np.all(swing[[0, 3]] < 1e-5) and np.all(swing[[1, 2]] > 0.1)
