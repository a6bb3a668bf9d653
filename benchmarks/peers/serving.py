"""How a simulator's program is told to run: its command line, and the lines it reads and writes.

    PYTHON benchmarks/peers/NAME_networks.py NETWORK --n N --seconds S --repeats R --seed 1 [--adjacency FILE] [--serve]

The microcircuit's size is --scale and --k-scale instead of --n.
Without --serve it prints one JSON object: name, real_time_factor (a list), rate_hz, build_seconds, peak_memory_mb.
With --serve it builds, runs once without a clock and prints {"ready": true, "name": ..., "build_seconds": ...}; then
it answers each line "run" by {"seconds": wall seconds per biological second, "rate_hz": ..., "peak_memory_mb": ...},
until "quit". So several simulators can take turns. Exit status 3, with one line on stderr: it cannot run this network.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, Protocol

__all__ = ["Simulator", "add_size", "cannot_run", "own_peak_memory_mb", "serve", "size", "to_mb"]


class Simulator(Protocol):
    """A network that is built and has run once."""

    name: str
    build_seconds: float

    def run(self) -> tuple[float, float]:
        """Wall seconds per biological second, and the mean rate in Hz."""
        ...

    def peak_memory_mb(self) -> float:
        """Largest memory so far of the process that simulates."""
        ...


def cannot_run(reason: str) -> NoReturn:
    """Leave with the status that says so."""
    print(" ".join(reason.split()), file=sys.stderr)
    raise SystemExit(3)


def to_mb(maxrss: float) -> float:
    """Megabytes from the `ru_maxrss` of this platform."""
    return maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def own_peak_memory_mb() -> float:
    """Largest memory so far of this process alone; `ru_maxrss` also counts the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return to_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**10


def serve(make: Callable[[argparse.Namespace], Simulator]) -> None:
    """Run the command line; `make` builds the simulator that its arguments ask for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    add_size(parser)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--adjacency", type=Path, help="wiring file, see benchmarks/wiring.py")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    simulator = make(arguments)
    about = {"name": simulator.name, "build_seconds": simulator.build_seconds}
    if arguments.serve:
        _say({"ready": True, **about})
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            seconds, rate = simulator.run()
            _say({"seconds": seconds, "rate_hz": rate, "peak_memory_mb": simulator.peak_memory_mb()})
    else:
        runs = [simulator.run() for _ in range(arguments.repeats)]
        factors, rate = [seconds for seconds, _ in runs], runs[-1][1]
        memory = simulator.peak_memory_mb()
        _say({**about, "real_time_factor": factors, "rate_hz": rate, "peak_memory_mb": memory})


def add_size(parser: argparse.ArgumentParser) -> None:
    """Options for the size of a network."""
    parser.add_argument("--n", type=int)
    parser.add_argument("--scale", type=float)
    parser.add_argument("--k-scale", type=float)


def size(arguments: argparse.Namespace) -> dict[str, float]:
    """Those that were given, by the names of `networks.Benchmark.size`."""
    return {key: value for key in ("n", "scale", "k_scale") if (value := getattr(arguments, key)) is not None}


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)
