"""neurocl as a simulator of the benchmarks: the Numba engine, spikes counted and not stored."""

from __future__ import annotations

import argparse
import time
from typing import Any

import neurocl
from benchmarks.networks import NETWORKS
from benchmarks.peers.serving import own_peak_memory_mb, serve, size

WARM_UP = 10.0  # ms
AWAKE = 100.0  # ms; after it the processor is awake, as Brian2's program is when it has initialised its synapses


class Neurocl:
    """A network of `neurocl.Network.build`; the time to build includes compiling, or loading what was compiled."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        recipe = NETWORKS[arguments.network]
        self.seconds, self.counts = arguments.seconds, dict.fromkeys(recipe.counted, "counts")
        self.name = f"neurocl {neurocl.__version__}"
        started = time.perf_counter()
        self.simulation: Any = recipe.make(**size(arguments)).build(
            engine="numba", seed=arguments.seed, dtype=arguments.dtype, threads=arguments.threads
        )
        self.simulation.run(WARM_UP, record=self.counts)
        self.build_seconds = time.perf_counter() - started

    def run(self) -> tuple[float, float]:
        """See `serving.Simulator`."""
        self.simulation.reset()
        self.simulation.run(AWAKE, record=self.counts)
        self.simulation.reset()
        started = time.perf_counter()
        out = self.simulation.run(1000.0 * self.seconds, record=self.counts)
        elapsed = time.perf_counter() - started
        counts = [out[name].counts() for name in self.counts]
        return elapsed / self.seconds, sum(map(sum, counts)) / sum(map(len, counts)) / self.seconds

    def peak_memory_mb(self) -> float:
        """See `serving.Simulator`."""
        return own_peak_memory_mb()


if __name__ == "__main__":
    serve(Neurocl)
