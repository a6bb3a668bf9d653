"""Benchmarks whose tasks show the same classes in other ways (permuted, rotated)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import unfinished
from neurocl.continual.experience import Active, Experience, Problem, Scenario
from neurocl.continual.samples import Samples
from neurocl.core.errors import NeuroclError

__all__ = ["transformed"]


def transformed(
    name: str,
    samples: Samples,
    n_experiences: int | None,
    scenario: Scenario,
    active: Active,
    seed: int,
    transform: Callable[[int, Tensor], Tensor],
    describe: Callable[[int], dict[str, Any]],
) -> Benchmark:
    """A benchmark whose task t shows all samples through ``transform(t, x)``.

    In the scenario "domain" all tasks share their outputs; in "task" and "class" each has its own.
    """
    classes = samples.n_classes
    if n_experiences is None and scenario != "domain":
        raise NeuroclError(f"{name}: a stream without end (n_experiences=None) needs scenario='domain'")
    shared = scenario == "domain"
    heads = {}
    if scenario == "task":
        heads = {t: tuple(range(t * classes, (t + 1) * classes)) for t in range(n_experiences or 0)}
    n_units = classes if shared else classes * (n_experiences or 1)

    def make(index: int, test: bool) -> Experience:
        x, y = samples.part(test)
        first = 0 if shared else index * classes
        return Experience(
            transform(index, x), y + first, index, index, tuple(range(first, first + classes)),
            time_major=samples.time_major, meta=describe(index),
        )  # fmt: skip

    problem = Problem(samples.sample_shape, n_units, scenario, active, heads, samples.time_major)
    streams = [Stream(partial(make, test=test), n_experiences) for test in (False, True)]
    return Benchmark(f"{name} {samples.name}", streams[0], streams[1], problem, seed, {}, unfinished)
