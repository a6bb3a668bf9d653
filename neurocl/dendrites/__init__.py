"""Active dendrites: layers whose units are gated by a context, so that each task uses its own sparse sub-network.

`ActiveDendriteLinear`, `KWinners` and `DendriticMLP` are layers and a network of PyTorch; contexts say which task is at
hand; `ActiveDendrites` makes it all a plug-in of `neurocl.continual.Strategy`.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.dendrites needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.dendrites.active_dendrites import ActiveDendriteConv2d, ActiveDendriteLinear
from neurocl.dendrites.clusters import ClusterContext
from neurocl.dendrites.contexts import Context, InputContext, OneHotContext, PrototypeContext, RandomSparseContext
from neurocl.dendrites.gates import GATES, gated
from neurocl.dendrites.hotelling import Sample, same_distribution
from neurocl.dendrites.k_winners import KWinners, KWinners2d
from neurocl.dendrites.mlp import DendriticMLP
from neurocl.dendrites.row_adam import RowAdam
from neurocl.dendrites.segments import DendriteSegments
from neurocl.dendrites.sparse_linear import SparseLinear, rezero
from neurocl.dendrites.strategy import ActiveDendrites, DendriticModel
from neurocl.dendrites.synaptic_intelligence import FeedForwardSI

__all__ = [
    "GATES",
    "ActiveDendriteConv2d",
    "ActiveDendriteLinear",
    "ActiveDendrites",
    "ClusterContext",
    "Context",
    "DendriteSegments",
    "DendriticMLP",
    "DendriticModel",
    "FeedForwardSI",
    "InputContext",
    "KWinners",
    "KWinners2d",
    "OneHotContext",
    "PrototypeContext",
    "RandomSparseContext",
    "RowAdam",
    "Sample",
    "SparseLinear",
    "gated",
    "rezero",
    "same_distribution",
]
