"""Sparse representations and active dendrites beside the figures of the C++ peer and beside a plain linear layer.

    python -m benchmarks.sparse [CASE ...] [--repeats 5] [--json FILE]

pooler       2048 inputs, 10 % active, 2048 columns, density 0.02, global inhibition, whole-input radius: construction,
             learning, inference, for potential fractions 0.5 and 0.85
memory       2048 columns of 32 cells, one repeated random sequence of 100 or 1000 patterns of 40 columns: after it was
             learned, with learning on and off
overlap      one SDR of 40 in 2048 bits against 100 000 stored ones, by the inverted index and by packed bits
layer        forward and backward pass of `ActiveDendriteLinear` (10 segments, one context per batch of 256), beside
             torch's linear layer of the same size; the two take turns, and ratios are made within a turn

The peer is htm.core, commit 8948288 (C++, -O3), measured once on one core of a busy 2.5 GHz Xeon; its figures are
constants here. Times are processor time of one thread. A ratio above 1 means that neurocl is faster; for `layer` it is
the time of the layer over that of the linear one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import header, summary, write
from neurocl.sdr import PoolerParameters, SDRBatch, SpatialPooler, TemporalMemory

__all__ = ["CASES", "Row", "main"]

Row = dict[str, Any]
"""Name, unit, what was measured in each turn (minimum, median, maximum), and what it is to be compared with."""

POOLER = {0.5: (15.3, 355.0, 2880.0), 0.85: (25.4, 331.0, 3645.0)}
"""By potential fraction, the peer's construction in s, learning and inference in steps/s."""

MEMORY = {100: (16_400.0, 25_000.0), 1000: (6600.0, 7020.0)}
"""By length, the peer's steps/s after learning, with learning on and off."""

INDEX_GOAL, PACKED_GOAL = 3e8, 2e7
"""Comparisons/s that are wanted."""


