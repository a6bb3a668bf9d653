"""What the harness of continual learning costs, as ratios.

    python -m benchmarks.continual_learning [CASE ...] [--repeats 7] [--json FILE]

loop      a Strategy without plug-ins beside the same training written by hand: MLP 784-400-400-10, batch 128, Adam, 100
          updates on random images. The two end with equal weights. Goal: at most 1.03
buffer    adding a sample to a memory of 100 000 samples beside one of 100, both full. Goal: about 1, O(1) per sample;
          drawing a batch from it likewise
fisher    EWC's importances from all samples beside one epoch of training on them. Goal: at most 3
split     Split MNIST, 5 experiences, naive, 1 epoch each, batch 32, MLP 784-100-100, all tests included; seconds of one
          core. Goal: at most 40

The two sides of a ratio take turns; ratios are made within a turn. Times are processor time of one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.machine import header, summary, write
from neurocl import continual
from neurocl.continual.strategies.buffers import make_buffer
from neurocl.continual.strategies.importance import fisher_of_experience

__all__ = ["CASES", "main", "measure"]

Case = tuple[str, Callable[[], Any], Callable[[], Any] | None, float]
"""Name, what is measured, what it is compared with (None: seconds count), and the goal."""


def _images(n: int, pixels: int = 784) -> continual.Benchmark:
    numbers = torch.Generator().manual_seed(0)
    x, y = torch.rand(n, pixels, generator=numbers), torch.arange(n) % 10
    return continual.permuted((x, y, x[:10], y[:10]), 1)


def by_hand(model: nn.Module, experience: continual.Experience, batch: int, seed: int = 0) -> nn.Module:
    """The training of a naive Strategy (Adam 1e-3, one epoch), as one would write it."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = experience.x, experience.y
    order = torch.from_numpy(continual.seeding.generator(seed, "order", 0, 0).permutation(len(y)))
    model.train()
    for first in range(0, len(y), batch):
        chosen = order[first : first + batch]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
        optimizer.step()
    return model


def loop(n: int = 12_800, hidden: tuple[int, ...] = (400, 400)) -> Iterator[Case]:
    """The loop beside one by hand."""
    benchmark = _images(n)
    experience = benchmark.train[0]
    learner = continual.Strategy(model=continual.MLP(hidden), optimizer="adam", lr=1e-3, batch_size=128)

    def ours() -> nn.Module:
        started = learner.start(benchmark.problem, 0)
        started.train(experience)
        return started.model

    def theirs() -> nn.Module:
        return by_hand(learner.start(benchmark.problem, 0).model, experience, 128)

    for a, b in zip(ours().parameters(), theirs().parameters(), strict=True):
        if not torch.equal(a, b):
            raise SystemExit("the two loops end with different weights")
    yield "loop / loop written by hand", ours, theirs, 1.03


def buffer(large: int = 100_000, small: int = 100, batches: int = 2000) -> Iterator[Case]:
    """Memories of two sizes."""
    for kind in ("reservoir", "class-balanced"):
        (add, draw), (add_small, draw_small) = (_uses(kind, size, batches) for size in (large, small))
        yield f"{kind} memory, adding: {large} / {small} samples", add, add_small, 2.0
        yield f"{kind} memory, drawing: {large} / {small} samples", draw, draw_small, 2.0


def _uses(kind: str, size: int, batches: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Adding batches of 2 samples to a full memory, and drawing such batches from it."""
    numbers = torch.Generator().manual_seed(0)
    memory = make_buffer(kind, size)
    memory.add(numbers, x=torch.rand(size, 32), y=torch.arange(size) % 10)
    batch = {"x": torch.rand(2, 32), "y": torch.arange(2)}

    def add() -> None:
        for _ in range(batches):
            memory.add(numbers, **batch)

    def draw() -> None:
        for _ in range(batches):
            memory.sample(2, numbers)

    return add, draw


def fisher(n: int = 12_800, hidden: tuple[int, ...] = (400, 400)) -> Iterator[Case]:
    """Importances beside an epoch."""
    benchmark = _images(n)
    experience = benchmark.train[0]
    learner = continual.Strategy(model=continual.MLP(hidden), optimizer="adam", lr=1e-3, batch_size=128)
    started = learner.start(benchmark.problem, 0)
    started.train(experience)
    yield (
        "Fisher information of all samples / one epoch",
        lambda: fisher_of_experience(started, "sample", None),
        lambda: started.train(experience),
        3.0,
    )


def split() -> Iterator[Case]:
    """The whole of a small Split MNIST."""
    benchmark = continual.split("mnist")
    learner = continual.Strategy(optimizer="adam", lr=1e-3)
    yield "Split MNIST, naive, seconds", lambda: continual.run(benchmark, learner, [0]), None, 40.0


CASES: dict[str, Callable[[], Iterator[Case]]] = {"loop": loop, "buffer": buffer, "fisher": fisher, "split": split}


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """Seconds, and the ratio in each turn; whether the median meets the goal."""
    name, own, other, goal = case
    if other is None:
        seconds = summary([_seconds(own)])
        return {"name": name, "seconds": seconds, "goal": goal, "met": seconds["median"] <= goal}
    own()
    other()
    times = [(_seconds(own), _seconds(other)) for _ in range(repeats)]
    ratio = summary([a / b for a, b in times])
    found = {"name": name, "seconds": summary([a for a, _ in times]), "compared": summary([b for _, b in times])}
    return {**found, "ratio": ratio, "goal": goal, "met": ratio["median"] <= goal}


def _seconds(function: Callable[[], Any]) -> float:
    start = time.thread_time()
    function()
    return time.thread_time() - start


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[], metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    arguments = parser.parse_args()
    for name in arguments.cases:
        if name not in CASES:
            parser.error(f"there is no case '{name}'; choose from {', '.join(CASES)}")
    torch.set_num_threads(1)
    found = []
    for name in arguments.cases or CASES:
        for case in CASES[name]():
            result = measure(case, arguments.repeats)
            values = result.get("ratio", result["seconds"])
            spread = f"{values['median']:.3f} ({values['min']:.3f} to {values['max']:.3f})"
            missed = "" if result["met"] else ": missed"
            print(f"{result['name']:58} {spread}, goal {result['goal']:g}{missed}", flush=True)
            found.append(result)
    if arguments.json:
        write({"benchmark": "continual learning", **header(), "cases": found}, arguments.json)


if __name__ == "__main__":
    main()
