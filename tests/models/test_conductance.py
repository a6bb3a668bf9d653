"""Conductance-based neuron: single potentials, a long spike train and the order of the scheme."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import neurocl as ncl
from neurocl.models import ConductanceLIF, ConductanceLIFAlpha, ConductanceLIFDoubleExponential
from tests.helpers import simulate

EPSP = {1: -59.735597, 2: -59.532861, 5: -59.184355, 7: -59.091917, 10: -59.066960, 20: -59.308370, 40: -59.732875}
"""Time after a spike of 1 nS (ms) -> v (mV), to the sixth decimal."""
EXCITATORY, INHIBITORY = np.arange(5.0, 300.0, 3.0), np.arange(7.0, 300.0, 11.0)  # ms
FIRST_SPIKES = [13.00323687, 23.91907569, 35.27659487, 46.7564611, 57.53922085, 68.60315606]  # ms
LAST_SPIKE = 299.65691564
ON_GRID = {0.1: [13.1, 24.0, 35.3, 46.8, 57.6], 0.01: [13.01, 23.93, 35.28, 46.76, 57.55]}
LAST_ON_GRID = {0.1: 299.8, 0.01: 299.67}
AT_STEP_START = {0.1: [13.0, 23.9, 35.3, 46.6, 57.4, 299.6], 0.01: [13.00, 23.92, 35.28, 46.74, 57.53, 299.65]}
"""First five and last spike (ms) of the scheme that ConductanceLIF does not take, HELD."""
HELD = ncl.NeuronModel(
    name="held",
    doc="ConductanceLIF with the conductances of the start of the step throughout the step: of first order.",
    equations="v : mV; g_e : nS; g_i : nS; total : nS; v_inf : mV; left : 1",
    update="""
        total = 10 + g_e + g_i
        v_inf = (-600 - 80 * g_i) / total
        v     = where(left > 0, v, v_inf + (v - v_inf) * exp(-dt * total / 200))
        left  = max(left - 1, 0)
        g_e   = g_e * exp(-dt / 5)
        g_i   = g_i * exp(-dt / 10)
    """,
    threshold="v >= -50",
    reset="v = -60; left = floor(5 / dt + 0.5)",
    initial={"v": -60.0},
)


def driven(dt, w_e, w_i=20.0, excitatory=EXCITATORY, inhibitory=INHIBITORY, dtype="float64"):
    """300 ms of one neuron under regular input."""
    pulses = {"g_e": (excitatory, w_e), "g_i": (inhibitory, w_i)}
    return simulate(ConductanceLIF, 300.0, dt=dt, pulses=pulses, record=["spikes", "v", "g_e", "g_i"], dtype=dtype)


def epsp(dt):
    """Potential at dt, 2 dt, ... after an excitatory spike of 1 nS on the resting cell."""
    return driven(dt, 1.0, excitatory=[10.0], inhibitory=[])["v"][round(10 / dt) :, 0]


@pytest.mark.parametrize(("dt", "tolerance"), [(0.1, 1e-5), (0.01, 6e-7)])
def test_epsp_has_the_tabulated_shape(dt, tolerance):
    v = epsp(dt)
    np.testing.assert_allclose([v[round(t / dt) - 1] for t in EPSP], list(EPSP.values()), atol=tolerance)


def test_scheme_is_of_second_order():
    def slope(t, v):
        return (10 * (-60 - v) - np.exp(-t / 5) * v) / 200

    times = np.arange(1.0, 100.0)
    exact = solve_ivp(slope, (0, 100), [-60.0], t_eval=times, method="DOP853", rtol=1e-12, atol=1e-12).y[0]
    error = {dt: np.abs(epsp(dt)[np.rint(times / dt).astype(int) - 1] - exact).max() for dt in (0.1, 0.01)}
    assert np.log10(error[0.1] / error[0.01]) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("dt", ON_GRID)
def test_spikes_are_the_reference_rounded_up_to_the_grid(dt):
    out = driven(dt, 10.0)
    times = out.spikes.times
    assert len(times) == 27
    np.testing.assert_allclose(times[:5], ON_GRID[dt], atol=1e-9)
    assert times[-1] == pytest.approx(LAST_ON_GRID[dt], abs=1e-9)
    # A spike that is late by up to dt lets the next one start late.
    delay = np.append(times[:6], times[-1]) - [*FIRST_SPIKES, LAST_SPIKE]
    assert np.all((delay >= 0) & (delay < 2 * dt))
    assert out["g_e"][-1, 0] == pytest.approx(18.146096, abs=6e-7)
    assert out["g_i"][-1, 0] == pytest.approx(14.887237, abs=6e-7)


def test_rk4_gives_the_same_spikes():
    pulses = {"g_e": (EXCITATORY, 10.0), "g_i": (INHIBITORY, 20.0)}
    times = simulate(ConductanceLIF.replace(method="rk4"), 300.0, dt=0.1, pulses=pulses).spikes.times
    assert len(times) == 27
    np.testing.assert_allclose(times[:4], [13.1, 24.0, 35.3, 46.8], atol=1e-9)


@pytest.mark.parametrize("dt", AT_STEP_START)
def test_conductances_held_at_the_start_of_a_step_give_their_known_early_spikes(dt):
    times = simulate(HELD, 300.0, dt=dt, pulses={"g_e": (EXCITATORY, 10.0), "g_i": (INHIBITORY, 20.0)}).spikes.times
    assert len(times) == 27
    np.testing.assert_allclose([*times[:5], times[-1]], AT_STEP_START[dt], atol=1e-9)


@pytest.mark.parametrize(
    ("method", "first"), [("exponential_euler", [13.0, 23.9, 35.3, 46.6]), ("rk4", [13.1, 24.0, 35.3, 46.8])]
)
def test_schemes_of_brian2_itself_have_their_known_spikes(method, first, monkeypatch):
    brian2 = pytest.importorskip("brian2", exc_type=Exception)
    monkeypatch.setitem(brian2.prefs, "codegen.target", "numpy")  # compiling takes half a minute
    grid = {"dt": 0.1 * brian2.ms}
    equations = """
        dv/dt = (-10 * (60 + v) - g_e * v - g_i * (80 + v)) / (200 * ms) : 1 (unless refractory)
        dg_e/dt = -g_e / (5 * ms) : 1
        dg_i/dt = -g_i / (10 * ms) : 1
    """
    neuron = brian2.NeuronGroup(
        1, equations, method, threshold="v >= -50", reset="v = -60", refractory=5 * brian2.ms,
        namespace={"ms": brian2.ms}, **grid,
    )  # fmt: skip
    neuron.v = -60
    network = brian2.Network(neuron)
    for target, weight, arrivals in (("g_e", 10, EXCITATORY), ("g_i", 20, INHIBITORY)):
        source = brian2.SpikeGeneratorGroup(1, np.zeros(len(arrivals), dtype=int), arrivals * brian2.ms, **grid)
        synapse = brian2.Synapses(source, neuron, on_pre=f"{target} += {weight}", **grid)
        synapse.connect()
        network.add(source, synapse)
    spikes = brian2.SpikeMonitor(neuron)
    network.add(spikes)
    network.run(300 * brian2.ms)
    times = np.asarray(spikes.t / brian2.ms)
    assert len(times) == 27
    np.testing.assert_allclose(times[:4], first, atol=1e-9)


@pytest.mark.parametrize(("dt", "tolerance"), [(0.1, 1e-4), (0.01, 1e-6)])
def test_weaker_excitation_stays_below_threshold(dt, tolerance):
    out = driven(dt, 6.0)
    assert out.counts().tolist() == [0]
    assert out["v"][-1, 0] == pytest.approx(-53.971643, abs=tolerance)
    assert out["g_e"][-1, 0] == pytest.approx(10.887658, abs=6e-7)
    assert out["g_i"][-1, 0] == pytest.approx(14.887237, abs=6e-7)


def test_single_precision_gives_the_same_count_and_potential():
    assert abs(driven(0.1, 10.0, dtype="float32").counts()[0] - 27) <= 1
    single, double = driven(0.1, 6.0, dtype="float32")["v"], driven(0.1, 6.0)["v"]
    assert np.abs(single - double).max() < 1e-3


def double_exponential(t, tau_rise, tau_decay):
    """Difference of exponentials with a peak of 1."""
    peak = tau_rise * tau_decay / (tau_decay - tau_rise) * np.log(tau_decay / tau_rise)
    norm = np.exp(-peak / tau_decay) - np.exp(-peak / tau_rise)
    return np.where(t > 0, (np.exp(-t / tau_decay) - np.exp(-t / tau_rise)) / norm, 0)


def alpha(t, tau):
    """Alpha function with a peak of 1."""
    return np.where(t > 0, np.e * t / tau * np.exp(-t / tau), 0)


SHAPES = {
    "alpha": (ConductanceLIFAlpha, lambda t: alpha(t, 2.0), lambda t: alpha(t, 5.0)),
    "double exponential": (
        ConductanceLIFDoubleExponential,
        lambda t: double_exponential(t, 0.5, 5.0),
        lambda t: double_exponential(t, 1.0, 10.0),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shaped_conductances_and_the_potential_they_give(shape):
    model, g_e, g_i = SHAPES[shape]
    excitation, inhibition, w_e, w_i = 5.0, 12.0, 4.0, 10.0

    def slope(t, v):
        leak = 10 * (-60 - v)
        return (leak - w_e * g_e(t - excitation) * v + w_i * g_i(t - inhibition) * (-80 - v)) / 200

    times = np.arange(1.0, 61.0)
    exact = solve_ivp(
        slope, (0, 60), [-60.0], t_eval=times, method="DOP853", rtol=1e-11, atol=1e-11, max_step=0.5
    ).y[0]  # fmt: skip
    errors = {}
    for dt in (0.2, 0.02):
        pulses = {"rise_e": ([excitation], w_e), "rise_i": ([inhibition], w_i)}
        out = simulate(model, 60.0, dt=dt, pulses=pulses, record=["v", "g_e", "g_i"])
        rows = np.rint(times / dt).astype(int) - 1
        np.testing.assert_allclose(out["g_e"][rows, 0], w_e * g_e(times - excitation), atol=1e-10)
        np.testing.assert_allclose(out["g_i"][rows, 0], w_i * g_i(times - inhibition), atol=1e-10)
        errors[dt] = np.abs(out["v"][rows, 0] - exact).max()
    assert errors[0.02] < 1e-4 and np.log10(errors[0.2] / errors[0.02]) == pytest.approx(2, abs=0.2)
