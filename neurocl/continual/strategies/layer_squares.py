"""Sums of squared gradients of single samples for networks of Linear and Conv2d layers, without the single gradients.

Linear       one row per sample: the gradient of sample b is g_b x_b', so that sum_b (g_b x_b')^2 = (g^2)' (x^2)
Several rows (time steps, or places of a convolution): the sample's gradient is the sum over them, formed, then squared
Source       Goodfellow (2015), arXiv:1510.01799.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neurocl.continual.models import FeedForward
from neurocl.continual.strategies.weight_layers import WeightLayer, patches

__all__ = ["plain_layers", "squared_gradients"]


def plain_layers(model: nn.Module) -> dict[str, WeightLayer] | None:
    """The layers of a `FeedForward` by name; None if some trainable parameter is not a plain layer's."""
    if not isinstance(model, FeedForward):
        return None
    # Not every subclass: its weights may be transformed before use.
    layers = {name: m for name, m in model.named_modules() if isinstance(m, WeightLayer) and _is_plain(m)}
    if any(isinstance(m, nn.Conv2d) and (m.groups != 1 or isinstance(m.padding, str)) for m in layers.values()):
        return None
    known = {id(p) for layer in layers.values() for p in layer.parameters()}
    if any(p.requires_grad and id(p) not in known for p in model.parameters()):
        return None
    return layers


def _is_plain(layer: WeightLayer) -> bool:
    """Whether the layer is its weights' product and no more; a derived class says so by `has_plain_gradients`."""
    return type(layer) in (nn.Linear, nn.Conv2d) or getattr(layer, "has_plain_gradients", False)


def squared_gradients(
    layers: dict[str, WeightLayer], score: Callable[[], Tensor], weights: Tensor
) -> dict[str, Tensor]:
    """sum_b weights_b (d score_b / d parameter)^2 by parameter's name.

    Parameters
    ----------
    layers : of `plain_layers`.
    score : runs the model and returns the score of each sample, [sample].
    weights : [sample].
    """
    seen: dict[str, tuple[Tensor, Tensor]] = {}

    def hook(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda module, inputs, output: seen.__setitem__(name, (inputs[0].detach(), output))

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        scores = score()
    finally:
        for handle in handles:
            handle.remove()
    gradients = torch.autograd.grad(scores.sum(), [output for _, output in seen.values()])
    found: dict[str, Tensor] = {}
    for (name, (x, _)), g in zip(seen.items(), gradients, strict=True):
        layer = layers[name]
        weight, bias = _squares(layer, x, g, weights)
        if layer.weight.requires_grad:
            found[f"{name}.weight"] = weight.view_as(layer.weight)
        if layer.bias is not None and layer.bias.requires_grad:
            found[f"{name}.bias"] = bias
    return found


def _squares(layer: WeightLayer, x: Tensor, g: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    if isinstance(layer, nn.Linear) and x.ndim == 2:
        weighted = weights[:, None] * g.square()
        return weighted.T @ x.square(), weighted.sum(0)
    if isinstance(layer, nn.Linear):  # [time, sample, unit]
        single = torch.einsum("tbo,tbi->boi", g, x)
        rows = g.sum(0)
    else:
        single = g.flatten(2) @ patches(layer, x).transpose(1, 2)
        rows = g.flatten(2).sum(2)
    return torch.einsum("b,boi->oi", weights, single.square()), weights @ rows.square()
