"""How fast the Numba engine runs on this machine: real-time factor of the CUBA network.

Real-time factor    wall seconds of the simulation loop per simulated second; building, compiling and a first run are
                    not counted. Single precision, one thread, spikes counted and not stored.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neurocl.core._checks import whole_number
from neurocl.networks import cuba

__all__ = ["Speed", "machine", "measure"]

DURATION = 1000.0  # ms


@dataclass(frozen=True)
class Speed:
    """What `measure` found: real-time factors of the repetitions, mean rate (Hz), seconds to build and compile."""

    n: int
    real_time_factors: tuple[float, ...]
    mean_rate: float
    build_seconds: float
    machine: str

    @property
    def median(self) -> float:
        """The median real-time factor."""
        return statistics.median(self.real_time_factors)

    def to_json(self) -> str:
        """All numbers as JSON."""
        return json.dumps({**asdict(self), "median_real_time_factor": self.median}, indent=2) + "\n"

    def __str__(self) -> str:
        return (
            f"CUBA, {self.n} neurons, dt = 0.1 ms: real-time factor {self.median:.4f} (median of"
            f" {len(self.real_time_factors)}, best {min(self.real_time_factors):.4f}),"
            f" {1 / self.median:.0f} times faster than real time\n"
            f"mean rate {self.mean_rate:.2f} Hz, built and compiled in {self.build_seconds:.1f} s\n{self.machine}"
        )


def measure(n: int = 4000, repetitions: int = 5) -> Speed:
    """Run CUBA for 1 s several times.

    Parameters
    ----------
    n : number of neurons, at least 80.
    repetitions : timed runs, at least 1.

    Raises
    ------
    NeuroclError
        For a number that is too small.
    """
    repetitions = whole_number("bench", "repetitions", repetitions, at_least=1)
    started = time.perf_counter()
    simulator: Any = cuba(n).build(seed=1, dtype="float32")
    simulator.run(10 * simulator.dt)
    build_seconds = time.perf_counter() - started
    factors, rate = [], 0.0
    for _ in range(repetitions):
        simulator.reset()
        started = time.perf_counter()
        recording = simulator.run(DURATION, record={"neurons": "counts"})
        factors.append((time.perf_counter() - started) / (DURATION / 1000))
        rate = float(recording["neurons"].counts().mean()) / (DURATION / 1000)
    return Speed(n, tuple(factors), rate, build_seconds, machine())


def machine() -> str:
    """Processor, cores and versions in words."""
    import numba

    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:  # not Linux
        pass
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()},"
        f" Python {platform.python_version()}, numba {numba.__version__}"
    )
