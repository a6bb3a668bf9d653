"""Plain layers of a model as HLOP layers, with the same parameters."""

from __future__ import annotations

from torch import nn

from neurocl.hlop.layers import HLOPConv2d, HLOPLinear

__all__ = ["convert"]


def convert(model: nn.Module) -> nn.Module:
    """Replace every plain Linear and Conv2d inside `model` by an HLOP layer without a subspace; returns it.

    Parameters and their names stay, so that an optimiser made before and saved weights go on to fit. Layers of derived
    classes are left alone: they may use their weights in another way.

    Raises
    ------
    NeuroclError
        For a convolution with groups or with padding given as text.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear:
                setattr(parent, name, HLOPLinear.of(child))
            elif type(child) is nn.Conv2d:
                setattr(parent, name, HLOPConv2d.of(child))
    return model
