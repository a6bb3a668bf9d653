"""A model for a while in evaluation mode, without dropout and with fixed normalisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

__all__ = ["evaluation_mode"]


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Within ``with``, `model` is in evaluation mode; afterwards it is in the mode that it had, errors or not."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
