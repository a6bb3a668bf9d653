"""Memories as continual learners: every sample is stored once, and nothing is ever trained again.

MemoryClassifier   keys are samples of norm 1, values their classes; a class is recalled by association:
                   score_c = sum over the stored n of class c of exp(beta k_n q); nothing is forgotten
SparseyClassifier  codes of single-trial columns over an image, and counts of classes (`SparseyField`)
Scenarios          all three: of what is recalled, only the classes that compete count
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurocl.continual import Experience, Problem, seeding
from neurocl.continual.step import Step
from neurocl.continual.units import Units
from neurocl.core._checks import positive_number, probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.memory.key_value import KeyValueMemory
from neurocl.memory.sparsey_field import SparseyField, image_side

__all__ = ["MemoryClassifier", "SparseyClassifier"]

ZERO = torch.zeros(())
BATCH = 256
"""Samples between two pauses, unless the experience is online."""


class _SinglePass(ABC):
    """A learner that stores each sample once, in the order of the seed (in the given order, if online)."""

    needs_past = False
    problem: Problem
    seed: int
    units: Units
    n_trained: int
    iteration: int

    @property
    def name(self) -> str:
        """Name of the class."""
        return type(self).__name__

    def start(self, problem: Problem, seed: int = 0) -> Self:
        """A new, empty learner for the problem; NeuroclError if it cannot learn it."""
        if problem.time_major:
            raise NeuroclError(f"{self.name} takes static samples, and these are spike trains [time, sample, ...].")
        learner = copy.copy(self)
        learner.problem, learner.seed = problem, whole_number(self.name, "seed", seed)
        learner.units = Units(problem, "cpu")
        learner.n_trained = learner.iteration = 0
        learner._prepare()
        return learner

    def steps(self, experience: Experience) -> Iterator[Step]:
        """Store an experience, pausing after each batch; goes on where a loaded state stopped."""
        self.units.check(experience)
        data = experience.to("cpu")
        self.units.enter(data)
        order = torch.arange(len(data))
        if data.online is None:
            numbers = seeding.generator(self.seed, "order", self.n_trained, 0)
            order = torch.from_numpy(numbers.permutation(len(data)))
        for chosen in order.split(data.online or BATCH)[self.iteration :]:
            batch = data.batch(chosen)
            self.units.meet(batch)
            correct = None
            if data.online is not None:
                correct = (self._best(batch.x, self.units.at_training(batch.task)) == batch.y).sum()
            self._learn(batch.x, batch.y)
            self.iteration += 1
            yield Step(ZERO, ZERO, len(batch.y), correct)
        self.n_trained, self.iteration = self.n_trained + 1, 0

    def train(self, experience: Experience) -> None:
        """Store an experience; after `load_state_dict`, what was left of it."""
        for _ in self.steps(experience):
            pass

    def predict(self, x: Any, task_label: Any = None) -> Tensor:
        """The class that is recalled for each sample, int64 [sample].

        Raises
        ------
        NeuroclError
            If sample or label are not those of the problem (`Problem.question`).
        """
        samples, label = self.problem.question(x, task_label)
        return self._best(samples.cpu(), self.units.at_test(label))

    def revisit(self, experience: Experience) -> None:
        """Nothing to do, since the state holds all that is needed."""
        return

    def state_dict(self) -> dict[str, Any]:
        """All that changes."""
        return {"place": [self.n_trained, self.iteration], "units": self.units.state_dict(), **self._state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.n_trained, self.iteration = state["place"]
        self.units.load_state_dict(state["units"])
        self._restore(state)

    def _best(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.units.masked(self._scores(x), mask).argmax(1)

    @property
    @abstractmethod
    def n_stored(self) -> int:
        """Samples stored so far."""

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _learn(self, x: Tensor, y: Tensor) -> None: ...

    @abstractmethod
    def _scores(self, x: Tensor) -> Tensor: ...

    @abstractmethod
    def _state(self) -> dict[str, Any]: ...

    @abstractmethod
    def _restore(self, state: dict[str, Any]) -> None: ...


class MemoryClassifier(_SinglePass):
    """Classes as values of a key-value memory with softmax separation.

    Parameters
    ----------
    beta : how much the most similar samples count; infinity would be the nearest neighbour. Default 60.

    Attributes
    ----------
    memory : the `KeyValueMemory`, after `start`.

    Raises
    ------
    NeuroclError
        For a beta that is not positive; in `start`, for spike trains.

    Examples
    --------
    >>> continual.run(continual.split("digits"), MemoryClassifier(), seeds=[0]).metrics()["acc"]    # doctest: +SKIP
    """

    memory: KeyValueMemory

    def __init__(self, beta: float = 60.0) -> None:
        self.beta = positive_number("MemoryClassifier", "beta", beta)

    @property
    def n_stored(self) -> int:
        """Samples stored so far."""
        return self.memory.n_stored

    def _prepare(self) -> None:
        width = math.prod(self.problem.sample_shape)
        self.memory = KeyValueMemory(width, self.problem.n_units, "softmax", beta=self.beta)

    def _learn(self, x: Tensor, y: Tensor) -> None:
        self.memory.store(_of_norm_one(x), np.eye(self.problem.n_units)[y.numpy()])

    def _scores(self, x: Tensor) -> Tensor:
        found = self.memory.recall(_of_norm_one(x)).state if self.n_stored else np.zeros((len(x), self.problem.n_units))
        return torch.from_numpy(found)

    def _state(self) -> dict[str, Any]:
        return {"keys": torch.from_numpy(self.memory.keys), "values": torch.from_numpy(self.memory.values)}

    def _restore(self, state: dict[str, Any]) -> None:
        self._prepare()
        self.memory.keys, self.memory.values = state["keys"].numpy(), state["values"].numpy()
        self.memory.n_stored = len(self.memory.keys)


class SparseyClassifier(_SinglePass):
    """Single-trial Sparsey columns over the patches of an image, and counts of classes.

    Parameters
    ----------
    threshold : intensity from which a pixel is bright. Default 0.5.
    **field : patch, stride, n_modules, n_cells, exponent, freeze, band of `SparseyField`; by default a patch is a
        quarter of the image's side.

    Attributes
    ----------
    field : the `SparseyField`, after `start`.

    Raises
    ------
    NeuroclError
        For an argument out of range; in `start`, if samples are not square images.
    """

    field: SparseyField

    def __init__(self, threshold: float = 0.5, **field: Any) -> None:
        self.threshold = probability("SparseyClassifier", "threshold", threshold)
        known = ("patch", "stride", "n_modules", "n_cells", "exponent", "freeze", "band")
        for name in field:
            if name not in known:
                raise NeuroclError(f"SparseyClassifier: there is no argument '{name}'; choose from {', '.join(known)}.")
        self.options = field

    @property
    def n_stored(self) -> int:
        """Samples stored so far."""
        return int(self.field.n_seen[0])

    def _prepare(self) -> None:
        side = image_side("SparseyClassifier", self.problem.sample_shape)
        options = {"patch": max(2, side // 4), "stride": max(1, side // 14), **self.options}
        self.field = SparseyField(side, self.problem.n_units, seed=self.seed, **options)

    def _learn(self, x: Tensor, y: Tensor) -> None:
        self.field.learn(self._images(x), y.numpy())

    def _scores(self, x: Tensor) -> Tensor:
        return torch.cat([torch.from_numpy(self.field.scores(self._images(part))) for part in x.split(2000)])

    def _images(self, x: Tensor) -> NDArray[np.bool_]:
        return np.asarray(x.reshape(len(x), -1).numpy() > self.threshold)

    def _state(self) -> dict[str, Any]:
        return {name: torch.from_numpy(getattr(self.field, name)) for name in ("weights", "counts", "n_set", "n_seen")}

    def _restore(self, state: dict[str, Any]) -> None:
        for name in ("weights", "counts", "n_set", "n_seen"):
            setattr(self.field, name, state[name].numpy())


def _of_norm_one(x: Tensor) -> NDArray[np.float64]:
    rows = x.reshape(len(x), -1).numpy().astype(np.float64)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
