"""Shrink and perturb: at every step all weights are drawn towards 0 and shaken, so that they stay able to learn.

Step         theta <- (1 - lr lambda) theta - lr (g + xi),   xi ~ N(0, sigma^2), g what the optimiser makes of the
             gradient, for SGD the gradient itself
Defaults     lambda 0.001, sigma 0.001
Source       Ash & Adams (2020), NeurIPS; at every step: Dohare et al. (2024), Nature 632:768.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from neurocl.continual.plugin import Plugin
from neurocl.core._checks import non_negative_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["ShrinkPerturb"]


class ShrinkPerturb(Plugin):
    """Shrink and perturb; it needs neither boundaries nor task labels.

    Parameters
    ----------
    decay : lambda.
    sigma : standard deviation of the noise.
    """

    def __init__(self, decay: float = 0.001, sigma: float = 0.001) -> None:
        self.decay = non_negative_number("ShrinkPerturb", "decay", decay)
        self.sigma = non_negative_number("ShrinkPerturb", "sigma", sigma)

    @torch.no_grad()
    def before_update(self, strategy: Strategy) -> None:
        """Shrink."""
        for group in strategy.optimizer.param_groups:
            for p in group["params"]:
                p.mul_(1.0 - group["lr"] * self.decay)

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Perturb."""
        for group in strategy.optimizer.param_groups:
            for p in group["params"]:
                noise = torch.randn(p.shape, generator=strategy.generator).to(p)
                p.sub_(noise, alpha=group["lr"] * self.sigma)
