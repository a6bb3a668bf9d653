"""Hodgkin-Huxley: spike times against a high-order solver, and the error of each scheme."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.models import HodgkinHuxley
from tests.helpers import simulate

# Step current (uA/cm2) -> upward crossings of 0 mV (ms) in 100 ms, by an eighth-order adaptive solver.
SPIKES = {
    5.0: [2.988182],
    6.0: [2.631027, 23.021957],
    6.2: [2.573553, 21.494685, 41.369980],
    6.3: [2.546161, 21.131442, 40.047133, 59.089292, 78.168425, 97.258451],
    7.0: [2.375674, 19.640987, 36.788188, 53.933093, 71.077810, 88.222511],
    10.0: [1.900972, 16.822583, 31.471827, 46.109002, 60.745283, 75.381498, 90.017709],
    20.0: [
        1.270734, 13.333099, 24.931631, 36.500045, 48.065152, 59.629895, 71.194597, 82.759295, 94.323993,
    ],
}  # fmt: skip
AT_10 = list(SPIKES).index(10.0)
REST = {"m": 0.05293248525724958, "h": 0.5961207535084603, "n": 0.31767691406069737}
FINAL_STATE = {"v": -62.145513, "m": 0.069729, "h": 0.458198, "n": 0.391653}  # at 100 ms, I = 10
FIRST_PEAK = 40.268842  # mV, I = 10; the maximum of the solution, not of samples of it
# Scheme, dt -> largest error of the seven spikes at I = 10 (ms).
ERRORS = {
    (None, 0.05): 2.8e-4,
    (None, 0.025): 7.6e-5,
    (None, 0.01): 1.4e-5,
    ("euler", 0.025): 0.0410,
    ("euler", 0.01): 0.0167,
    ("exponential_euler", 0.05): 2.374,
    ("exponential_euler", 0.025): 1.185,
    ("exponential_euler", 0.01): 0.474,
}


def steps(dt, method=None, dtype="float64", record=("spikes", "v", "m", "h", "n")):
    """100 ms of one neuron per step current."""
    model = HodgkinHuxley.replace(method=method)
    return simulate(model, 100.0, dt=dt, n=len(SPIKES), i_ext=np.array(list(SPIKES)), record=record, dtype=dtype)


def crossings(v, dt):
    """Times at which the recorded potential crosses 0 mV upwards, by linear interpolation."""
    v = np.concatenate([[-65.0], v])
    k = np.flatnonzero((v[:-1] <= 0) & (v[1:] > 0))
    return dt * (k - v[k] / (v[k + 1] - v[k]))


# At the onset of the step the linear interpolation costs more than RK4: its error is of the order dt^2.
@pytest.mark.parametrize(("dt", "tolerance"), [(0.025, 3e-4), (0.01, 5e-5)])
def test_spikes_come_at_the_reference_times(dt, tolerance):
    out = steps(dt)
    for v, spikes, expected in zip(out["v"].T, out.spikes.trains(), SPIKES.values(), strict=True):
        times = crossings(v, dt)
        np.testing.assert_allclose(times, expected, atol=tolerance)
        np.testing.assert_allclose(spikes, dt * np.ceil(times / dt), atol=1e-9)


@pytest.mark.parametrize(("method", "dt"), ERRORS)
def test_each_scheme_has_its_known_error(method, dt):
    times = crossings(steps(dt, method)["v"][:, AT_10], dt)
    assert np.abs(times - SPIKES[10.0]).max() == pytest.approx(ERRORS[method, dt], rel=0.04)


@pytest.mark.parametrize(("dt", "tolerance"), [(0.025, 2e-5), (0.01, 1e-6)])
def test_state_after_seven_spikes(dt, tolerance):
    out = steps(dt)
    for state, value in FINAL_STATE.items():
        assert out[state][-1, AT_10] == pytest.approx(value, abs=tolerance)


def test_neuron_starts_with_its_gates_at_rest():
    opening = {"m": 0.1 * 25 / np.expm1(2.5), "h": 0.07, "n": 0.01 * 10 / np.expm1(1)}  # 1/ms, at -65 mV
    closing = {"m": 4.0, "h": 1 / (1 + np.exp(3)), "n": 0.125}
    for gate, value in REST.items():
        assert HodgkinHuxley.initial[gate] == pytest.approx(value, rel=1e-15)
        assert opening[gate] / (opening[gate] + closing[gate]) == pytest.approx(value, rel=1e-14)
    out = steps(0.01)
    for gate, value in REST.items():  # a step of 0.01 ms at 20 uA/cm2 moves v by 0.2 mV only
        assert out[gate][0] == pytest.approx(value, abs=2e-4)


def test_first_peak():
    v = steps(0.01)["v"][: round(10 / 0.01), AT_10]
    top = v.argmax()
    # The peak lies between two samples: at the top of the parabola through the three highest.
    below, height, above = v[top - 1 : top + 2]
    peak = height + (above - below) ** 2 / (8 * (2 * height - above - below))
    assert peak == pytest.approx(FIRST_PEAK, abs=1e-3)


def test_single_precision_gives_the_same_counts():
    counts = steps(0.01, dtype="float32", record=["spikes"]).counts()
    assert np.abs(counts - [len(times) for times in SPIKES.values()]).max() <= 1
