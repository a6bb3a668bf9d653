"""From torch layers to a NIR graph.

A spike passes through all layers within a step ("same step"). Neurons whose input is a current, held for the step, are
written with integration "euler" and the time constant dt / (1 - exp(-dt / tau_mem)): the same numbers in every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.core.plan import PopulationPlan
from neurocl.interop._nir_equations import Expressed, express
from neurocl.interop._nir_export import Builder
from neurocl.interop._nir_metadata import graph_metadata
from neurocl.interop._nir_neurons import Neurons, to_node
from neurocl.nn import Spiking, SpikingRecurrent, SpikingSequential

__all__ = ["write_layers"]


def write_layers(nir: Any, model: nn.Module, dt: float | None) -> Any:
    """The graph of `model`, see `neurocl.interop.to_nir`."""
    if not isinstance(model, SpikingSequential):
        raise NeuroclError(f"to_nir: expected an nn.SpikingSequential, got {type(model).__name__}; put it into one")
    layers = list(_flat(model, "layers"))
    return _Writer(nir, _step(layers, dt)).write(layers)


def _flat(model: SpikingSequential, name: str) -> Iterator[tuple[str, nn.Module]]:
    """Layers by name, those of networks inside in their place."""
    for k, layer in enumerate(model.layers):
        if isinstance(layer, SpikingSequential):
            yield from _flat(layer, f"{name}.{k}")
        else:
            yield f"{name}.{k}", layer


def _step(layers: list[tuple[str, nn.Module]], dt: float | None) -> float:
    """The one step of all layers."""
    inner = [layer.layer if isinstance(layer, SpikingRecurrent) else layer for _, layer in layers]
    steps = {layer.dt for layer in inner if isinstance(layer, Spiking)} | ({dt} if dt is not None else set())
    if len(steps) != 1:
        what = "have the steps " + ", ".join(f"{step:g}" for step in sorted(steps)) + " ms" if steps else "have no step"
        raise NeuroclError(f"to_nir: the layers {what}; a graph has one dt, for snnTorch's neurons tell it: dt=1.0")
    return float(steps.pop())


class _Writer:
    def __init__(self, nir: Any, dt: float) -> None:
        self.builder, self.dt = Builder(nir), dt

    def write(self, layers: list[tuple[str, nn.Module]]) -> Any:
        self.last, self.n = "", 0
        for k, (name, layer) in enumerate(layers):
            following = layers[k + 1][1] if k + 1 < len(layers) else None
            if isinstance(layer, nn.Identity):
                continue
            if isinstance(layer, nn.Linear):
                gain = np.ones(1) if following is None or isinstance(following, nn.Linear) else None
                if gain is None:
                    gain = self._neurons(layers[k + 1][0], following, layer.out_features)[1]
                self._enter(layer.in_features)
                self.last, self.n = self._linear(name, layer, gain, self.last), layer.out_features
            else:
                self._spiking(name, layer, after_linear=k > 0 and isinstance(layers[k - 1][1], nn.Linear))
        if not self.last:
            raise NeuroclError("to_nir: the model has no layers")
        self.builder.output(self.last, self.n)
        return self.builder.graph(graph_metadata(self.dt, "same step", [], ""))

    def _enter(self, n: int) -> None:
        """Begin with an Input of `n` values."""
        if not self.last:
            self.last, self.n = self.builder.add("input", self.builder.nir.Input({"input": np.array([n])})), n

    def _linear(self, name: str, layer: nn.Linear, gain: NDArray[np.float64], after: str) -> str:
        weight = _numbers(layer.weight) * gain[:, None]
        bias = None if layer.bias is None else _numbers(layer.bias) * gain
        return self.builder.weights(name, after, weight, bias)

    def _spiking(self, name: str, layer: nn.Module, after_linear: bool) -> None:
        neurons, gain = self._neurons(name, layer, self.n)
        self._enter(neurons.n)
        if not after_linear and (gain != 1).any():
            scale = self.builder.nir.Scale(np.array(np.broadcast_to(gain, neurons.n), dtype=np.float64))
            self.last = self.builder.add(f"{name}.gain", scale, self.last)
        self.last, self.n = self.builder.add(name, to_node(self.builder.nir, neurons, self.dt), self.last), neurons.n
        if isinstance(layer, SpikingRecurrent):
            if not isinstance(layer.connection, nn.Linear):
                kind = type(layer.connection).__name__
                raise NeuroclError(f"to_nir: layer '{name}': its connection is a {kind}; it must be a Linear")
            back = self._linear(f"{name}.connection", layer.connection, gain, name)
            self.builder.edges.append((back, name))

    def _neurons(self, name: str, layer: nn.Module | None, n: int) -> tuple[Neurons, NDArray[np.float64]]:
        """Neurons of a layer, and what NIR's input is for an input of 1."""
        if isinstance(layer, SpikingRecurrent):
            layer = layer.layer
        if isinstance(layer, Spiking):
            return _of_spiking(name, layer)
        if type(layer).__module__.startswith("snntorch."):
            return _of_snntorch(name, layer, n, self.dt)
        raise NeuroclError(
            f"to_nir: layer '{name}' is a {type(layer).__name__}; supported are Linear, Identity, Spiking,"
            " SpikingRecurrent, SpikingSequential, and snnTorch's Leaky and Synaptic"
        )


