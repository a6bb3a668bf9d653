"""What NIR or a network cannot express is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl.interop import from_nir, to_nir
from neurocl.models import LIF, Dopamine, LIFDelta, PairSTDP, Poisson, SpikeArray

nir = pytest.importorskip("nir")


def network(model: ncl.NeuronModel, **values: Any) -> ncl.Network:
    net = ncl.Network(dt=0.1)
    net.add(model, 2, name="cells", **values)
    return net


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (ncl.models.AdEx, {}, "population 'cells': its equations are not linear"),
        (ncl.models.Izhikevich, {}, "population 'cells'"),
        (ncl.models.LIFAlpha, {}, "it has the states v, i_syn, i_rise"),
        (ncl.models.ConductanceLIF, {}, "population 'cells'"),
        (ncl.models.ALIF, {}, "population 'cells'"),
        (ncl.models.HodgkinHuxley, {}, "population 'cells'"),
        (Poisson, {}, "no random source"),
        (ncl.models.ColoredNoiseLIF, {}, "no noise"),
        (LIF, {"i_ext": ncl.Input()}, "the driven 'i_ext' enters 'v' past the synapse"),
    ],
)
def test_a_population_is_refused_by_name(model: ncl.NeuronModel, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=r"population 'cells'") as caught:
        to_nir(network(model, **values))
    assert message in str(caught.value)


def test_every_neuron_of_the_library_is_written_or_refused_in_a_sentence() -> None:
    written = set()
    for name, model in ncl.models.catalogue().items():
        if isinstance(model, ncl.NeuronModel):
            net = ncl.Network(dt=model.dt or 0.1)
            source = net.add(SpikeArray, 1, name="source")
            cells = net.add(model, 2, name="cells")
            if (states := model.parsed.equations.states) and "v" in states:
                net.connect(source, cells, ncl.AllToAll(), target="i_syn" if "i_syn" in states else "v")
            try:
                to_nir(net)
            except ncl.NeuroclError as error:
                assert "population 'cells'" in str(error) or "nothing enters" in str(error), name
            else:
                written.add(name)
    assert {"LIF", "LIFDelta", "LeakyIntegrator", "Leaky"} <= written
    assert not written & {"AdEx", "EIF", "Izhikevich", "Poisson", "LIFAlpha", "GLIF", "QIF", "ALIF"}


def plastic() -> ncl.Network:
    net = network(LIFDelta, i_ext=500.0)
    cells = net.populations["cells"]
    source = net.add(SpikeArray, 2, name="source", spikes=([1.0, 2.0, 30.0], [0, 1, 0]))
    net.connect(source, cells, ncl.AllToAll(), target="v", weight=0.5, synapse=PairSTDP, name="learned")
    return net


def test_plasticity_goes_to_a_sidecar_and_the_graph_says_so(tmp_path: Path) -> None:
    with pytest.raises(ncl.NeuroclError, match=r"plasticity of projection 'learned' \(PairSTDP\).*sidecar"):
        to_nir(plastic())
    simulation = plastic().build(seed=1, dtype="float64")
    with pytest.raises(ncl.NeuroclError, match="sidecar"):
        to_nir(simulation)
    simulation.run(50.0)
    path = tmp_path / "rest.safetensors"
    graph = to_nir(simulation, sidecar=path)
    assert graph.metadata["left_out"] == "plasticity of projection 'learned' (PairSTDP)"
    assert graph.metadata["sidecar"] == str(path)
    learned = simulation.state["learned.w"]
    np.testing.assert_allclose(np.sort(from_nir(graph, dt=0.1).projections["source_cells"].weight), np.sort(learned))
    assert (learned != 0.5).any()
    np.testing.assert_array_equal(ncl.Simulator.load(path).state["learned.w"], learned)


def test_a_modulator_is_refused_by_name() -> None:
    net = network(LIFDelta)
    net.add(Dopamine, name="reward")
    with pytest.raises(ncl.NeuroclError, match=r"modulator 'reward' \(Dopamine\)"):
        to_nir(net)


def test_a_target_that_nir_does_not_have_is_refused() -> None:
    net = network(LIF)
    source = net.add(SpikeArray, 2, name="source")
    net.connect(source, net.populations["cells"], ncl.OneToOne(), target="v")
    with pytest.raises(ncl.NeuroclError, match=r"'source_cells'.* target is 'v'.* 'i_syn' of 'cells' only"):
        to_nir(net)


def test_a_network_without_input_is_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match="nothing enters the network"):
        to_nir(network(LIFDelta))


def graph(*nodes: Any) -> Any:
    return nir.NIRGraph.from_list(*nodes)


def lif(n: int = 2, **changed: Any) -> Any:
    values = {"tau": 0.01, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0, **changed}
    return nir.LIF(**{key: np.full(n, value) for key, value in values.items()})


IN = nir.Input(input_type={"input": np.array([2])})


@pytest.mark.parametrize(
    ("nodes", "options", "message"),
    [
        ([IN, nir.Threshold(np.ones(2)), lif()], {}, "'threshold' is a Threshold.*supported are Input, Output"),
        ([IN, nir.Linear(np.eye(2)), nir.Output({"output": np.array([2])})], {}, "Output 'output' reads 'input'"),
        ([IN, lif(tau=-1.0)], {}, "node 'lif' .LIF.: tau_mem must be > 0"),
        ([IN, lif(r=np.nan)], {}, "node 'lif': r holds NaN"),
        ([IN, nir.Delay(np.array([0.0003, 0.0])), lif()], {"dt": 0.2}, "whole number of steps"),
        ([IN, nir.LI(np.ones(2), np.ones(2), np.zeros(2)), lif()], {}, "neurons without spikes .LI."),
        ([IN, lif()], {"currents": ["inputs"]}, "no Input 'inputs'.*'input'"),
        ([IN, nir.Linear(np.eye(2)), lif()], {"currents": ["input"]}, "a current goes straight"),
        ([IN, lif()], {"reset": "soft"}, "reset must be one of 'value'"),
        ([IN, lif()], {"integration": "rk4"}, "integration must be one of 'euler', 'exact'"),
        ([IN, lif()], {"dt": 0.0}, "dt must be > 0"),
    ],
)
def test_a_graph_is_refused_by_the_name_of_its_node(nodes: list[Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=message):
        from_nir(graph(*nodes), **{"dt": 0.1, **options}).build()


def test_what_is_no_network_and_no_graph_is_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match="expected a Network"):
        to_nir("net")
    with pytest.raises(ncl.NeuroclError, match=r"expected a nir\.NIRGraph"):
        from_nir("net.nir", dt=0.1)


def test_dt_is_required() -> None:
    with pytest.raises(TypeError, match="dt"):
        from_nir(graph(IN, lif()))  # type: ignore[call-arg]
