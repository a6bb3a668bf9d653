"""Layers of PyTorch networks that associate patterns as a modern Hopfield network does. Loading this loads torch."""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('the Hopfield layers need PyTorch: pip install "neurocl[torch]"') from None

from neurocl.memory.layers.association import HopfieldAssociation
from neurocl.memory.layers.encoder import HopfieldDecoderLayer, HopfieldEncoderLayer
from neurocl.memory.layers.iteration import Association
from neurocl.memory.layers.layer import HopfieldLayer
from neurocl.memory.layers.options import AssociationOptions
from neurocl.memory.layers.pooling import HopfieldPooling

__all__ = [
    "Association",
    "AssociationOptions",
    "HopfieldAssociation",
    "HopfieldDecoderLayer",
    "HopfieldEncoderLayer",
    "HopfieldLayer",
    "HopfieldPooling",
]
