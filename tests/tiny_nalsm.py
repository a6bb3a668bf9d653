"""A NALSM experiment that takes a second."""

from __future__ import annotations

from typing import Any

from neurocl.experiments.nalsm_config import Config

SETTINGS: dict[str, Any] = {
    "n": 40, "n_train": 60, "n_test": 20, "steps": 60, "sweep_samples": 30, "bf_samples": 2, "chunk": 40,
}  # fmt: skip
LISTS: dict[str, tuple[Any, ...]] = {"sweep": (0.01, 0.1), "starts": (1.0, 3.0)}
ARGUMENTS = [
    "nalsm", "--set", *(f"{key}={value}" for key, value in SETTINGS.items()),
    *(f"{key}={','.join(map(str, values))}" for key, values in LISTS.items()),
]  # fmt: skip


def tiny(**changes: Any) -> Config:
    """The config of such an experiment."""
    return Config(**{**SETTINGS, **LISTS, **changes})
