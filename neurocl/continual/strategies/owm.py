"""Orthogonal weight modification: gradients are multiplied by a projector that shrinks along inputs already used.

Projector    per layer P [fan-in, fan-in], see `owm_projector`; every mini-batch, r the mean of the layer's inputs
Update       gradient <- gradient P, gradient [out, fan-in]; biases are not trained
Loss         L = CE + norm_penalty sum_l ||W_l||, norms not squared
Defaults     alpha 1, alpha_0 1, norm_penalty 1e-3; made for plain SGD with large learning rates (3.0 in the reference)
Note         P shrinks already during the first task; no boundaries are needed
Source       Zeng, Chen, Cui & Yu (2019), Nature Machine Intelligence 1:364; constants of the authors' code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.strategies.input_watch import InputWatch
from neurocl.continual.strategies.owm_projector import initial_projector, shrink
from neurocl.continual.strategies.weight_layers import input_rows
from neurocl.core._checks import non_negative_number, positive_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["OWM"]


class OWM(InputWatch):
    """Orthogonal weight modification.

    Parameters
    ----------
    alpha : regularisation of each update of P, > 0: the larger, the slower P shrinks.
    alpha_0 : P begins as I / alpha_0.
    norm_penalty : weight of the norms in the loss.

    Attributes
    ----------
    projectors : P of each weight layer.
    """

    state = ("projectors",)

    def __init__(self, alpha: float = 1.0, alpha_0: float = 1.0, norm_penalty: float = 1e-3) -> None:
        self.alpha = positive_number("OWM", "alpha", alpha)
        self.alpha_0 = positive_number("OWM", "alpha_0", alpha_0)
        self.norm_penalty = non_negative_number("OWM", "norm_penalty", norm_penalty)

    def before_training(self, strategy: Strategy) -> None:
        """Every direction is free."""
        super().before_training(strategy)
        weights = [layer.weight.detach() for layer in self.layers]
        self.projectors: list[Tensor] = [initial_projector(weight, self.alpha_0) for weight in weights]

    def before_backward(self, strategy: Strategy) -> None:
        """Add the penalty on the norms."""
        if self.norm_penalty > 0.0:
            norms = torch.stack([layer.weight.norm() for layer in self.layers]).sum()
            strategy.loss = strategy.loss + self.norm_penalty * norms

    @torch.no_grad()
    def after_backward(self, strategy: Strategy) -> None:
        """Shrink the projectors along the batch's mean inputs, then project the gradients."""
        weights = {id(layer.weight) for layer in self.layers}
        for p in strategy.model.parameters():
            if id(p) not in weights:
                p.grad = None
        for index, (layer, x) in enumerate(zip(self.layers, self.inputs, strict=True)):
            self.projectors[index] = shrink(self.projectors[index], input_rows(layer, x).mean(0), self.alpha)
            grad = layer.weight.grad
            if grad is not None:
                layer.weight.grad = (grad.flatten(1) @ self.projectors[index]).view_as(grad)
