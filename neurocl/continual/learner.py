"""What `continual.run` asks of anything that learns; `Strategy` does it for networks trained by gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, Self, runtime_checkable

from torch import Tensor

from neurocl.continual.experience import Experience, Problem

__all__ = ["Learner"]


@runtime_checkable
class Learner(Protocol):
    """A description of a learner (constructor arguments only) that becomes a learner by `start`.

    What is returned by `start` is the learner; the description itself never changes.
    """

    @property
    def name(self) -> str:
        """For tables and plots."""
        ...

    @property
    def needs_past(self) -> bool:
        """Whether `revisit` must be called when a run is resumed."""
        ...

    def start(self, problem: Problem, seed: int = 0) -> Self:
        """A new, untrained learner for the problem; NeuroclError if it cannot learn it."""
        ...

    def steps(self, experience: Experience) -> Iterator[Any]:
        """Learn an experience, pausing after every update; goes on where a loaded state stopped."""
        ...

    def train(self, experience: Experience) -> None:
        """Learn an experience to its end."""
        ...

    def predict(self, x: Tensor, task_label: int | Tensor | None = None) -> Tensor:
        """Output unit chosen for each sample, int64 [sample]."""
        ...

    def revisit(self, experience: Experience) -> None:
        """An experience that was learned before the run was interrupted; called in order before it is resumed."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """All that changes, between any two updates: tensors, numbers, text, None, lists, tuples and dicts of them."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state; called on a learner that `start` returned."""
        ...
