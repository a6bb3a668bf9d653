"""snnTorch itself (and Norse, where installed): the spikes of its modules are those of its export read here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from neurocl.interop import from_nir
from tests.interop.graphs import raster, scheduled, spikes_of, through_file

pytest.importorskip("nir")
torch = pytest.importorskip("torch")
STEPS = 200


def pattern_of(n: int) -> NDArray[np.int64]:
    pattern = (np.random.default_rng(1).random((STEPS, n)) < 0.2).astype(int)
    pattern[0] = 0
    return pattern


@pytest.mark.parametrize(
    ("mechanism", "is_delayed", "reset"),
    [("subtract", True, "subtract_delayed"), ("subtract", False, "subtract"), ("zero", True, "value")],
)
def test_the_export_of_snntorch_gives_its_spikes(mechanism: str, is_delayed: bool, reset: str, tmp_path: Path) -> None:
    snntorch = pytest.importorskip("snntorch")
    pytest.importorskip("nirtorch")
    from snntorch.export_nir import export_to_nir

    torch.manual_seed(0)
    leaky = {"init_hidden": True, "reset_delay": is_delayed, "reset_mechanism": mechanism}
    readout = {"beta": torch.full((5,), 0.9), "threshold": 0.5 * torch.ones(5), **leaky}
    if mechanism == "zero":
        readout = snntorch.Leaky(**readout)
    else:
        readout = snntorch.Synaptic(alpha=torch.linspace(0.5, 0.8, 5), **readout)
    model = torch.nn.Sequential(
        torch.nn.Linear(20, 30),
        snntorch.Leaky(beta=torch.linspace(0.8, 0.95, 30), threshold=1.0 * torch.ones(30), **leaky),
        torch.nn.Linear(30, 5, bias=False),
        readout,
    )
    graph = through_file(export_to_nir(model, torch.zeros(20)), tmp_path)
    pattern = pattern_of(20)
    hidden, out = [], []
    with torch.no_grad():
        model[1].reset_hidden()
        model[3].reset_hidden()
        for x in torch.as_tensor(pattern, dtype=torch.float32):
            hidden.append(model[1](model[0](x)).numpy())
            out.append(model[3](model[2](torch.as_tensor(hidden[-1]))).numpy())
    net = from_nir(graph, dt=0.1, reset=reset)
    found = spikes_of(net, (STEPS + 1) * 0.1, {"input": {"spikes": scheduled(pattern, 0.1)}})
    assert np.sum(hidden) > 100 and np.sum(out) > 10
    np.testing.assert_array_equal(raster(found["node_1"], 0.1, STEPS + 1, 30)[:STEPS], hidden)
    np.testing.assert_array_equal(raster(found["node_3"], 0.1, STEPS + 1, 5)[1:], out)


def test_the_export_of_norse_gives_its_spikes() -> None:
    norse = pytest.importorskip("norse.torch")
    from norse.torch.module.lif_box import LIFBoxCell, LIFBoxParameters

    torch.manual_seed(0)
    parameters = LIFBoxParameters(
        tau_mem_inv=torch.linspace(50, 200, 30), v_th=torch.full((30,), 0.3), v_leak=torch.zeros(30),
        v_reset=torch.zeros(30),
    )  # fmt: skip
    model = norse.SequentialState(torch.nn.Linear(20, 30), LIFBoxCell(parameters, dt=0.001))
    model[0].weight.data *= 5
    graph = norse.to_nir(model, torch.zeros(1, 20), dt=1.0)
    pattern, state, expected = pattern_of(20), None, []
    with torch.no_grad():
        for x in torch.as_tensor(pattern, dtype=torch.float32):
            spikes, state = model(x, state)
            expected.append(spikes.numpy())
    found = spikes_of(from_nir(graph, dt=1.0), STEPS, {"input": {"spikes": scheduled(pattern, 1.0)}})
    assert np.sum(expected) > 100
    np.testing.assert_array_equal(raster(found["node_1"], 1.0, STEPS, 30), expected)
