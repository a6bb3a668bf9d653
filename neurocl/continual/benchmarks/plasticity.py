"""Long streams of related tasks in which a network may lose the ability to learn: accuracy is measured while learning.

label_permuted       all labels get a new meaning every so many samples (Elsayed & Mahmood 2024, ICLR)
input_permuted       new permutation of the features every so many samples (same source)
loss_of_plasticity   the same, each permutation applied on top of the one before (Dohare et al. 2024, Nature 632:768)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import constructor, unfinished
from neurocl.continual.benchmarks._passes import indices_at
from neurocl.continual.benchmarks.permuted import permute
from neurocl.continual.experience import Experience, Problem
from neurocl.continual.samples import Samples
from neurocl.continual.seeding import generator
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["PRESETS", "input_permuted", "label_permuted", "loss_of_plasticity"]

PRESETS: dict[str, tuple[int | None, int]] = {"full": (None, 800), "small": (10_000, 150)}
"""Samples per task (none: all) and number of tasks of `loss_of_plasticity`."""


@constructor
def label_permuted(
    data: Samples,
    n_experiences: int | None = 40,
    change_every: int = 2500,
    batch: int = 1,
    seed: int = 0,
    normalise: str | tuple[float, float] = "half",
) -> Benchmark:
    """All labels are permuted anew every `change_every` samples, on top of the permutation before; task 0 is unchanged.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test).
    n_experiences : number of tasks; None: no end.
    change_every : samples per task.
    batch : samples per update.
    seed : draws permutations and the order of the samples.
    normalise : as in `permuted`.
    """
    samples = data.normalised(normalise)
    mapping = _Composed(seed, samples.n_classes, first_identity=True)

    def transform(index: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, dict[str, Any]]:
        return x, mapping[index][y], {"labels": mapping[index]}

    return _stream("label-permuted", samples, n_experiences, change_every, batch, seed, transform)


@constructor
def input_permuted(
    data: Samples,
    n_experiences: int | None = 200,
    change_every: int = 5000,
    batch: int = 1,
    seed: int = 0,
    normalise: str | tuple[float, float] = "half",
) -> Benchmark:
    """The features are permuted anew every `change_every` samples; arguments as in `label_permuted`."""
    return _permuted_inputs("input-permuted", data.normalised(normalise), n_experiences, change_every, batch, seed)


@constructor
def loss_of_plasticity(
    data: Samples,
    preset: Literal["full", "small"] = "small",
    n_experiences: int | None = None,
    samples_per_task: int | None = None,
    batch: int = 1,
    seed: int = 0,
    normalise: str | tuple[float, float] = "none",
) -> Benchmark:
    """Online permuted images: every task permutes the features on top of the permutation before.

    Parameters
    ----------
    data : as in `label_permuted`.
    preset : "full": 800 tasks of all samples; "small": 150 tasks of 10 000 samples (all, where there are fewer).
    n_experiences, samples_per_task : other numbers than the preset's.
    batch, seed, normalise : as in `label_permuted`.
    """
    if preset not in PRESETS:
        raise NeuroclError(f"loss_of_plasticity: preset must be 'full' or 'small', got {preset!r}")
    size, tasks = PRESETS[preset]
    every = len(data.y_train)
    size = samples_per_task if samples_per_task is not None else min(size or every, every)
    n = tasks if n_experiences is None else n_experiences
    return _permuted_inputs("loss of plasticity,", data.normalised(normalise), n, size, batch, seed)


class _Composed:
    """Permutation number k is a fresh uniform one on top of number k - 1."""

    def __init__(self, seed: int, n: int, first_identity: bool) -> None:
        self.seed, self.n = seed, n
        self.known = [np.arange(n) if first_identity else generator(seed, "transforms", 0).permutation(n)]

    def __getitem__(self, index: int) -> Tensor:
        while len(self.known) <= index:
            fresh = generator(self.seed, "transforms", len(self.known)).permutation(self.n)
            self.known.append(fresh[self.known[-1]])
        return torch.from_numpy(self.known[index])


def _permuted_inputs(
    name: str, samples: Samples, n_experiences: int | None, size: int, batch: int, seed: int
) -> Benchmark:
    permutations = _Composed(seed, torch.Size(samples.sample_shape).numel(), first_identity=False)

    def transform(index: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, dict[str, Any]]:
        chosen = permutations[index]
        return permute(x, chosen, 1 + samples.time_major), y, {"permutation": chosen}

    return _stream(name, samples, n_experiences, size, batch, seed, transform)


def _stream(
    name: str,
    samples: Samples,
    n_experiences: int | None,
    size: int,
    batch: int,
    seed: int,
    transform: Callable[[int, Tensor, Tensor], tuple[Tensor, Tensor, dict[str, Any]]],
) -> Benchmark:
    """Tasks of `size` samples from endless passes; there is nothing to remember, so nothing is tested."""
    whole_number(name, "samples per task", size, at_least=1)
    classes = tuple(range(samples.n_classes))

    def make(index: int) -> Experience:
        x, y = samples.take(indices_at(seed, len(samples.y_train), index * size, size))
        x, y, meta = transform(index, x, y)
        return Experience(x, y, index, index, classes, False, batch, samples.time_major, meta)

    problem = Problem(samples.sample_shape, len(classes), "domain", time_major=samples.time_major, boundary_known=False)
    train = Stream(make, n_experiences)
    return Benchmark(f"{name} {samples.name}", train, None, problem, seed, {}, unfinished, "none")
