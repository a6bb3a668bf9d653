"""Shared by the tests: files that were written and read again, and spikes as an array [step, neuron]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.core.recording import Spikes


def through_file(graph: Any, folder: Path) -> Any:
    """The graph after it was written and read."""
    import nir

    nir.write(folder / "graph.nir", graph)
    return nir.read(folder / "graph.nir")


def spikes_of(net: ncl.Network, duration: float, inputs: dict[str, Any] | None = None) -> dict[str, Spikes]:
    """Run a network in float64; the spikes of every population that has some."""
    names = [name for name, population in net.populations.items() if population.model.threshold is not None]
    simulation = net.build(seed=1, dtype="float64")
    out = simulation.run(duration, record={name: ["spikes"] for name in names}, inputs=inputs)
    return {name: out[name].spikes for name in names}


def raster(spikes: Spikes, dt: float, steps: int, n: int) -> NDArray[np.int64]:
    """Spikes as [step, neuron]; step k ends at (k + 1) dt."""
    found = np.zeros((steps, n), np.int64)
    found[np.rint(spikes.times / dt).astype(int) - 1, spikes.indices] += 1
    return found


def scheduled(pattern: NDArray[np.int64], dt: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and neurons that let pattern[k] arrive in step k; pattern[0] is empty."""
    steps, neurons = np.nonzero(pattern)
    return steps * dt, neurons
