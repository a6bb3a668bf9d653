"""Energy that an NVIDIA GPU has taken, as its driver tells it (NVML); no package is needed for the question."""

from __future__ import annotations

import ctypes

import torch

__all__ = ["joules"]


def joules(device: torch.device) -> float | None:
    """Joules since the driver was loaded; None where nobody tells."""
    if device.type != "cuda":
        return None
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
        handle, energy = ctypes.c_void_p(), ctypes.c_ulonglong()
        uuid = f"GPU-{torch.cuda.get_device_properties(device).uuid}".encode()
        calls = (
            lambda: library.nvmlInit_v2(),
            lambda: library.nvmlDeviceGetHandleByUUID(uuid, ctypes.byref(handle)),
            lambda: library.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(energy)),
        )
        return energy.value / 1000 if all(call() == 0 for call in calls) else None
    except (OSError, AttributeError):  # no driver library, or an old one without these functions
        return None
