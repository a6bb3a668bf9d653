"""A network written as NIR and read again spikes as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neurocl as ncl
from neurocl.interop import from_nir, to_nir
from tests.interop.graphs import spikes_of, through_file

nir = pytest.importorskip("nir")

OWN = ncl.NeuronModel(
    name="own",
    equations="""
        du/dt = (rest - u) / tau + a - 0.5 * g / tau : mV (unless refractory)
        dg/dt = -3 * g / tau : mV
    """,
    threshold="u > top", reset="u -= 8", refractory=1.0,
    parameters={"tau": 12.0, "rest": -60.0, "a": 0.9, "top": -51.0}, initial={"u": "rest"},
)  # fmt: skip


def recurrent(dt: float) -> ncl.Network:
    """Excitation and inhibition by the library's models, with drawn values, delays and a multapse."""
    net = ncl.Network(dt=dt)
    rng = np.random.default_rng(0)
    times = np.unique(rng.integers(1, int(190 / dt), (400, 1)) * dt)
    source = net.add(ncl.models.SpikeArray, 20, name="source", spikes=(times, rng.integers(0, 20, times.size)))
    exc = net.add(
        ncl.models.LIF, 80, name="exc", i_ext=380.0, v=ncl.uniform(-70, -55), tau_mem=ncl.uniform(8, 12), t_ref=2.0
    )
    inh = net.add(ncl.models.LIFDelta, 20, name="inh", i_ext=360.0, v_th=ncl.uniform(-57, -55))
    net.connect(source, exc, ncl.FixedProbability(0.3), target="i_syn", weight=300.0, delay=2.0)
    net.connect(exc, inh, ncl.FixedIndegree(10), target="v", weight=ncl.uniform(0.5, 2.0), delay=ncl.uniform(1, 4))
    net.connect(inh[5:], exc[::-1], ncl.FixedProbability(0.2), target="i_syn", weight=-200.0)
    net.connect(exc, exc, ncl.FixedOutdegree(8), target="i_syn", weight=60.0, delay=1.0, name="rec")
    return net


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_a_recurrent_network_spikes_equally_after_the_round_trip(dt: float, tmp_path: Path) -> None:
    net = recurrent(dt)
    graph = through_file(to_nir(net, seed=1), tmp_path)
    inputs = {"source": {"spikes": net.populations["source"].spikes}}
    before, after = spikes_of(net, 200.0), spikes_of(from_nir(graph, dt=dt), 200.0, inputs)
    assert before.keys() == after.keys()
    for name in before:
        assert len(before[name].times) > 100
        np.testing.assert_allclose(after[name].times, before[name].times)
        np.testing.assert_array_equal(after[name].indices, before[name].indices)


def test_a_readout_has_the_same_trace(tmp_path: Path) -> None:
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.SpikeArray, 2, name="source", spikes=([1.0, 2.0, 30.0], [0, 1, 0]))
    out = net.add(ncl.models.LeakyIntegrator, 3, name="out", v=-65.0, i_ext=20.0)
    net.connect(source, out, ncl.AllToAll(), target="i_syn", weight=ncl.uniform(100, 200))
    back = from_nir(through_file(to_nir(net, seed=1), tmp_path), dt=0.1)
    traces = [
        n.build(seed=1, dtype="float64").run(50.0, record={"out": ["v"]}, inputs=given)["out"]["v"]
        for n, given in ((net, None), (back, {"source": {"spikes": source.spikes}}))
    ]
    assert np.ptp(traces[0]) > 1.0
    np.testing.assert_allclose(traces[1], traces[0], rtol=1e-12)


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_a_models_own_names_and_gains_do_not_matter(dt: float, tmp_path: Path) -> None:
    net = ncl.Network(dt=dt)
    source = net.add(ncl.models.SpikeArray, 1, name="source", spikes=(np.arange(1, 100) * 2.0, np.zeros(99, int)))
    own = net.add(OWN, 4, name="own", a=[0.0, 0.6, 0.8, 0.9], g=[0.0, 1.0, 0.0, -5.0])
    net.connect(source, own, ncl.AllToAll(), target="g", weight=-9.0)
    graph = through_file(to_nir(net), tmp_path)
    assert (graph.nodes["own"].r == 1).all() and (graph.nodes["own"].w_in == 1).all()
    inputs = {"source": {"spikes": source.spikes}}
    before, after = spikes_of(net, 200.0)["own"], spikes_of(from_nir(graph, dt=dt), 200.0, inputs)["own"]
    assert len(before.times) > 20
    np.testing.assert_allclose(after.times, before.times)
    np.testing.assert_array_equal(after.indices, before.indices)


def test_spikes_keep_their_effect_at_another_step(tmp_path: Path) -> None:
    graph = through_file(to_nir(recurrent(1.0), seed=1), tmp_path)
    weights = [from_nir(graph, dt=dt).projections["source_exc"].weight for dt in (1.0, 0.5)]
    np.testing.assert_allclose(weights[1], weights[0])
    tau = graph.nodes["exc"].tau_mem[np.asarray(from_nir(graph, dt=1.0).projections["source_exc"].rule.post)] * 1000
    np.testing.assert_allclose(weights[0], 300.0 * tau / 250.0)


def test_a_driven_current_is_an_input(tmp_path: Path) -> None:
    net = ncl.Network(dt=0.5)
    net.add(ncl.models.LIFDelta, 2, name="cells", i_ext=ncl.Input(350.0), v_th=[-60.0, -58.0])
    graph = through_file(to_nir(net), tmp_path)
    current = np.random.default_rng(0).uniform(200, 600, (400, 2))
    inputs = {"cells": {"i_ext": current}}
    back = from_nir(graph, dt=0.5)
    before, after = (spikes_of(n, 400.0, inputs)["cells"] for n in (net, back))
    assert before.times.max() > 300
    assert len(before.times) > 20
    np.testing.assert_allclose(after.times, before.times)
    assert set(graph.inputs) == {"cells_i_ext"}


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    graph = to_nir(recurrent(0.1), seed=1)
    again = through_file(graph, tmp_path)
    assert again.nodes.keys() == graph.nodes.keys() and set(again.edges) == set(graph.edges)
    for name, node in graph.nodes.items():
        for key, value in node.to_dict().items():
            if key not in ("metadata", "type"):
                np.testing.assert_array_equal(again.nodes[name].to_dict()[key], value)
        np.testing.assert_equal(again.nodes[name].metadata, node.metadata)
    np.testing.assert_equal(again.metadata, graph.metadata)
