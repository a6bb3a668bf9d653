"""Stored samples as batches that a strategy trains on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neurocl.continual.experience import Batch, Experience
from neurocl.continual.strategies.distinct import distinct
from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["as_batch", "as_fields", "join", "loss_on_memory", "random_batch", "refuse_current_units"]


def as_fields(strategy: Strategy, batch: Batch) -> dict[str, Tensor]:
    """A batch as fields of a buffer: samples first, also where the learner takes time first."""
    return {"x": batch.x.movedim(int(strategy.problem.time_major), 0), "y": batch.y, "task": batch.task}


def as_batch(strategy: Strategy, fields: dict[str, Tensor]) -> Batch:
    """What `as_fields` made, as a batch again, on the strategy's device."""
    x, y, task = (fields[name].to(strategy.device) for name in ("x", "y", "task"))
    return Batch(x.movedim(0, int(strategy.problem.time_major)), y, task)


def join(strategy: Strategy, *batches: Batch) -> Batch:
    """One batch of all samples."""
    x = torch.cat([b.x for b in batches], dim=int(strategy.problem.time_major))
    return Batch(x, torch.cat([b.y for b in batches]), torch.cat([b.task for b in batches]))


def random_batch(strategy: Strategy, experience: Experience, n: int) -> Batch:
    """At most `n` different samples of an experience."""
    chosen = distinct(n, len(experience), strategy.generator)
    return experience.batch(chosen.to(experience.y.device))


def loss_on_memory(strategy: Strategy, batch: Batch) -> Tensor:
    """The task's loss on stored samples."""
    outputs: Any = strategy.model(batch.x)
    return strategy.cross_entropy(outputs, batch)


def refuse_current_units(owner: str, strategy: Strategy) -> None:
    """NeuroclError if units of stored samples do not compete at training."""
    if strategy.problem.scenario == "class" and strategy.problem.active == "current":
        raise NeuroclError(
            f"{owner} trains on samples of earlier classes, and active='current' leaves their units out; choose"
            " active='seen' or 'all'."
        )
