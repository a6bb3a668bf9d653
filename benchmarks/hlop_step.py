"""One training step with Hebbian orthogonal projection beside the same step without it.

    python -m benchmarks.hlop_step [--repeats 15] [--threads 1] [--json benchmarks/results/hlop_step.json]

784-800-800-10 spiking neurons, batch 64 of normalised random images that are constant over time; T = 20 (DSR), 6 (BPTT,
OTTT). Subspaces as in the published protocol: 80, 200 and 100 new neurons at task 0; 460, 580, 480 old and 10 new ones
at task 9. A step is: gradients to zero, forward, backward, SGD. "plain" is the same network without subspaces, "linear"
the same with torch.nn.Linear layers, which do not know that a constant input or a constant gradient can be computed
once. Variants take turns in one process; times are process times; ratios to "plain" are made within a turn.
"rates" are BPTT and OTTT whose subspaces learn from means over time.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import header, summary, write
from neurocl import hlop
from neurocl.experiments.hlop_pmnist import NEURONS

BATCH = 64
METHODS = {
    "dsr": hlop.dsr(), "bptt": hlop.bptt(), "ottt": hlop.ottt(),
    "bptt, rates": hlop.bptt(learn_from="rates"), "ottt, rates": hlop.ottt(learn_from="rates"),
}  # fmt: skip
VARIANTS = ("linear", "plain", "task 0", "task 9")


class _PlainLinear(torch.nn.Linear):
    """torch's layer behind the interface of an HLOP layer."""

    subspace = None

    def forward(self, x: torch.Tensor, trace: torch.Tensor | None = None, **others: Any) -> torch.Tensor:
        out = super().forward(x)
        if trace is None:
            return out
        # The value of the spikes, the weight gradient of the trace.
        of_trace = torch.nn.functional.linear(trace, self.weight)
        through = torch.nn.functional.linear(x, self.weight.detach())
        return through + of_trace - of_trace.detach()


def make(method: hlop.Method, variant: str) -> tuple[Callable[[], None], hlop.SpikingNetwork]:
    """A training step, and the network that it trains."""
    network = hlop.SpikingMLP((800, 800), method).build(784, 10, seed=0)
    if variant == "linear":
        for index, layer in enumerate(network.layers):
            plain = _PlainLinear(layer.in_features, layer.out_features, bias=False)
            plain.load_state_dict({"weight": layer.weight})
            network.layers[index] = plain
    if variant.startswith("task"):
        task = int(variant.split()[1])
        for index, layer in enumerate(network.layers):
            layer.subspace = hlop.HebbianSubspace(layer.in_features, 0.001 if index == 0 else 0.01)
            for k in (row[index] for row in NEURONS[:task]):
                layer.subspace.grow(k)
                layer.subspace.merge()
            layer.subspace.grow(NEURONS[task][index])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    numbers = torch.Generator().manual_seed(0)
    x = (torch.rand(BATCH, 784, generator=numbers) < 0.2).float().sub(0.1307).div(0.3081)
    y = torch.randint(10, (BATCH,), generator=numbers)

    def step() -> None:
        method.step(network, x, y, optimizer)

    return step, network


def measure(steps: dict[str, Callable[[], None]], repeats: int) -> dict[str, list[float]]:
    """Process seconds of each variant, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(repeats):
        for name, step in steps.items():
            start = time.process_time()
            step()
            seconds[name].append(time.process_time() - start)
    return seconds


def profile(step: Callable[[], None]) -> dict[str, float]:
    """Shares of self time of the largest operations of a step."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
        for _ in range(3):
            step()
    events = sorted(found.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return {event.key: round(event.self_cpu_time_total / total, 3) for event in events[:5]}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore", hlop.StabilityWarning)
    result: dict[str, Any] = {"benchmark": "HLOP training step", "threads": arguments.threads, "methods": {}}
    for name in arguments.methods:
        steps = {variant: make(METHODS[name], variant)[0] for variant in VARIANTS}
        seconds = measure(steps, arguments.repeats)
        ratios = {v: [a / b for a, b in zip(seconds[v], seconds["plain"], strict=True)] for v in VARIANTS}
        result["methods"][name] = {
            "process_seconds": {variant: summary(values) for variant, values in seconds.items()},
            "ratio_to_plain": {variant: summary(values) for variant, values in ratios.items() if variant != "plain"},
            "largest_terms": {variant: profile(steps[variant]) for variant in ("task 0", "task 9")},
        }
        medians = {variant: f"{summary(values)['median']:.2f}" for variant, values in ratios.items()}
        print(f"{name}: {summary(seconds['plain'])['median']:.4f} s plain; ratios {medians}", flush=True)
    result |= {"versions": {"torch": torch.__version__}, **header()}
    print(json.dumps(result, indent=2))
    if arguments.json:
        write(result, arguments.json)


if __name__ == "__main__":
    main()
