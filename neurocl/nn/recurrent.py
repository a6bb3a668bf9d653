"""A spiking layer whose spikes come back to it one step later.

Step         input_t + W s_{t-1} is delivered to the neurons, s_{t-1} their spikes of the step before
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError, shown
from neurocl.nn.sequences import check_tensor
from neurocl.nn.spiking import Spiking

__all__ = ["SpikingRecurrent"]

RecurrentState = namedtuple("RecurrentState", ["neurons", "spikes"])
"""State of the layer inside, and its spikes of the last step."""


class SpikingRecurrent(nn.Module):
    """A `Spiking` layer with recurrent connections.

    Parameters
    ----------
    layer : the neurons.
    connection : from spikes [batch, n] to input [batch, n]; None: ``torch.nn.Linear(n, n, bias=False)``.

    Raises
    ------
    NeuroclError
        If `layer` is no `Spiking`.
    """

    def __init__(self, layer: Spiking, connection: nn.Module | None = None) -> None:
        super().__init__()
        if not isinstance(layer, Spiking):
            raise NeuroclError(f"SpikingRecurrent: expected a Spiking layer, got {shown(layer)}")
        self.layer = layer
        one = layer.values.one
        self.connection = connection or nn.Linear(layer.n, layer.n, bias=False, device=one.device, dtype=one.dtype)

    def forward(self, input: Tensor, state: Any = None, n_steps: int | None = None) -> tuple[Tensor, Any]:
        """Run a sequence; see `Spiking.forward`."""
        layer = self.layer
        check_tensor(layer.where, "input", input, layer.n, layer.values.one, is_sequence=n_steps is None)
        inputs = input if n_steps is None else input.expand(n_steps, *input.shape)
        constants = layer.constants()
        if state is None:
            state = RecurrentState(layer.initial_state(*inputs.shape[1:-1]), torch.zeros_like(inputs[0]))
        outputs = []
        for x in inputs:
            state = RecurrentState(*self._step(x, state, constants))
            outputs.append(state.spikes)
        return torch.stack(outputs), state

    def step(self, input: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Run one step; see `Spiking.step`."""
        if state is None:
            state = RecurrentState(self.layer.initial_state(*input.shape[:-1]), torch.zeros_like(input))
        state = RecurrentState(*self._step(input, state, self.layer.constants()))
        return state.spikes, state

    def _step(self, x: Tensor, state: Any, constants: dict[str, Any]) -> tuple[Any, Tensor]:
        spikes, neurons = self.layer.step(x + self.connection(state.spikes), state.neurons, constants)
        return neurons, spikes
