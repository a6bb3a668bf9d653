"""Accuracy of a learner on test experiences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.continual.benchmark import Benchmark
from neurocl.continual.experience import Experience
from neurocl.continual.learner import Learner

__all__ = ["accuracies", "accuracy", "thinned"]


def accuracy(learner: Learner, experience: Experience) -> float:
    """Share of the samples that are predicted correctly; the task label is told, and used only in scenario "task"."""
    predicted = learner.predict(experience.x, experience.task_label)
    return float((predicted == experience.y.cpu()).double().mean())


def accuracies(
    learner: Learner, benchmark: Benchmark, trained: int, n: int, samples: int | None = None
) -> NDArray[np.float64]:
    """Accuracy on each of `n` tests after `trained` experiences; NaN where the benchmark does not test.

    Parameters
    ----------
    learner : a started learner.
    benchmark : gives the tests and says which make sense.
    trained : experiences begun so far.
    n : number of tests.
    samples : at most so many of each test, evenly spaced. Default: all.
    """
    found = np.full(n, np.nan)
    if benchmark.test is None or benchmark.evaluate == "none":
        return found
    chosen = {"all": range(n), "seen": range(trained), "current": range(max(trained - 1, 0), trained)}
    for index in chosen[benchmark.evaluate]:
        test = benchmark.test[index]
        found[index] = accuracy(learner, test if samples is None else thinned(test, samples))
    return found


def thinned(experience: Experience, samples: int) -> Experience:
    """At most so many samples, evenly spaced."""
    if len(experience) <= samples:
        return experience
    chosen = torch.linspace(0, len(experience) - 1, samples).round().long()
    return replace(experience.subset(chosen), classes=experience.classes)