def pooler(repeats: int, n: int = 2048, steps: int = 400) -> Iterator[Row]:
    """Construction, learning and inference of the spatial pooler."""
    inputs = random_rows(n, n // 10, steps)
    for pct, (construction, learning, inference) in POOLER.items():
        parameters = PoolerParameters(potential_radius=n, potential_fraction=pct, density=0.02)
        SpatialPooler(64, 64, PoolerParameters(potential_radius=64)).run(random_rows(64, 6, 3))
        built, learned, inferred = [], [], []
        for _ in range(repeats):
            start = time.thread_time()
            one = SpatialPooler(n, n, parameters)
            built.append(time.thread_time() - start)
            learned.append(rate(partial(one.run, inputs), steps))
            inferred.append(rate(partial(one.run, inputs, learn=False), steps))
        yield row(f"pooler, fraction {pct}: construction", "s", built, construction, faster="lower")
        yield row(f"pooler, fraction {pct}: learning", "steps/s", learned, learning)
        yield row(f"pooler, fraction {pct}: inference", "steps/s", inferred, inference)


def memory(repeats: int, n: int = 2048, lengths: tuple[int, ...] = (100, 1000), passes: int = 40) -> Iterator[Row]:
    """The temporal memory after it has learned a sequence."""
    for length in lengths:
        sequence = random_rows(n, 40, length)
        learner = TemporalMemory(n)
        for _ in range(passes):
            learner.run(sequence)
        found: tuple[list[float], list[float]] = ([], [])
        for _ in range(repeats):
            for rates, learn in zip(found, (True, False), strict=True):
                again = max(1, 5000 // length)
                calls = partial(_repeat, partial(learner.run, sequence, learn), again)
                rates.append(rate(calls, length * again))
        for rates, word, peer in zip(found, ("on", "off"), MEMORY[length], strict=True):
            yield row(f"memory, length {length}: learned, learning {word}", "steps/s", rates, peer)


def overlap(repeats: int, n: int = 2048, stored: int = 100_000, queries: int = 50) -> Iterator[Row]:
    """One query after the other against a batch."""
    batch, asked = random_rows(n, 40, stored), random_rows(n, 40, queries)
    for name, goal in (("inverted", INDEX_GOAL), ("packed", PACKED_GOAL)):
        batch.overlaps(asked[0], form=name)
        rates = [rate(partial(_ask, batch, asked, name), stored * queries) for _ in range(repeats)]
        yield row(f"overlap with {stored} SDRs, {name}", "comparisons/s", rates, goal)


def layer(repeats: int, n_units: int = 2048, batch: int = 256) -> Iterator[Row]:
    """A layer with active dendrites beside the plain linear layer."""
    import torch

    from neurocl.dendrites import ActiveDendriteLinear

    torch.set_num_threads(1)
    torch.manual_seed(0)
    for n_in in (784, 2048):
        gated = ActiveDendriteLinear(n_in, n_units, 10, 784, sparse_gradient=True)
        plain, context = torch.nn.Linear(n_in, n_units), torch.rand(784)
        x, upstream = torch.randn(batch, n_in, requires_grad=True), torch.randn(batch, n_units)
        own = partial(gated, x, context=context)
        for name, calls in (
            ("forward", (torch.no_grad()(own), torch.no_grad()(partial(plain, x)))),
            ("forward and backward", (partial(_train, own, gated, upstream),
                                      partial(_train, partial(plain, x), plain, upstream))),
        ):  # fmt: skip
            turns = [[seconds(call) for call in calls] for _ in range(4 * repeats + 1)][1:]  # the first warms up
            ratios = [own_time / other for own_time, other in turns]
            yield row(f"layer {n_in} -> {n_units}, {name}: beside linear", "times", ratios, 1.0)


def _ask(batch: SDRBatch, asked: SDRBatch, form: Any) -> None:
    for query in asked:
        batch.overlaps(query, form=form)


def _train(call: Callable[[], Any], module: Any, upstream: Any) -> None:
    module.zero_grad()
    call().backward(upstream)


def _repeat(call: Callable[[], Any], n: int) -> None:
    for _ in range(n):
        call()


def random_rows(n: int, active: int, rows: int) -> SDRBatch:
    """A batch of random SDRs."""
    rng = np.random.default_rng(0)
    indices = [np.sort(rng.choice(n, active, replace=False)) for _ in range(rows)]
    return SDRBatch(n, np.arange(rows + 1) * active, np.concatenate(indices))


def seconds(function: Callable[[], Any]) -> float:
    """Processor time of a call."""
    start = time.thread_time()
    function()
    return time.thread_time() - start


def rate(function: Callable[[], Any], n: int) -> float:
    """Pieces per second of processor time, of a call that does `n`."""
    return n / seconds(function)


def row(name: str, unit: str, values: list[float], compared: float, faster: str = "higher") -> Row:
    """A line of the result, with the ratio in our favour."""
    ratios = [compared / value if faster == "lower" else value / compared for value in values]
    return {"name": name, "unit": unit, "measured": summary(values), "compared": compared, "ratio": summary(ratios)}


CASES: dict[str, Callable[[int], Iterator[Row]]] = {
    "pooler": pooler, "memory": memory, "overlap": overlap, "layer": layer
}  # fmt: skip


def main() -> None:
    """Measure and print all cases, or those that are named."""
    parser = argparse.ArgumentParser(description="Sparse representations and active dendrites beside peers.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--repeats", type=int, default=5, help="turns (default: 5)")
    parser.add_argument("--json", type=Path, help="file for the result")
    options = parser.parse_args()
    if unknown := set(options.cases) - CASES.keys():
        parser.error(f"there is no case {', '.join(sorted(unknown))}; known: {', '.join(CASES)}")
    rows = []
    with threadpool_limits(1):
        for name in options.cases or CASES:
            for found in CASES[name](options.repeats):
                rows.append(found)
                middle, ratio = found["measured"]["median"], found["ratio"]
                print(f"{found['name']:52} {middle:12.4g} {found['unit']:14} {ratio['median']:6.2f} x"
                      f" ({ratio['min']:.2f} to {ratio['max']:.2f})", flush=True)  # fmt: skip
    if options.json:
        write({**header(), "sparse": rows}, options.json)


if __name__ == "__main__":
    main()
