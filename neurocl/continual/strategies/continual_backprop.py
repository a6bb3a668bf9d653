"""Continual backpropagation: a few of the least useful hidden units are replaced all the time.

Utility      see `unit_utility`; running means with decay eta, corrected for their start
Replacement  after every update, in each hidden layer, rho times the number of units older than the maturity m, those
             of the lowest utility; fractions add up ("accumulate") or are drawn ("bernoulli")
Defaults     rho 1e-4, m 100, eta 0.99, adaptable contribution
Bias         the next layer's bias takes over what the unit gave on average. ``reference_bias_bug=True`` leaves that
             out, as the authors' code for fully connected networks does, which sets the mean to 0 first
Source       Dohare et al. (2024), Nature 632:768.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.strategies.elementwise_adam import count_steps_of_each_weight
from neurocl.continual.strategies.input_watch import InputWatch
from neurocl.continual.strategies.unit_utility import contribution, recycle
from neurocl.continual.strategies.weight_layers import HiddenLayer, hidden_layers
from neurocl.core._checks import flag, probability, whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["ContinualBackprop", "n_to_replace"]


def n_to_replace(
    rate: float, n_eligible: int, carried: float, fractions: str, generator: torch.Generator
) -> tuple[int, float]:
    """How many units to replace now, and what is carried over to the next update."""
    due = rate * n_eligible + (carried if fractions == "accumulate" else 0.0)
    n = int(due)
    if fractions == "accumulate":
        return n, due - n
    return n + int(torch.rand((), generator=generator).item() < due - n), 0.0


class ContinualBackprop(InputWatch):
    """Continual backpropagation; it needs neither boundaries nor task labels.

    Parameters
    ----------
    rate : rho, fraction of the mature units replaced per update.
    maturity : m, updates before a new unit may be replaced.
    decay : eta of the running means.
    adaptable : whether the contribution is divided by the size of the input weights.
    fractions : "accumulate" or "bernoulli".
    reference_bias_bug : see the module.

    Attributes
    ----------
    utility, mean, age : per hidden layer, [unit]. n_replaced : units replaced so far.

    Notes
    -----
    ``optimizer="adam"`` becomes `ElementwiseAdam`, whose step counts are reset with the moments. An optimizer made by
    your own function is left as it is: only what has the shape of the weights is reset. ``torch.optim.Adam`` counts
    steps per tensor; use ``optimizer=lambda p: ElementwiseAdam(p, lr)`` instead.
    """

    state = ("utility", "mean", "age", "carried", "n_replaced")

    def __init__(
        self,
        rate: float = 1e-4,
        maturity: int = 100,
        decay: float = 0.99,
        adaptable: bool = True,
        fractions: str = "accumulate",
        reference_bias_bug: bool = False,
    ) -> None:
        self.rate, self.decay = (
            probability("ContinualBackprop", name, value) for name, value in (("rate", rate), ("decay", decay))
        )
        if self.decay == 1.0:
            raise NeuroclError("ContinualBackprop: decay must be < 1, got 1.")
        self.maturity = whole_number("ContinualBackprop", "maturity", maturity)
        self.adaptable = flag("ContinualBackprop", "adaptable", adaptable)
        self.reference_bias_bug = flag("ContinualBackprop", "reference_bias_bug", reference_bias_bug)
        if fractions not in ("accumulate", "bernoulli"):
            raise NeuroclError(
                f"ContinualBackprop: fractions must be 'accumulate' or 'bernoulli', got {shown(fractions)}."
            )
        self.fractions = fractions

    def before_training(self, strategy: Strategy) -> None:
        """All units are new."""
        super().before_training(strategy)
        count_steps_of_each_weight(strategy)
        self.hidden: list[HiddenLayer] = hidden_layers(strategy.model, "ContinualBackprop")
        self.utility, self.mean, self.age = (
            [torch.zeros(layer.n, device=strategy.device) for layer in self.hidden] for _ in range(3)
        )
        self.carried = [0.0] * len(self.hidden)
        self.n_replaced = 0

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Measure the units of each layer, and replace the least useful."""
        for index, layer in enumerate(self.hidden):
            self._measure(index, layer, layer.activity(self.inputs[index + 1]))
            units = self._least_useful(index, strategy.generator)
            if len(units):
                mean = None if self.reference_bias_bug else self._unbiased(self.mean[index], index)
                recycle(layer, units, strategy.generator, strategy.optimizer, mean)
                for values in (self.utility[index], self.mean[index], self.age[index]):
                    values[units] = 0.0
                self.n_replaced += len(units)

    def _unbiased(self, running: Tensor, index: int) -> Tensor:
        return running / (1.0 - self.decay ** self.age[index]).clamp(min=1e-12)

    def _measure(self, index: int, layer: HiddenLayer, activity: Tensor) -> None:
        self.age[index] = self.age[index] + 1.0
        self.mean[index] = self.decay * self.mean[index] + (1.0 - self.decay) * activity.mean((0, 2))
        y = contribution(layer, activity, self._unbiased(self.mean[index], index), self.adaptable)
        self.utility[index] = self.decay * self.utility[index] + (1.0 - self.decay) * y

    def _least_useful(self, index: int, generator: torch.Generator) -> Tensor:
        eligible = torch.nonzero(self.age[index] > self.maturity).flatten()
        n, self.carried[index] = n_to_replace(
            self.rate, len(eligible), self.carried[index], self.fractions, generator
        )
        n = min(n, len(eligible))
        useful = self._unbiased(self.utility[index], index)[eligible]
        return eligible[useful.topk(n, largest=False).indices]
