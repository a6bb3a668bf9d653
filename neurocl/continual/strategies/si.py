"""Synaptic intelligence: a weight is important if its movement lowered the loss.

Trajectory   omega_i += -g_i (theta_i(n + 1) - theta_i(n)),   g the gradient of the task's loss, without the penalty
Task's end   Omega_i += omega_i / ((theta_i^end - theta_i^start)^2 + xi),   omega_i <- 0
Loss         L = L_t(theta) + c sum_i Omega_i (theta_i - theta*_i)^2,   theta* the weights after the last task
Defaults     c 0.1, xi 0.1. Negative Omega are kept, as in the original
Source       Zenke, Poole & Ganguli (2017), ICML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.importance import Tensors, quadratic_penalty, trainable, warn_if_stiff
from neurocl.core._checks import flag, non_negative_number, positive_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["SI"]


class SI(Plugin):
    """Synaptic intelligence.

    Parameters
    ----------
    strength : c.
    xi : added to the squared displacement, > 0.
    gradient : "task" (the original) or "total" (with the penalty, as some libraries do).
    clamp : whether negative importances are set to 0.

    Attributes
    ----------
    anchor : weights after the last experience, theta*, by name.
    importance : Omega.
    path : omega of the present experience.
    """

    state = ("anchor", "importance", "path", "_is_anchored")
    needs_boundaries = True

    def __init__(self, strength: float = 0.1, xi: float = 0.1, gradient: str = "task", clamp: bool = False) -> None:
        self.strength = non_negative_number("SI", "strength", strength)
        self.xi = positive_number("SI", "xi", xi)
        self.clamp = flag("SI", "clamp", clamp)
        if gradient not in ("task", "total"):
            raise NeuroclError(f"SI: gradient must be 'task' or 'total', got {shown(gradient)}.")
        self.gradient = gradient

    def before_training(self, strategy: Strategy) -> None:
        """No importance; the path begins at the initial weights."""
        self.anchor = trainable(strategy.model)
        self.importance: Tensors = {name: torch.zeros_like(p) for name, p in self.anchor.items()}
        self.path: Tensors = {name: torch.zeros_like(p) for name, p in self.anchor.items()}
        self._is_anchored = False

    def penalty(self, strategy: Strategy) -> Tensor:
        """What is added to the loss, a number."""
        return self.strength * quadratic_penalty(strategy.model, self.anchor, self.importance)

    def before_backward(self, strategy: Strategy) -> None:
        """Add the penalty."""
        if self._is_anchored and self.strength > 0.0:
            strategy.loss = strategy.loss + self.penalty(strategy)

    @torch.no_grad()
    def before_update(self, strategy: Strategy) -> None:
        """Note weights and gradient; a later plug-in may still change the gradient that makes the step."""
        self._before = trainable(strategy.model)
        self._slope: Tensors = {}
        for name, p in strategy.model.named_parameters():
            if p.grad is None or name not in self.anchor:
                continue
            self._slope[name] = p.grad.clone()
            if self.gradient == "task" and self._is_anchored:
                pull = 2.0 * self.strength * self.importance[name] * (p - self.anchor[name])
                self._slope[name] -= pull

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Add this step's part of the path integral."""
        for name, p in strategy.model.named_parameters():
            if name in self._slope:
                self.path[name] -= self._slope[name] * (p - self._before[name])

    def after_training_exp(self, strategy: Strategy) -> None:
        """Turn the path into importance, and move the anchor."""
        # Other plug-ins may have frozen some of them since the start.
        now = {name: p.detach().clone() for name, p in strategy.model.named_parameters() if name in self.anchor}
        for name, omega in self.path.items():
            added = omega / ((now[name] - self.anchor[name]).square() + self.xi)
            total = self.importance[name] + added
            self.importance[name] = total.clamp(min=0.0) if self.clamp else total
            self.path[name] = torch.zeros_like(omega)
        self.anchor, self._is_anchored = now, True
        warn_if_stiff("SI", strategy, 2.0 * self.strength, [self.importance])
