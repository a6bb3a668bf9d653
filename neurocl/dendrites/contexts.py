"""Contexts: vectors that tell dendritic segments which task is at hand.

Prototype       mean of all training inputs of a task; at test, for each sample, the nearest prototype (Euclidean)
One-hot         the task's own element is 1; the task must be told at test
Random sparse   a fixed random binary vector per task; the task must be told at test
Input           the sample itself, so that every sample has a context of its own
Source          Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["Chosen", "Context", "InputContext", "OneHotContext", "PrototypeContext", "RandomSparseContext", "nearest"]


class Chosen(NamedTuple):
    """Contexts [number, context] and, for each sample, which one it has (int64 [batch])."""

    contexts: Tensor
    which: Tensor


class Context:
    """Base class. A constructor only stores its settings; what changes begins in `start` and is named in `state`.

    Attributes
    ----------
    needs_task_label : whether the task must be told at test.
    """

    state: ClassVar[tuple[str, ...]] = ()
    needs_task_label: ClassVar[bool] = False

    def size(self, n_features: int) -> int:
        """Elements of a context, for samples of so many features."""
        return n_features

    def start(self, n_features: int, generator: torch.Generator) -> None:
        """Nothing has been seen."""

    def begin(self, x: Tensor, task: Tensor, generator: torch.Generator) -> None:
        """An experience begins: its samples [sample, feature] and their task labels."""

    def of_batch(self, x: Tensor, task: Tensor, generator: torch.Generator) -> Tensor | Chosen:
        """The context of a training batch, [context] if all samples share it."""
        raise NotImplementedError

    def infer(self, x: Tensor, task: Tensor | None) -> Chosen:
        """The context of each test sample."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """The attributes named in `state`."""
        return {name: getattr(self, name) for name in self.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set the attributes named in `state`."""
        for name in self.state:
            setattr(self, name, state[name])


class PrototypeContext(Context):
    """The mean input of each experience.

    Attributes
    ----------
    prototypes : [experience, feature]; one row of zeros before the first experience.
    """

    state = ("prototypes", "_n_seen")

    def start(self, n_features: int, generator: torch.Generator) -> None:
        """No prototype but zeros, which every sample gets until the first experience begins."""
        self.prototypes, self._n_seen = torch.zeros(1, n_features), 0

    def begin(self, x: Tensor, task: Tensor, generator: torch.Generator) -> None:
        """Store the mean of the new experience."""
        mean = x.double().mean(0, keepdim=True).to(x.dtype)
        self.prototypes = mean if not self._n_seen else torch.cat([self.prototypes, mean])
        self._n_seen += 1

    def of_batch(self, x: Tensor, task: Tensor, generator: torch.Generator) -> Tensor:
        """The prototype of the present experience."""
        return self.prototypes[-1]

    def infer(self, x: Tensor, task: Tensor | None) -> Chosen:
        """The nearest prototype."""
        prototypes = self.prototypes.to(x)
        return Chosen(prototypes, nearest(x, prototypes))


class InputContext(Context):
    """The input of each sample is its own context. Gates are then computed for each sample, not once per batch."""

    def of_batch(self, x: Tensor, task: Tensor, generator: torch.Generator) -> Tensor:
        """The samples, [batch, feature]."""
        return x

    def infer(self, x: Tensor, task: Tensor | None) -> Chosen:
        """The samples."""
        return Chosen(x, torch.arange(len(x), device=x.device))


class _Told(Context):
    """Contexts that are made from the task label."""

    needs_task_label = True

    def _vectors(self, like: Tensor) -> Tensor:
        raise NotImplementedError

    def _chosen(self, x: Tensor, task: Tensor) -> Chosen:
        vectors = self._vectors(x)
        if int(task.max()) >= len(vectors) or int(task.min()) < 0:
            raise NeuroclError(
                f"{type(self).__name__}: task label {int(task.max())} is unknown; it was made for {len(vectors)} tasks."
            )
        return Chosen(vectors, task)

    def of_batch(self, x: Tensor, task: Tensor, generator: torch.Generator) -> Tensor | Chosen:
        """The context of the batch's task, or of each sample's."""
        chosen = self._chosen(x, task)
        first = int(task[0])
        return chosen.contexts[first] if bool((task == first).all()) else chosen

    def infer(self, x: Tensor, task: Tensor | None) -> Chosen:
        """The context of the task that is told."""
        if task is None:
            raise NeuroclError(f"{type(self).__name__}: the task must be told at test: predict(x, task_label=...).")
        return self._chosen(x, task)


class OneHotContext(_Told):
    """One element per task.

    Parameters
    ----------
    n_tasks : elements of the context.
    """

    def __init__(self, n_tasks: int) -> None:
        self.n_tasks = whole_number("OneHotContext", "n_tasks", n_tasks, at_least=1)

    def size(self, n_features: int) -> int:
        """Number of tasks."""
        return self.n_tasks

    def _vectors(self, like: Tensor) -> Tensor:
        return torch.eye(self.n_tasks, dtype=like.dtype, device=like.device)


class RandomSparseContext(_Told):
    """A fixed random binary vector per task.

    Parameters
    ----------
    n_tasks : vectors that are drawn.
    n_bits : elements of a context. Default 1024.
    density : share of ones, in (0, 1]. Default 0.05.
    """

    state = ("vectors",)

    def __init__(self, n_tasks: int, n_bits: int = 1024, density: float = 0.05) -> None:
        owner = "RandomSparseContext"
        self.n_tasks = whole_number(owner, "n_tasks", n_tasks, at_least=1)
        self.n_bits = whole_number(owner, "n_bits", n_bits, at_least=1)
        self.n_ones = round(self.n_bits * probability(owner, "density", density))
        if self.n_ones == 0:
            raise NeuroclError(f"{owner}: density {density:g} of {n_bits} bits leaves no bit on; use a larger one.")

    def size(self, n_features: int) -> int:
        """Number of bits."""
        return self.n_bits

    def start(self, n_features: int, generator: torch.Generator) -> None:
        """Draw the vectors."""
        order = torch.rand(self.n_tasks, self.n_bits, generator=generator).argsort(1)[:, : self.n_ones]
        self.vectors = torch.zeros(self.n_tasks, self.n_bits).scatter_(1, order, 1.0)

    def _vectors(self, like: Tensor) -> Tensor:
        return self.vectors.to(like)


def nearest(x: Tensor, prototypes: Tensor) -> Tensor:
    """Index of the nearest of `prototypes` [number, feature] for each row of x [sample, feature]."""
    # |x - p|^2 without |x|^2, which all prototypes share
    return (prototypes.square().sum(1) - 2.0 * x @ prototypes.T).argmin(1)
