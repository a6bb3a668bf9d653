"""Torch layers written as NIR and read as a network: the same spikes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.interop import from_nir, layers_from_nir, to_nir
from tests.interop.graphs import raster, scheduled, spikes_of, through_file

pytest.importorskip("nir")
torch = pytest.importorskip("torch")
STEPS, N_IN, N_HIDDEN, N_OUT = 120, 12, 20, 6


def hidden_layers(dt: float) -> dict[str, Any]:
    """A hidden layer of each kind."""
    like = {"dt": dt, "dtype": torch.float64}
    spiking = ncl.nn.Spiking
    tau = np.linspace(8, 15, N_HIDDEN) * dt
    return {
        "leaky": spiking(ncl.models.Leaky, N_HIDDEN, tau_mem=tau, learn=["tau_mem"], **like),
        "current": spiking(
            ncl.models.LIFDelta, N_HIDDEN, input="i_ext", tau_mem=tau, c_mem=0.5 * dt, v_leak=0.0, v_reset=-0.1,
            v_th=1.0, t_ref=2 * dt, **like,
        ),
        "synapse": spiking(
            ncl.models.LIF, N_HIDDEN, tau_mem=tau, tau_syn=3 * dt, c_mem=2 * dt, v_leak=0.0, v_reset=0.0, v_th=1.0,
            t_ref=0.0, learn=["tau_mem"], **like,
        ),
        "recurrent": ncl.nn.SpikingRecurrent(spiking(ncl.models.Leaky, N_HIDDEN, tau_mem=10.0 * dt, **like)),
    }  # fmt: skip


def check(model: Any, dt: float, folder: Path, names: tuple[str, str], step: float | None = None) -> None:
    """Compare the last spiking layers of `model` with the network read from its graph."""
    pattern: NDArray[np.int64] = (np.random.default_rng(1).random((STEPS, N_IN)) < 0.1).astype(int)
    pattern[0] = 0
    with torch.no_grad():
        expected = model(torch.as_tensor(pattern, dtype=next(model.parameters()).dtype)[:, None])[0][:, 0].numpy()
    graph = through_file(to_nir(model, dt=step), folder)
    net, again = from_nir(graph, dt=dt), layers_from_nir(graph, dt, dtype=torch.float64)
    assert tuple(name for name in net.populations if name != "input") == names
    found = spikes_of(net, (STEPS + 1) * dt, {"input": {"spikes": scheduled(pattern, dt)}})[names[1]]
    assert 20 < expected.sum() < 0.7 * expected.size
    np.testing.assert_array_equal(raster(found, dt, STEPS + 1, N_OUT)[1:], expected)
    with torch.no_grad():
        np.testing.assert_array_equal(again(torch.as_tensor(pattern, dtype=torch.float64)[:, None])[0][:, 0], expected)


@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize("kind", ["leaky", "current", "synapse", "recurrent"])
def test_layers_spike_equally_as_a_network(kind: str, dt: float, tmp_path: Path) -> None:
    torch.manual_seed(0)
    first = torch.nn.Linear(N_IN, N_HIDDEN)
    last = ncl.nn.Spiking(ncl.models.Leaky, N_OUT, tau_mem=5.0 * dt, v_th=0.7, dt=dt, dtype=torch.float64)
    second = torch.nn.Linear(N_HIDDEN, N_OUT, bias=False)
    model = ncl.nn.SpikingSequential(first, hidden_layers(dt)[kind], second, last).double()
    with torch.no_grad():
        first.weight.copy_(torch.randn(N_HIDDEN, N_IN) * 0.3 + 0.05)
        first.bias.copy_(torch.randn(N_HIDDEN) * 0.1)
        second.weight.copy_(torch.randn(N_OUT, N_HIDDEN) * 0.2 + 0.03)
    check(model, dt, tmp_path, ("layers_1", "layers_3"))


def test_neurons_of_snntorch_among_layers_spike_equally_as_a_network(tmp_path: Path) -> None:
    snntorch = pytest.importorskip("snntorch")
    torch.manual_seed(0)
    first, second = (torch.nn.Linear(*sizes, bias=False) for sizes in ((N_IN, N_HIDDEN), (N_HIDDEN, N_OUT)))
    model = ncl.nn.SpikingSequential(
        first, snntorch.Leaky(beta=0.9, threshold=1.0), second,
        snntorch.Synaptic(alpha=torch.full((N_OUT,), 0.7), beta=0.8),
    )  # fmt: skip
    with torch.no_grad():
        first.weight.copy_(torch.randn(N_HIDDEN, N_IN) * 0.3 + 0.05)
        second.weight.copy_(torch.randn(N_OUT, N_HIDDEN) * 0.3)
    check(model, 2.0, tmp_path, ("layers_1", "layers_3"), step=2.0)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (torch.nn.Conv1d(1, 1, 1), "layer 'layers.0' is a Conv1d; supported are Linear"),
        (ncl.nn.Spiking(ncl.models.AdEx, 3, dt=0.1), "population 'AdEx'"),
        (ncl.nn.Spiking(ncl.models.LIF, 3, input="i_ext"), "enters 'v' past the synapse"),
    ],
)
def test_a_layer_is_refused_by_name(layer: Any, message: str) -> None:
    following = ncl.nn.Spiking(ncl.models.Leaky, 3, dt=getattr(layer, "dt", 1.0))
    with pytest.raises(ncl.NeuroclError) as caught:
        to_nir(ncl.nn.SpikingSequential(layer, following))
    assert message in str(caught.value)


def test_layers_read_from_a_graph_learn(tmp_path: Path) -> None:
    hidden = ncl.nn.Spiking(ncl.models.LIF, 5, tau_mem=4.0, v_leak=0.0, v_reset=0.0, v_th=1.0, c_mem=2.0, t_ref=0.0)
    readout = ncl.nn.Spiking(ncl.models.LeakyIntegrator, 2, output="v", v_leak=0.0, c_mem=2.0)
    model = ncl.nn.SpikingSequential(torch.nn.Linear(3, 5), hidden, torch.nn.Linear(5, 2), readout)
    again = layers_from_nir(through_file(to_nir(model), tmp_path), 1.0)
    x = (torch.rand(30, 4, 3, generator=torch.Generator().manual_seed(0)) < 0.5).float()
    expected, found = model(x)[0], again(x)[0]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    found.sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in again.parameters())


def test_a_graph_that_is_no_chain_is_refused_as_layers() -> None:
    net = ncl.Network(dt=1.0)
    source, cells = net.add(ncl.models.SpikeArray, 2, name="source"), net.add(ncl.models.LIFDelta, 2, name="cells")
    net.connect(source, cells, ncl.AllToAll(), target="v", delay=3.0)
    with pytest.raises(ncl.NeuroclError, match="a Delay behind 'source'"):
        layers_from_nir(to_nir(net), dt=1.0)


def test_layers_of_different_steps_are_refused() -> None:
    layers = [ncl.nn.Spiking(ncl.models.Leaky, 3, dt=dt) for dt in (1.0, 2.0)]
    with pytest.raises(ncl.NeuroclError, match="have the steps 1, 2 ms"):
        to_nir(ncl.nn.SpikingSequential(*layers))
