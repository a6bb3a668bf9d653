"""Measures one benchmark: simulators take turns, and are compared turn by turn.

Real-time factor    wall seconds of the simulation loop per biological second. Building, compiling and a first run are
                    not counted; they are reported apart, as is the largest memory of each process.
Ratio               peer's over neurocl's real-time factor in the same turn
Void                a peer whose rate differs by more than the benchmark's tolerance has no ratio: it did other work
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.machine import header, summary
from benchmarks.networks import Benchmark
from benchmarks.simulators import OWN, ROOT, AbsentError, Program, Running
from neurocl import NeuroclError

__all__ = ["measure"]


def measure(
    benchmark: Benchmark, peers: Sequence[Program] = (), dtype: str = "float32", repeats: int = 5
) -> dict[str, Any]:
    """Measure neurocl and those of `peers` that are there.

    Parameters
    ----------
    benchmark : what to run.
    peers : programs of other simulators, see `simulators.PEERS`.
    dtype : "float32" or "float64", of neurocl and Brian2.
    repeats : timed runs of each.

    Returns
    -------
    dict
        What benchmarks/results/ keeps; see `table.py` for how it is read.
    """
    absent: dict[str, str] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = _start(stack, benchmark, peers if benchmark.has_peers else (), dtype, folder, absent)
        times: dict[str, list[float]] = {simulator.name: [] for simulator in running}
        for _ in range(repeats):
            for simulator in running:
                try:
                    times[simulator.name].append(simulator.run())
                except AbsentError as reason:
                    _give_up(simulator.name, reason)
        compared = _compare(running, times, benchmark.tolerance)
    description = dataclasses.asdict(benchmark)
    goals = {key: description.pop(key) for key in ("must", "aim", "least_ratio")}
    return {
        "benchmark": description.pop("name"), **description, "dtype": dtype, "repeats": repeats, "seed": 1, **header(),
        **compared, "absent": absent, "goals": goals,
    }  # fmt: skip


def _compare(running: Sequence[Running], times: dict[str, list[float]], tolerance: float) -> dict[str, Any]:
    """What was found of each simulator, and how the others stand to the first."""
    own, *others = running
    found = {
        simulator.name: {
            "real_time_factor": summary(times[simulator.name]),
            "rate_hz": simulator.rate,
            "build_seconds": simulator.about["build_seconds"],
            "peak_memory_mb": simulator.peak_memory_mb,
        }
        for simulator in running
    }
    void = {s.name: why for s in others if (why := _difference(own.rate, s.rate, tolerance))}
    ratios = {
        s.name: summary([theirs / ours for ours, theirs in zip(times[own.name], times[s.name], strict=True)])
        for s in others
        if s.name not in void
    }
    return {"simulators": found, "ratio": ratios, "void": void}


def _start(
    stack: ExitStack, benchmark: Benchmark, peers: Sequence[Program], dtype: str, folder: Path, absent: dict[str, str]
) -> list[Running]:
    """neurocl and the peers, built one after the other; the reasons of those that cannot run go into `absent`."""
    wiring = folder / "wiring.npz"
    if peers:
        command = [sys.executable, "-m", "benchmarks.wiring", str(wiring), benchmark.network, "--seed", "1"]
        subprocess.run([*command, *benchmark.size_options()], check=True, cwd=ROOT)
    running = []
    for program in (OWN, *peers):
        try:
            running.append(stack.enter_context(Running(program, benchmark, dtype, wiring)))
        except AbsentError as reason:
            if program is OWN:
                _give_up("neurocl", reason)
            absent[program.key] = str(reason)
    return running


def _give_up(name: str, reason: AbsentError) -> None:
    raise NeuroclError(f"bench: {name} could not finish ({reason})")


def _difference(own: float, other: float, tolerance: float) -> str | None:
    """Why the times of simulators with these rates (Hz) cannot be compared, or None."""
    difference = abs(other / own - 1) if own > 0 else float(other > 0)
    if difference <= tolerance:
        return None
    return f"its rate is {other:.2f} Hz, neurocl's {own:.2f} Hz: {difference:.0%} apart, more than {tolerance:.0%}"
