"""What experiments with PyTorch share: it must be installed, and the number of its threads is part of the result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neurocl.core.errors import NeuroclError

__all__ = ["need_torch", "torch_threads"]


def need_torch(experiment: str) -> None:
    """NeuroclError that says what to install, unless PyTorch is there."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise NeuroclError(f'{experiment} needs PyTorch; install it with pip install "neurocl[torch]"') from None


@contextmanager
def torch_threads(n: int | None) -> Iterator[None]:
    """Let PyTorch use `n` threads (None: as many as it takes) for as long as the block runs.

    Sums over parts depend on the number of parts, so a result with more threads differs in its last digits.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
