"""Recall of associative memories beside what the machine allows.

    python -m benchmarks.memories [CASE ...] [--repeats 5] [--json FILE]

modern        softmax retrieval of 1024 queries (one query) from 100 000 patterns of 256 units, float32, beside the rate
              of a matrix product (one pass over the patterns, a matrix-vector product)
synchronous   one update of a Hopfield network of 10 000 units at load 0.1, beside the product of its dense matrix
asynchronous  recall of 5000 units at load 0.1 from 10 % wrong bits, beside a loop of one row product per unit
search        the nearest of a million packed patterns of 1024 bits, beside one pass over them

A row and what it is compared with take turns; ratios are made within a turn. Times are processor time of one thread.
Goals        ratios of at most 1.25 (0.8 of the rate of a matrix product, with at most 32 MB more) and 1.5 for modern
             retrieval, 1/5 for the synchronous update, 1/10 for asynchronous recall, 1.2 for the search
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import header, summary, write
from neurocl.memory import Hopfield, ModernHopfield
from neurocl.memory._bits import distances

__all__ = ["CASES", "main", "measure"]

Case = tuple[str, Callable[[], Any], Callable[[], Any], float, float]
"""Name, what is measured, with what, the factor that makes their ratio that of the same work, and its goal."""


def modern(n: int = 100_000, width: int = 256, queries: int = 1024) -> Iterator[Case]:
    """Retrieval of many queries and of one."""
    rng = np.random.default_rng(0)
    x, q = (rng.normal(size=(rows, width)).astype(np.float32) for rows in (n, queries))
    square = rng.normal(size=(2048, 2048)).astype(np.float32)
    memory = ModernHopfield(width, beta=1 / 16).store(x)
    work = 4.0 * queries * n * width / (2.0 * 2048**3)
    yield (
        f"modern, {queries} queries / matrix product of as many operations",
        lambda: memory.update(q),
        (lambda: square @ square),
        work,
        1.25,
    )
    yield "modern, one query / one pass over the patterns", lambda: memory.update(q[0]), lambda: x @ q[0], 1.0, 1.5


def synchronous(n: int = 10_000) -> Iterator[Case]:
    """One update of one state."""
    memory, cue = _network(n)
    dense = memory._hebbian.weights.astype(np.float32)
    state = cue.astype(np.float32)
    step = lambda: memory.recall(cue, update="synchronous", max_steps=1)  # noqa: E731 - two measured calls in a row
    yield "synchronous update / dense matrix-vector product", step, lambda: dense @ state, 1.0, 0.2


def asynchronous(n: int = 5000) -> Iterator[Case]:
    """Recall to the fixed point."""
    memory, cue = _network(n)
    dense = memory._hebbian.weights.astype(np.float32)

    def by_rows() -> None:
        state, rng, flips = cue.astype(np.float32), np.random.default_rng(0), 1
        while flips:
            flips = 0
            for i in rng.permutation(n):
                if (dense[i] @ state) * state[i] < 0:
                    state[i] = -state[i]
                    flips += 1

    yield "asynchronous recall / loop of row products", lambda: memory.recall(cue), by_rows, 1.0, 0.1


def search(n: int = 1_000_000) -> Iterator[Case]:
    """Distances of one cue to all patterns."""
    words = np.random.default_rng(0).integers(0, 2**63, (n, 16), dtype=np.uint64)
    cue, result = words[5].copy(), np.empty(n, dtype=np.int32)
    yield "packed search / one pass over the bits", lambda: distances(words, cue, result), words.max, 1.0, 1.2


CASES = {"modern": modern, "synchronous": synchronous, "asynchronous": asynchronous, "search": search}


def _network(n: int) -> tuple[Hopfield, Any]:
    rng = np.random.default_rng(0)
    patterns = (2 * rng.integers(0, 2, (n // 10, n)) - 1).astype(np.int8)
    cue = patterns[3].copy()
    cue[: n // 10] *= -1
    return Hopfield(n).store(patterns), cue


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """Seconds of both, their ratio in each turn, and the most memory that a call takes, in MB."""
    name, own, other, factor, goal = case
    own()
    other()
    tracemalloc.start()
    own()
    extra = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    times = [(_seconds(own), _seconds(other) * factor) for _ in range(repeats)]
    return {
        "name": name, "seconds": summary([a for a, _ in times]), "compared": summary([b for _, b in times]),
        "ratio": summary([a / b for a, b in times]), "goal": goal, "extra_mb": extra,
    }  # fmt: skip


def _seconds(function: Callable[[], Any]) -> float:
    start = time.thread_time()
    function()
    return time.thread_time() - start


def main() -> None:
    """Measure and print all cases, or those that are named."""
    parser = argparse.ArgumentParser(description="Recall of associative memories beside what the machine allows.")
    parser.add_argument("cases", nargs="*", default=[], metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    arguments = parser.parse_args()
    for name in arguments.cases:
        if name not in CASES:
            parser.error(f"there is no case '{name}'; choose from {', '.join(CASES)}")
    found = []
    with threadpool_limits(limits=1):
        for name in arguments.cases or CASES:
            for case in CASES[name]():
                result = measure(case, arguments.repeats)
                ratio = result["ratio"]
                spread = f"{ratio['median']:.3f} ({ratio['min']:.3f} to {ratio['max']:.3f})"
                milliseconds = 1e3 * result["seconds"]["median"]
                print(
                    f"{result['name']:64} {milliseconds:8.2f} ms, ratio {spread}, goal {result['goal']:g},"
                    f" {result['extra_mb']:.1f} MB more"
                )
                found.append(result)
    if arguments.json:
        write({**header(), "memories": found}, arguments.json)


if __name__ == "__main__":
    main()
