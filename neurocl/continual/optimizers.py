"""Optimizers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import nn

from neurocl.core.errors import NeuroclError, shown

__all__ = ["MakeOptimizer", "check_optimizer", "optimizer_for"]

MakeOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]
"""Makes an optimizer from the parameters."""

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop
}  # fmt: skip


def check_optimizer(owner: str, optimizer: str | MakeOptimizer) -> None:
    """NeuroclError, begun by `owner`, unless it is a known name or can be called."""
    if not callable(optimizer) and not (isinstance(optimizer, str) and optimizer in OPTIMIZERS):
        known = ", ".join(OPTIMIZERS)
        raise NeuroclError(f"{owner}: optimizer must be one of {known}, or a function, got {shown(optimizer)}")


def optimizer_for(model: nn.Module, optimizer: str | MakeOptimizer, lr: float) -> torch.optim.Optimizer:
    """A new optimizer of the parameters that are trained; `lr` is that of a named one."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    return OPTIMIZERS[optimizer](parameters, lr=lr) if isinstance(optimizer, str) else optimizer(parameters)
