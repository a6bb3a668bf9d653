"""Gap junctions: two potentials approach each other at the known rate, and current is conserved."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.models import GapJunction, GapJunctionLIF

C_MEM, TAU = 250.0, 10.0


def coupled(dt, w, v, duration, **values):
    """Potentials of two cells that are coupled both ways, [step, cell]."""
    net = ncl.Network(dt=dt)
    cells = net.add(GapJunctionLIF, 2, name="cells", v=np.array(v), v_th=1e6, **values)
    net.connect(cells, cells, ncl.Edges([0, 1], [1, 0]), synapse=GapJunction, weight=w)
    return net.build(dtype="float64").run(duration, record={"cells": "v"})["cells"]["v"]


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_difference_decays_with_leak_and_junction_and_the_mean_with_the_leak(dt):
    w = 20.0  # nS
    v = coupled(dt, w, [-50.0, -70.0], 30.0)
    times = dt * np.arange(1, len(v) + 1)
    np.testing.assert_allclose(v.mean(axis=1), -70 + 10 * np.exp(-times / TAU), atol=1e-10)
    difference = v[:, 0] - v[:, 1]
    # The current is constant in each step, so the recursion is known, and its limit is the exponential.
    decay = np.exp(-dt / TAU)
    factor = decay - (1 - decay) * TAU / C_MEM * 2 * w
    np.testing.assert_allclose(difference, 20 * factor ** np.arange(1, len(v) + 1), atol=1e-9)
    exact = 20 * np.exp(-times * (1 / TAU + 2 * w / C_MEM))
    assert np.abs(difference - exact).max() < dt


def test_steady_state_divides_the_input_between_the_cells():
    w, current = 50.0, 100.0
    v = coupled(0.1, w, [-70.0, -70.0], 200.0, i_ext=np.array([current, 0.0]))[-1] + 70
    leak = C_MEM / TAU
    assert v.sum() == pytest.approx(current / leak, rel=1e-6)
    assert v[1] / v[0] == pytest.approx(w / (w + leak), rel=1e-6)  # the coupling coefficient


def test_one_way_junction_leaves_the_presynaptic_cell_alone():
    net = ncl.Network(dt=0.1)
    cells = net.add(GapJunctionLIF, 2, name="cells", i_ext=np.array([100.0, 0.0]))
    net.connect(cells, cells, ncl.Edges([0], [1]), synapse=GapJunction, weight=50.0)
    v = net.build(dtype="float64").run(100.0, record={"cells": "v"})["cells"]["v"][-1] + 70
    assert v[0] == pytest.approx(4 * -np.expm1(-10), rel=1e-6) and 0 < v[1] < v[0]
