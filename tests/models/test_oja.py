"""Hebbian rules between rate units: against plain numpy, and against eigenvectors."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import neurocl as ncl
from neurocl.engines.agreement import compare
from neurocl.models.oja import Hebb, Oja, Sanger, Subspace
from neurocl.models.rate_units import InputUnit, LinearUnit

COVARIANCE = np.array([[2.0, 0.5], [0.5, 1.0]])
LEADING = np.array([0.923880, 0.382683])
N_IN, N_OUT = 4, 3


def network(rule, weight, **values):
    """Units that answer to inputs with weights [post, pre]."""
    net = ncl.Network(dt=1.0)
    inputs = net.add(InputUnit, weight.shape[1], name="inputs", r=ncl.Input())
    units = net.add(LinearUnit, weight.shape[0], name="units")
    net.connect(inputs, units, ncl.AllToAll(), synapse=rule, weight=weight, name="synapses", **values)
    return net


@cache
def simulator(rule):
    weight = np.random.default_rng(0).normal(0, 0.5, (N_OUT, N_IN))
    return network(rule, weight, eta=0.01).build(dtype="float64"), weight


def learned(sim, samples):
    """The weights [post, pre] after one step per sample."""
    sim.run(float(len(samples)), inputs={"inputs": {"r": samples}})
    pre, post = sim.edges("synapses")
    w = np.empty((post.max() + 1, pre.max() + 1))
    w[post, pre] = sim.state["synapses.w"]
    return w


def textbook(rule, w, samples, eta):
    """The same rule as matrices."""
    w = w.copy()
    for x in samples:
        y = w @ x
        if rule is Hebb:
            explained = 0.0
        elif rule is Oja:
            explained = y[:, None] * w
        elif rule is Sanger:
            explained = np.tril(np.ones((y.size, y.size))) @ (y[:, None] * w)
        else:
            explained = w.T @ y
        w += eta * y[:, None] * (x - explained)
    return w


@pytest.mark.parametrize("rule", [Hebb, Oja, Sanger, Subspace], ids=lambda rule: rule.name)
def test_rule_equals_the_textbook(rule):
    samples = np.random.default_rng(1).normal(size=(60, N_IN))
    sim, weight = simulator(rule)
    sim.reset()
    np.testing.assert_allclose(learned(sim, samples), textbook(rule, weight, samples, 0.01), rtol=1e-11)


def test_oja_finds_the_leading_eigenvector():
    samples = np.random.default_rng(0).multivariate_normal([0, 0], COVARIANCE, 40_000)
    sim = network(Oja, np.array([[0.3, -0.2]]), eta=0.005).build(dtype="float64")
    learned(sim, samples)
    sim.set("synapses", eta=2e-4)  # less noise around the solution
    w = learned(sim, samples)[0]
    assert np.linalg.norm(w) == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(np.abs(w), LEADING, atol=0.02)


def components(rule):
    """Three units on four inputs with variances 4, 2, 1 and 0.3 along random directions: weights and directions."""
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(N_IN, N_IN)))[0]
    samples = rng.normal(size=(60_000, N_IN)) * np.sqrt([4.0, 2.0, 1.0, 0.3]) @ directions.T
    sim, _ = simulator(rule)
    sim.reset()
    for eta in (0.005, 3e-4):
        sim.set("synapses", eta=eta)
        w = learned(sim, samples)
    return w, directions


def test_sanger_finds_the_components_in_order():
    w, directions = components(Sanger)
    np.testing.assert_allclose(np.abs(w @ directions), np.eye(N_OUT, N_IN), atol=0.05)


def test_subspace_rule_spans_the_leading_components():
    w, directions = components(Subspace)
    np.testing.assert_allclose(w @ w.T, np.eye(N_OUT), atol=0.05)
    np.testing.assert_allclose(w @ directions[:, 3], 0.0, atol=0.05)


def test_rules_agree_with_brian2():
    pytest.importorskip("brian2", exc_type=Exception)
    samples = np.random.default_rng(1).normal(size=(30, N_IN))
    net = network(Subspace, np.random.default_rng(0).normal(size=(N_OUT, N_IN)), eta=0.01)
    found = compare(net, 30.0, inputs={"inputs": {"r": samples}})
    assert found.holds(1e-9), str(found)
