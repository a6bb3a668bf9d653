"""What a strategy learns from: an experience of plain tensors, batches of it, and the problem it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from neurocl.continual.tensors import as_features, as_task_label
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Active", "Batch", "Experience", "Problem", "Scenario"]

Scenario = Literal["task", "domain", "class"]
Active = Literal["current", "seen", "all"]


class Batch(NamedTuple):
    """Samples of one update.

    x : [sample, ...], or [time, sample, ...] where the problem is time-major. y : int64 [sample], output units.
    task : int64 [sample], task labels.
    """

    x: Tensor
    y: Tensor
    task: Tensor


@dataclass(frozen=True, eq=False)
class Experience:
    """One step of a stream: samples, the labels that the learner is given, and their tasks.

    Parameters
    ----------
    x : float tensor [sample, ...]; time-major spikes are [time, sample, ...] with ``time_major=True``. It is kept in
        torch's default type, float32, which is that of networks.
    y : int64 tensor [sample]
        Labels as output units of the learner: what they mean is the scenario's business.
    task_label : int, or int64 tensor [sample] where samples of several tasks are mixed.
    index : int, default 0
        Place in the stream.
    classes : tuple of int (or a list, array or tensor), optional
        Output units that may occur, in rising order. Default: those in `y`.
    boundary_known : bool, default True
        Whether the learner may know that a new experience began.
    online : int, optional
        Size of the mini-batches of a single pass in the given order. Default: the strategy's batch size, its number
        of epochs, and a new random order in each.
    time_major : bool, default False
    meta : mapping, optional
        What the benchmark tells about this experience (a permutation, an angle); no strategy reads it.

    Raises
    ------
    NeuroclError
        If it is empty, features are not finite floats, lengths differ, or labels are not whole numbers in `classes`.
    """

    x: Tensor
    y: Tensor
    task_label: int | Tensor
    index: int = 0
    classes: tuple[int, ...] = ()
    boundary_known: bool = True
    online: int | None = None
    time_major: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = f"experience {self.index}"
        if isinstance(self.x, Tensor) and self.x.is_floating_point():
            object.__setattr__(self, "x", as_features(name, self.x))
        _check_samples(name, self.x, self.y, self.time_major)
        given = self.classes.tolist() if hasattr(self.classes, "tolist") else self.classes
        classes = [whole_number(name, "classes", unit) for unit in given] or torch.unique(self.y).tolist()
        object.__setattr__(self, "classes", tuple(classes))
        if not torch.isin(self.y, torch.tensor(self.classes, device=self.y.device)).all():
            raise NeuroclError(f"{name}: y holds labels outside its classes {shown(self.classes)}; add them to classes")
        if isinstance(self.task_label, Tensor):
            if self.task_label.dtype != torch.int64 or self.task_label.shape != self.y.shape:
                raise NeuroclError(
                    f"{name}: task_label must be a whole number or an int64 tensor with one for each of the"
                    f" {len(self.y)} samples, got {self.task_label.dtype} of shape {tuple(self.task_label.shape)}"
                )
        else:
            whole_number(name, "task_label", self.task_label)
        if self.online is not None:
            whole_number(name, "online", self.online, at_least=1)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def task(self) -> Tensor:
        """Task label of each sample, int64 [sample]."""
        if isinstance(self.task_label, Tensor):
            return self.task_label
        return torch.full_like(self.y, self.task_label)

    @property
    def current_experience(self) -> int:
        """Avalanche's name of `index`."""
        return self.index

    @property
    def classes_in_this_experience(self) -> tuple[int, ...]:
        """Avalanche's name of `classes`."""
        return self.classes

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one sample, without time."""
        return tuple(self.x.shape[2 if self.time_major else 1 :])

    def batch(self, indices: Tensor) -> Batch:
        """The samples at `indices` (int64)."""
        y, label = self.y[indices], self.task_label
        task = label[indices] if isinstance(label, Tensor) else torch.full_like(y, label)
        return Batch(self.x.index_select(int(self.time_major), indices), y, task)

    def subset(self, indices: Tensor) -> Experience:
        """The same experience with only the samples at `indices`, in that order."""
        chosen = self.batch(indices)
        mixed = isinstance(self.task_label, Tensor)
        return replace(self, x=chosen.x, y=chosen.y, task_label=chosen.task if mixed else self.task_label)

    def to(self, device: str | torch.device) -> Experience:
        """The same experience with its tensors on `device`; itself if they are there."""
        if self.x.device == torch.device(device):
            return self
        task = self.task_label.to(device) if isinstance(self.task_label, Tensor) else self.task_label
        return replace(self, x=self.x.to(device), y=self.y.to(device), task_label=task)


@dataclass(frozen=True)
class Problem:
    """What a learner is told before the first experience.

    Parameters
    ----------
    sample_shape : shape of one sample, without time.
    n_units : number of outputs.
    scenario : "task" (the task label is given at test), "domain" or "class" (it is not).
    active : units that compete at training in the scenario "class": those of the "current" experience, those "seen"
        so far (default), or "all"; at test those seen, or "all". In "task" it is always the task's own head (one for
        all where `heads` is empty), in "domain" all units.
    heads : output units of each task label, in the scenario "task" with several heads.
    time_major : whether samples are spike trains [time, sample, ...].
    boundary_known : whether experiences have known boundaries; "current" units need them.
    labels : the task labels of the scenario "task" where all tasks share their outputs; empty: not known.
    """

    sample_shape: tuple[int, ...]
    n_units: int
    scenario: Scenario = "class"
    active: Active = "seen"
    heads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    time_major: bool = False
    boundary_known: bool = True
    labels: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, value, known in (
            ("scenario", self.scenario, ("task", "domain", "class")),
            ("active", self.active, ("current", "seen", "all")),
        ):
            if value not in known:
                raise NeuroclError(f"{name} must be one of {', '.join(known)}, got {value!r}")
        if self.scenario == "class" and self.active == "current" and not self.boundary_known:
            raise NeuroclError(
                "active='current' needs to know which experience it is, and this stream has no known boundaries; choose"
                " active='seen' or 'all'"
            )

    def head(self, task_label: int | None) -> tuple[int, ...]:
        """Output units of a task in the scenario "task"; NeuroclError if the label is missing or unknown."""
        if task_label is None:
            raise NeuroclError("scenario 'task' gives the task at test: call predict(x, task_label=...)")
        known = tuple(self.heads) or self.labels
        if known and task_label not in known:
            raise NeuroclError(
                f"task label {task_label!r} is unknown; the benchmark has the labels {min(known)} to {max(known)}"
            )
        return self.heads[task_label] if self.heads else tuple(range(self.n_units))

    def question(self, x: Any, task_label: Any = None) -> tuple[Tensor, int | Tensor | None]:
        """Samples to be predicted and their task label, as learners take them.

        Parameters
        ----------
        x : tensor, array or lists [sample, ...], or [time, sample, ...] where the problem is time-major.
        task_label : a whole number, or one for each sample.

        Raises
        ------
        NeuroclError
            If samples have another shape than the problem's, or features are not finite; if the label is no whole
            number, or, in the scenario "task", unknown.
        """
        found, axis = as_features("predict: x", x), int(self.time_major)
        if tuple(found.shape[1 + axis :]) != tuple(self.sample_shape):
            wanted = ", ".join(("time",) * axis + ("sample", *map(str, self.sample_shape)))
            raise NeuroclError(f"predict: x must be [{wanted}], got shape {tuple(found.shape)}; one sample is x[None]")
        if not torch.isfinite(found).all():
            raise NeuroclError("predict: x holds NaN or infinite features; replace them")
        if task_label is None:
            return found, None
        label = as_task_label(task_label, found.shape[axis])
        if self.scenario == "task":
            for one in torch.unique(torch.as_tensor(label)).tolist():
                self.head(one)
        return found, label


def _check_samples(name: str, x: Tensor, y: Tensor, time_major: bool) -> None:
    wanted = "[time, sample, ...]" if time_major else "[sample, ...]"
    if not isinstance(x, Tensor) or not x.is_floating_point() or x.ndim < 2 + time_major:
        raise NeuroclError(f"{name}: x must be a float tensor {wanted}, got {_described(x)}")
    if not isinstance(y, Tensor) or y.dtype != torch.int64 or y.ndim != 1:
        raise NeuroclError(f"{name}: y must be an int64 tensor [sample], got {_described(y)}")
    if len(y) == 0:
        raise NeuroclError(f"{name} is empty; an experience needs at least one sample")
    if x.shape[int(time_major)] != len(y):
        raise NeuroclError(f"{name}: x {tuple(x.shape)} must hold one sample for each of the {len(y)} labels in y")
    if not torch.isfinite(x).all():
        raise NeuroclError(f"{name}: x holds NaN or infinite features; replace them before training")
    if y.min() < 0:
        raise NeuroclError(f"{name}: labels are counted from 0, got {int(y.min())}")


def _described(value: Any) -> str:
    return f"{value.dtype} of shape {tuple(value.shape)}" if isinstance(value, Tensor) else shown(value)
