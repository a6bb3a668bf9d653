"""One step of training a spiking network by surrogate gradients, beside other packages and its matrix products alone.

    python -m benchmarks.training_step [--steps 25] [--repeats 7] [--threads 1] [--json benchmarks/results/FILE.json]

784-1000-10 leaky neurons (decay 0.9, threshold 1, reset by subtraction without gradient), biased linear layers, batch
128, float32, inputs 0/1 with probability 0.1, random labels, surrogate 1 / (1 + 10 |u - 1|)^2, cross entropy of the
summed output spikes. A step is: gradients to zero, forward, backward. The variants take turns in one process; times are
process times, so that other programs on the machine count little, and ratios are made within a turn. All variants have
the same weights and input, and their gradients must agree before anything is timed. Peak memory is that of a process of
its own, above what it holds once the network and its input are made. Peers are snnTorch, SpikingJelly and Norse (see
`training_peers`), those that are installed; the others are named in the result with the reason.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch

import neurocl as ncl
from benchmarks.machine import header, summary, write
from benchmarks.training_peers import PEERS, SAME_GRADIENT, Forward, absent
from neurocl.nn import Spiking, Surrogate, rate_cross_entropy

OWN = ("products", "fused", "plain")
BATCH, PIXELS, HIDDEN, CLASSES = 128, 784, 1000, 10
DECAY, SLOPE = 0.9, 10.0


def kinds() -> tuple[str, ...]:
    """All variants that can run here."""
    return (*OWN, *(name for name in PEERS if absent(name) is None))


def network(kind: str, first: torch.nn.Linear, second: torch.nn.Linear) -> Forward:
    """From input to the output's spikes, [time, batch, n]; the products alone have none."""
    if kind == "products":
        return lambda x: second(first(x))
    if kind in PEERS:
        return PEERS[kind](first, second, DECAY, SLOPE)
    hidden, output = (
        Spiking(
            ncl.models.Leaky, n, surrogate=Surrogate("fast_sigmoid", SLOPE), tau_mem=-1 / math.log(DECAY),
            fused=kind == "fused", device=first.weight.device,
        )
        for n in (HIDDEN, CLASSES)
    )  # fmt: skip
    return lambda x: output(second(hidden(first(x))[0]))[0]


def make(kind: str, n_steps: int, device: str = "cpu") -> tuple[Callable[[], None], torch.nn.Linear]:
    """A training step, and its first layer; the numbers are drawn on the CPU."""
    torch.manual_seed(0)
    x, y = (torch.rand(n_steps, BATCH, PIXELS) < 0.1).float(), torch.randint(0, CLASSES, (BATCH,))
    first, second = torch.nn.Linear(PIXELS, HIDDEN), torch.nn.Linear(HIDDEN, CLASSES)
    x, y, first, second = x.to(device), y.to(device), first.to(device), second.to(device)
    forward = network(kind, first, second)

    def step() -> None:
        first.zero_grad()
        second.zero_grad()
        rate_cross_entropy(forward(x), y).backward()

    return step, first


def check_gradients(
    steps: dict[str, tuple[Callable[[], None], torch.nn.Linear]], tolerance: float = 1e-5
) -> dict[str, float]:
    """Norms of the first weights' gradient; they must agree among the variants that compute the same.

    `tolerance` is relative. On a GPU the products of one step and of all steps round differently, and a potential near
    the threshold may or may not spike.
    """
    norms = {}
    for kind, (step, first) in steps.items():
        step()
        assert first.weight.grad is not None
        norms[kind] = float(first.weight.grad.norm())
    known = [norm for kind, norm in norms.items() if kind in OWN[1:] or kind in SAME_GRADIENT]
    if max(known) - min(known) > tolerance * max(known):
        raise SystemExit(f"the variants compute different gradients: {norms}")
    return norms


def measure(steps: dict[str, tuple[Callable[[], None], torch.nn.Linear]], repeats: int) -> dict[str, list[float]]:
    """Process seconds of each variant, in turn."""
    seconds: dict[str, list[float]] = {kind: [] for kind in steps}
    for _ in range(repeats):
        for kind, (step, _first) in steps.items():
            start = time.process_time()
            step()
            seconds[kind].append(time.process_time() - start)
    return seconds


def peak_memory(kind: str, n_steps: int) -> float | None:
    """MB that a step needs above the network and its input, in a process of its own; None if not on Linux."""
    if not sys.platform.startswith("linux"):
        return None
    command = [sys.executable, "-m", "benchmarks.training_step", "--steps", str(n_steps), "--memory-of", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def memory_here(kind: str, n_steps: int) -> float:
    """The same in this process; Linux keeps the peak, and forgets it when told to."""
    make(kind, 2)[0]()  # loads and compiles what is needed
    step, _ = make(kind, n_steps)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    step()
    step()
    return _status("VmHWM") - before


def _status(key: str) -> float:
    """A line of this process's memory, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=25, help="time steps of a sequence")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    parser.add_argument("--memory-of", choices=(*OWN, *PEERS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.memory_of:
        print(round(memory_here(arguments.memory_of, arguments.steps), 1))
        return
    chosen = kinds()
    steps = {kind: make(kind, arguments.steps) for kind in chosen}
    norms = check_gradients(steps)
    seconds = measure(steps, arguments.repeats)
    ratios = {kind: [a / b for a, b in zip(seconds[kind], seconds["fused"], strict=True)] for kind in chosen}
    result = {
        "benchmark": "training step", "steps": arguments.steps, "threads": arguments.threads,
        "gradient_norms": {kind: round(norm, 6) for kind, norm in norms.items() if kind != "products"},
        "process_seconds": {kind: summary(values) for kind, values in seconds.items()},
        "ratio_to_fused": {kind: summary(values) for kind, values in ratios.items() if kind != "fused"},
        "peak_megabytes": {kind: peak_memory(kind, arguments.steps) for kind in chosen},
        "absent": {name: why for name in PEERS if (why := absent(name))},
        "versions": {name: version(name) for name in ("torch", *PEERS) if name in (*chosen, "torch")}, **header(),
    }  # fmt: skip
    print(json.dumps(result, indent=2))
    if arguments.json:
        write(result, arguments.json)


if __name__ == "__main__":
    main()
