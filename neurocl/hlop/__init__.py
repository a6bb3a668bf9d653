"""HLOP: lateral Hebbian connections find the subspace of past activity, and learning stays out of it.

`HebbianSubspace` learns the subspace of one layer. `HLOPLinear` and `HLOPConv2d` are layers for any torch model;
`SpikingMLP` is a network of them, trained by `dsr`, `bptt` or `ottt`; `SpikingCNN` is one with convolutions, for `dsr`.
`HLOP` is the method for `continual.run`, `ContinualTrainer` the published task loop. `LateralCircuit` learns the
subspace in spikes, on the simulation core.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.hlop needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.hlop.circuit import LateralCircuit, Presentations, principal_angles
from neurocl.hlop.convert import convert
from neurocl.hlop.convolutional import ConvolutionalNetwork, SpikingCNN
from neurocl.hlop.layers import HLOPConv2d, HLOPLinear
from neurocl.hlop.methods import Method, bptt, dsr, ottt
from neurocl.hlop.network import SpikingMLP, SpikingNetwork
from neurocl.hlop.optimisers import hlop_layers, projected_steps, why_it_leaves
from neurocl.hlop.quantiser import RateCode
from neurocl.hlop.representation import DSRIF, DSRLIF
from neurocl.hlop.stability import StabilityWarning, largest_eigenvalue
from neurocl.hlop.strategy import HLOP
from neurocl.hlop.subspace import HebbianSubspace
from neurocl.hlop.surrogate import OnlineLIF, SurrogateLIF
from neurocl.hlop.trainer import ContinualTrainer

__all__ = [
    "DSRIF",
    "DSRLIF",
    "HLOP",
    "ContinualTrainer",
    "ConvolutionalNetwork",
    "HLOPConv2d",
    "HLOPLinear",
    "HebbianSubspace",
    "LateralCircuit",
    "Method",
    "OnlineLIF",
    "Presentations",
    "RateCode",
    "SpikingCNN",
    "SpikingMLP",
    "SpikingNetwork",
    "StabilityWarning",
    "SurrogateLIF",
    "bptt",
    "convert",
    "dsr",
    "hlop_layers",
    "largest_eigenvalue",
    "ottt",
    "principal_angles",
    "projected_steps",
    "why_it_leaves",
]
