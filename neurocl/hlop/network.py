"""Spiking multilayer networks of HLOP layers, trained by one of the three methods.

A static sample x is held as a constant input current for T steps: the first layer is computed once. Between the layers
everything is time-major, [time, batch, neuron]. The head has no neurons.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from neurocl.continual import FeedForward, Problem
from neurocl.core._checks import flag, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.hlop.layers import FEEDBACKS, HLOPLinear
from neurocl.hlop.methods import Method, find_method
from neurocl.hlop.representation import rate
from neurocl.hlop.surrogate import OnlineState

__all__ = ["SpikingMLP", "SpikingNetwork", "finite_samples", "rate_of_head"]


_PART = 128
"""Samples that are tested together: the activity of a layer over all time steps then stays in the cache."""


class SpikingNetwork(FeedForward):
    """HLOP layers with spiking neurons between them; `SpikingMLP` makes it.

    Parameters
    ----------
    layers : L `HLOPLinear` layers, the last of them the head.
    method : of training; its neurons follow every layer but the head.

    Attributes
    ----------
    layers, activations : modules, as of `FeedForward`.
    method : as given.
    """

    def __init__(self, layers: Sequence[nn.Module], method: Method) -> None:
        super().__init__(layers, [method.make_neuron() for _ in layers[1:]], method.n_steps)
        self.method = method

    @property
    def needs_steps_through_time(self) -> bool:
        """Whether the loss is taken at every time step (ottt), as `ContinualTrainer` does and `Strategy` does not."""
        return self.method.name == "ottt"

    def forward(self, x: Tensor) -> Tensor:
        """Logits [batch, unit] of samples [batch, ...]: the rate, or the mean over time, of the head's output."""
        if not self.training and len(x) > _PART:
            return torch.cat([self(part) for part in x.split(_PART)])
        logits = self.training_logits(x)
        return logits if logits.ndim == 2 else logits.mean(0)

    def training_logits(self, x: Tensor) -> Tensor:
        """What the method's loss takes: logits [batch, unit], with ottt those of every step [time, batch, unit]."""
        x = finite_samples("SpikingMLP", x).flatten(1)
        if self.method.name == "ottt":
            logits, _ = self._online(x, self.method.n_steps, None)
            return logits
        return self._through_layers(x)

    def time_steps(self, x: Tensor) -> Iterator[Tensor]:
        """Logits [1, batch, unit] of one step after the other (ottt): weights may change between them."""
        states: list[OnlineState | None] | None = None
        x = finite_samples("SpikingMLP", x).flatten(1)
        for _ in range(self.method.n_steps):
            logits, states = self._online(x, 1, states)
            yield logits

    def _through_layers(self, x: Tensor) -> Tensor:
        """dsr and bptt."""
        decay, from_rates, n_steps = self.method.decay, self.method.learn_from == "rates", self.method.n_steps
        s: Tensor = self.activations[0](self.layers[0](x).expand(n_steps, -1, -1))
        for layer, neuron in zip(self.layers[1:-1], self.activations[1:], strict=True):
            s = neuron(layer(s, activity=rate(s.detach(), decay) if from_rates else None))
        return rate_of_head(self.layers[-1], s, self.method)

    def _online(
        self, x: Tensor, n_steps: int, states: list[OnlineState | None] | None
    ) -> tuple[Tensor, list[OnlineState | None]]:
        """Logits [time, batch, unit] of the next steps, and the states after them."""
        before = states or [None] * len(self.activations)
        after: list[OnlineState | None] = []
        from_rates = self.method.learn_from == "rates"
        current = self.layers[0](x, calls=1 if from_rates else n_steps).expand(n_steps, -1, -1)
        for layer, neuron, state in zip(self.layers[1:], self.activations, before, strict=True):
            spikes, traces, state = neuron(current, state)
            after.append(state)
            current = layer(spikes, trace=traces, activity=traces.mean(0) if from_rates else None)
        return current, after


