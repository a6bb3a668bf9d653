"""Anti-Hebbian sparse coding: the rules in numpy, and the fixed point of activity and pairwise activity."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.models.foldiak import AntiHebbian, FoldiakFeedforward, FoldiakUnit
from neurocl.models.rate_units import InputUnit

P, SIZE, N = 0.125, 4, 8
SHOWN = 50  # steps per pattern


def network():
    """Eight units on the pixels of a 4 x 4 retina."""
    net = ncl.Network(dt=1.0)
    retina = net.add(InputUnit, SIZE**2, name="retina", r=ncl.Input())
    units = net.add(FoldiakUnit, N, name="units")
    rng = np.random.default_rng(0)
    weight = rng.uniform(0, 0.5, (N, SIZE**2))
    net.connect(retina, units, ncl.AllToAll(), synapse=FoldiakFeedforward, weight=weight, name="feedforward")
    pairs = np.nonzero(~np.eye(N, dtype=bool))
    net.connect(units, units, ncl.Edges(*pairs), synapse=AntiHebbian, weight=ncl.uniform(-0.1, 0.0), name="lateral")
    return net


def bars(n, rng):
    """`n` images [image, pixel] in which each of the eight lines is drawn with probability 1/8."""
    image = np.zeros((n, SIZE, SIZE))
    for line in range(SIZE):
        image[rng.random(n) < P, line, :] = 1
        image[rng.random(n) < P, :, line] = 1
    return image.reshape(n, -1)


def textbook(images, q, w, a):
    """The equations in numpy, with feedforward weights q [unit, pixel] and lateral ones w [unit, unit]."""
    theta, r = np.full(N, 0.5), np.zeros(N)
    off = ~np.eye(N, dtype=bool)
    for x in images:
        total = q @ x + w @ a
        r = (a > 0.5).astype(float)
        theta = theta + 4e-4 * (r - P)
        goal = 1 / (1 + np.exp(-10 * (total - theta)))
        a = goal + (a - goal) * np.exp(-1 / 5)
        q = q + 4e-4 * r[:, None] * (x - q)
        w = np.where(off, np.minimum(w - 2e-3 * (np.outer(r, r) - P**2), 0), 0)
    return q, w, theta


def matrix(sim, name, shape):
    pre, post = sim.edges(name)
    found = np.zeros(shape)
    found[post, pre] = sim.state[f"{name}.w"]
    return found


def test_rules_equal_the_textbook():
    sim = network().build(seed=1, dtype="float64")
    q, w = matrix(sim, "feedforward", (N, SIZE**2)), matrix(sim, "lateral", (N, N))
    images = np.repeat(bars(20, np.random.default_rng(1)), 10, axis=0)
    expected = textbook(images, q, w, np.zeros(N))
    sim.run(200.0, inputs={"retina": {"r": images}})
    np.testing.assert_allclose(matrix(sim, "feedforward", q.shape), expected[0], rtol=1e-9)
    np.testing.assert_allclose(matrix(sim, "lateral", w.shape), expected[1], atol=1e-12)
    np.testing.assert_allclose(sim.state["units.theta"], expected[2], rtol=1e-12)


def test_activity_is_sparse_and_independent_in_pairs():
    sim = network().build(seed=1, dtype="float64")
    rng = np.random.default_rng(2)
    for _ in range(4):
        sim.run(2500.0 * SHOWN, inputs={"retina": {"r": np.repeat(bars(2500, rng), SHOWN, axis=0)}})
    images = np.repeat(bars(2500, rng), SHOWN, axis=0)
    r = sim.run(float(len(images)), inputs={"retina": {"r": images}}, record={"units": ["r"]})["units"]["r"]
    together = r.T @ r / len(r)
    is_free = matrix(sim, "lateral", (N, N)) < -1e-3
    assert is_free.sum() > 10
    np.testing.assert_allclose(r.mean(axis=0), P, atol=0.02)
    assert together[is_free].mean() == pytest.approx(P**2, abs=0.003)
    # Lateral weights that are at 0 belong to pairs that are together no more often than by chance.
    assert np.all(together[~is_free & ~np.eye(N, dtype=bool)] < P**2 + 0.005)
