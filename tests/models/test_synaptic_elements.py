"""Synaptic elements: the growth curve, pairing and breaking, and the rate at which networks come to rest."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.core.errors import NeuroclError
from neurocl.models.synaptic_elements import update_synapses, with_synaptic_elements
from tests.helpers import RECEIVER, simulate

EPS = 0.7
XI, ZETA = 0.35, 0.420392843
GROWTH = {0.0: 0.0, 0.35: 1.0, 0.7: 0.0, 1.0: -0.81686}
"""Calcium -> dz/dt / nu for eta = 0 and eps = 0.7."""
CELL = with_synaptic_elements(RECEIVER)


def test_growth_curve():
    assert pytest.approx(ZETA, abs=5e-10) == EPS / (2 * np.sqrt(np.log(2)))
    ca = np.array(list(GROWTH))
    values = {"ca": ca, "tau_ca": 1e15, "nu": 1e-3, "z_axon": 5.0, "z_dendrite": 5.0}
    out = simulate(CELL, 10.0, dt=0.5, n=4, record=("z_axon", "z_dendrite"), **values)
    for name in out.quantities:
        np.testing.assert_allclose((out[name][-1] - 5) / 0.01, list(GROWTH.values()), atol=6e-6)
    np.testing.assert_allclose((out["z_axon"][-1] - 5) / 0.01, 2 * np.exp(-(((ca - XI) / ZETA) ** 2)) - 1, atol=1e-8)


def test_elements_do_not_fall_below_zero_and_calcium_counts_spikes():
    times = np.arange(1.0, 200.0)
    net = ncl.Network(dt=0.5)
    net.add(CELL, 1, name="cell", spikes=(times, [0] * times.size), beta_ca=0.1, nu=0.1)
    sim = net.build(dtype="float64")
    sim.run(200.0)
    assert sim.state["cell.ca"][0] == pytest.approx(0.1 * np.exp(-(200 - times) / 10_000).sum(), rel=1e-9)
    assert -0.051 < sim.state["cell.z_axon"][0] <= 0


def pairing(z_axon, z_dendrite, edges=((), ())):
    net = ncl.Network(dt=0.5)
    cells = net.add(CELL, len(z_axon), name="cells", z_axon=z_axon, z_dendrite=z_dendrite)
    rule = ncl.Edges(*(np.array(end, dtype=int) for end in edges))
    net.connect(cells, cells, rule, target="received", weight=1.0, name="rec")
    return net.build(seed=0, dtype="float64")


def bound(sim, n):
    pre, post = sim.edges("rec")
    return np.bincount(pre, minlength=n), np.bincount(post, minlength=n)


def test_vacant_elements_pair_until_one_side_has_none():
    z_axon, z_dendrite = np.array([3.9, 0.5, 2.0, 0.0]), np.array([0.0, 1.7, 0.9, 2.2])
    sim, rng = pairing(z_axon, z_dendrite), np.random.default_rng(0)
    for _ in range(5):
        update_synapses(sim, "rec", rng)
    out, into = bound(sim, 4)
    assert out.sum() == into.sum() == 3  # of 5 axonal and 3 dendritic elements
    assert np.all(out <= np.floor(z_axon))
    assert np.all(into <= np.floor(z_dendrite))
    pre, post = sim.edges("rec")
    assert np.all(pre != post)
    assert update_synapses(sim, "rec", rng) == (0, 0)


def test_surplus_synapses_break():
    edges = ([0, 0, 0, 1, 2, 2], [1, 2, 3, 2, 1, 3])
    sim = pairing([1.0, 1.0, 2.0, 0.0], [0.0, 1.0, 5.0, 0.0], edges)
    broken, formed = update_synapses(sim, "rec", np.random.default_rng(0))
    out, into = bound(sim, 4)
    assert broken >= 4  # two axonal ones of neuron 0 too many, and neuron 3 has no dendrite left
    assert formed == out.sum() - (6 - broken)
    assert np.all(out <= [1, 1, 2, 0])
    assert np.all(into <= [0, 1, 5, 0])


def test_network_comes_to_rest_at_the_target_calcium():
    # Each neuron is driven below its target; synapses grow until calcium, which stands for the rate, is at eps.
    net = ncl.Network(dt=1.0)
    model = with_synaptic_elements(ncl.models.LIFDelta)
    cells = net.add(model, 40, name="cells", tau_ca=1000.0, beta_ca=0.1, nu=1e-3, i_ext=180.0)
    drive = net.add(ncl.models.Poisson, 40, name="drive", rate=400.0)
    net.connect(drive, cells, ncl.OneToOne(), target="v", weight=1.4)
    net.connect(cells, cells, ncl.Edges([], []), target="v", weight=0.6, delay=1.0, name="rec")
    sim, rng = net.build(seed=1, dtype="float64"), np.random.default_rng(0)
    start = sim.run(2000.0, record={"cells": ["counts"]})["cells"].counts().mean() / 2
    calcium = []
    for _ in range(300):
        sim.run(100.0)
        update_synapses(sim, "rec", rng)
        calcium.append(sim.state["cells.ca"].mean())
    assert start < 5.0
    assert np.mean(calcium[-80:]) == pytest.approx(EPS, rel=0.12)
    assert len(sim.edges("rec")[0]) > 100


def test_a_population_without_elements_is_told():
    net = ncl.Network(dt=0.5)
    cells = net.add(RECEIVER, 3, name="cells")
    net.connect(cells, cells, ncl.AllToAll(), target="received", weight=1.0, name="rec")
    with pytest.raises(NeuroclError, match="'cells' has no 'z_axon'; add it with with_synaptic_elements"):
        update_synapses(net.build(), "rec", np.random.default_rng(0))
    with pytest.raises(NeuroclError, match="no projection 'rek'; did you mean 'rec'"):
        update_synapses(net.build(), "rek", np.random.default_rng(0))
    with pytest.raises(NeuroclError, match="update_synapses: rng must be"):
        update_synapses(net.build(), "rec", 0)
    with pytest.raises(NeuroclError, match="expected a NeuronModel, got 'LIF'"):
        with_synaptic_elements("LIF")
    with pytest.raises(NeuroclError, match="never spikes"):
        with_synaptic_elements(ncl.NeuronModel(name="silent", equations="v : mV"))
