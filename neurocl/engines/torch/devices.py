"""Finding the device, and saying in one sentence what it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from neurocl.core.errors import NeuroclError, shown

__all__ = ["check_memory", "find_device", "free_memory", "memory_is_told"]


def find_device(name: Any, where: str = "net.build") -> torch.device:
    """The device called `name`, "cpu", "cuda" or "cuda:1"; an error begins with `where`."""
    if not isinstance(name, str | torch.device) or str(name).partition(":")[0] not in ("cpu", "cuda"):
        raise NeuroclError(f"{where}: device must be 'cpu' or 'cuda', got {shown(name)}")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise NeuroclError(f"{where}: device must be 'cpu', 'cuda' or 'cuda:0', got {shown(name)}") from None
    if device.type == "cuda":
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= found:
            there = f"it finds {found} of them" if found else "it finds none"
            raise NeuroclError(
                f"{where}: device={str(name)!r} needs a CUDA GPU that torch {torch.__version__} can use, and {there};"
                " use device='cpu', or install a CUDA build of torch"
            )
    return device


def check_memory(
    where: str, needed: int, device: torch.device, what: str = "the network needs about", hint: str | None = None
) -> None:
    """NeuroclError, begun by `where` and `what`, if the device has less than `needed` bytes left."""
    free = free_memory(device)
    if free is not None and needed > free:
        raise NeuroclError(f"{where}: {what} {_size(needed)}, and {device} has {_size(free)} left; {hint or _HINT}")


def free_memory(device: torch.device) -> int | None:
    """Bytes that can still be taken on the device; None if nobody tells."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    table = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+(\d+) kB", table.read_text()) if table.exists() else None
    return 1024 * int(found[1]) if found else None


@contextmanager
def memory_is_told(what: str, device: torch.device) -> Iterator[None]:
    """Turn torch's errors for too little memory into one sentence, begun by `what`."""
    try:
        yield
    except RuntimeError as error:  # torch.OutOfMemoryError is one, too
        wanted = re.search(r"[Tt]ried to allocate ([\d.]+ \w+)", str(error))
        if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
            raise
        free = free_memory(device)
        left = "" if free is None else f", and {_size(free)} are left"
        asked = f"{_readable(wanted[1])} more were asked for" if wanted else "torch could not take more"
        raise NeuroclError(f"{what}: {device} has too little memory: {asked}{left}; {_HINT}") from None


_HINT = "use a smaller batch or network, or record less"


def _readable(amount: str) -> str:
    """torch tells GPUs' memory in MiB and GiB, a CPU's in bytes."""
    number, unit = amount.split()
    return _size(int(number)) if unit == "bytes" else amount


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 2**30:.3g} GiB" if n_bytes >= 2**30 else f"{n_bytes / 2**20:.3g} MiB"
