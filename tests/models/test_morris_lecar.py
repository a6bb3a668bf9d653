"""Morris-Lecar: spikes against a high-order solver, bifurcations of the two classes, and their rate curves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from neurocl.models import MORRIS_LECAR_CLASSES, MorrisLecar
from tests.helpers import simulate

CURRENTS = {"I": [42.0, 50.0, 80.0], "II": [95.0, 120.0, 180.0]}  # uA/cm2
SADDLE_NODE, HOPF = 39.963153, (93.857618, 212.018816)  # uA/cm2, of class I and class II


def currents_of(v, w, p):
    """Ionic current at potential v with the potassium gate w."""
    m = (1 + np.tanh((v + 1.2) / 18)) / 2
    return p["g_ca"] * m * (v - 120) + 8 * w * (v + 84) + 2 * (v + 60)


def gate(v, p):
    return (1 + np.tanh((v - p["v3"]) / p["v4"])) / 2


def slope(t, x, current, p):
    v, w = x
    return [(current - currents_of(v, w, p)) / 20, p["phi"] * np.cosh((v - p["v3"]) / 2 / p["v4"]) * (gate(v, p) - w)]


def run(kind, currents, dt, duration, **initial):
    values = {key: np.full(len(currents), value) for key, value in MORRIS_LECAR_CLASSES[kind].items()}
    return simulate(
        MorrisLecar, duration, dt=dt, n=len(currents), i_ext=np.array(currents), record=["spikes", "v"],
        **values, **initial,
    )  # fmt: skip


def test_default_state_is_the_rest_without_input():
    p = MORRIS_LECAR_CLASSES["II"]
    v = brentq(lambda v: currents_of(v, gate(v, p), p), -75, -50)
    np.testing.assert_allclose([MorrisLecar.initial["v"], MorrisLecar.initial["w"]], [v, gate(v, p)], rtol=1e-9)


@pytest.mark.parametrize("kind", MORRIS_LECAR_CLASSES)
@pytest.mark.parametrize(("dt", "tolerance"), [(0.2, 2e-2), (0.05, 1e-4)])
def test_spikes_come_at_the_reference_times(kind, dt, tolerance):
    out = run(kind, CURRENTS[kind], dt, 300.0)
    times = dt * np.arange(1, len(out["v"]) + 1)
    start = [MorrisLecar.initial["v"], MorrisLecar.initial["w"]]
    for v, train, current in zip(out["v"].T, out.spikes.trains(), CURRENTS[kind], strict=True):

        def crossing(t, x, *_):
            return x[0]

        crossing.direction = 1
        exact = solve_ivp(
            slope, (0, 300), start, args=(current, MORRIS_LECAR_CLASSES[kind]), method="DOP853", rtol=1e-11,
            atol=1e-11, events=crossing, t_eval=times,
        )  # fmt: skip
        assert len(exact.t_events[0]) >= 2
        np.testing.assert_allclose(v, exact.y[0], atol=tolerance)
        np.testing.assert_allclose(train, dt * np.ceil(exact.t_events[0] / dt), atol=1e-9)


def test_class_two_rest_loses_stability_between_the_hopf_points():
    p = MORRIS_LECAR_CLASSES["II"]
    currents = np.array([HOPF[0] - 3, HOPF[0] + 3, HOPF[1] - 3, HOPF[1] + 3])
    v = np.array([brentq(lambda v, i=i: currents_of(v, gate(v, p), p) - i, -75, 30) for i in currents])
    out = run("II", currents, 0.2, 4000.0, v=v + 1e-3, w=gate(v, p), v_before=v)
    swing = np.abs(out["v"][-1000:] - v).max(axis=0)
    assert np.all(swing[[0, 3]] < 5e-4) and np.all(swing[[1, 2]] > 0.1)


def test_rate_starts_at_zero_in_class_one_and_above_in_class_two():
    near = SADDLE_NODE + np.array([-0.01, 0.01, 0.04])
    counts = run("I", near, 0.2, 8000.0).counts() / 8  # Hz
    assert counts[0] == 0 and 0 < counts[1] < 3
    # Near a saddle-node the rate grows as the square root of the distance.
    assert counts[2] / counts[1] == pytest.approx(2, abs=0.25)
    slowest = run("II", [HOPF[0] + 0.1], 0.2, 4000.0).counts() / 4
    assert slowest[0] > 5
