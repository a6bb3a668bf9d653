"""Importances of weights: what the methods that penalise changes have in common.

Stability    gradient descent on a penalty of curvature c in one weight multiplies the distance from the anchor by
             1 - lr c in each step (with momentum m it stays bounded up to lr c = 2 (1 + m)): above the bound it grows
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from neurocl.continual.strategies.fisher import diagonal_fisher

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = [
    "StiffPenaltyWarning", "Tensors", "fisher_of_experience", "quadratic_penalty", "trainable", "warn_if_stiff",
]  # fmt: skip

Tensors = dict[str, Tensor]


class StiffPenaltyWarning(UserWarning):
    """A penalty is too stiff for the learning rate."""


def trainable(model: nn.Module) -> Tensors:
    """Copies of the trainable parameters by name; copies, since a view would follow the training."""
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def quadratic_penalty(model: nn.Module, anchor: Tensors, importance: Tensors) -> Tensor:
    """sum_i importance_i (theta_i - anchor_i)^2, differentiable."""
    parameters = dict(model.named_parameters())
    parts = [(importance[name] * (parameters[name] - there).square()).sum() for name, there in anchor.items()]
    return torch.stack(parts).sum()


def fisher_of_experience(strategy: Strategy, estimator: str, n_samples: int | None) -> Tensors:
    """Diagonal Fisher information at the present weights, from samples of the experience just learned."""
    experience = strategy.experience
    if n_samples is not None and n_samples < len(experience):
        chosen = torch.randperm(len(experience), generator=strategy.generator)[:n_samples].sort().values
        experience = experience.subset(chosen.to(experience.y.device))
    return diagonal_fisher(
        strategy.model,
        experience.x,
        experience.y,
        estimator,
        strategy.generator,
        strategy.units.at_training(experience.task),
        experience.online or strategy.batch_size,
        sample_axis=int(experience.time_major),
    )


def warn_if_stiff(owner: str, strategy: Strategy, strength: float, importances: Sequence[Tensors]) -> None:
    """`StiffPenaltyWarning` if the penalty strength / 2 sum_k sum_i importance_i^(k) (...)^2 is unstable with SGD."""
    if type(strategy.optimizer) is not torch.optim.SGD:
        return
    found = [torch.stack([one[name] for one in importances if name in one]).sum(0).max() for name in importances[-1]]
    largest = float(torch.stack(found).max())
    for group in strategy.optimizer.param_groups:
        lr, bound = group["lr"], 2.0 * (1.0 + group["momentum"])
        if lr * strength * largest > bound:
            warnings.warn(
                f"{owner}: the penalty's largest curvature {strength * largest:.3g} times the learning rate {lr:g} is"
                f" above the stability bound {bound:g}, so that training may diverge; lower strength or lr at least"
                f" {lr * strength * largest / bound:.2g}-fold",
                StiffPenaltyWarning,
                stacklevel=2,
            )
            return
