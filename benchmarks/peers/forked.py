"""Repeats a run from the same state, for simulators that cannot go back: each run takes place in a copy of the process.

A forked copy shares its memory with the original; a page that the run changes is copied first, which costs below
1 microsecond per 4 KiB. POSIX only, and only for simulators that have not started threads.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

from serving import own_peak_memory_mb

__all__ = ["ForkedSimulator"]


class ForkedSimulator:
    """A network that is built and warm; see `serving.Simulator`.

    Parameters
    ----------
    name : simulator and version.
    build_seconds : what building took.
    n : number of neurons over which the rate is taken.
    seconds : biological time of a run.
    advance : advances by so many biological seconds, at least one step; the number of spikes of those neurons.
    """

    WARM_UP = 0.05  # part of `seconds`

    def __init__(
        self, name: str, build_seconds: float, n: int, seconds: float, advance: Callable[[float], int]
    ) -> None:
        self.name, self.build_seconds = name, build_seconds
        self._n, self._seconds, self._advance = n, seconds, advance
        self._peak_memory = own_peak_memory_mb()
        self._in_copy(self.WARM_UP * seconds)

    def run(self) -> tuple[float, float]:
        """Wall seconds per biological second, and the mean rate in Hz."""
        elapsed, spikes = self._in_copy(self._seconds)
        return elapsed / self._seconds, spikes / self._n / self._seconds

    def peak_memory_mb(self) -> float:
        """Largest memory so far of this process and of its copies, each by itself."""
        return self._peak_memory

    def _in_copy(self, seconds: float) -> tuple[float, float]:
        reader, writer = os.pipe()
        copy = os.fork()
        if copy == 0:
            os.close(reader)
            status = 1
            try:
                started = time.perf_counter()
                spikes = self._advance(seconds)
                elapsed = time.perf_counter() - started
                os.write(writer, json.dumps([elapsed, spikes, own_peak_memory_mb()]).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            line = pipe.read()
        _, status = os.waitpid(copy, 0)
        if status or not line:
            raise SystemExit(f"{self.name}: the run ended without a result (wait status {status})")
        elapsed, spikes, memory = json.loads(line)
        self._peak_memory = max(self._peak_memory, memory)
        return elapsed, spikes
