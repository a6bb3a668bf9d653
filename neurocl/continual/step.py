"""What `Strategy.steps` tells about each update."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["Step"]


class Step(NamedTuple):
    """One update: the loss that was descended, the part of it that is the task's, the samples that arrived, and how
    many of them were predicted correctly before the update (None unless the experience is online)."""

    loss: Tensor
    task_loss: Tensor
    n_samples: int
    n_correct: Tensor | None
