"""The layers with weights of a network, what goes into them, and the units between them.

A weight layer is a Linear or a Conv2d. Layers are taken in the order in which the modules are registered; the hidden
units of layer l are what layer l + 1 reads, so that any activation, pooling or spiking layer may lie between.
Of a convolution the units are its channels. Rows of input are samples (and time steps) for Linear, patches for Conv2d.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from neurocl.core.errors import NeuroclError

__all__ = ["HiddenLayer", "hidden_layers", "input_rows", "patches", "watch_inputs", "weight_layers"]

WeightLayer = nn.Linear | nn.Conv2d


def weight_layers(model: nn.Module, owner: str = "strategy") -> list[WeightLayer]:
    """All Linear and Conv2d layers, in order; NeuroclError if there is none or a convolution is of another kind."""
    layers: list[WeightLayer] = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    if not layers:
        raise NeuroclError(f"{owner}: the model needs at least one Linear or Conv2d layer, it has none.")
    for layer in layers:
        if not isinstance(layer, nn.Conv2d):
            continue
        if layer.groups != 1 or isinstance(layer.padding, str) or layer.padding_mode != "zeros":
            raise NeuroclError(f"{owner}: Conv2d layers must have groups=1 and a padding of zeros given as numbers.")
    return layers


@contextmanager
def watch_inputs(layers: list[WeightLayer], see: Callable[[int, Tensor], Tensor | None]) -> Iterator[None]:
    """While active, call ``see(index, input)`` before each layer; a returned tensor takes the input's place."""

    def hook(index: int) -> Callable[..., Any]:
        def before(module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
            changed = see(index, inputs[0])
            return None if changed is None else (changed,)

        return before

    handles = [layer.register_forward_pre_hook(hook(k)) for k, layer in enumerate(layers)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def input_rows(layer: WeightLayer, x: Tensor) -> Tensor:
    """Inputs as rows [row, fan-in], so that the layer is rows @ W' with W [out, fan-in]."""
    if isinstance(layer, nn.Linear):
        return x.reshape(-1, layer.in_features)
    found = patches(layer, x)
    return found.transpose(1, 2).reshape(-1, found.shape[1])


def patches(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """What a convolution sees at each place, [sample, fan-in, place]."""
    padding: Any = layer.padding
    return functional.unfold(x, layer.kernel_size, layer.dilation, padding, layer.stride)


@dataclass(frozen=True)
class HiddenLayer:
    """Units between two weight layers.

    Attributes
    ----------
    incoming, outgoing : the layers before and after.
    n : number of units.
    """

    incoming: WeightLayer
    outgoing: WeightLayer
    n: int

    def activity(self, x: Tensor) -> Tensor:
        """The outgoing layer's input as [sample, unit, place]; a Linear layer without maps has one place."""
        if isinstance(self.outgoing, nn.Conv2d):
            return x.flatten(2)
        return x.reshape(-1, self.n, self.outgoing.in_features // self.n)

    def outgoing_weights(self) -> Tensor:
        """View [out, unit, weight] of the outgoing layer's weights."""
        return self.outgoing.weight.view(self.outgoing.weight.shape[0], self.n, -1)

    def incoming_weights(self) -> Tensor:
        """View [unit, weight] of the incoming layer's weights."""
        return self.incoming.weight.view(self.n, -1)


def hidden_layers(model: nn.Module, owner: str = "strategy") -> list[HiddenLayer]:
    """The hidden layers of a chain of weight layers.

    Raises
    ------
    NeuroclError
        If the layers' sizes show that the model is no chain.
    """
    layers = weight_layers(model, owner)
    found = []
    for before, after in pairwise(layers):
        n = before.weight.shape[0]
        fan = after.weight.shape[1]
        if fan % n or (isinstance(after, nn.Conv2d) and fan != n):
            raise NeuroclError(
                f"{owner}: the model must be a chain of layers; one has {n} units, the next reads {fan}."
            )
        found.append(HiddenLayer(before, after, n))
    return found
