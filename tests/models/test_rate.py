"""Rate units: relaxation to phi(gain i), exact for input that is constant in each step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from tests.helpers import simulate

UNITS = {
    "LinearRateUnit": lambda x: x,
    "TanhRateUnit": np.tanh,
    "ReLURateUnit": lambda x: np.maximum(x, 0),
    "SigmoidRateUnit": lambda x: 1 / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("name", UNITS)
@settings(max_examples=10, deadline=None)
@given(
    tau=st.floats(1, 100),
    gain=st.floats(0.1, 3),
    inputs=st.lists(st.floats(-5, 5), min_size=4, max_size=4),
    r=st.floats(-1, 1),
    dt=st.sampled_from([0.1, 2.0]),
)
def test_rate_relaxes_to_the_transfer_function_of_its_input(name, tau, gain, inputs, r, dt):
    out = simulate(
        getattr(models, name), 20 * dt, dt=dt, n=4, tau=tau, gain=gain, i_ext=np.array(inputs), r=r, record=["r"]
    )
    target = UNITS[name](gain * np.array(inputs))
    times = dt * np.arange(1, 21)[:, None]
    np.testing.assert_allclose(out["r"], target + (r - target) * np.exp(-times / tau), atol=1e-10)


def test_input_may_change_between_steps():
    net = ncl.Network(dt=1.0)
    net.add(models.LinearRateUnit, 1, name="unit", i_ext=ncl.Input(0.0))
    given_input = np.random.default_rng(1).normal(size=100)
    inputs = {"unit": {"i_ext": given_input}}
    r = net.build(dtype="float64").run(100.0, record={"unit": "r"}, inputs=inputs)["unit"]["r"][:, 0]
    decay, expected = np.exp(-0.1), 0.0
    for value, found in zip(given_input, r, strict=True):
        expected = decay * expected + (1 - decay) * value
        assert found == pytest.approx(expected, abs=1e-12)


def test_connected_linear_units_reach_the_solution_of_their_linear_system():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(6, 6)) / 6
    bias = rng.normal(size=6)
    net = ncl.Network(dt=0.5)
    units = net.add(models.LinearRateUnit, 6, name="units", i_ext=bias)
    net.connect(units, units, ncl.AllToAll(), synapse=models.RateSynapse, weight=weights)
    r = net.build(dtype="float64").run(500.0, record={"units": "r"})["units"]["r"][-1]
    np.testing.assert_allclose(r, np.linalg.solve(np.eye(6) - weights, bias), atol=1e-9)
