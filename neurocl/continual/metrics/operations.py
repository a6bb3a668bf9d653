"""Sparsity, footprint and synaptic operations, as NeuroBench defines them (Yik et al. 2025, Nat. Commun. 16:1545).

A product of weight and input is effective if both are not 0. It is an accumulate (AC) where all inputs of the layer are
in {-1, 0, 1}, else a multiply-accumulate (MAC). Biases, pooling and normalisation are not counted.
Energy is a model: 4.6 pJ per MAC and 0.9 pJ per AC (32-bit floats, 45 nm; Horowitz 2014, ISSCC).
The inputs of a pairwise readout are the products of two units. An update of a leaky neuron takes 4 operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.continual.strategies.sparse_networks import PairwiseReadout
from neurocl.continual.tensors import as_features, as_tensor
from neurocl.core.errors import NeuroclError

__all__ = [
    "activation_sparsity",
    "connection_sparsity",
    "footprint",
    "membrane_updates",
    "state_bytes",
    "synaptic_operations",
]

WeightLayer = nn.Linear | nn.Conv2d | PairwiseReadout

MAC_ENERGY, AC_ENERGY = 4.6, 0.9  # pJ


def activation_sparsity(layers: Sequence[Tensor | ArrayLike]) -> float:
    """Zeros / all, over the activity of all layers, times and samples."""
    activity = [as_tensor("the activity of a layer", layer) for layer in layers]
    total = sum(layer.numel() for layer in activity)
    if not total:
        raise NeuroclError("activation_sparsity: expected the activity of at least one layer, got none")
    return sum(int((layer == 0).sum()) for layer in activity) / total


def connection_sparsity(model: nn.Module) -> float:
    """Zero weights / all weights, of the layers that `synaptic_operations` counts."""
    weights = [layer.weight for layer in _weight_layers(model)]
    return sum(int((w == 0).sum()) for w in weights) / sum(w.numel() for w in weights)


def footprint(model: nn.Module) -> int:
    """Bytes of parameters and buffers."""
    return state_bytes([*model.parameters(), *model.buffers()])


def state_bytes(state: Any) -> int:
    """Bytes of all tensors in a state, such as a plug-in's ``state_dict()``: what its buffers and copies take."""
    if isinstance(state, Tensor):
        return state.numel() * state.element_size()
    parts = state.values() if isinstance(state, Mapping) else state if isinstance(state, list | tuple) else ()
    return sum(state_bytes(part) for part in parts)


def membrane_updates(potentials: ArrayLike | Tensor) -> float:
    """Neuron-steps in which the membrane changed, per sample.

    Parameters
    ----------
    potentials : [time + 1, sample, neuron], the first before the first step.
    """
    v = as_tensor("potentials", potentials)
    if v.ndim != 3 or not v.shape[1]:
        raise NeuroclError(f"membrane_updates: expected potentials [time, sample, neuron], got shape {tuple(v.shape)}")
    return float((v[1:] != v[:-1]).sum()) / v.shape[1]


def synaptic_operations(model: nn.Module, x: Tensor | ArrayLike, n_samples: int | None = None) -> dict[str, float]:
    """Operations of one prediction, mean over samples.

    Parameters
    ----------
    model : its Linear, Conv2d and `PairwiseReadout` layers are counted, in evaluation mode.
    x : input.
    n_samples : number of samples in `x`. Default: the length of its first axis (give it for time-major input), or 1 if
        it has no other axis.

    Returns
    -------
    dict
        "dense", "effective_macs", "effective_acs", "energy" (pJ).
    """
    samples = as_features("synaptic_operations: x", x)
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
            model(samples)
    finally:
        for handle in handles:
            handle.remove()
    n = n_samples or (len(samples) if samples.ndim > 1 else 1)
    found = {name: value / n for name, value in counts.items()}
    found["energy"] = MAC_ENERGY * found["effective_macs"] + AC_ENERGY * found["effective_acs"]
    return found


def _products(layer: nn.Module, h: Tensor) -> tuple[float, float]:
    """Number of all, and of effective, products of a layer for input `h`."""
    used = (h != 0).double()
    if isinstance(layer, nn.Linear):
        fan_out = (layer.weight != 0).sum(0).double()
        return float(h.numel() * layer.out_features), float((used @ fan_out).sum())
    if isinstance(layer, PairwiseReadout):
        classes = zip(layer.i, layer.j, (layer.weight != 0).double(), strict=True)
        effective = sum(float((used[:, i] * used[:, j] @ present).sum()) for i, j, present in classes)
        return float(len(h) * layer.weight.numel()), effective
    assert isinstance(layer, nn.Conv2d)
    images, present = used.flatten(0, -4), (layer.weight != 0).double()

    def count(x: Tensor, w: Tensor) -> float:
        found = functional.conv2d(x, w, None, layer.stride, layer.padding, layer.dilation, layer.groups)
        return float(found.sum())

    # Products with the zeros of the padding are no part of the dense count either.
    return count(torch.ones_like(images), torch.ones_like(present)), count(images, present)


def _weight_layers(model: nn.Module) -> list[WeightLayer]:
    found = [m for m in model.modules() if isinstance(m, WeightLayer)]
    if not found:
        raise NeuroclError("the model has no Linear, Conv2d or PairwiseReadout layer whose operations could be counted")
    return found
