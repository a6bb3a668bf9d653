"""A benchmark: a stream of experiences to learn, a stream to test on, and the problem they pose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from neurocl.continual.experience import Experience, Problem, Scenario
from neurocl.core.errors import NeuroclError

__all__ = ["Benchmark", "Stream"]


class Stream:
    """A sequence of experiences, each made when it is asked for.

    Parameters
    ----------
    make : a function of the index that always returns the same experience for it.
    length : number of experiences; none: the stream has no end.
    """

    def __init__(self, make: Callable[[int], Experience], length: int | None) -> None:
        self.make, self.length = make, length

    def __len__(self) -> int:
        if self.length is None:
            raise NeuroclError("this stream has no end; say how many experiences to take (n_experiences=...)")
        return self.length

    def __getitem__(self, index: int) -> Experience:
        if self.length is not None and not -self.length <= index < self.length:
            raise IndexError(f"the stream has {self.length} experiences, there is no number {index}")
        return self.make(index if index >= 0 else len(self) + index)

    def __iter__(self) -> Iterator[Experience]:
        index = 0
        while self.length is None or index < self.length:
            yield self.make(index)
            index += 1


@dataclass(frozen=True, eq=False)
class Benchmark:
    """What learners are compared on.

    Parameters
    ----------
    name : for tables and plots.
    train : experiences in the order of learning.
    test : experience j holds the test samples of task j; none where only learning itself is measured.
    problem : what a learner is told at the start.
    seed : which the streams were made from.
    spec : texts, numbers, lists and dicts that say how it was made; see `rebuild`.
    rebuild : makes the same benchmark from another seed.
    evaluate : after an experience, test on "all" tasks, on those "seen" so far (less work, no forward transfer), only
        on the "current" one (where the same samples change their labels, so that an old test makes no sense), or on
        "none".
    """

    name: str
    train: Stream
    test: Stream | None
    problem: Problem
    seed: int
    spec: Mapping[str, Any]
    rebuild: Callable[[int], Benchmark]
    evaluate: Literal["all", "seen", "current", "none"] = "all"

    @property
    def train_stream(self) -> Stream:
        """Avalanche's name of `train`."""
        return self.train

    @property
    def test_stream(self) -> Stream | None:
        """Avalanche's name of `test`."""
        return self.test

    @property
    def n_classes(self) -> int:
        """Number of different labels that learners are given, which is that of their outputs."""
        return self.problem.n_units

    @property
    def scenario(self) -> Scenario:
        """Whether the learner is told the task at test ("task") or not ("domain", "class")."""
        return self.problem.scenario

    def with_seed(self, seed: int) -> Benchmark:
        """The same benchmark, drawn from another seed."""
        return self if seed == self.seed else self.rebuild(seed)
