"""A simulator's program that simulates nothing: it speaks the protocol, fast, with the numbers it is told."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.networks import Benchmark
from benchmarks.simulators import Program

SPEAK = """
import sys
print("a banner")
print('{"ready": true, "name": "NAME 1.2", "build_seconds": 0.5}', flush=True)
for line in sys.stdin:
    print('{"seconds": SECONDS, "rate_hz": RATE, "peak_memory_mb": 7.0}', flush=True)
"""
REFUSE = "import sys; print('no such neuron', file=sys.stderr); sys.exit(3)"
CRASH = "1 / 0"


@dataclass(frozen=True)
class StandIn(Program):
    """A program whose text is `code`."""

    code: str = ""

    def command(self, benchmark: Benchmark, dtype: str, wiring: Path) -> list[str]:
        return [sys.executable, "-S", "-c", self.code]


def speaking(name: str, seconds: float, rate: float) -> StandIn:
    """A simulator `name` of this real-time factor and rate."""
    code = SPEAK.replace("NAME", name).replace("SECONDS", str(seconds)).replace("RATE", str(rate))
    return StandIn(name.lower(), code=code)
