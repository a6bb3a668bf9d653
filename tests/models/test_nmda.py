"""NMDA current: the magnesium block, the saturating gate, and the current that both give a neuron."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import neurocl as ncl
from neurocl.models import NMDALIF, NMDASynapse, SpikeArray
from tests.helpers import simulate

# Block at 1 mM magnesium, by potential in mV
BLOCK = {-80: 0.024425, -70: 0.044471, -60: 0.079626, -40: 0.230155, -20: 0.508140, 0: 0.781182, 20: 0.925018,
         40: 0.977080}  # fmt: skip
# Gate after one spike, by time in ms
GATE = {1: 0.323638, 2: 0.463596, 5: 0.582228, 10: 0.583779, 20: 0.530857, 50: 0.393285, 100: 0.238539, 200: 0.087754,
        300: 0.032283}  # fmt: skip
PEAK, PEAK_TIME = 0.591836, 7.081  # ms
TRAIN_GATE = 0.759678  # after 10 spikes at 50 Hz, 20 ms after the last


def connected(dt, times, weight=1.0, delay=0.0, **values):
    """A presynaptic neuron that spikes at `times`, the synapse "gate" and a neuron."""
    net = ncl.Network(dt=dt)
    pre = net.add(SpikeArray, 1, name="pre", spikes=(times, [0] * len(times)))
    post = net.add(NMDALIF, 1, name="post", **values)
    net.connect(pre, post, ncl.AllToAll(), synapse=NMDASynapse, weight=weight, delay=delay, name="gate")
    return net.build(dtype="float64")


def gate(dt, times, duration):
    """s at dt, 2 dt, ..., of a presynaptic neuron that spikes at `times`."""
    return connected(dt, times).run(duration, record={"gate": "s"})["gate"]["s"][:, 0]


def test_block_has_the_tabulated_values():
    v = np.array(list(BLOCK), dtype=float)
    # One step from v with nothing but the NMDA current: dv/dt = g s B(v) (e - v) / c
    out = simulate(NMDALIF, 1e-5, dt=1e-5, n=len(v), v=v, s_nmda=1.0, g_leak=0.0, v_th=1e6, e_nmda=200.0, record=["v"])
    slope = (out["v"][0] - v) / 1e-5
    np.testing.assert_allclose(slope * 500 / (10 * (200 - v)), list(BLOCK.values()), atol=1e-6)


@pytest.mark.parametrize(("dt", "tolerance"), [(0.1, 2e-4), (0.01, 3e-6)])
def test_gate_after_one_spike_has_the_tabulated_shape(dt, tolerance):
    s = gate(dt, [10.0], 310.0)[round(10 / dt) :]
    np.testing.assert_allclose([s[round(t / dt) - 1] for t in GATE], list(GATE.values()), atol=tolerance)
    assert s.max() == pytest.approx(PEAK, abs=tolerance)
    assert dt * (s.argmax() + 1) == pytest.approx(PEAK_TIME, abs=max(dt, 0.02))


@pytest.mark.parametrize(("dt", "tolerance"), [(0.1, 2e-4), (0.01, 3e-6)])
def test_gate_saturates_in_a_train(dt, tolerance):
    times = 10.0 + 20.0 * np.arange(10)
    assert gate(dt, times, times[-1] + 20.0)[-1] == pytest.approx(TRAIN_GATE, abs=tolerance)


def test_gate_is_of_second_order():
    times = np.array([10.0, 15.0, 18.0])

    def slope(t, s):
        late = t - times
        x = np.exp(-late[late > 0] / 2).sum()
        return -s / 100 + 0.5 * x * (1 - s)

    s, start = [0.0], 10.0
    for end in (15.0, 18.0, 40.0):
        s = solve_ivp(slope, (start + 1e-12, end), s, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]
        start = end
    error = [abs(gate(dt, times, 40.0)[-1] - s[0]) for dt in (0.1, 0.01)]
    assert np.log10(error[0] / error[1]) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("dt", [0.1, 0.02])
def test_potential_follows_the_gate_of_all_synapses(dt):
    weight, delay, times = 12.0, 2.0, [5.0, 10.0, 30.0]
    sim = connected(dt, times, weight, delay, v_th=1e6)
    out = sim.run(80.0, record={"post": "v", "gate": "s"})
    grid = dt * np.arange(1, len(out["post"]["v"]) + 1)

    def slope(t, y):
        v, x, s = y
        block = 1 / (1 + np.exp(-0.062 * v) / 3.57)
        return [(25 * (-70 - v) + 10 * weight * s * block * -v) / 500, -x / 2, -s / 100 + 0.5 * x * (1 - s)]

    y, start, v = [-70.0, 0.0, 0.0], 0.0, []
    for end in [*(np.array(times) + delay), 80.0]:
        part = grid[(grid > start + 1e-9) & (grid <= end + 1e-9)]
        found = solve_ivp(slope, (start, end), y, t_eval=np.minimum(part, end), method="DOP853", rtol=1e-10, atol=1e-10)
        v, y, start = [*v, *found.y[0]], found.y[:, -1] + [0, 1, 0], end
    # The gate is constant within a step: first order in dt.
    assert np.abs(out["post"]["v"][:, 0] - v).max() < 10 * dt
    assert max(v) > -55
