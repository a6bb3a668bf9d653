"""Networks of layers: each runs over the whole sequence before the next begins; matrix products are for all steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.nn.recurrent import SpikingRecurrent
from neurocl.nn.sequences import unroll
from neurocl.nn.spiking import Spiking

__all__ = ["SpikingSequential"]


class SpikingSequential(nn.Module):
    """Layers one after the other, spiking and ordinary ones in any order.

    A spiking layer (`Spiking`, `SpikingRecurrent`, a neuron of snnTorch made with ``init_hidden=False``, another
    `SpikingSequential`) runs through time with a state. Any other module (Linear, Conv2d, Flatten, ...) is applied to
    all steps at once, as to one batch of time * batch samples.

    Parameters
    ----------
    *layers : modules.

    Raises
    ------
    NeuroclError
        If something is no module, or a snnTorch neuron hides its state.

    Examples
    --------
    >>> model = SpikingSequential(                                           # doctest: +SKIP
    ...     torch.nn.Linear(784, 100), Spiking(models.Leaky, 100),
    ...     torch.nn.Linear(100, 10), snntorch.Leaky(beta=0.9),
    ... )
    >>> spikes, state = model(x)                # x [time, batch, 784]       # doctest: +SKIP
    >>> spikes, state = model(x, n_steps=25)    # x [batch, 784], constant   # doctest: +SKIP
    """

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        for k, layer in enumerate(layers):
            if not isinstance(layer, nn.Module):
                raise NeuroclError(f"SpikingSequential: layer {k} must be a torch module, got {shown(layer)}")
            if _is_snntorch(layer) and getattr(layer, "init_hidden", False):
                raise NeuroclError(
                    f"SpikingSequential: layer {k}, snnTorch's {type(layer).__name__}, hides its state; make it with"
                    " init_hidden=False"
                )
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor, state: Any = None, n_steps: int | None = None) -> tuple[Tensor, Any]:
        """Run a sequence.

        Parameters
        ----------
        x : [time, batch, ...]; or, with `n_steps`, [batch, ...] that is held for so many steps. What comes before the
            first spiking layer is then computed once: a BatchNorm sees each sample once, a Dropout draws once.
        state : what a call returned before; None: the initial state.
        n_steps : number of steps of a constant input.

        Returns
        -------
        output of the last layer [time, batch, ...], and the state: a tuple with one entry per layer
        """
        if n_steps is not None:
            whole_number("SpikingSequential", "n_steps", n_steps, at_least=1)
        states = (None,) * len(self.layers) if state is None else state
        if not isinstance(states, tuple) or len(states) != len(self.layers):
            raise NeuroclError(
                f"SpikingSequential: state must be what the model returned, a tuple with one entry for each of its"
                f" {len(self.layers)} layers, got {shown(state)}"
            )
        after: list[Any] = []
        for layer, before in zip(self.layers, states, strict=True):
            if isinstance(layer, Spiking | SpikingRecurrent | SpikingSequential):
                x, before = layer(x, before, n_steps)
                n_steps = None
            elif _is_snntorch(layer):
                x, before = _run_snntorch(layer, x if n_steps is None else x.expand(n_steps, *x.shape), before)
                n_steps = None
            else:
                x = layer(x) if n_steps is not None else layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
            after.append(before)
        return (x if n_steps is None else x.expand(n_steps, *x.shape)), tuple(after)


def _is_snntorch(layer: nn.Module) -> bool:
    """Whether it is a neuron of snnTorch; that package is not imported for the question."""
    return type(layer).__module__.startswith("snntorch.") and hasattr(layer, "reset_mem")


def _run_snntorch(neuron: nn.Module, x: Tensor, state: tuple[Tensor, ...] | None) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Loop over time; the state is passed in and out, whatever the module remembers."""
    if state is None:
        reset: Any = neuron.reset_mem
        found = reset()
        state = found if isinstance(found, tuple) else (found,)
        state = tuple(torch.zeros_like(part) for part in state)
    n_states = len(state)

    def step(now: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        out = neuron(now, *before)
        # A recurrent neuron (RLeaky, RSynaptic) has its last spikes among its states.
        return out[0], (tuple(out) if len(out) == n_states else tuple(out[1:]))

    return unroll(step, x, state)
