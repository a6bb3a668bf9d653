"""Joint training: the upper bound that sees all earlier experiences again.

Data         the shuffled union of the experiences so far
Weights      "initial": anew from the initial weights at each experience (joint); "current": on from the present ones
             (cumulative)
Amount       "epochs": as many passes over the union as the strategy makes over an experience; "updates": as many
             updates as the other methods make, on batches drawn from the union
Defaults     initial weights, epochs
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual import seeding
from neurocl.continual.experience import Experience
from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.memory import random_batch
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["Joint", "union"]


def union(experiences: list[Experience], order: Tensor | None = None) -> Experience:
    """The last experience with the samples of all, in `order` if it is given."""
    last = experiences[-1]
    x = torch.cat([e.x for e in experiences], dim=int(last.time_major))
    y, task = (torch.cat([getattr(e, name) for e in experiences]) for name in ("y", "task"))
    classes = tuple(sorted({c for e in experiences for c in e.classes}))
    joined = replace(last, x=x, y=y, task_label=task, classes=classes)
    return joined if order is None else joined.subset(order.to(y.device))


class Joint(Plugin):
    """Joint (or cumulative) training; it keeps all experiences.

    Parameters
    ----------
    weights : "initial" or "current".
    amount : "epochs" or "updates".
    """

    state = ("initial",)
    needs_boundaries = True
    needs_past = True

    def __init__(self, weights: str = "initial", amount: str = "epochs") -> None:
        for name, value, known in (
            ("weights", weights, ("initial", "current")),
            ("amount", amount, ("epochs", "updates")),
        ):
            if value not in known:
                raise NeuroclError(f"Joint: {name} must be one of {', '.join(known)}, got {shown(value)}.")
        self.weights, self.amount = weights, amount

    def before_training(self, strategy: Strategy) -> None:
        """Nothing has been seen; the initial weights are kept."""
        self._past: list[Experience] = []
        self.initial = {name: value.detach().clone() for name, value in strategy.model.state_dict().items()}

    def revisit(self, strategy: Strategy, experience: Experience) -> None:
        """Keep an experience that was learned before an interruption."""
        self._past.append(experience)

    def training_data(self, strategy: Strategy, experience: Experience) -> Experience:
        """The union, or the experience itself where batches are drawn."""
        self._present = experience
        seen = [*self._past, experience]
        numbers = seeding.generator(strategy.seed, "noise", strategy.n_trained)
        n = sum(len(e) for e in seen)
        self._union = union(seen, torch.from_numpy(numbers.permutation(n)))
        if self.amount == "epochs":
            return self._union
        return replace(experience, classes=self._union.classes)

    def before_training_exp(self, strategy: Strategy) -> None:
        """Begin anew, if so wanted."""
        if self.weights == "initial":
            strategy.model.load_state_dict(self.initial)
            strategy.make_optimizer()

    def before_training_iteration(self, strategy: Strategy) -> None:
        """Draw the batch from the union, if updates are counted."""
        if self.amount == "updates":
            batch = random_batch(strategy, self._union, len(strategy.batch.y))
            strategy.batch = type(batch)(*(values.to(strategy.device) for values in batch))

    def after_training_exp(self, strategy: Strategy) -> None:
        """Keep this experience."""
        self._past.append(self._present)
