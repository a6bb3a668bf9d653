"""ReDo: units that have fallen silent begin anew.

Score        s_j = E|h_j| / (mean over the layer's units of E|h|), on the last batch; dormant if s_j <= tau
Recycling    every F updates; input weights are drawn anew (Xavier uniform), bias 0, outgoing weights 0, moments and
             step counts of the optimiser 0
Defaults     tau 0.025, F 1000
Source       Sokar, Agarwal, Castro & Evci (2023), ICML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from neurocl.continual.strategies.elementwise_adam import count_steps_of_each_weight
from neurocl.continual.strategies.input_watch import InputWatch
from neurocl.continual.strategies.unit_utility import dormancy, recycle
from neurocl.continual.strategies.weight_layers import HiddenLayer, hidden_layers
from neurocl.core._checks import non_negative_number, whole_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["ReDo"]


class ReDo(InputWatch):
    """Recycling of dormant units; it needs neither boundaries nor task labels.

    Parameters
    ----------
    threshold : tau; 0: only dead units.
    every : F, updates from one check to the next.

    Attributes
    ----------
    n_recycled : units recycled so far.

    Notes
    -----
    ``optimizer="adam"`` becomes `ElementwiseAdam`, whose step counts are reset with the moments. An optimizer made by
    your own function is left as it is: only what has the shape of the weights is reset. ``torch.optim.Adam`` counts
    steps per tensor; use ``optimizer=lambda p: ElementwiseAdam(p, lr)`` instead.
    """

    state = ("n_recycled",)

    def __init__(self, threshold: float = 0.025, every: int = 1000) -> None:
        self.threshold = non_negative_number("ReDo", "threshold", threshold)
        self.every = whole_number("ReDo", "every", every, at_least=1)

    def before_training(self, strategy: Strategy) -> None:
        """No unit was recycled."""
        super().before_training(strategy)
        count_steps_of_each_weight(strategy)
        self.hidden: list[HiddenLayer] = hidden_layers(strategy.model, "ReDo")
        self.n_recycled = 0

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Recycle what is dormant, if it is time."""
        if strategy.step_count % self.every:
            return
        # All scores are of the same pass, before any layer is changed.
        scores = [dormancy(layer.activity(self.inputs[index + 1])) for index, layer in enumerate(self.hidden)]
        for layer, score in zip(self.hidden, scores, strict=True):
            units = torch.nonzero(score <= self.threshold).flatten()
            recycle(layer, units, strategy.generator, strategy.optimizer, init="xavier")
            self.n_recycled += len(units)
