"""Sparsity, footprint and synaptic operations, as NeuroBench defines them (Yik et al. 2025, Nat. Commun. 16:1545).

A product of weight and input is effective if both are not 0. It is an accumulate (AC) where all inputs of the layer are
in {-1, 0, 1}, else a multiply-accumulate (MAC). Biases, pooling and normalisation are not counted.
Energy is a model: 4.6 pJ per MAC and 0.9 pJ per AC (32-bit floats, 45 nm; Horowitz 2014, ISSCC).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.core.errors import NeuroclError

__all__ = ["activation_sparsity", "connection_sparsity", "footprint", "synaptic_operations"]

MAC_ENERGY, AC_ENERGY = 4.6, 0.9  # pJ


def activation_sparsity(layers: Sequence[Tensor]) -> float:
    """Zeros / all, over the activity of all layers, times and samples."""
    zeros = sum(int((layer == 0).sum()) for layer in layers)
    return zeros / sum(layer.numel() for layer in layers)


def connection_sparsity(model: nn.Module) -> float:
    """Zero weights / all weights, of the Linear and Conv2d layers."""
    weights = [layer.weight for layer in _weight_layers(model)]
    return sum(int((w == 0).sum()) for w in weights) / sum(w.numel() for w in weights)


def footprint(model: nn.Module) -> int:
    """Bytes of parameters and buffers."""
    return sum(t.numel() * t.element_size() for t in [*model.parameters(), *model.buffers()])


def synaptic_operations(model: nn.Module, x: Tensor, n_samples: int | None = None) -> dict[str, float]:
    """Operations of one prediction, mean over samples.

    Parameters
    ----------
    model : its Linear and Conv2d layers are counted, in evaluation mode.
    x : input.
    n_samples : number of samples in `x`. Default: the length of its first axis (give it for time-major input).

    Returns
    -------
    dict
        "dense", "effective_macs", "effective_acs", "energy" (pJ).
    """
    counts = {"dense": 0.0, "effective_macs": 0.0, "effective_acs": 0.0}

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        h = inputs[0].detach()
        dense, effective = _products(layer, h)
        counts["dense"] += dense
        binary = bool(((h == 0) | (h.abs() == 1)).all())
        counts["effective_acs" if binary else "effective_macs"] += effective

    handles = [layer.register_forward_hook(count) for layer in _weight_layers(model)]
    try:
        with evaluation_mode(model), torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    n = len(x) if n_samples is None else n_samples
    found = {name: value / n for name, value in counts.items()}
    found["energy"] = MAC_ENERGY * found["effective_macs"] + AC_ENERGY * found["effective_acs"]
    return found


def _products(layer: nn.Module, h: Tensor) -> tuple[float, float]:
    """Number of all, and of effective, products of a layer for input `h`."""
    used = (h != 0).double()
    if isinstance(layer, nn.Linear):
        fan_out = (layer.weight != 0).sum(0).double()
        return float(h.numel() * layer.out_features), float((used @ fan_out).sum())
    assert isinstance(layer, nn.Conv2d)
    images, present = used.flatten(0, -4), (layer.weight != 0).double()

    def count(x: Tensor, w: Tensor) -> float:
        found = functional.conv2d(x, w, None, layer.stride, layer.padding, layer.dilation, layer.groups)
        return float(found.sum())

    # Products with the zeros of the padding are no part of the dense count either.
    return count(torch.ones_like(images), torch.ones_like(present)), count(images, present)


def _weight_layers(model: nn.Module) -> list[nn.Linear | nn.Conv2d]:
    found: list[nn.Linear | nn.Conv2d] = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    if not found:
        raise NeuroclError("the model has no Linear or Conv2d layer whose operations could be counted")
    return found
