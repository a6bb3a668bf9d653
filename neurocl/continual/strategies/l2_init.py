"""Regularisation towards the initial weights, from which the network is known to be able to learn.

Loss         L = L_t(theta) + lambda ||theta - theta_0||^2,   theta_0 the weights before the first experience
Defaults     lambda 1e-3
Source       Kumar, Marklund & Van Roy (2023), arXiv:2308.11958.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.importance import Tensors, trainable
from neurocl.core._checks import non_negative_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["L2Init"]


class L2Init(Plugin):
    """Penalty on the distance from the initial weights; it needs neither boundaries nor task labels.

    Parameters
    ----------
    strength : lambda.

    Attributes
    ----------
    initial : theta_0, by name.
    """

    state = ("initial",)

    def __init__(self, strength: float = 1e-3) -> None:
        self.strength = non_negative_number("L2Init", "strength", strength)

    def before_training(self, strategy: Strategy) -> None:
        """The initial weights are kept."""
        self.initial: Tensors = trainable(strategy.model)

    def penalty(self, strategy: Strategy) -> Tensor:
        """What is added to the loss, a number."""
        parameters = dict(strategy.model.named_parameters())
        distances = [(parameters[name] - there).square().sum() for name, there in self.initial.items()]
        return self.strength * torch.stack(distances).sum()

    def before_backward(self, strategy: Strategy) -> None:
        """Add the penalty."""
        if self.strength > 0.0:
            strategy.loss = strategy.loss + self.penalty(strategy)
