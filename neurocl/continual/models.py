"""Networks that strategies train: descriptions that make a `FeedForward` for a problem.

A strategy may rely on this structure alone: weight layers and, between them, hidden activations. The outputs are raw
logits of all units; which of them compete is decided by the strategy.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn

from neurocl.continual.experience import Problem
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.model import NeuronModel

__all__ = ["CNN", "MLP", "Activation", "FeedForward", "Model", "SpikingMLP", "activation_maker"]

Model = Callable[[Problem], nn.Module]
"""A description of a network, called once for each run, under the run's seed."""

Activation = str | nn.Module | type[nn.Module] | Callable[[int], nn.Module]
"""Of hidden layers: "relu", "tanh" or "gelu"; a module, of which each layer gets a copy; a class of modules that can be
made without arguments; or another function, which makes a module from the layer's number of units (or channels)."""


class FeedForward(nn.Module):
    """Weight layers with hidden activations between them.

    Parameters
    ----------
    layers : L weight layers (Linear or Conv2d).
    activations : L - 1 modules; number l gets what layer l gives. They may pool.
    n_steps : time steps for which a static input is held; none: the network has no time.
    time_major : whether the input is [time, sample, ...]; only a network with time takes it.

    Notes
    -----
    Where a Linear follows a Conv2d, its input is flattened with the channel as the slowest index. A network with time
    runs every layer over the whole sequence; its logits are the mean over time of the last layer's output.
    """

    def __init__(
        self,
        layers: Sequence[nn.Module],
        activations: Sequence[nn.Module],
        n_steps: int | None = None,
        time_major: bool = False,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.activations = nn.ModuleList(activations)
        self.n_steps, self.time_major = n_steps, time_major

    @property
    def has_time(self) -> bool:
        """Whether activity is [time, sample, ...]."""
        return self.time_major or self.n_steps is not None

    def forward(self, x: Tensor) -> Tensor:
        """Logits [sample, unit]."""
        if self.n_steps is not None and not self.time_major:
            # A constant input gives a constant current: the first layer is computed once.
            current = self.layers[0](self._shaped(x, 0))
            h = self.activations[0](current.expand(self.n_steps, *current.shape))
            first = 1
        else:
            h, first = x, 0
        for index in range(first, len(self.layers)):
            h = self.layers[index](self._shaped(h, index))
            if index < len(self.activations):
                h = self.activations[index](h)
        return h.mean(0) if self.has_time else h

    def _shaped(self, h: Tensor, index: int) -> Tensor:
        """`h` as layer `index` takes it: flat for a Linear."""
        if not isinstance(self.layers[index], nn.Linear):
            return h
        start = 1 + int(self.time_major or (self.n_steps is not None and index > 0))
        return h if h.ndim == start + 1 else h.flatten(start)


@dataclass(frozen=True)
class MLP:
    """Fully connected network.

    Parameters
    ----------
    hidden : units of each hidden layer; none: a linear classifier.
    activation : "relu", "tanh", "gelu", a module (each layer gets a copy), a class of modules, or a function that makes
        a module from the number of units.
    bias : whether layers have biases.
    init : "torch" (Kaiming uniform with a = sqrt 5, PyTorch's default) or "kaiming" (Kaiming uniform for ReLU, biases
        0).
    """

    hidden: tuple[int, ...] = (100, 100)
    activation: Activation = "relu"
    bias: bool = True
    init: Literal["torch", "kaiming"] = "torch"

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", _sizes("MLP", self.hidden))
        activation_maker(self.activation)
        if self.init not in ("torch", "kaiming"):
            raise NeuroclError(f"MLP: init must be 'torch' or 'kaiming', got {self.init!r}")

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem."""
        _refuse_time("MLP", problem)
        sizes = (math.prod(problem.sample_shape), *self.hidden, problem.n_units)
        layers = [nn.Linear(a, b, bias=self.bias) for a, b in pairwise(sizes)]
        if self.init == "kaiming":
            for layer in layers:
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        make = activation_maker(self.activation)
        return FeedForward(layers, [make(n) for n in self.hidden])


@dataclass(frozen=True)
class CNN:
    """Convolutional network: per entry of `channels` a 3 x 3 convolution, an activation and 2 x 2 max-pooling; then an
    MLP.

    Parameters
    ----------
    channels : channels of each convolution, at least one.
    hidden : units of each fully connected hidden layer.
    activation : as in `MLP`; a function gets the number of channels. To ASH, Hard ASH and k-winners, all channels at
        all places of a sample are the units of one layer.
    """

    channels: tuple[int, ...] = (16, 32)
    hidden: tuple[int, ...] = (100,)
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        for name in ("channels", "hidden"):
            object.__setattr__(self, name, _sizes("CNN", getattr(self, name), name))
        if not self.channels:
            raise NeuroclError("CNN: channels must name at least one convolution, got (); use MLP for none")
        activation_maker(self.activation)

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem whose samples are [channel, height, width] or [height, width]."""
        _refuse_time("CNN", problem)
        shape = problem.sample_shape
        if len(shape) not in (2, 3) or min(shape[-2:]) < 2 ** len(self.channels):
            raise NeuroclError(
                f"CNN: samples must be [channel, height, width] or [height, width] with sides of at least"
                f" {2 ** len(self.channels)}, got {shape}"
            )
        image = (1, *shape) if len(shape) == 2 else shape
        make = activation_maker(self.activation)
        counts = (image[0], *self.channels)
        layers: list[nn.Module] = [nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(counts)]
        activations: list[nn.Module] = [nn.Sequential(make(n), nn.MaxPool2d(2)) for n in self.channels]
        height, width = (side >> len(self.channels) for side in image[1:])
        sizes = (self.channels[-1] * height * width, *self.hidden, problem.n_units)
        layers += [nn.Linear(a, b) for a, b in pairwise(sizes)]
        activations += [make(n) for n in self.hidden]
        return _Images(layers, activations, image)


class _Images(FeedForward):
    """A `FeedForward` whose samples are seen as images."""

    def __init__(self, layers: Sequence[nn.Module], activations: Sequence[nn.Module], image: tuple[int, ...]) -> None:
        super().__init__(layers, activations)
        self.image = image

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.reshape(-1, *self.image))


