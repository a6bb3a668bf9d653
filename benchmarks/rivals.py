"""Two ways to run one network, in turn: neurocl, and the C++ program that Brian2 writes for it.

A benchmark gives the network and a function that builds it in Brian2. Connectivity and initial values may be taken from
the simulation that neurocl built, so that rates agree although single wirings differ.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from machine import header, summary, write

from neurocl import Network

__all__ = ["Brian2Standalone", "Neurocl", "main", "measure"]

BIOLOGICAL_SECONDS = 1.0
Build = Callable[[Any, Any], list[Any]]
"""From the module brian2 and neurocl's simulation to Brian2 objects; the first is the group whose spikes count."""


class Neurocl:
    """The network on neurocl's Numba engine."""

    name = "neurocl"

    def __init__(self, network: Network, dtype: str) -> None:
        started = time.perf_counter()
        self.simulation: Any = network.build(engine="numba", seed=1, dtype=dtype)
        self.simulation.run(1.0, record={"neurons": "counts"})
        self.build_seconds = time.perf_counter() - started
        self.simulation.reset()
        self.rate = 0.0

    def run(self) -> float:
        """Wall seconds of one biological second."""
        self.simulation.reset()
        started = time.perf_counter()
        out = self.simulation.run(1000.0 * BIOLOGICAL_SECONDS, record={"neurons": "counts"})
        elapsed = time.perf_counter() - started
        self.rate = float(out["neurons"].counts().mean() / BIOLOGICAL_SECONDS)
        return elapsed


class Brian2Standalone:
    """The network as a C++ program written by Brian2."""

    name = "Brian2 C++ standalone"

    def __init__(self, build: Build, simulation: Any, dtype: str, folder: Path) -> None:
        import brian2 as b2
        import numpy as np

        logging.getLogger("brian2").setLevel(logging.ERROR)
        started = time.perf_counter()
        b2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
        b2.prefs.core.default_float_dtype = np.dtype(dtype).type
        b2.seed(1)
        b2.defaultclock.dt = simulation.dt * b2.ms
        objects = build(b2, simulation)
        self.n = len(objects[0])
        self.counter = b2.SpikeMonitor(objects[0], record=False)
        self.network = b2.Network(*objects, self.counter)
        self.network.run(BIOLOGICAL_SECONDS * b2.second)
        b2.device.build(directory=str(folder), compile=True, run=False)
        self.device, self.folder = b2.device, folder
        self.build_seconds = time.perf_counter() - started
        self.rate = 0.0

    def run(self) -> float:
        """Wall seconds of one biological second, as the program itself measures its loop."""
        self.device.run(str(self.folder), with_output=False, run_args=[])
        self.rate = float(self.counter.num_spikes / self.n / BIOLOGICAL_SECONDS)
        return float(self.device._last_run_time)


def measure(name: str, network: Network, build: Build, dtype: str, repeats: int) -> dict[str, Any]:
    """Alternate the two simulators and compare them pair by pair."""
    with tempfile.TemporaryDirectory() as folder:
        ours = Neurocl(network, dtype)
        rivals = [ours, Brian2Standalone(build, ours.simulation, dtype, Path(folder))]
        times: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        for rival in rivals:
            rival.run()
        for _ in range(repeats):
            for rival in rivals:
                times[rival.name].append(rival.run() / BIOLOGICAL_SECONDS)
    rates = {rival.name: rival.rate for rival in rivals}
    if abs(rates[rivals[0].name] / rates[rivals[1].name] - 1) > 0.05:
        raise SystemExit(f"the rates differ by more than 5 %, so the times cannot be compared: {rates} Hz")
    pairs = zip(*(times[rival.name] for rival in rivals), strict=True)
    return {
        "benchmark": name, "n": len(network.populations["neurons"]), "dtype": dtype, "threads": 1, "repeats": repeats,
        "seed": 1, **header(),
        "real_time_factor": {rival: summary(values) for rival, values in times.items()},
        "ratio_brian2_over_neurocl": summary([b / a for a, b in pairs]),
        "rate_hz": rates, "build_seconds": {rival.name: rival.build_seconds for rival in rivals},
    }  # fmt: skip


def main(name: str, description: str, make: Callable[[int], Network], build: Build) -> None:
    """Command line of a benchmark; `make` gives the network of n neurons."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4000, help="number of neurons")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    result = measure(name, make(arguments.n), build, arguments.dtype, arguments.repeats)
    write(result, arguments.json)