def finite_samples(owner: str, x: Tensor) -> Tensor:
    """`x`; NeuroclError if it holds NaN, of which spiking neurons make silence, or infinite values."""
    if not bool(torch.isfinite(x).all()):
        raise NeuroclError(f"{owner}: the samples hold NaN or infinite values; give finite numbers.")
    return x


def rate_of_head(head: Any, s: Tensor, method: Method) -> Tensor:
    """Logits [batch, unit]: the rate of the output of an `HLOPLinear` for spikes s [time, batch, n] (dsr and bptt)."""
    from_rates, z = method.learn_from == "rates", rate(s, method.decay)
    # The head is linear, and so is its projection unless lateral neurons spike: the rate goes through it once.
    if head.subspace is None or head.subspace.rule.code is None:
        logits: Tensor = head(z, activity=None if from_rates else s.detach())
        return logits
    return rate(head(s, activity=z.detach() if from_rates else None), method.decay)


@dataclass(frozen=True)
class SpikingMLP:
    """Description of a fully connected spiking network of HLOP layers; a model for `continual.Strategy`.

    Parameters
    ----------
    hidden : neurons of each hidden layer, at least one layer.
    method : "dsr", "bptt", "ottt", or what these functions return.
    bias : whether all layers have biases. Default False, as in the published network; the heads of a problem with
        several have them always.
    feedback : "backprop", "alignment" or "sign", see `HLOPLinear`.

    Raises
    ------
    NeuroclError
        For an argument out of range.

    Examples
    --------
    >>> network = SpikingMLP((50,), method="bptt").build(64, 10, seed=0)
    >>> network(torch.zeros(2, 64)).shape
    torch.Size([2, 10])
    """

    hidden: tuple[int, ...] = (800, 800)
    method: str | Method = "dsr"
    bias: bool = False
    feedback: str = "backprop"

    def __post_init__(self) -> None:
        owner = "SpikingMLP"
        hidden: Any = self.hidden
        if not isinstance(hidden, tuple | list) or not hidden:
            raise NeuroclError(f"{owner}: hidden must be a tuple of sizes such as (800, 800), got {hidden!r}.")
        sizes = tuple(whole_number(owner, "hidden", size, at_least=1) for size in hidden)
        object.__setattr__(self, "hidden", sizes)
        object.__setattr__(self, "method", find_method(self.method))
        flag(owner, "bias", self.bias)
        if self.feedback not in FEEDBACKS:
            raise NeuroclError(f"{owner}: feedback must be one of {', '.join(FEEDBACKS)}, got {self.feedback!r}.")

    def __call__(self, problem: Problem) -> SpikingNetwork:
        """The network for a problem with static samples; weights uniform in [-1/sqrt(n), 1/sqrt(n)]."""
        if problem.time_major:
            raise NeuroclError("SpikingMLP of neurocl.hlop takes static samples, and these are spike trains.")
        return self._made(math.prod(problem.sample_shape), problem.n_units, bool(problem.heads))

    def build(self, n_inputs: int, n_outputs: int, seed: int = 0) -> SpikingNetwork:
        """The network for so many inputs and outputs, with weights drawn from the seed."""
        whole_number("SpikingMLP", "n_inputs", n_inputs, at_least=1)
        whole_number("SpikingMLP", "n_outputs", n_outputs, at_least=1)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self._made(n_inputs, n_outputs, False)

    def _made(self, n_inputs: int, n_outputs: int, has_heads: bool) -> SpikingNetwork:
        biases = (*[self.bias] * len(self.hidden), self.bias or has_heads)
        sizes = pairwise((n_inputs, *self.hidden, n_outputs))
        layers = [HLOPLinear(a, b, bias, feedback=self.feedback) for (a, b), bias in zip(sizes, biases, strict=True)]
        assert isinstance(self.method, Method)
        return SpikingNetwork(layers, self.method)
