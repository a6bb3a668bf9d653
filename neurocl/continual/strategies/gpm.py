"""Gradient projection memory: steps are orthogonal to the inputs that earlier tasks used.

Memory       per layer an orthonormal basis M of the inputs of 300 training samples, extended after each task until it
             holds the fraction eps of their power (see `gpm_basis`)
Update       gradient <- gradient - gradient M M', gradient [out, fan-in]; biases are not trained after the first task.
             The output layer of a problem with several heads is not projected: each head belongs to one task
Step         the change that the optimiser makes is projected, too: for plain SGD that changes nothing, and with any
             other optimiser the change stays orthogonal to the memory
Defaults     eps 0.95 for the first layer, 0.99 for the others
Source       Saha, Garg & Roy (2021), ICLR.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.continual.experience import Batch
from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.gpm_basis import extend_basis, project_out
from neurocl.continual.strategies.memory import random_batch
from neurocl.continual.strategies.weight_layers import WeightLayer, input_rows, watch_inputs, weight_layers
from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["GPM"]


class GPM(Plugin):
    """Gradient projection memory.

    Parameters
    ----------
    threshold : eps, for all layers or for each; the last entry holds for all further layers.
    n_samples : training samples whose inputs are collected after each experience.
    first_basis : "reaches" eps (the published text): the smallest that holds at least eps of the first task's power; or
        stays "below" it (the published code), by one vector less. Those of later tasks reach it always.

    Attributes
    ----------
    layers : the weight layers that are projected.
    bases : orthonormal basis [fan-in, r] of each of them, float64; empty before the end of the first experience.
    """

    state = ("bases",)
    needs_boundaries = True

    def __init__(
        self,
        threshold: float | Sequence[float] = (0.95, 0.99),
        n_samples: int = 300,
        first_basis: Literal["reaches", "below"] = "reaches",
    ) -> None:
        values = [threshold] if isinstance(threshold, float | Real) else list(threshold)
        if not values:
            raise NeuroclError("GPM: threshold must hold at least one number, got an empty sequence.")
        self.threshold = [probability("GPM", "threshold", value) for value in values]
        self.n_samples = whole_number("GPM", "n_samples", n_samples, at_least=1)
        if first_basis not in ("reaches", "below"):
            raise NeuroclError(f"GPM: first_basis must be 'reaches' or 'below', got {shown(first_basis)}.")
        self.first_basis = first_basis

    def before_training(self, strategy: Strategy) -> None:
        """Nothing is protected."""
        found = weight_layers(strategy.model, "GPM")
        self._weights = {id(layer.weight) for layer in found}
        self.layers: list[WeightLayer] = found[:-1] if strategy.problem.heads else found
        self.bases: list[Tensor] = []

    @torch.no_grad()
    def after_backward(self, strategy: Strategy) -> None:
        """Project the gradients; leave biases alone."""
        if not self.bases:
            return
        for p in strategy.model.parameters():
            if id(p) not in self._weights:
                p.grad = None
        for layer, basis in zip(self.layers, self.bases, strict=True):
            if layer.weight.grad is not None:
                layer.weight.grad = _projected(layer.weight.grad, basis)

    @torch.no_grad()
    def before_update(self, strategy: Strategy) -> None:
        """Note the weights."""
        if self.bases:
            self._before = [layer.weight.detach().clone() for layer in self.layers]

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Project the step."""
        if self.bases:
            for layer, before, basis in zip(self.layers, self._before, self.bases, strict=True):
                layer.weight.copy_(before + _projected(layer.weight - before, basis))

    def after_training_exp(self, strategy: Strategy) -> None:
        """Extend the bases by the inputs of this experience."""
        batch = random_batch(strategy, strategy.experience, self.n_samples)
        inputs = layer_inputs(strategy.model, self.layers, batch)
        old: list[Tensor | None] = list(self.bases) or [None] * len(self.layers)
        last, crosses = len(self.threshold) - 1, self.first_basis == "reaches"
        self.bases = [
            extend_basis(basis, input_rows(layer, x).T, self.threshold[min(index, last)], crosses)
            for index, (layer, x, basis) in enumerate(zip(self.layers, inputs, old, strict=True))
        ]


def _projected(change: Tensor, basis: Tensor) -> Tensor:
    return project_out(change.flatten(1), basis).view_as(change)


@torch.no_grad()
def layer_inputs(model: nn.Module, layers: list[WeightLayer], batch: Batch) -> list[Tensor]:
    """Input of each layer for a batch, in evaluation mode."""
    found: dict[int, Tensor] = {}
    with evaluation_mode(model), watch_inputs(layers, lambda index, x: found.__setitem__(index, x)):
        model(batch.x)
    return [found[index] for index in range(len(layers))]
