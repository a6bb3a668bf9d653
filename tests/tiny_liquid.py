"""A liquid experiment that takes a second."""

from __future__ import annotations

from typing import Any

from neurocl.experiments.liquid import Config

SETTINGS: dict[str, Any] = {
    "n": 40, "n_train": 60, "n_test": 20, "duration": 40.0, "stdp_images": 10, "stdp_duration": 20.0, "chunk": 16,
}  # fmt: skip
ARGUMENTS = ["--set", *(f"{key}={value}" for key, value in SETTINGS.items())]


def tiny(**changes: Any) -> Config:
    """The config of such an experiment."""
    return Config(**{**SETTINGS, **changes})
