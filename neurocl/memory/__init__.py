"""Associative memories: patterns are stored and found again from a part of them, or through noise.

Every memory has `store(patterns)`, `recall(cue) -> Recall`, `energy(state)`, `capacity()`, `save(path)` and, where what
was learned can be undone, `forget(patterns)`. `Memory.load(path)` reads a saved one. `theory` says what to expect.
`HopfieldAssociation`, `HopfieldPooling` and `HopfieldLayer` are layers of PyTorch networks, `HopfieldEncoderLayer` and
`HopfieldDecoderLayer` blocks of a transformer with them. `memory.strategy` has classifiers for continual learning.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neurocl.memory import categorical, theory
from neurocl.memory.clustered import ClusteredMemory
from neurocl.memory.consolidating import ConsolidatingMemory
from neurocl.memory.dense import DenseHopfield
from neurocl.memory.hippocampal import HippocampalCAM
from neurocl.memory.hopfield import Hopfield
from neurocl.memory.key_value import KeyValueMemory
from neurocl.memory.memory import Memory
from neurocl.memory.modern import ModernHopfield
from neurocl.memory.multitask import MultitaskHopfield
from neurocl.memory.outer_product import OuterProductMemory
from neurocl.memory.packed import PackedPatterns
from neurocl.memory.recall import Capacity, Recall
from neurocl.memory.sparse_hopfield import SparseHopfield
from neurocl.memory.sparsey import Sparsey
from neurocl.memory.willshaw import Willshaw

if TYPE_CHECKING:
    from neurocl.memory.layers import (
        HopfieldAssociation,
        HopfieldDecoderLayer,
        HopfieldEncoderLayer,
        HopfieldLayer,
        HopfieldPooling,
    )

__all__ = [
    "Capacity",
    "ClusteredMemory",
    "ConsolidatingMemory",
    "DenseHopfield",
    "HippocampalCAM",
    "Hopfield",
    "HopfieldAssociation",
    "HopfieldDecoderLayer",
    "HopfieldEncoderLayer",
    "HopfieldLayer",
    "HopfieldPooling",
    "KeyValueMemory",
    "Memory",
    "ModernHopfield",
    "MultitaskHopfield",
    "OuterProductMemory",
    "PackedPatterns",
    "Recall",
    "SparseHopfield",
    "Sparsey",
    "Willshaw",
    "categorical",
    "theory",
]

# These need torch, which is loaded when one of them is first used.
_LAYERS = (
    "HopfieldAssociation",
    "HopfieldDecoderLayer",
    "HopfieldEncoderLayer",
    "HopfieldLayer",
    "HopfieldPooling",
)


def __getattr__(name: str) -> Any:
    if name in _LAYERS:
        return getattr(importlib.import_module("neurocl.memory.layers"), name)
    raise AttributeError(f"module 'neurocl.memory' has no attribute {name!r}")
