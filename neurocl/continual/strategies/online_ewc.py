"""Online elastic weight consolidation: one anchor, one running importance, whatever the number of tasks.

Importance   F~ <- gamma F~ + F^(t) after task t
Loss         L = L_t(theta) + s lambda sum_i gamma F~_i (theta_i - theta*_i)^2,   theta* the weights after the last
             task, s = 1/2 ("half") or 1 ("full")
Defaults     lambda 100, gamma 1, "half"
Source       Schwarz et al. (2018), ICML; gamma in the penalty as in van de Ven's code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurocl.continual.strategies.ewc import EWC
from neurocl.continual.strategies.importance import fisher_of_experience, quadratic_penalty, trainable, warn_if_stiff
from neurocl.core._checks import probability

if TYPE_CHECKING:
    from torch import Tensor

    from neurocl.continual.strategy import Strategy

__all__ = ["OnlineEWC"]


class OnlineEWC(EWC):
    """Elastic weight consolidation with one anchor; `anchors` and `importances` hold one entry each.

    Parameters
    ----------
    strength, estimator, n_samples, convention : as in `EWC`.
    gamma : how much of the older importance remains at each task, in [0, 1].
    """

    def __init__(
        self,
        strength: float = 100.0,
        gamma: float = 1.0,
        estimator: str = "sample",
        n_samples: int | None = 1000,
        convention: str = "half",
    ) -> None:
        super().__init__(strength, estimator, n_samples, convention)
        self.gamma = probability("OnlineEWC", "gamma", gamma)

    def penalty(self, strategy: Strategy) -> Tensor:
        """What is added to the loss, a number."""
        total = quadratic_penalty(strategy.model, self.anchors[0], self.importances[0])
        return self.factor * self.strength * self.gamma * total

    def after_training_exp(self, strategy: Strategy) -> None:
        """Add the importance of this task, and move the anchor."""
        found = fisher_of_experience(strategy, self.estimator, self.n_samples)
        if self.importances:
            found = {name: self.gamma * old + found[name] for name, old in self.importances[0].items()}
        self.anchors, self.importances = [trainable(strategy.model)], [found]
        warn_if_stiff("OnlineEWC", strategy, 2.0 * self.factor * self.strength * self.gamma, self.importances)