@dataclass(frozen=True)
class SpikingMLP:
    """Fully connected network of spiking neurons; the logits are the mean over time of a linear readout.

    Parameters
    ----------
    model : a neuron model, for instance ``ncl.models.Leaky``.
    hidden : neurons of each hidden layer, at least one layer.
    n_steps : time steps for which a static sample is held; spike trains bring their own.
    """

    model: NeuronModel
    hidden: tuple[int, ...] = (100,)
    n_steps: int = 10

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", _sizes("SpikingMLP", self.hidden))
        if not self.hidden:
            raise NeuroclError("SpikingMLP: hidden must name at least one layer, got (); use MLP for none")
        whole_number("SpikingMLP", "n_steps", self.n_steps, at_least=1)

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem with static samples or with spike trains."""
        from neurocl.nn import Spiking

        sizes = (math.prod(problem.sample_shape), *self.hidden, problem.n_units)
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        spiking = [_Spikes(Spiking(self.model, n)) for n in self.hidden]
        return FeedForward(layers, spiking, self.n_steps, problem.time_major)


class _Spikes(nn.Module):
    """A spiking layer that begins every sequence in its initial state and returns only the spikes."""

    def __init__(self, spiking: nn.Module) -> None:
        super().__init__()
        self.spiking = spiking

    def forward(self, current: Tensor) -> Tensor:
        spikes: Tensor = self.spiking(current)[0]
        return spikes


_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}


def activation_maker(activation: Activation) -> Callable[[int], nn.Module]:
    """What makes a hidden layer's activation from its number of units; NeuroclError if `activation` is none."""
    kind = _ACTIVATIONS.get(activation) if isinstance(activation, str) else activation
    if isinstance(kind, nn.Module):
        return lambda units: copy.deepcopy(kind)
    if isinstance(kind, type) and _can_be_made_without_arguments(kind):
        return lambda units: kind()
    if not callable(kind):
        known = ", ".join(_ACTIVATIONS)
        raise NeuroclError(
            f"activation must be one of {known}, a module, or a function of the units, got {shown(activation)}"
        )
    return kind


def _can_be_made_without_arguments(kind: type) -> bool:
    try:
        inspect.signature(kind).bind()
    except TypeError:
        return False
    return True


def _sizes(owner: str, sizes: Sequence[int], name: str = "hidden") -> tuple[int, ...]:
    if isinstance(sizes, int | str):
        raise NeuroclError(f"{owner}: {name} must be a tuple of sizes such as (100, 100), got {sizes!r}")
    return tuple(whole_number(owner, name, size, at_least=1) for size in sizes)


def _refuse_time(owner: str, problem: Problem) -> None:
    if problem.time_major:
        raise NeuroclError(
            f"{owner} takes static samples, and these are spike trains [time, sample, ...]; use SpikingMLP"
        )
