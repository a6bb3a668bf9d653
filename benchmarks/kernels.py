"""Single kernels beside what the machine allows: python -m benchmarks.kernels [--repeats 5] [--json FILE]

Each kernel is what the Numba engine generates for a small network, run in its own time loop: a population alone, or the
difference between a network with a projection and the same without. So it is timed as users meet it, whichever way of
delivery the engine chooses.

element       a neuron in a step, or a synaptic event
bytes         moved per element, as the arrays are laid out: each read and each write counts once
instructions  per element, counted in the source; a fused multiply-add is one
bound         the larger of bytes / bandwidth and instructions / throughput. Bandwidth: a triad in place, a = a + s b (a
              third array would be fetched before it is written, which nobody counts), whose arrays have the kernel's
              working set; throughput: fused multiply-adds in the first-level cache
achieved      bound / measured time

Times are processor time of one thread, the least of several runs.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

import neurocl as ncl
from benchmarks.machine import header, write
from neurocl.models import PairSTDP, Poisson
from neurocl.networks import cuba

__all__ = ["KERNELS", "Kernel", "bandwidth", "main", "measure", "throughput"]

N, N_LARGE = 16_000, 1_000_000
RATE = 100.0  # Hz: one neuron in a hundred fires in a step of 0.1 ms
SPARSE, DENSE = 0.02, 0.1
SECONDS = 0.1  # processor time of a run, about
F32 = 4  # bytes


@dataclass(frozen=True)
class Kernel:
    """What is timed; `without` is the same network without it, or None.

    `elements` per step; `set_bytes` is the working set.
    """

    name: str
    network: Callable[[], ncl.Network]
    without: Callable[[], ncl.Network] | None
    elements: float
    bytes: float
    instructions: float
    set_bytes: float
    dtype: str = "float32"
    gaussian: str = "exact"

    def build(self, network: ncl.Network) -> Any:
        """One of its networks, built."""
        return network.build(seed=1, dtype=self.dtype, threads=1, gaussian=self.gaussian)


def _silent(n: int) -> ncl.Network:
    """CUBA's neurons that never fire and have no synapses."""
    network = ncl.Network(dt=0.1)
    network.add(cuba().populations["neurons"].model, n, v_leak=-60.0, v=-60.0, name="neurons")
    return network


def _computing(statement: str) -> ncl.Network:
    """Neurons that execute one statement on their state x in each step."""
    model = ncl.NeuronModel(name="computing", equations="x : 1\ny : 1", update=statement)
    network = ncl.Network(dt=0.1)
    network.add(model, N, y=ncl.uniform(-5, 5), name="neurons")
    return network


def _firing(fraction: float) -> ncl.Network:
    """Neurons of which the same fraction fires in each step."""
    model = ncl.NeuronModel(name="firing", equations="x : 1", threshold="x > 0", reset="x = x")
    network = ncl.Network(dt=0.1)
    network.add(model, N, x=np.where(np.arange(N) < fraction * N, 1.0, -1.0), name="neurons")
    return network


def _delivering(p: float | None, weight: Any = 0.1, delay: Any = 1.5) -> ncl.Network:
    """Poisson sources onto leaky neurons, connected with probability p, or not at all."""
    network = ncl.Network(dt=0.1)
    pre = network.add(Poisson, N, rate=RATE, name="pre")
    leaky = ncl.NeuronModel(name="leaky", equations="dv/dt = -v / 10 : mV")
    post = network.add(leaky, N, name="post")
    if p is not None:
        network.connect(pre, post, ncl.FixedProbability(p), target="v", weight=weight, delay=delay, name="synapses")
    return network


def _learning(p: float | None, rate_pre: float, rate_post: float) -> ncl.Network:
    """Plastic synapses between sources of which one side fires."""
    network = ncl.Network(dt=0.1)
    pre, post = (network.add(Poisson, N, rate=r, name=name) for name, r in (("pre", rate_pre), ("post", rate_post)))
    if p is not None:
        network.connect(pre, post, ncl.FixedProbability(p), weight=0.5, synapse=PairSTDP, name="synapses")
    return network


