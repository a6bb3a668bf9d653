"""Fuzzy and blurry boundaries: one context fades into the next, or a share of foreign samples is mixed in."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import modifier
from neurocl.continual.benchmarks._mixture import mixed
from neurocl.continual.benchmarks.schedules import gaussian_schedule, linear_schedule
from neurocl.continual.experience import Experience
from neurocl.continual.seeding import generator
from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["blurry", "fuzzy"]


@modifier
def fuzzy(
    benchmark: Benchmark,
    batch: int = 10,
    iterations: int | None = None,
    schedule: Literal["linear", "gaussian"] = "linear",
    half_width: int | None = None,
    sigma: float | None = None,
) -> Benchmark:
    """A single pass in which the context of each sample is drawn from a schedule; boundaries are unknown.

    Parameters
    ----------
    benchmark : its experiences are the contexts.
    batch : samples per update.
    iterations : updates per context. Default: as many as the first experience fills.
    schedule : see `schedules`.
    half_width : of a "linear" transition, in updates. Default: a quarter of `iterations`.
    sigma : of the "gaussian" schedule, in updates. Default: half of `iterations`.

    Notes
    -----
    Experience i of the stream holds the updates i n ... (i + 1) n - 1. Samples of a context come in random order,
    again from the beginning when all were shown.
    """
    contexts = len(benchmark.train)
    if schedule not in ("linear", "gaussian"):
        raise NeuroclError(f"fuzzy: schedule must be 'linear' or 'gaussian', got {schedule!r}")
    if contexts < 2:
        raise NeuroclError("fuzzy: the benchmark must have at least 2 experiences, so that one can fade into the next")
    whole_number("fuzzy", "batch", batch, at_least=1)
    n = max(len(benchmark.train[0]) // batch, 1) if iterations is None else iterations
    if schedule == "linear":
        probabilities = linear_schedule(contexts, n, n // 4 if half_width is None else half_width)
    else:
        probabilities = gaussian_schedule(contexts, n, n / 2 if sigma is None else sigma)

    @lru_cache(maxsize=1)
    def drawn() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Context of every sample of the stream, and how many of that context came before it."""
        uniform = generator(benchmark.seed, "order").random((len(probabilities), batch, 1))
        chosen = (uniform > np.cumsum(probabilities, 1)[:, None, :-1]).sum(2).reshape(-1)
        before = np.zeros_like(chosen)
        for context in range(contexts):
            before[chosen == context] = np.arange((chosen == context).sum())
        return chosen, before

    def make(index: int) -> Experience:
        part = slice(index * n * batch, (index + 1) * n * batch)
        chosen, before = (array[part] for array in drawn())
        parts = []
        for context in np.unique(chosen).tolist():
            source = benchmark.train[context]
            order = generator(benchmark.seed, "order", context).permutation(len(source))
            places = np.flatnonzero(chosen == context)
            parts.append((source, order[before[places] % len(source)], places))
        whole = mixed(parts, index)
        return replace(whole, online=batch, boundary_known=False)

    problem = replace(benchmark.problem, boundary_known=False)
    return replace(benchmark, name=f"fuzzy {benchmark.name}", train=Stream(make, contexts), problem=problem)


@modifier
def blurry(benchmark: Benchmark, share: float = 0.1, batch: int | None = None) -> Benchmark:
    """Of each experience, a share of the samples is replaced by samples of the others; boundaries are unknown.

    Parameters
    ----------
    benchmark : for instance ``split("digits")``.
    share : of foreign samples, drawn uniformly from all other experiences.
    batch : of a single pass. Default: passes and batches are the strategy's.
    """
    n, foreign_share = len(benchmark.train), probability("blurry", "share", share)
    sizes = lru_cache(maxsize=1)(lambda: [len(benchmark.train[index]) for index in range(n)])

    def make(index: int) -> Experience:
        numbers = generator(benchmark.seed, "order", index)
        size = sizes()[index]
        available = [0 if t == index else count for t, count in enumerate(sizes())]
        n_foreign = min(round(foreign_share * size), sum(available))
        owner = np.repeat(np.arange(n), available)
        foreign = np.sort(numbers.choice(len(owner), n_foreign, replace=False))
        first = np.cumsum([0, *available])
        places = numbers.permutation(size)
        parts = [(benchmark.train[index], numbers.permutation(size)[: size - n_foreign], places[n_foreign:])]
        for t in np.unique(owner[foreign]).tolist():
            chosen = foreign[owner[foreign] == t] - first[t]
            where = places[:n_foreign][owner[foreign] == t]
            parts.append((benchmark.train[t], chosen, where))
        return replace(mixed(parts, index), online=batch, boundary_known=False)

    problem = replace(benchmark.problem, boundary_known=False)
    return replace(benchmark, name=f"blurry {benchmark.name}", train=Stream(make, n), problem=problem)
