"""All gradients of a model as one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["gradient_of", "gradient_vector", "set_gradient"]


def _trained(model: nn.Module) -> list[nn.Parameter]:
    return [p for p in model.parameters() if p.requires_grad]


def gradient_vector(model: nn.Module) -> Tensor:
    """Gradients of the trainable parameters [parameter], a copy; 0 where there is none."""
    return torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in _trained(model)])


def gradient_of(loss: Tensor, model: nn.Module) -> Tensor:
    """Gradient of `loss` [parameter]; the parameters' own gradients stay as they are."""
    trained = _trained(model)
    found = torch.autograd.grad(loss, trained, allow_unused=True)
    return torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for p, g in zip(trained, found, strict=True)])


def set_gradient(model: nn.Module, vector: Tensor) -> None:
    """Write `vector` into the parameters' gradients."""
    start = 0
    for p in _trained(model):
        p.grad = vector[start : start + p.numel()].view_as(p).to(p)
        start += p.numel()
