"""From a NIR graph that is a chain to torch layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.interop._nir_bias import comes_in_pulses
from neurocl.interop._nir_import import check_nodes, size_of_input
from neurocl.interop._nir_metadata import check_foreign, is_ours, spike_length
from neurocl.interop._nir_models import Form, make_model, model_values, target_of
from neurocl.interop._nir_neurons import NODES, Neurons, from_node
from neurocl.interop._nir_paths import Path, bias_paths, paths_from
from neurocl.nn import Spiking, SpikingRecurrent, SpikingSequential

__all__ = ["read_layers"]


def read_layers(
    graph: Any, dt: float, integration: str | None, reset: str | None, options: dict[str, Any]
) -> SpikingSequential:
    """The layers of `graph`, see `neurocl.interop.layers_from_nir`."""
    check_nodes(graph)
    neurons = {
        name: from_node(name, node, integration, reset)
        for name, node in graph.nodes.items() if type(node).__name__ in NODES
    }  # fmt: skip
    if not is_ours(graph):
        for name, entry in neurons.items():
            check_foreign(name, entry, dt, reset)
    biases: dict[str, NDArray[np.float64]] = {}
    for name, arriving in bias_paths(graph):
        biases[name] = biases.get(name, 0.0) + arriving
    layers: list[nn.Module] = []
    for name, path, back in _chain(graph, neurons):
        bias, spike = biases.get(name), spike_length(graph, dt)
        if bias is not None and not comes_in_pulses(graph, neurons[name]):
            layers += _layers_of(neurons[name], path, back, None, bias, dt, spike, options)
        else:
            layers += _layers_of(neurons[name], path, back, bias, 0.0, dt, spike, options)
    return SpikingSequential(*layers)


def _chain(graph: Any, neurons: dict[str, Neurons]) -> list[tuple[str, Path, Path | None]]:
    """Populations in order, with the path to each from the one before, and the one back to itself."""
    if len(graph.inputs) != 1:
        raise NeuroclError(f"layers_from_nir: layers have one Input, the graph has {len(graph.inputs)}; use from_nir")
    name, node = next(iter(graph.inputs.items()))
    n, found = size_of_input(name, node), list[tuple[str, Path, Path | None]]()
    seen = {name}
    while True:
        ahead = [p for p in paths_from(graph, name, n) if p.post != name]
        if any(p.delay.any() for p in ahead):
            raise NeuroclError(f"layers_from_nir: there is a Delay behind '{name}', layers have none; use from_nir")
        if len(ahead) == 1 and ahead[0].post in graph.outputs and not ahead[0].nodes and found:
            return found
        if len(ahead) != 1 or ahead[0].post not in neurons or ahead[0].post in seen:
            raise NeuroclError(f"layers_from_nir: the graph is no chain of populations at '{name}'; use from_nir")
        name = ahead[0].post
        seen.add(name)
        n = neurons[name].n
        back = [p for p in paths_from(graph, name, n) if p.post == name]
        if len(back) > 1 or any(p.delay.any() for p in back):
            raise NeuroclError(f"layers_from_nir: '{name}' has two ways back to itself, or a delay; use from_nir")
        found.append((name, ahead[0], back[0] if back else None))


def _layers_of(
    neurons: Neurons, path: Path, back: Path | None, bias: NDArray[np.float64] | None, constant: Any, dt: float,
    spike: float, options: dict[str, Any],
) -> list[nn.Module]:  # fmt: skip
    """A Linear with `bias` and a spiking layer with the constant current `constant`."""
    form = Form(neurons.kind, neurons.integration, neurons.reset, neurons.threshold, False)
    target, jump = target_of(form, neurons.values, spike, dt)
    jump = np.broadcast_to(jump, neurons.n)
    values = model_values(neurons, constant, None, 0.0)
    output = "spikes" if neurons.has_spikes else "v"
    layer = Spiking(make_model(form), neurons.n, input=target, output=output, dt=dt, **options, **values)
    dtype = layer.values.one.dtype
    before = _linear(path, jump, None if bias is None else bias * jump * dt / spike, dtype)
    if back is None:
        return [before, layer]
    return [before, SpikingRecurrent(layer, _linear(back, jump, None, dtype))]


def _linear(path: Path, jump: NDArray[np.float64], bias: NDArray[np.float64] | None, dtype: torch.dtype) -> nn.Linear:
    weight = np.diag(path.weight) if path.matrix is None else path.weight
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=dtype)
    with torch.no_grad():
        made.weight.copy_(torch.as_tensor(weight * jump[:, None]))
        if bias is not None:
            made.bias.copy_(torch.as_tensor(bias))
    return made
