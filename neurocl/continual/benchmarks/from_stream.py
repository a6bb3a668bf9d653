"""A benchmark of the user's own experiences, also from a generator without a known end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.experience import Experience, Problem
from neurocl.core.errors import NeuroclError, shown

__all__ = ["from_stream"]


def from_stream(
    train: Callable[[int], Iterable[Experience]],
    problem: Problem,
    test: Sequence[Experience] | None = None,
    name: str = "own stream",
    n_experiences: int | None = None,
    seed: int = 0,
) -> Benchmark:
    """A benchmark from a function that begins a stream of experiences.

    Parameters
    ----------
    train : of the seed; returns an iterable (a generator, a list), the same for the same seed.
    problem : shape of the samples, number of outputs, scenario. Whether boundaries are known is taken from here.
    test : one experience per task. Default: none, accuracy is measured while learning.
    name : for tables and plots.
    n_experiences : how many the stream has; none: unknown, or without end.
    seed : given to `train`.

    Notes
    -----
    Experiences are taken one after the other; going back begins the stream again.
    """
    if not callable(train):
        raise NeuroclError(
            f"from_stream: train must be a function of the seed that returns experiences, got {shown(train)}"
        )
    source = _Source(lambda: train(seed))

    def make(index: int) -> Experience:
        return replace(source[index], index=index, boundary_known=problem.boundary_known)

    def again(other: int) -> Benchmark:
        return from_stream(train, problem, test, name, n_experiences, other)

    tests = None if test is None else Stream(lambda index: test[index], len(test))
    spec: dict[str, Any] = {"benchmark": "from_stream", "name": name, "seed": seed}
    evaluate: Literal["all", "none"] = "none" if test is None else "all"
    return Benchmark(name, Stream(make, n_experiences), tests, problem, seed, spec, again, evaluate)


class _Source:
    """Access by index to what can only be taken in order."""

    def __init__(self, begin: Callable[[], Iterable[Experience]]) -> None:
        self.begin = begin
        self.iterator: Iterator[Experience] = iter(())
        self.last: tuple[int, Experience] | None = None

    def __getitem__(self, index: int) -> Experience:
        if self.last is None or index < self.last[0]:
            self.iterator, self.last = iter(self.begin()), None
        while self.last is None or self.last[0] < index:
            place = 0 if self.last is None else self.last[0] + 1
            experience = next(self.iterator, None)
            if experience is None:
                raise NeuroclError(f"the stream ended after {place} experiences; ask for no more")
            if not isinstance(experience, Experience):
                raise NeuroclError(f"the stream must give Experience objects, got {shown(experience)}")
            self.last = (place, experience)
        return self.last[1]