EVENTS = N * RATE * 1e-4 * N  # per step, times the connection probability
SYNAPSES = N * N
DELAYS = ncl.normal(1.5, 0.75, low=0.06)
KERNELS = (
    # v, g_e, g_i and the refractory count are read and written, the flag of a spike is written and read. Five
    # multiply-adds; three for the refractory time; comparison, selection, conversion of the flag.
    Kernel("LIF update", lambda: _silent(N), None, N, 8 * F32 + 2, 12, 17 * N),
    Kernel("LIF update", lambda: _silent(N_LARGE), None, N_LARGE, 8 * F32 + 2, 12, 17 * N_LARGE),
    Kernel("LIF update", lambda: _silent(N), None, N, 6 * 8 + 8 + 2, 2 * 12, 29 * N, "float64"),
    Kernel("exp", lambda: _computing("x = exp(y)"), None, N, 2 * F32, 26, 2 * F32 * N),
    # Two hashes of 13 instructions, the logarithm 30, root and cosine 13, conversions 6.
    Kernel("Gaussian number", lambda: _computing("x = randn()"), None, N, F32, 75, F32 * N),
    # Four hashes, eight halves made and added, conversion and scale.
    Kernel("Gaussian number, fast", lambda: _computing("x = randn()"), None, N, F32, 70, F32 * N, gaussian="fast"),
    # A hash; then 18 comparisons with the whole row, each reading the numbers and changing the counts.
    Kernel("Poisson number, mean 2", lambda: _computing("x = poisson(2.0)"), None, N, 19 * 3 * F32, 13 + 18 * 2,
           3 * F32 * N),
    Kernel("threshold, no spike", lambda: _firing(0.0), None, N, F32 + 2, 2, 5 * N),
    Kernel("threshold, 1 % spike", lambda: _firing(0.01), None, N, F32 + 2 + 0.01 * 3 * F32, 2, 5 * N),
    # The target's number is read; its state is read and written.
    Kernel("delivery, sparse, one weight", lambda: _delivering(SPARSE), lambda: _delivering(None), SPARSE * EVENTS,
           3 * F32, 1, SPARSE * SYNAPSES * F32),
    Kernel("delivery, sparse, own weights", lambda: _delivering(SPARSE, ncl.uniform(0, 1)), lambda: _delivering(None),
           SPARSE * EVENTS, 4 * F32, 1, SPARSE * SYNAPSES * 2 * F32),
    # As bits: a row of N bits for DENSE * N events.
    Kernel("delivery, dense, one weight", lambda: _delivering(DENSE), lambda: _delivering(None), DENSE * EVENTS,
           1 / (8 * DENSE), 1 / (8 * DENSE), SYNAPSES / 8),
    # Also a delay of one byte; and the state is a ring of delays.
    Kernel("delivery, own weights, delays", lambda: _delivering(SPARSE, ncl.uniform(0, 1), DELAYS),
           lambda: _delivering(None), SPARSE * EVENTS, 4 * F32 + 1, 3, SPARSE * SYNAPSES * (2 * F32 + 1)),
    # The target's number, its trace, the weight read and written.
    Kernel("STDP, presynaptic spikes", lambda: _learning(SPARSE, RATE, 0.0), lambda: _learning(None, RATE, 0.0),
           SPARSE * EVENTS, 4 * F32, 4, SPARSE * SYNAPSES * 2 * F32),
    # The synapse's number, its source, that one's trace, the weight read and written.
    Kernel("STDP, postsynaptic spikes", lambda: _learning(SPARSE, 0.0, RATE), lambda: _learning(None, 0.0, RATE),
           SPARSE * EVENTS, 5 * F32, 4, SPARSE * SYNAPSES * 3 * F32),
)  # fmt: skip
"""The kernels, in the order of the table."""


@njit(cache=True, fastmath=True)
def _triad(a: Any, b: Any, times: int) -> None:
    for _ in range(times):
        for i in range(a.size):
            a[i] = a[i] + np.float32(3.0) * b[i]