def _of_spiking(name: str, layer: Spiking) -> tuple[Neurons, NDArray[np.float64]]:
    plan = _present(layer)
    expressed = express(plan, layer.model)
    if layer.output != "spikes" and (plan.parsed.threshold is not None or layer.output != _membrane(expressed, layer)):
        raise NeuroclError(f"to_nir: layer '{name}': NIR cannot have '{layer.output}' as its output, only spikes or v")
    if np.any(expressed.bias):
        raise NeuroclError(f"to_nir: layer '{name}': its synapse has a constant input; give it as a Linear's bias")
    if layer.input in expressed.currents:
        return _held_for_a_step(expressed.neurons, layer.dt), expressed.currents[layer.input]
    if layer.input != expressed.target:
        raise NeuroclError(f"to_nir: layer '{name}': its input is '{layer.input}', NIR's input is '{expressed.target}'")
    return expressed.neurons, np.broadcast_to(expressed.factor, layer.n)


def _present(layer: Spiking) -> PopulationPlan:
    """The plan with the learned parameters as they are now."""
    parameters = dict(layer.plan.parameters)
    for name in layer.raw:
        parameters[name] = _numbers(layer.value(name))
    initial = {
        name: np.broadcast_to(_numbers(value) if isinstance(value, torch.Tensor) else value, layer.n).astype(np.float64)
        for name, value in layer.values.initial().items()
    }
    return replace(layer.plan, parameters=parameters, initial={**layer.plan.initial, **initial})


def _membrane(expressed: Expressed, layer: Spiking) -> str:
    """The state that is NIR's v: the one that spikes do not enter, where there are two."""
    others = [name for name in layer.plan.parsed.equations.states if name != expressed.target]
    return others[0] if others else expressed.target


def _held_for_a_step(neurons: Neurons, dt: float) -> Neurons:
    """The same numbers under Euler steps, for an input that is constant in a step; no synapse."""
    if neurons.integration == "euler" or not neurons.has_leak:
        return neurons
    tau = dt / -np.expm1(-dt / neurons.values["tau_mem"])
    return replace(neurons, integration="euler", values={**neurons.values, "tau_mem": tau})


def _of_snntorch(name: str, layer: Any, n: int, dt: float) -> tuple[Neurons, NDArray[np.float64]]:
    """snnTorch's Leaky: v <- beta v + x; Synaptic: i <- alpha i + x, v <- beta v + i."""
    kind = type(layer).__name__
    where = f"to_nir: layer '{name}', snnTorch's {kind}"
    if kind not in ("Leaky", "Synaptic"):
        raise NeuroclError(f"{where}: it is not supported; use Leaky, Synaptic or a SpikingRecurrent")
    if layer.inhibition or layer.state_quant or np.any(_numbers(layer.graded_spikes_factor) != 1):
        raise NeuroclError(f"{where}: NIR has no inhibition, quantised states or graded spikes")
    if layer.reset_mechanism == "none" or (layer.reset_mechanism == "zero" and kind == "Synaptic"):
        raise NeuroclError(f"{where}: NIR cannot express reset_mechanism='{layer.reset_mechanism}'")
    delayed = "subtract_delayed" if layer.reset_delay else "subtract"
    reset = "value" if layer.reset_mechanism == "zero" else delayed
    if not n:
        raise NeuroclError(f"{where}: put a Linear before it, its number of neurons is not told")
    tau_mem = _time_constant(where, "beta", layer.beta, dt)
    values = {"tau_mem": tau_mem, "r": np.ones(1), "v_leak": np.zeros(1), "v_reset": np.zeros(1)}
    values["v_th"] = np.atleast_1d(_numbers(layer.threshold))
    gain = tau_mem / dt
    if kind == "Synaptic":
        values |= {"tau_syn": _time_constant(where, "alpha", layer.alpha, dt), "w_in": np.ones(1)}
        gain = gain * values["tau_syn"] / dt
    neurons = Neurons("LIF" if kind == "Leaky" else "CubaLIF", n, values, "euler", reset)
    return neurons, np.broadcast_to(gain, n)


def _time_constant(where: str, name: str, decay: Any, dt: float) -> NDArray[np.float64]:
    """The time constant in ms with which Euler's decay 1 - dt / tau is `decay`."""
    value = np.atleast_1d(_numbers(decay))
    if not ((value > 0) & (value < 1)).all():
        raise NeuroclError(f"{where}: {name} must lie between 0 and 1, got {value.min():g} to {value.max():g}")
    return np.asarray(dt / (1 - value), dtype=np.float64)


def _numbers(value: Any) -> NDArray[np.float64]:
    return torch.as_tensor(value).detach().cpu().numpy().astype(np.float64)
