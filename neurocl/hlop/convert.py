"""Plain layers of a model as HLOP layers, with the same parameters."""

from __future__ import annotations

from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.hlop.layers import HLOPConv2d, HLOPLinear

__all__ = ["convert"]


def convert(model: nn.Module) -> nn.Module:
    """Replace every plain Linear and Conv2d of `model` by an HLOP layer without a subspace.

    Parameters and their names stay, so that an optimiser made before and saved weights go on to fit. Layers of derived
    classes are left alone: they may use their weights in another way.

    Returns
    -------
    `model`, changed; where it is a single layer, the layer that takes its place.

    Raises
    ------
    NeuroclError
        For a convolution with groups, or padding as text or with other values than zeros; for a weight that serves in
        two places, since each has a subspace of its own.
    """
    found = [m for _, m in model.named_modules(remove_duplicate=False) if isinstance(m, nn.Linear | nn.Conv2d)]
    if len({id(layer.weight) for layer in found}) < len(found):
        raise NeuroclError("HLOP: two layers of the model share a weight; give each layer its own.")
    if type(model) is nn.Linear:
        return HLOPLinear.of(model)
    if type(model) is nn.Conv2d:
        return HLOPConv2d.of(model)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear:
                setattr(parent, name, HLOPLinear.of(child))
            elif type(child) is nn.Conv2d:
                setattr(parent, name, HLOPConv2d.of(child))
    return model
