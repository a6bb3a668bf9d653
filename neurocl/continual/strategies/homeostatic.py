"""Homeostatic learner: a vulnerable variable is moved by the learner's own mistakes and sets its learning rate.

Effect       of a sample with label y and prediction y^ (made before learning): d = 0 if y^ = y, else the valence e_y,
             +1 or -1
State        v <- clip(v + kappa d, -5, 5), then v <- v (1 - kappa_0), sample by sample
Rate         lr = lr_0 2^v for the update that follows
Defaults     kappa 0.1, kappa_0 0; valence +1 for even and -1 for odd output units
Controls     "constant": lr_0; "random": drawn from the rates of another run, which have the same distribution
Source       Man, Damasio & Neven (2022), arXiv:2205.08645 (the idea). These equations are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from neurocl.continual.plugin import Plugin
from neurocl.core._checks import finite_number, non_negative_number, positive_number, probability
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["Homeostatic"]


class Homeostatic(Plugin):
    """Learning rate under homeostatic control; it needs neither boundaries nor task labels.

    Parameters
    ----------
    kappa : size of one mistake's effect.
    relaxation : kappa_0, in [0, 1].
    limit : v stays within -limit and limit.
    valence : +1 or -1 for each output unit; None: +1 for even ones, -1 for odd ones.
    control : "none", "constant" or "random".
    rates : factors lr / lr_0 of another run (its ``rates``), for the control "random".

    Attributes
    ----------
    v : the vulnerable variable.
    rates : factor lr / lr_0 of each update so far.
    """

    state = ("v", "rates", "base")

    def __init__(
        self,
        kappa: float = 0.1,
        relaxation: float = 0.0,
        limit: float = 5.0,
        valence: Sequence[float] | None = None,
        control: str = "none",
        rates: Sequence[float] | None = None,
    ) -> None:
        self.kappa = non_negative_number("Homeostatic", "kappa", kappa)
        self.relaxation = probability("Homeostatic", "relaxation", relaxation)
        self.limit = positive_number("Homeostatic", "limit", limit)
        self.valence = None if valence is None else [finite_number("Homeostatic", "valence", e) for e in valence]
        if any(e not in (-1.0, 1.0) for e in self.valence or ()):
            raise NeuroclError(f"Homeostatic: each valence must be +1 or -1, got {shown(valence)}.")
        if control not in ("none", "constant", "random"):
            raise NeuroclError(f"Homeostatic: control must be 'none', 'constant' or 'random', got {shown(control)}.")
        if (control == "random") != (rates is not None and len(rates) > 0):
            raise NeuroclError("Homeostatic: rates of another run belong to control='random', and only to it.")
        self.control = control
        self._drawn_from = [positive_number("Homeostatic", "rates", rate) for rate in (() if rates is None else rates)]

    def before_training(self, strategy: Strategy) -> None:
        """v is at rest."""
        n = strategy.problem.n_units
        if self.valence is not None and len(self.valence) != n:
            raise NeuroclError(f"Homeostatic: valence must have one entry for each of the {n} outputs.")
        self._effect = self.valence or [1.0 - 2.0 * (unit % 2) for unit in range(n)]
        self.v = 0.0
        self.rates: list[float] = []
        self.base = [group["lr"] for group in strategy.optimizer.param_groups]

    def after_forward(self, strategy: Strategy) -> None:
        """Predict, then let the mistakes act."""
        mask = strategy.units.at_training(strategy.batch.task)
        predicted = strategy.units.masked(strategy.outputs.detach(), mask).argmax(1)
        for label, guess in zip(strategy.batch.y.tolist(), predicted.tolist(), strict=True):
            change = 0.0 if guess == label else self.kappa * self._effect[label]
            self.v = min(max(self.v + change, -self.limit), self.limit) * (1.0 - self.relaxation)

    def before_update(self, strategy: Strategy) -> None:
        """Set the learning rate."""
        factor = 2.0**self.v
        if self.control == "constant":
            factor = 1.0
        elif self.control == "random":
            chosen = torch.randint(len(self._drawn_from), (), generator=strategy.generator)
            factor = self._drawn_from[int(chosen)]
        self.rates.append(factor)
        for group, base in zip(strategy.optimizer.param_groups, self.base, strict=True):
            group["lr"] = base * factor
