"""Intrinsic plasticity: the sparse distribution of the rate form, and the target rate of the spiking form."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.models import IntrinsicLIF, IntrinsicRateUnit
from tests.helpers import simulate

# x ~ N(0, 1), mu = 0.1, eta = 1e-3, averages over steps 3e5 to 6e5
STEADY = {"a": 1.237, "b": -2.706}
MOMENTS = {1: 0.1028, 2: 0.0234}
STEPS = 600_000


def test_rate_form_reaches_the_known_gain_bias_and_moments():
    net = ncl.Network(dt=1.0)
    net.add(IntrinsicRateUnit, 1, name="unit", i_ext=ncl.Input(0.0))
    x = np.random.default_rng(0).normal(size=STEPS)
    run = net.build(dtype="float64").run
    out = run(float(STEPS), record={"unit": ["y", "a", "b"]}, inputs={"unit": {"i_ext": x}})["unit"]
    for name, value in STEADY.items():
        assert out[name][STEPS // 2 :].mean() == pytest.approx(value, rel=0.03)
    for power, value in MOMENTS.items():
        assert (out["y"][STEPS // 2 :] ** power).mean() == pytest.approx(value, rel=0.03)


def test_rate_form_takes_one_step_of_the_rule():
    x, eta, mu = np.array([-1.0, 0.0, 2.0]), 0.01, 0.2
    out = simulate(IntrinsicRateUnit, 1.0, dt=1.0, n=3, i_ext=x, eta=eta, mu=mu, record=["y", "a", "b"])
    y = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(out["y"][0], y, rtol=1e-14)
    np.testing.assert_allclose(out["a"][0], 1 + eta * (1 + x - (2 + 1 / mu) * x * y + x * y**2 / mu), rtol=1e-14)
    np.testing.assert_allclose(out["b"][0], eta * (1 - (2 + 1 / mu) * y + y**2 / mu), rtol=1e-13)


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_threshold_counts_the_spikes_above_the_target(dt):
    currents = np.array([200.0, 400.0, 600.0])
    out = simulate(IntrinsicLIF, 2000.0, dt=dt, n=3, i_ext=currents, record=["spikes", "theta"])
    expected = -55 + 0.1 * (out.counts() - 5 * 2)
    np.testing.assert_allclose(out["theta"][-1], expected, atol=1e-9)


def test_spiking_form_fires_at_the_target_whatever_the_drive():
    currents, rates = np.array([300.0, 500.0, 800.0]), np.array([5.0, 10.0, 20.0])
    out = simulate(IntrinsicLIF, 20_000.0, dt=0.5, n=3, i_ext=currents, rate=rates, record=["spikes"])
    late = out.spikes.times > 10_000
    found = np.bincount(out.spikes.indices[late], minlength=3) / 10
    np.testing.assert_allclose(found, rates, atol=0.25)