@njit(cache=True, fastmath={"contract"})  # no "reassoc": it would make one step of each chain
def _multiply_add(x: Any, times: int) -> None:
    """Eight chains per element hide the latency; 64 fused multiply-adds per element and time."""
    for _ in range(times):
        for i in range(x.size):
            s, t, u, v = x[i], x[i] + np.float32(1), x[i] + np.float32(2), x[i] + np.float32(3)
            for _ in range(16):
                s = s * np.float32(0.5) + np.float32(1.0)
                t = t * np.float32(0.25) + np.float32(2.0)
                u = u * np.float32(0.125) + np.float32(3.0)
                v = v * np.float32(0.75) + np.float32(4.0)
            x[i] = (s + t) + (u + v)


def _least_seconds(function: Callable[..., Any], repeats: int) -> float:
    """Least processor time of a call."""
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        function()
        seconds.append(time.process_time() - started)
    return min(seconds)


def bandwidth(set_bytes: float, repeats: int = 5) -> float:
    """Bytes per ns of a triad whose two arrays have `set_bytes` together."""
    n = max(int(set_bytes / 2 / F32), 64)
    a, b = np.ones(n, dtype=np.float32), np.ones(n, dtype=np.float32)
    times = max(int(1e10 * SECONDS / n), 1)
    _triad(a, b, 1)
    return 3 * F32 * n * times / _least_seconds(lambda: _triad(a, b, times), repeats) / 1e9


def throughput(repeats: int = 5) -> float:
    """Fused multiply-adds in float32 per ns, of one thread."""
    x = np.ones(1024, dtype=np.float32)
    times = int(3e9 * SECONDS / 64 / x.size)
    _multiply_add(x, 1)
    return 64 * x.size * times / _least_seconds(lambda: _multiply_add(x, times), repeats) / 1e9


def measure(kernel: Kernel, repeats: int, instructions_per_ns: float) -> dict[str, Any]:
    """Nanoseconds per element of one kernel, and its bound."""
    simulation = kernel.build(kernel.network())
    spent = _step_seconds(simulation, repeats)
    if kernel.without is not None:
        spent -= _step_seconds(kernel.build(kernel.without()), repeats)
    way = re.search(r"delivered (by \w+)", str(simulation))
    measured = 1e9 * spent / kernel.elements
    memory = kernel.bytes / bandwidth(kernel.set_bytes, repeats)
    arithmetic = kernel.instructions / instructions_per_ns
    bound = max(memory, arithmetic)
    numbers = {key: value for key, value in asdict(kernel).items() if key not in ("network", "without")}
    return {
        **numbers, "way": way[1] if way else "",
        "ns": measured, "memory_bound_ns": memory, "arithmetic_bound_ns": arithmetic,
        "bound": "memory" if memory >= arithmetic else "arithmetic", "achieved": bound / measured,
    }  # fmt: skip


def _step_seconds(simulation: Any, repeats: int) -> float:
    """Processor time of a step."""
    simulation.run(1.0)
    steps = 10
    probe = _least_seconds(lambda: simulation.run(steps * simulation.dt), 3)
    steps = max(round(SECONDS / probe * steps), steps)
    return _least_seconds(lambda: simulation.run(steps * simulation.dt), repeats) / steps


def table(found: list[dict[str, Any]]) -> str:
    """Lines for people."""
    lines = [f"{'kernel':31}{'set':>9}{'ns':>8}{'bytes':>7}{'instr.':>8}{'bound ns':>10}  {'by':10}{'achieved':>9}"]
    for entry in found:
        name = entry["name"] + (", float64" if entry["dtype"] == "float64" else "")
        bound = max(entry["memory_bound_ns"], entry["arithmetic_bound_ns"])
        lines.append(
            f"{name:31}{entry['set_bytes'] / 2**10:6.0f} KB{entry['ns']:8.3f}{entry['bytes']:7.1f}"
            f"{entry['instructions']:8.1f}{bound:10.3f}  {entry['bound']:10}{entry['achieved']:9.0%}  {entry['way']}"
        )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time single kernels of the Numba engine beside their bounds.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    instructions_per_ns = throughput(arguments.repeats)
    found = [measure(kernel, arguments.repeats, instructions_per_ns) for kernel in KERNELS]
    print(table(found))
    if arguments.json:
        result = {"benchmark": "kernels", **header(), "multiply_adds_per_ns": instructions_per_ns, "kernels": found}
        write(result, arguments.json)


if __name__ == "__main__":
    main()
