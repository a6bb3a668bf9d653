"""Running a learner through a benchmark, once per seed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neurocl.continual import seeding
from neurocl.continual.benchmark import Benchmark
from neurocl.continual.checkpoint import load_state, save_state
from neurocl.continual.described import described, difference
from neurocl.continual.evaluation import accuracies
from neurocl.continual.experience import Experience
from neurocl.continual.learner import Learner
from neurocl.continual.results import Results
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Recorder", "run"]

Recorder = Callable[[Any, Experience], Mapping[str, float]]
"""Called with the learner and the experience that is over; returns numbers by name."""

TRACE_SAMPLES = 1000
"""Test samples per task in evaluations during training."""


@dataclass
class _Progress:
    """What was found so far in the run of one seed; part of the checkpoint."""

    matrix: list[list[float]] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    correct: list[float] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    trace: list[list[float]] = field(default_factory=list)
    trace_steps: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    records: dict[str, list[float]] = field(default_factory=dict)
    updates: int = 0
    seconds: float = 0.0
    train_seconds: float = 0.0


def run(
    benchmark: Benchmark,
    learner: Learner,
    seeds: Iterable[int] = range(5),
    *,
    name: str | None = None,
    n_experiences: int | None = None,
    evaluate_every: int | None = None,
    recorders: Iterable[Recorder] = (),
    folder: str | Path | None = None,
    checkpoint_every: int = 5000,
    progress: Callable[[int, int, int], None] | None = None,
) -> Results:
    """Train on the benchmark's experiences one after the other and test after each.

    Parameters
    ----------
    benchmark : drawn anew for each seed.
    learner : a description, for instance ``Strategy(model=MLP((100,)), lr=0.01)``.
    seeds : each fixes the stream, the initial weights and the noise of the method.
    name : of the method, in tables and plots. Default: of its plug-ins.
    n_experiences : how many to learn; needed where the stream has no known end. Default: all.
    evaluate_every : also test after every so many updates and at the end of each experience, on at most 1000 samples
        per task (stability gap).
    recorders : called after each experience; see `recorders`.
    folder : where checkpoints are kept, one file per seed. A run that was interrupted goes on from them, as if it had
        not been; a run with other settings is refused.
    checkpoint_every : updates between two checkpoints; there is one after each experience anyway.
    progress : called with (seed, experiences learned, experiences in all) after each experience.

    Returns
    -------
    Results

    Raises
    ------
    NeuroclError
        If an argument is none of these, the learner cannot learn the benchmark, there is no end, or a checkpoint is of
        another run.
    """
    if not isinstance(benchmark, Benchmark):
        raise NeuroclError(f"run: expected a benchmark such as make('split-digits'), got {shown(benchmark)}")
    if not isinstance(learner, Learner) or isinstance(learner, type):
        raise NeuroclError(f"run: expected a learner such as Strategy(), got {shown(learner)}")
    for argument, values, example in (("seeds", seeds, "[0, 1]"), ("recorders", recorders, "[recorders.Operations()]")):
        if not isinstance(values, Iterable):
            raise NeuroclError(f"run: {argument} must be a list such as {example}, got {shown(values)}")
    if n_experiences is None:
        n_experiences = len(benchmark.train)
    whole_number("run", "n_experiences", n_experiences, at_least=1)
    if benchmark.train.length is not None and n_experiences > benchmark.train.length:
        raise NeuroclError(f"run: n_experiences={n_experiences}, but the stream has {benchmark.train.length}")
    for argument, value in (("evaluate_every", evaluate_every), ("checkpoint_every", checkpoint_every)):
        if value is not None:
            whole_number("run", argument, value, at_least=1)
    chosen = [whole_number("run", "seed", seed) for seed in seeds]
    if not chosen or len(set(chosen)) < len(chosen):
        raise NeuroclError(f"run: seeds must be different whole numbers, at least one, got {chosen}")
    found = []
    for seed in chosen:
        one = _SeedRun(benchmark.with_seed(seed), learner, seed, n_experiences, evaluate_every, tuple(recorders))
        path = None if folder is None else Path(folder) / f"seed-{seed}.safetensors"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seeding.torch_seed(seed, "noise", 0))
            found.append(one.complete(path, checkpoint_every, progress))
    return _results(benchmark, learner, name, chosen, found)


class _SeedRun:
    """The run of one seed, from its start or from a checkpoint to its end."""

    def __init__(
        self, benchmark: Benchmark, learner: Learner, seed: int, n: int, every: int | None, recorders: tuple[Any, ...]
    ) -> None:
        self.benchmark, self.n, self.every, self.recorders = benchmark, n, every, recorders
        self.seed = seed
        self.learner = learner.start(benchmark.problem, seed)
        self.progress = _Progress()
        tests, each = benchmark.test, benchmark.evaluate == "current"
        self.made_of = {
            "n_experiences": n,
            "evaluate_every": every,
            "benchmark": described({"name": benchmark.name, **benchmark.spec}),
            "problem": described(benchmark.problem),
            "learner": described({"kind": type(learner).__name__, **getattr(learner, "__dict__", {}), "device": None}),
            "recorders": described(recorders),
        }
        self.n_tests = 0 if tests is None else n if tests.length is None or each else len(tests)

    def complete(
        self, path: Path | None, checkpoint_every: int, report: Callable[[int, int, int], None] | None
    ) -> _Progress:
        """Run to the end, keeping checkpoints at `path`."""
        found, began = self.progress, time.perf_counter()
        if path is not None and path.exists():
            self._load(path)
            found = self.progress
        elif self.n_tests and self.benchmark.evaluate == "all":
            found.baseline = self._baseline()
        before = found.seconds
        for index in range(len(found.ends), self.n):
            self._learn(index, path, checkpoint_every, before, began)
            found.seconds = before + time.perf_counter() - began
            if path is not None:
                self._save(path)
            if report is not None:
                report(self.seed, index + 1, self.n)
        return found

    def _learn(self, index: int, path: Path | None, checkpoint_every: int, before: float, began: float) -> None:
        """Learn experience `index`, or what is left of it."""
        found, experience = self.progress, self.benchmark.train[index]
        if len(found.correct) == index:
            found.correct.append(0.0)
            found.shown.append(0)
        start = time.perf_counter()
        for step in self.learner.steps(experience):
            found.updates += 1
            correct = getattr(step, "n_correct", None)
            if correct is not None:
                found.correct[index] += float(correct)
                found.shown[index] += step.n_samples
            if self.every is not None and found.updates % self.every == 0:
                found.trace.append(self._test(index + 1, TRACE_SAMPLES))
                found.trace_steps.append(found.updates)
            if path is not None and found.updates % checkpoint_every == 0:
                found.seconds = before + time.perf_counter() - began
                self._save(path)
        if self.every is not None and found.trace_steps[-1:] != [found.updates]:
            found.trace.append(self._test(index + 1, TRACE_SAMPLES))
            found.trace_steps.append(found.updates)
        found.train_seconds += time.perf_counter() - start
        found.ends.append(found.updates)
        if self.n_tests:
            found.matrix.append(self._test(index + 1))
        for recorder in self.recorders:
            for key, value in recorder(self.learner, experience).items():
                found.records.setdefault(key, []).append(float(value))

    def _baseline(self) -> list[float]:
        """Accuracy before learning; NaN where later none but units seen so far can win, so that it compares to none."""
        problem = self.benchmark.problem
        if problem.scenario == "class" and problem.active != "all":
            return [math.nan] * self.n_tests
        return self._test(0)

    def _test(self, trained: int, samples: int | None = None) -> list[float]:
        return accuracies(self.learner, self.benchmark, trained, self.n_tests, samples).tolist()

    def _save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {"seed": self.seed, "made_of": self.made_of, "progress": asdict(self.progress)}
        save_state(path, {**state, "learner": self.learner.state_dict()})

    def _load(self, path: Path) -> None:
        state = load_state(path)
        other = difference({"seed": state["seed"], **state["made_of"]}, {"seed": self.seed, **self.made_of})
        if other:
            raise NeuroclError(f"{path} is the checkpoint of another run ({other}); give another folder")
        self.progress = _Progress(**state["progress"])
        for index in range(len(self.progress.ends) if self.learner.needs_past else 0):
            self.learner.revisit(self.benchmark.train[index])
        self.learner.load_state_dict(state["learner"])


def _results(
    benchmark: Benchmark, learner: Learner, name: str | None, seeds: list[int], runs: list[_Progress]
) -> Results:
    def stacked(values: list[list[Any]]) -> Any:
        return np.array(values, dtype=np.float64)

    shown_samples = stacked([r.shown for r in runs])
    correct = stacked([r.correct for r in runs])
    online = np.divide(correct, shown_samples, out=np.full(correct.shape, np.nan), where=shown_samples > 0)
    longest = max(len(r.trace) for r in runs)
    padded = [(r, longest - len(r.trace)) for r in runs]
    keys = runs[0].records
    return Results(
        name=name or learner.name,
        benchmark=benchmark.name,
        scenario=benchmark.problem.scenario,
        spec=dict(benchmark.spec),
        seeds=seeds,
        matrix=stacked([r.matrix for r in runs]),
        baseline=stacked([r.baseline for r in runs]),
        online=online,
        trace=stacked([r.trace + [[math.nan] * len(r.trace[0])] * n if n else r.trace for r, n in padded]),
        trace_steps=np.array([r.trace_steps + r.trace_steps[-1:] * n for r, n in padded]),
        ends=np.array([r.ends for r in runs]),
        records={key: stacked([r.records[key] for r in runs]) for key in keys},
        seconds=np.array([r.seconds for r in runs]),
        train_seconds=np.array([r.train_seconds for r in runs]),
    )
