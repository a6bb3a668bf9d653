"""Adaptive thresholds: the discrete LSNN neuron spike by spike, and the continuous threshold in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from neurocl.models import ALIF, AdaptiveThresholdLIF
from tests.helpers import simulate

# Constant input -> number of spikes in 1000 steps, steps of the first ones (from 0), number without adaptation
LSNN = {
    1.5: (39, [21, 45, 69, 93, 117, 142, 166, 191], 43),
    3.0: (98, [8, 17, 26, 35], 115),
    6.0: (194, [3, 7, 11, 15], 253),
}
FINAL = {"v": 0.460384332, "b": 0.039292}  # input 1.5
CURRENTS = np.array([400.0, 500.0, 700.0, 1000.0])  # pA
TAU_MEM, TAU_TH, V_TH, V_RESET, T_REF, DELTA = 10.0, 100.0, -55.0, -70.0, 2.0, 2.0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lsnn_neuron_spikes_at_the_tabulated_steps(dtype):
    inputs, beta = np.tile(list(LSNN), 2), np.repeat([1.8, 0.0], 3)
    out = simulate(ALIF, 1000.0, dt=1.0, n=6, i_ext=inputs, beta=beta, record=["spikes", "v", "b"], dtype=dtype)
    expected = [count for count, _, _ in LSNN.values()] + [count for _, _, count in LSNN.values()]
    assert out.counts().tolist() == expected
    for train, (_, first, _) in zip(out.spikes.trains(), LSNN.values(), strict=False):
        assert (np.rint(train[: len(first)]).astype(int) - 1).tolist() == first
    assert out["v"][-1, 0] == pytest.approx(FINAL["v"], abs=6e-10 if dtype == "float64" else 1e-4)
    assert out["b"][-1, 0] == pytest.approx(FINAL["b"], abs=6e-7 if dtype == "float64" else 1e-6)


def test_input_of_the_lsnn_neuron_acts_for_one_step():
    out = simulate(ALIF, 50.0, dt=1.0, pulses={"i_syn": ([10.0], 2.0)}, record=["v"])
    after = np.arange(40)
    np.testing.assert_allclose(out["v"][:10], 0, atol=1e-15)
    np.testing.assert_allclose(out["v"][10:, 0], 2 * -np.expm1(-1 / 20) * np.exp(-after / 20), rtol=1e-12)


def steady_interval(current):
    """Interval at which the potential meets the threshold that the same interval makes."""
    v_inf = -70 + TAU_MEM * current / 250

    def gap(interval):
        raised = DELTA / np.expm1(interval / TAU_TH)
        return v_inf + (V_RESET - v_inf) * np.exp(-(interval - T_REF) / TAU_MEM) - V_TH - raised

    return brentq(gap, T_REF + 0.1, 1000)


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_steady_intervals_are_the_closed_form(dt):
    trains = simulate(AdaptiveThresholdLIF, 1500.0, dt=dt, n=4, i_ext=CURRENTS).spikes.trains()
    found = [(train[-1] - train[-9]) / 8 for train in trains]
    exact = [steady_interval(current) for current in CURRENTS]
    late = np.array(found) - exact
    assert np.all((late > -1e-9) & (late < dt))


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_threshold_is_the_sum_of_decaying_jumps(dt):
    out = simulate(AdaptiveThresholdLIF, 300.0, dt=dt, n=4, i_ext=CURRENTS, record=["spikes", "theta"])
    times = dt * np.arange(1, len(out["theta"]) + 1)
    for theta, train in zip(out["theta"].T, out.spikes.trains(), strict=True):
        late = times[:, None] - train
        exact = V_TH + DELTA * np.where(late > -dt / 2, np.exp(-np.maximum(late, 0) / TAU_TH), 0).sum(axis=1)
        np.testing.assert_allclose(theta, exact, atol=1e-10)
