"""Importances of weights: what the methods that penalise changes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from neurocl.continual.strategies.fisher import diagonal_fisher

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["Tensors", "fisher_of_experience", "quadratic_penalty", "trainable"]

Tensors = dict[str, Tensor]


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
