"""neurocl: spiking and Hebbian networks that keep learning.

A model is described once, as equations; engines run the description. The packages `analysis`, `continual`, `data`,
`dendrites`, `hlop`, `interop`, `lsm`, `memory`, `networks`, `nn`, `plots` and `sdr` are loaded when they are first
used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neurocl import models
from neurocl.core.components import Input
from neurocl.core.connectivity import (
    AllToAll,
    DistanceDependent,
    Edges,
    FixedIndegree,
    FixedOutdegree,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
)
from neurocl.core.distributions import choice, exponential, gamma, lognormal, normal, uniform
from neurocl.core.errors import NeuroclError
from neurocl.core.lattice import Lattice
from neurocl.core.model import Modulator, NeuronModel, SynapseModel
from neurocl.core.network import ENGINES, Network
from neurocl.core.recording import Record, Recording, Spikes, Trace
from neurocl.core.simulator import Simulator

if TYPE_CHECKING:
    from neurocl import analysis, continual, data, dendrites, hlop, interop, lsm, memory, networks, nn, plots, sdr

__version__ = "0.1.0"

ENGINES["numba"] = "neurocl.engines.numba:NumbaSimulation"
ENGINES["brian2"] = "neurocl.engines.brian2:Brian2Simulation"
ENGINES["torch"] = "neurocl.engines.torch:TorchSimulation"

__all__ = [
    "AllToAll",
    "DistanceDependent",
    "Edges",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedProbability",
    "FixedTotalNumber",
    "Input",
    "Lattice",
    "Modulator",
    "Network",
    "NeuroclError",
    "NeuronModel",
    "OneToOne",
    "Record",
    "Recording",
    "Simulator",
    "Spikes",
    "SynapseModel",
    "Trace",
    "analysis",
    "choice",
    "continual",
    "data",
    "dendrites",
    "exponential",
    "gamma",
    "hlop",
    "interop",
    "lognormal",
    "lsm",
    "memory",
    "models",
    "networks",
    "nn",
    "normal",
    "plots",
    "sdr",
    "uniform",
]

_LAZY = (
    "analysis", "continual", "data", "dendrites", "hlop", "interop", "lsm", "memory", "networks", "nn", "plots", "sdr",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"neurocl.{name}")
    raise AttributeError(f"module 'neurocl' has no attribute {name!r}")
