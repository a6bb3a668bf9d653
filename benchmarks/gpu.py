"""The torch engine and the training step on a GPU.

    python -m benchmarks.gpu [PART ...] [--repeats 3] [--json benchmarks/results/gpu.json]

cuba            CUBA with 4000, 64 000 and 1 000 000 neurons, 1 s each
microcircuit    the cortical microcircuit at full size, 10 s after 500 ms: rates beside the published ones
training        a training step (`training_step`) beside the same peers, T = 25 and 100

Real-time factor    wall seconds per biological second of a run without recording, after one that captured the graph
Step                wall seconds per step, and beside it what the launch of a graph of one kernel takes on this machine
Energy              joules per biological second, of the whole GPU, as its driver counts; absent where it does not
Precision           float32

A training step is timed from its start until the GPU has finished; the variants take turns. Without a GPU nothing is
measured: the program says so and ends.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.energy import joules
from benchmarks.machine import header, summary, write
from benchmarks.training_step import check_gradients, kinds, make
from neurocl import Network
from neurocl.networks import cuba, microcircuit
from neurocl.networks.microcircuit import RATES

__all__ = ["launch_seconds", "simulate", "train"]

CUBA = (4_000, 64_000, 1_000_000)


def wait(device: str) -> None:
    """Until the device has done all it was given."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def simulate(
    network: Network, duration: float, device: str, repeats: int, settle: float = 100.0, rates: Mapping[str, float] = {}
) -> dict[str, Any]:
    """Run a network.

    Parameters
    ----------
    network : what to run.
    duration : ms of each timed run.
    device : "cuda" or "cpu".
    repeats : timed runs.
    settle : ms before the first.
    rates : published rates in Hz, by population.
    """
    where = torch.device(device)
    if where.type == "cuda":
        torch.cuda.reset_peak_memory_stats(where)
    start = time.perf_counter()
    sim: Any = network.build(engine="torch", seed=1, dtype="float32", device=device)
    built = time.perf_counter() - start
    sim.run(settle)
    seconds, energies = [], []
    for _ in range(repeats):
        wait(device)
        before, start = joules(where), time.perf_counter()
        sim.run(duration)
        wait(device)
        seconds.append(time.perf_counter() - start)
        after = joules(where)
        if before is not None and after is not None:
            energies.append((after - before) / (duration / 1000))
    counted = sim.run(duration, record=dict.fromkeys(network.populations, "counts"))
    found = {name: float(counted[name].counts().mean()) / (duration / 1000) for name in network.populations}
    return {
        "neurons": sum(len(p) for p in network.populations.values()),
        "synapses": sum(int(p.edges.n) for p in sim.plan.projections.values()),
        "milliseconds": duration, "build_seconds": built,
        "real_time_factor": summary([s / (duration / 1000) for s in seconds]),
        "microseconds_per_step": summary([1e6 * s * sim.dt / duration for s in seconds]),
        "joules_per_second": summary(energies) if energies else None,
        "rates_hz": found, "rates_over_published": {name: found[name] / rate for name, rate in rates.items()},
        "peak_gigabytes": torch.cuda.max_memory_allocated(where) / 2**30 if where.type == "cuda" else None,
    }  # fmt: skip


def launch_seconds(device: str, count: int = 2000) -> float:
    """Wall seconds of one launch: on a GPU of a graph of one small kernel, on a CPU of the operation itself."""
    x = torch.zeros(1, device=device)
    launch: Callable[[], Any] = lambda: x.add_(1.0)  # noqa: E731 - replaced below
    launch()
    if x.is_cuda:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            x.add_(1.0)
        launch = graph.replay
    wait(device)
    start = time.perf_counter()
    for _ in range(count):
        launch()
    wait(device)
    return (time.perf_counter() - start) / count


def train(n_steps: int, device: str, repeats: int, chosen: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Wall milliseconds and peak memory of a training step, for each of the variants that can run on the device."""
    names = tuple(kind for kind in chosen or kinds() if kind != "fused" or device == "cpu")
    steps = {kind: make(kind, n_steps, device) for kind in names}
    check_gradients(steps, 1e-5 if device == "cpu" else 1e-2)
    seconds: dict[str, list[float]] = {kind: [] for kind in names}
    for _ in range(repeats):
        for kind, (step, _first) in steps.items():
            wait(device)
            start = time.perf_counter()
            step()
            wait(device)
            seconds[kind].append(1000 * (time.perf_counter() - start))
    ratios = {kind: [a / b for a, b in zip(seconds[kind], seconds["plain"], strict=True)] for kind in names}
    return {
        "steps": n_steps, "milliseconds": {kind: summary(values) for kind, values in seconds.items()},
        "ratio_to_plain": {kind: summary(values) for kind, values in ratios.items() if kind != "plain"},
        "peak_megabytes": {kind: peak_of(step, device) for kind, (step, _first) in steps.items()},
    }  # fmt: skip


def peak_of(step: Callable[[], None], device: str) -> float | None:
    """MB that a step takes on the GPU above what it finds; None on a CPU."""
    if torch.device(device).type != "cuda":
        return None
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    step()
    return (torch.cuda.max_memory_allocated(device) - before) / 2**20


def parts(device: str, repeats: int) -> dict[str, Callable[[], Any]]:
    """The measurements, by name."""
    return {
        "cuba": lambda: {n: simulate(cuba(n), 1000.0, device, repeats) for n in CUBA},
        "microcircuit": lambda: simulate(microcircuit(), 10_000.0, device, repeats, 500.0, RATES),
        "training": lambda: {n: train(n, device, max(repeats, 10)) for n in (25, 100)},
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = ("cuba", "microcircuit", "training")
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in known:
            parser.error(f"there is no part '{name}'; choose from {', '.join(known)}")
    if not torch.cuda.is_available():
        raise SystemExit(f"nothing measured: torch {torch.__version__} finds no CUDA GPU on this machine.")
    result: dict[str, Any] = {
        "benchmark": "gpu", "gpu": torch.cuda.get_device_name(), "launch_microseconds": 1e6 * launch_seconds("cuda"),
        "versions": {"torch": torch.__version__, "cuda": torch.version.cuda}, **header(),
    }  # fmt: skip
    for name, part in parts("cuda", arguments.repeats).items():
        if name in (arguments.parts or known):
            result[name] = part()
            print(json.dumps({name: result[name]}, indent=2), flush=True)
    if arguments.json:
        write(result, arguments.json)


if __name__ == "__main__":
    main()
