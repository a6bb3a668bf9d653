"""A training of a spiking network that takes a second."""

from __future__ import annotations

from typing import Any

from neurocl.experiments.train_snn import Config

SETTINGS: dict[str, Any] = {
    "hidden": 40, "n_train": 300, "n_test": 100, "epochs": 4, "steps": 10, "batch": 20, "learning_rate": 5e-3,
    "threads": 1,
}  # fmt: skip
ARGUMENTS = ["--set", *(f"{key}={value}" for key, value in SETTINGS.items())]


def tiny(**changes: Any) -> Config:
    """The config of such an experiment."""
    return Config(**{**SETTINGS, **changes})
