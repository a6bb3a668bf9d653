"""Generalised integrate-and-fire: spikes against a high-order solver with events, and what each pattern looks like."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurocl.models import GLIF, MIHALAS_NIEBUR_PATTERNS, MihalasNiebur
from tests.helpers import simulate


def event_driven(slope, reset, gap, start, duration, hold=0.0):
    """Spike times of a neuron that is reset at each zero of `gap` and advances by `slope(x, held)`."""
    times, t, x = [], 0.0, np.array(start, dtype=float)

    def crossing(t, x):
        return gap(x)

    crossing.terminal, crossing.direction = True, 1
    exact = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-11, "max_step": 2.0}
    while t < duration:
        found = solve_ivp(lambda t, x: slope(x, False), (t, duration), x, events=crossing, **exact)
        if not found.t_events[0].size:
            break
        t = found.t_events[0][0]
        times.append(t)
        x = reset(found.y_events[0][0])
        if hold and t + hold < duration:
            x = solve_ivp(lambda t, x: slope(x, True), (t, t + hold), x, **exact).y[:, -1]
        t += hold
    return np.array(times)


def mihalas_niebur(pattern, duration):
    p = {**MihalasNiebur.parameters, **pattern}

    def slope(x, held):
        v, theta, i1, i2 = x
        membrane = (p["g_leak"] * (p["v_leak"] - v) + i1 + i2 + p["i_ext"]) / p["c_mem"]
        return [membrane, p["a"] * (v - p["v_leak"]) - p["b"] * (theta - p["theta_inf"]), -p["k1"] * i1, -p["k2"] * i2]

    def reset(x):
        return [p["v_reset"], max(x[1], p["theta_reset"]), p["r1"] * x[2] + p["a1"], p["r2"] * x[3] + p["a2"]]

    return event_driven(slope, reset, lambda x: x[0] - x[1], [-70.0, -50.0, 0.0, 0.0], duration)


def glif(i_ext, duration):
    p = GLIF.parameters

    def slope(x, held):
        v, theta_v, theta_s, i1, i2 = x
        moving = 0.0 if held else 1.0
        return [
            moving * (p["g_leak"] * (p["v_leak"] - v) + i1 + i2 + i_ext) / p["c_mem"],
            moving * (p["a_v"] * (v - p["v_leak"]) - p["b_v"] * theta_v),
            -p["b_s"] * theta_s, -p["k1"] * i1, -p["k2"] * i2,
        ]  # fmt: skip

    def reset(x):
        v = p["v_leak"] + p["f_v"] * (x[0] - p["v_leak"]) - p["delta_v"]
        return [v, x[1], x[2] + p["delta_s"], x[3] + p["a1"], x[4] + p["a2"]]

    start = [p["v_leak"], 0.0, 0.0, 0.0, 0.0]
    return event_driven(slope, reset, lambda x: x[0] - p["v_th"] - x[1] - x[2], start, duration, p["t_ref"])


def patterns(dt, duration):
    values = {
        key: np.array([pattern[key] for pattern in MIHALAS_NIEBUR_PATTERNS.values()]) for key in ("a", "a1", "a2")
    }
    i_ext = np.array([pattern["i_ext"] for pattern in MIHALAS_NIEBUR_PATTERNS.values()])
    trains = simulate(MihalasNiebur, duration, dt=dt, n=len(i_ext), i_ext=i_ext, **values).spikes.trains()
    return dict(zip(MIHALAS_NIEBUR_PATTERNS, trains, strict=True))


@pytest.mark.parametrize("name", [name for name in MIHALAS_NIEBUR_PATTERNS if name != "class 1"])
def test_patterns_come_at_the_reference_times(name):
    dt, duration = 0.01, 150.0
    exact, found = mihalas_niebur(MIHALAS_NIEBUR_PATTERNS[name], duration), patterns(dt, duration)[name]
    assert len(exact) >= 1
    n = min(len(exact), len(found), 8)
    # Every spike is rounded up to the grid, which shifts the later ones.
    assert n >= min(len(exact), 8) and np.abs(found[:n] - exact[:n]).max() < 0.3
    assert exact[0] <= found[0] + 1e-6 < exact[0] + dt + 1e-5


def test_patterns_look_as_they_are_called():
    trains = patterns(0.1, 500.0)
    intervals = {name: np.diff(train) for name, train in trains.items()}
    assert np.ptp(intervals["tonic spiking"]) < 0.11
    # A millionth above its rheobase the neuron needs 20 ms ln(1e6).
    assert trains["class 1"] == pytest.approx([20 * np.log(1e6)], abs=0.11)
    assert intervals["spike frequency adaptation"][-1] > 1.5 * intervals["spike frequency adaptation"][0]
    assert 0 < trains["phasic spiking"][-1] < 250  # a few spikes at the beginning, then none
    assert len(trains["hyperpolarisation-induced spiking"]) >= 2
    for name in ("tonic bursting", "hyperpolarisation-induced bursting"):
        assert intervals[name].max() > 5 * np.median(intervals[name])
        assert trains[name][-1] > 300
    assert len(trains["phasic bursting"]) > 1 and trains["phasic bursting"][-1] < 100
    mixed = intervals["mixed mode"]
    assert mixed[:6].max() < 15 and mixed[-6:].min() > 30


def test_allen_neuron_spikes_at_the_reference_times():
    currents, dt = np.array([300.0, 500.0, 1000.0]), 0.01
    trains = simulate(GLIF, 150.0, dt=dt, n=3, i_ext=currents).spikes.trains()
    for train, current in zip(trains, currents, strict=True):
        exact = glif(current, 150.0)
        assert len(exact) >= 2 and abs(len(train) - len(exact)) <= 1
        n = min(len(train), len(exact), 5)
        late = train[:n] - exact[:n]
        assert np.all((late > -1e-6) & (late < 3 * dt * np.arange(1, n + 1)))


def test_allen_neuron_without_adaptation_is_a_leaky_integrate_and_fire_neuron():
    off = {"a1": 0.0, "a2": 0.0, "delta_s": 0.0, "a_v": 0.0, "f_v": 0.0, "delta_v": 0.0}
    p = GLIF.parameters
    train = simulate(GLIF, 100.0, dt=0.05, i_ext=400.0, **off).spikes.trains()[0]
    v_inf, tau = 400 / p["g_leak"], p["c_mem"] / p["g_leak"]
    charging = tau * np.log(v_inf / (v_inf - (p["v_th"] - p["v_leak"])))
    np.testing.assert_allclose(np.diff(train), 0.05 * np.ceil(charging / 0.05) + p["t_ref"], atol=1e-9)
