"""Synaptic intelligence for networks with active dendrites: on the feed-forward weights, not on the segments.

Step    omega_i += -g_i (theta_i(n + 1) - theta_i(n)),   g the gradient of the task's loss
Task    Omega_i += relu(omega_i) / ((theta_i - theta*_i)^2 + damping),   omega_i <- 0,   theta* <- theta
Loss    L = L_t + c sum_i Omega_i (theta_i - theta*_i)^2, from the second task on (published code: from the third)
Source  Zenke, Poole & Ganguli (2017), ICML; Grewal et al. (2021), bioRxiv 2021.10.25.465651
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from neurocl.continual import Plugin
from neurocl.core._checks import flag, non_negative_number, positive_number, whole_number
from neurocl.dendrites.segments import DendriteSegments

if TYPE_CHECKING:
    from neurocl.continual import Strategy

__all__ = ["FeedForwardSI"]


class FeedForwardSI(Plugin):
    """Synaptic intelligence on the feed-forward parameters.

    The gradient of the penalty is added to the gradients: ``strategy.loss`` stays the task's loss.

    Parameters
    ----------
    strength : c. Default 0.1.
    damping : added to the squared displacement. Default 0.1.
    first_task : number of the task, counted from 0, in which the penalty begins. Default 1.
    with_segments : whether the weights of the segments are protected, too; sparse gradients then become dense ones.
        Default False.

    Attributes
    ----------
    anchor, importance, path : theta*, Omega and omega by name of the parameter.
    """

    state = ("anchor", "importance", "path")
    needs_boundaries = True

    def __init__(
        self, strength: float = 0.1, damping: float = 0.1, first_task: int = 1, with_segments: bool = False
    ) -> None:
        self.strength = non_negative_number("FeedForwardSI", "strength", strength)
        self.damping = positive_number("FeedForwardSI", "damping", damping)
        self.first_task = whole_number("FeedForwardSI", "first_task", first_task, at_least=1)
        self.with_segments = flag("FeedForwardSI", "with_segments", with_segments)

    def before_training(self, strategy: Strategy) -> None:
        """No importance; the path begins at the initial weights."""
        self._parameters = _protected(strategy.model, self.with_segments)
        self.anchor = {name: p.detach().clone() for name, p in self._parameters.items()}
        self.importance = {name: torch.zeros_like(p) for name, p in self.anchor.items()}
        self.path = {name: torch.zeros_like(p) for name, p in self.anchor.items()}
        self._before = {name: torch.empty_like(p) for name, p in self.anchor.items()}
        self._slope = {name: torch.empty_like(p) for name, p in self.anchor.items()}

    @torch.no_grad()
    def before_update(self, strategy: Strategy) -> None:
        """Note weights and gradients, and add the gradient of the penalty."""
        pulls = strategy.n_trained >= self.first_task and self.strength > 0.0
        for name, p in self._parameters.items():
            if p.grad is None:
                continue
            self._before[name].copy_(p)
            p.grad = p.grad.to_dense()
            self._slope[name].copy_(p.grad)
            if pulls:
                away = torch.sub(p, self.anchor[name]).mul_(self.importance[name])
                p.grad.add_(away, alpha=2.0 * self.strength)

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Add this step's part of the path integral."""
        for name, p in self._parameters.items():
            if p.grad is not None:
                moved = torch.sub(p, self._before[name], out=self._before[name])
                self.path[name].addcmul_(self._slope[name], moved, value=-1.0)

    @torch.no_grad()
    def after_training_exp(self, strategy: Strategy) -> None:
        """Turn the path into importance, and move the anchor."""
        for name, p in self._parameters.items():
            moved = p - self.anchor[name]
            self.importance[name] += self.path[name].clamp(min=0.0) / (moved.square() + self.damping)
            self.path[name] = torch.zeros_like(self.path[name])
            self.anchor[name] = p.detach().clone()


def _protected(model: nn.Module, with_segments: bool) -> dict[str, Tensor]:
    """Parameters by name, those of segments only if asked for."""
    segments = {id(p) for m in model.modules() if isinstance(m, DendriteSegments) for p in m.parameters()}
    return {name: p for name, p in model.named_parameters() if with_segments or id(p) not in segments}
