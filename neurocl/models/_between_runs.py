"""Checks of what is given to the functions that change the synapses of a simulation between two runs."""

from __future__ import annotations

import numpy as np

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.simulator import Simulator

__all__ = ["check_rewiring"]


def check_rewiring(owner: str, sim: object, projection: str, rng: object) -> None:
    """NeuroclError, begun by `owner` where the network cannot tell, unless all three can be used."""
    if not isinstance(sim, Simulator):
        raise NeuroclError(f"{owner}: sim must be a simulation, as net.build() makes it, got {type(sim).__name__}")
    if not isinstance(rng, np.random.Generator):
        raise NeuroclError(f"{owner}: rng must be np.random.default_rng(seed) or the like, got {shown(rng)}")
    sim.edges(projection)
