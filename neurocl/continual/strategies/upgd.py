"""UPGD as a plug-in: it replaces the strategy's optimiser by `UPGDOptimizer`, whose equations are in `upgd_optimizer`.

Defaults     lr 0.01, beta 0.999, sigma 0.001, weight decay 0.001, step scale 1
Source       Elsayed & Mahmood (2024), ICLR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.upgd_optimizer import UPGDOptimizer
from neurocl.continual.strategies.weight_layers import hidden_layers
from neurocl.core._checks import flag

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["UPGD"]


class UPGD(Plugin):
    """Utility-based perturbed gradient descent; it needs neither boundaries nor task labels.

    Parameters
    ----------
    lr : learning rate; that of the strategy is not used.
    beta, sigma, weight_decay, step_scale, scaling, protecting : as in `UPGDOptimizer`.
    feature_wise : whether a hidden unit has a utility, for all weights into it, instead of each weight its own.
    """

    def __init__(
        self,
        lr: float = 0.01,
        *,
        beta: float = 0.999,
        sigma: float = 0.001,
        weight_decay: float = 0.001,
        step_scale: float = 1.0,
        scaling: str = "global",
        protecting: bool = True,
        feature_wise: bool = False,
    ) -> None:
        self.lr = lr
        self.settings: dict[str, Any] = {
            "beta": beta, "sigma": sigma, "weight_decay": weight_decay, "step_scale": step_scale, "scaling": scaling,
            "protecting": protecting,
        }  # fmt: skip
        self.feature_wise = flag("UPGD", "feature_wise", feature_wise)
        UPGDOptimizer([torch.zeros(1)], lr, **self.settings)  # it checks the values

    def before_training(self, strategy: Strategy) -> None:
        """Replace the optimiser."""
        generator = strategy.generator
        features = hidden_layers(strategy.model, "UPGD") if self.feature_wise else None
        strategy.optimizer_description = lambda parameters: UPGDOptimizer(
            parameters, self.lr, features=features, generator=generator, **self.settings
        )
        strategy.make_optimizer()
