"""Spiking convolutional networks of HLOP layers, trained by differentiation on spike representation (DSR).

Block        3 x 3 convolution (padding 1, no bias) - batch norm - DSRLIF - 2 x 2 average pooling
Head         linear, without neurons; logits = rate of its output. Several heads have biases, a shared one has none
Time         [time, batch, channel, height, width]; the image is held as a constant current, so the first convolution is
             computed once. Batch norm takes time steps and samples together
Subspaces    learn from the patches of the rate of each layer's input, or of all its steps ("spikes")
Weights      convolutions N(0, 2 / (9 out)), head N(0, 0.01^2) with biases 0
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from neurocl.continual import FeedForward, Problem
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.hlop.layers import HLOPConv2d, HLOPLinear
from neurocl.hlop.methods import Method, find_method
from neurocl.hlop.network import finite_samples, rate_of_head
from neurocl.hlop.representation import rate

__all__ = ["ConvolutionalNetwork", "SpikingCNN"]

PIECE = 64
"""Samples that are evaluated at a time: all time steps of all maps are kept."""


class ConvolutionalNetwork(FeedForward):
    """Blocks of an `HLOPConv2d`, batch norm, neurons and pooling, and an `HLOPLinear` head; `SpikingCNN` makes it.

    Parameters
    ----------
    layers : the convolutions, then the head.
    norms : a BatchNorm2d for each convolution.
    method : `dsr`.
    """

    def __init__(self, layers: Sequence[nn.Module], norms: Sequence[nn.Module], method: Method) -> None:
        super().__init__(layers, [method.make_neuron() for _ in norms], method.n_steps)
        self.norms = nn.ModuleList(norms)
        self.method = method

    def forward(self, x: Tensor) -> Tensor:
        """Logits [batch, unit] of images [batch, channel, height, width]."""
        if not self.training and len(x) > PIECE:
            return torch.cat([self.training_logits(part) for part in x.split(PIECE)])
        return self.training_logits(x)

    def training_logits(self, x: Tensor) -> Tensor:
        """What the method's loss takes: logits [batch, unit]."""
        x, decay, from_rates = finite_samples("SpikingCNN", x), self.method.decay, self.method.learn_from == "rates"
        current = self.norms[0](self.layers[0](x)).expand(self.method.n_steps, *[-1] * x.ndim)
        s = _pooled(self.activations[0](current))
        for layer, norm, neuron in zip(self.layers[1:-1], self.norms[1:], self.activations[1:], strict=True):
            maps = layer(s, activity=rate(s.detach(), decay) if from_rates else None)
            s = _pooled(neuron(norm(maps.flatten(0, 1)).view_as(maps)))
        return rate_of_head(self.layers[-1], s.flatten(2), self.method)


@dataclass(frozen=True)
class SpikingCNN:
    """Description of a convolutional spiking network of HLOP layers; a model for `ContinualTrainer`.

    Parameters
    ----------
    channels : channels of each convolution; each block halves height and width.
    method : "dsr", or what `dsr` returns.

    Raises
    ------
    NeuroclError
        For an argument out of range; when it is made, if the images are too small.
    """

    channels: tuple[int, ...] = (64, 128, 256)
    method: str | Method = "dsr"

    def __post_init__(self) -> None:
        owner = "SpikingCNN"
        if not isinstance(self.channels, tuple | list) or not self.channels:
            raise NeuroclError(f"{owner}: channels must be a tuple such as (64, 128, 256), got {self.channels!r}.")
        sizes = tuple(whole_number(owner, "channels", size, at_least=1) for size in self.channels)
        object.__setattr__(self, "channels", sizes)
        method = find_method(self.method)
        if method.name != "dsr":
            raise NeuroclError(f"{owner}: method must be dsr, got {method.name!r}.")
        object.__setattr__(self, "method", method)

    def __call__(self, problem: Problem) -> ConvolutionalNetwork:
        """The network for a problem whose samples are [channel, height, width]."""
        shape, blocks = problem.sample_shape, len(self.channels)
        if problem.time_major or len(shape) != 3 or min(shape[1:]) < 2**blocks:
            raise NeuroclError(
                f"SpikingCNN: samples must be [channel, height, width] with sides of at least {2**blocks}, got {shape}."
            )
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((shape[0], *self.channels)):
            layers.append(HLOPConv2d(inputs, outputs, 3, padding=1, bias=False))
            nn.init.normal_(layers[-1].weight, std=math.sqrt(2.0 / (9 * outputs)))  # type: ignore[arg-type]
        n_maps = self.channels[-1] * math.prod(side >> blocks for side in shape[1:])
        head = HLOPLinear(n_maps, problem.n_units, bias=bool(problem.heads))
        nn.init.normal_(head.weight, std=0.01)
        if head.bias is not None:
            nn.init.zeros_(head.bias)
        norms = [nn.BatchNorm2d(channels) for channels in self.channels]
        assert isinstance(self.method, Method)
        return ConvolutionalNetwork([*layers, head], norms, self.method)


def _pooled(s: Tensor) -> Tensor:
    """Means over 2 x 2 places of [time, batch, channel, height, width]."""
    maps = nn.functional.avg_pool2d(s.flatten(0, 1), 2)
    return maps.view(*s.shape[:2], *maps.shape[1:])
