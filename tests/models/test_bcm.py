"""BCM: against plain numpy, and the selective state for orthonormal inputs."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.models.bcm import BCM
from neurocl.models.rate_units import InputUnit, LinearUnit

ETA, THETA_STEP = 5e-4, 0.02
W0 = np.array([0.6, 0.5])
RESPONSES = (2.0, 0.0)


def run(samples, w0=W0, **values):
    """Weights and threshold of one unit after one step per sample."""
    net = ncl.Network(dt=1.0)
    inputs = net.add(InputUnit, samples.shape[1], name="inputs", r=ncl.Input())
    unit = net.add(LinearUnit, 1, name="unit")
    net.connect(inputs, unit, ncl.AllToAll(), synapse=BCM, weight=w0[None, :], name="synapses", **values)
    sim = net.build(dtype="float64")
    sim.run(float(len(samples)), inputs={"inputs": {"r": samples}})
    return sim.state["synapses.w"].copy(), sim.state["synapses.theta"][0]


def textbook(samples, tau_theta):
    """The rule in numpy: the threshold follows the answer of the step before."""
    w, theta, before = W0.copy(), 0.0, 0.0
    for x in samples:
        y = w @ x
        theta = before**2 + (theta - before**2) * np.exp(-1 / tau_theta)
        w += ETA * y * (y - theta) * x
        before = y
    return w, theta


def test_rule_equals_the_textbook():
    samples = np.random.default_rng(0).normal(size=(500, 2))
    w, theta = run(samples)
    expected, threshold = textbook(samples, 50.0)
    np.testing.assert_allclose(w, expected, rtol=1e-12)
    assert theta == pytest.approx(threshold, rel=1e-12)


def test_unit_becomes_selective_for_one_of_two_orthonormal_inputs():
    # A threshold that moves by 0.02 of the way per step: 1 - exp(-1 / tau_theta) = 0.02.
    tau_theta = -1 / np.log1p(-THETA_STEP)
    samples = np.eye(2)[np.random.default_rng(0).integers(0, 2, 100_000)]
    w, theta = run(samples, tau_theta=tau_theta)
    np.testing.assert_allclose(w, RESPONSES, atol=0.05)
    assert theta == pytest.approx(2.0, abs=0.5)  # it fluctuates with the last fifty samples
