"""Graphs as snnTorch and Norse export them: read where they are right, refused with the reason where they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.interop import from_nir
from tests.interop.graphs import raster, scheduled, spikes_of

nir = pytest.importorskip("nir")

N_IN, N, STEPS = 20, 10, 200


def snntorch_graph(kind: str) -> Any:
    """What `snntorch.export_nir.export_to_nir` writes for Linear and Leaky (or Synaptic): float32, gains for 0.1 ms."""
    rng = np.random.default_rng(0)
    step, beta, alpha = 1e-4, rng.uniform(0.8, 0.95, N).astype(np.float32), rng.uniform(0.5, 0.8, N).astype(np.float32)
    values = {
        "r": 1 / (1 - beta), "v_leak": np.zeros_like(beta), "v_threshold": np.ones_like(beta),
        "v_reset": np.zeros_like(beta),
    }  # fmt: skip
    node = nir.LIF(tau=step / (1 - beta), **values) if kind == "Leaky" else nir.CubaLIF(
        tau_syn=step / (1 - alpha), tau_mem=step / (1 - beta), w_in=1 / (1 - alpha), **values
    )  # fmt: skip
    weight = rng.normal(0.05, 0.2, (N, N_IN)).astype(np.float32)
    return nir.NIRGraph(
        {"input": nir.Input({"input": np.array([N_IN])}), "0": nir.Linear(weight), "1": node,
         "output": nir.Output({"output": np.array([N])})},
        [("input", "0"), ("1", "output"), ("0", "1")],
    )  # fmt: skip


def snntorch_steps(graph: Any, pattern: NDArray[np.int64], is_delayed: bool) -> NDArray[np.int64]:
    """The step of snnTorch's documentation, with reset by subtraction: beta, alpha and weights only."""
    node, cuba = graph.nodes["1"], isinstance(graph.nodes["1"], nir.CubaLIF)
    beta = 1 - 1 / node.r.astype(float)
    alpha = 1 - 1 / node.w_in.astype(float) if cuba else np.zeros(N)
    v, i, found = np.zeros(N), np.zeros(N), []
    spikes = np.zeros(N, int)
    for x in pattern:
        i = alpha * i + graph.nodes["0"].weight @ x
        v = beta * v + i - (spikes if is_delayed else 0)
        spikes = (v > 1).astype(int)
        v = v if is_delayed else v - spikes
        found.append(spikes)
    return np.array(found)


@pytest.mark.parametrize("kind", ["Leaky", "Synaptic"])
@pytest.mark.parametrize("reset", ["subtract_delayed", "subtract"])
def test_a_graph_of_snntorch_is_right_at_a_tenth_of_a_millisecond(kind: str, reset: str) -> None:
    graph = snntorch_graph(kind)
    pattern = (np.random.default_rng(1).random((STEPS, N_IN)) < 0.15).astype(int)
    pattern[0] = 0
    expected = snntorch_steps(graph, pattern, reset == "subtract_delayed")
    found = spikes_of(from_nir(graph, dt=0.1, reset=reset), STEPS * 0.1, {"input": {"spikes": scheduled(pattern, 0.1)}})
    assert expected.sum() > 100
    np.testing.assert_array_equal(raster(found["node_1"], 0.1, STEPS, N), expected)


@pytest.mark.parametrize("kind", ["Leaky", "Synaptic"])
def test_a_graph_of_snntorch_is_refused_where_it_is_wrong(kind: str) -> None:
    graph = snntorch_graph(kind)
    with pytest.raises(ncl.NeuroclError, match=r"'1' .*written by snnTorch.* right at dt=0.1 only, got dt=1"):
        from_nir(graph, dt=1.0, reset="subtract")
    with pytest.raises(ncl.NeuroclError, match=r"'1' .*does not tell the reset; say reset='subtract_delayed'"):
        from_nir(graph, dt=0.1)


def test_the_zero_reset_of_snntorchs_synaptic_is_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match="also empties the synapse"):
        from_nir(snntorch_graph("Synaptic"), dt=0.1, reset="value")


def norse_graph(dt: float) -> Any:
    """What `norse.torch.to_nir(model, sample, dt=dt)` writes for Linear and a LIFBoxCell of 10 ms."""
    rng = np.random.default_rng(0)
    ones = np.ones(N, np.float32)
    weight = rng.normal(1.0, 4.0, (N, N_IN)).astype(np.float32)
    return nir.NIRGraph(
        {"input": nir.Input({"input": np.array([N_IN])}), "0": nir.Affine(weight, np.zeros(N, np.float32)),
         "1": nir.LIF(tau=dt / (100 * ones), r=ones, v_leak=0 * ones, v_threshold=ones),
         "output": nir.Output({"output": np.array([N])})},
        [("input", "0"), ("1", "output"), ("0", "1")],
    )  # fmt: skip


def test_a_graph_of_norse_is_read_where_its_time_constants_are_right() -> None:
    graph = norse_graph(1.0)
    pattern = (np.random.default_rng(1).random((STEPS, N_IN)) < 0.15).astype(int)
    pattern[0] = 0
    v, expected = np.zeros(N), []
    for x in pattern:
        v = v + 0.001 * 100 * (graph.nodes["0"].weight @ x - v)
        expected.append(v > 1)
        v = np.where(v > 1, 0, v)
    found = spikes_of(from_nir(graph, dt=1.0), STEPS * 1.0, {"input": {"spikes": scheduled(pattern, 1.0)}})
    assert np.sum(expected) > 100
    np.testing.assert_array_equal(raster(found["node_1"], 1.0, STEPS, N), expected)


def test_a_graph_of_norse_with_time_constants_multiplied_by_its_step_is_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match=r"tau_mem = 0.01 ms is shorter than the step dt = 0.1 ms.*Norse"):
        from_nir(norse_graph(0.001), dt=0.1)


def test_a_node_with_scalar_parameters_is_refused() -> None:
    values = {key: np.array(1.0) for key in ("tau", "r", "v_leak", "v_threshold")}
    graph = nir.NIRGraph({"input": nir.Input({"input": np.array([1])}), "lif": nir.LIF(**values)}, [], type_check=False)
    with pytest.raises(ncl.NeuroclError, match=r"'lif' .LIF.: tau_mem, .* has no shape"):
        from_nir(graph, dt=0.1)
