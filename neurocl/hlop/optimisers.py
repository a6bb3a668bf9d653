"""Optimisers and the allowed subspace: which of them keep a step where the projected gradient put it.

Plain SGD does: its step, also with momentum, is a sum of projected gradients, as long as the momentum began with the
projection. Adam and its relatives rescale every entry, and weight decay adds the weights themselves: both leave the
allowed subspace. For them the change of the weights is projected after the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.hlop.layers import HLOPConv2d, HLOPLinear

__all__ = ["hlop_layers", "projected_steps", "why_it_leaves"]


def hlop_layers(model: nn.Module) -> list[HLOPLinear | HLOPConv2d]:
    """The HLOP layers of a model, in order."""
    return [m for m in model.modules() if isinstance(m, HLOPLinear | HLOPConv2d)]


def why_it_leaves(optimizer: torch.optim.Optimizer) -> str | None:
    """Why the optimiser's steps leave the allowed subspace; None if they do not."""
    if type(optimizer) is not torch.optim.SGD:
        return f"{type(optimizer).__name__} rescales the gradient's entries"
    if any(group["weight_decay"] for group in optimizer.param_groups):
        return "weight decay adds the weights to the gradient"
    return None


@contextmanager
@torch.no_grad()
def projected_steps(layers: Iterable[HLOPLinear | HLOPConv2d]) -> Iterator[None]:
    """While active, let any optimiser step; afterwards the change of the layers' weights is projected.

    Raises
    ------
    NeuroclError
        If a layer with old rows has spiking lateral neurons: they project activity alone, not a change of weights.

    Examples
    --------
    >>> with projected_steps(hlop_layers(model)):    # doctest: +SKIP
    ...     adam.step()
    """
    chosen = [layer for layer in layers if layer.subspace is not None and layer.subspace.n_old]
    if any(layer.subspace is not None and layer.subspace.rule.code is not None for layer in chosen):
        raise NeuroclError(
            "spiking lateral neurons project activity, not steps: this optimiser would leave the allowed subspace; use"
            " plain SGD without weight decay."
        )
    before = [layer.weight.detach().clone() for layer in chosen]
    yield
    for layer, weight in zip(chosen, before, strict=True):
        assert layer.subspace is not None
        change = (layer.weight - weight).flatten(1)
        layer.weight.copy_(weight + layer.subspace.project_weight_gradient(change).view_as(weight))
