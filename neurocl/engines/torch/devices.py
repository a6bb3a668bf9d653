"""Finding the device, and saying in one sentence what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from neurocl.core.errors import NeuroclError, shown

__all__ = ["find_device", "memory_is_told"]


def find_device(name: Any) -> torch.device:
    """The device called `name`, "cpu", "cuda" or "cuda:1"."""
    if not isinstance(name, str | torch.device) or str(name).partition(":")[0] not in ("cpu", "cuda"):
        raise NeuroclError(f"net.build: device must be 'cpu' or 'cuda', got {shown(name)}")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise NeuroclError(f"net.build: device must be 'cpu', 'cuda' or 'cuda:0', got {shown(name)}") from None
    if device.type == "cuda":
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= found:
            there = f"it finds {found} of them" if found else "it finds none"
            raise NeuroclError(
                f"net.build: device={str(name)!r} needs a CUDA GPU that torch {torch.__version__} can use, and {there};"
                " use device='cpu', or install a CUDA build of torch"
            )
    return device


@contextmanager
def memory_is_told(what: str, device: torch.device) -> Iterator[None]:
    """Turn torch's errors for too little memory into one sentence, begun by `what`."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise NeuroclError(f"{what}: {device} has too little memory ({_first_sentences(error)}); {_HINT}") from None
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise NeuroclError(f"{what}: too little memory ({_first_sentences(error)}); {_HINT}") from None


_HINT = "use a smaller batch or network, or record less"


def _first_sentences(error: Exception) -> str:
    return ". ".join(str(error).splitlines()[0].split(". ")[:2])
