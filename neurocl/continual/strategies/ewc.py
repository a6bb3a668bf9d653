"""Elastic weight consolidation: weights that mattered for earlier tasks are held where they were.

Loss         L = L_t(theta) + s lambda sum_{k<t} sum_i F_i^(k) (theta_i - theta*_i^(k))^2,
             s = 1/2 ("half") or 1 ("full"), F^(k) the diagonal Fisher information of task k at theta*^(k), see `fisher`
Defaults     lambda 100, "half", labels sampled, at most 1000 samples. lambda must be tuned: published
             values go from 100 (permuted MNIST) to 1e9 and more (split MNIST, class- and domain-incremental)
Source       Kirkpatrick et al. (2017), PNAS 114:3521.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.fisher import ESTIMATORS
from neurocl.continual.strategies.importance import (
    Tensors,
    fisher_of_experience,
    quadratic_penalty,
    trainable,
    warn_if_stiff,
)
from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["EWC"]


class EWC(Plugin):
    """Elastic weight consolidation with one anchor for each task.

    Parameters
    ----------
    strength : lambda.
    estimator : of the Fisher information: "exact", "sample", "empirical", "predicted", or "batched" (wrong).
    n_samples : samples of each experience that it is estimated from; None: all.
    convention : "half" for lambda / 2, "full" for lambda.

    Attributes
    ----------
    anchors : weights after each experience, by name.
    importances : their Fisher information.

    Warns
    -----
    StiffPenaltyWarning
        After an experience, if plain gradient descent cannot follow the penalty with its learning rate.
    """

    state = ("anchors", "importances")
    needs_boundaries = True

    def __init__(
        self,
        strength: float = 100.0,
        estimator: str = "sample",
        n_samples: int | None = 1000,
        convention: str = "half",
    ) -> None:
        self.strength = non_negative_number("EWC", "strength", strength)
        self.estimator, self.n_samples = estimator, n_samples
        if n_samples is not None:
            whole_number("EWC", "n_samples", n_samples, at_least=1)
        for name, value, known in (
            ("estimator", estimator, ESTIMATORS),
            ("convention", convention, ("half", "full")),
        ):
            if value not in known:
                raise NeuroclError(f"EWC: {name} must be one of {', '.join(known)}, got {shown(value)}.")
        self.factor = 0.5 if convention == "half" else 1.0
        self.anchors: list[Tensors] = []
        self.importances: list[Tensors] = []

    def before_training(self, strategy: Strategy) -> None:
        """Nothing has been learned."""
        self.anchors, self.importances = [], []

    def penalty(self, strategy: Strategy) -> Tensor:
        """What is added to the loss, a number."""
        total = torch.zeros((), device=strategy.device)
        for anchor, importance in zip(self.anchors, self.importances, strict=True):
            total = total + quadratic_penalty(strategy.model, anchor, importance)
        return self.factor * self.strength * total

    def before_backward(self, strategy: Strategy) -> None:
        """Add the penalty."""
        if self.anchors and self.strength > 0.0:
            strategy.loss = strategy.loss + self.penalty(strategy)

    def after_training_exp(self, strategy: Strategy) -> None:
        """Remember the weights and measure their importance."""
        self.anchors.append(trainable(strategy.model))
        self.importances.append(fisher_of_experience(strategy, self.estimator, self.n_samples))
        warn_if_stiff("EWC", strategy, 2.0 * self.factor * self.strength, self.importances)
