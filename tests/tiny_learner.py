"""A digit learner that takes two seconds."""

from __future__ import annotations

from typing import Any

from neurocl.experiments.digit_learner import Config

SETTINGS: dict[str, Any] = {
    "n": 20, "n_train": 80, "n_test": 40, "epochs": 2, "duration": 150.0, "rest": 50.0, "chunk": 50, "threads": 1,
}  # fmt: skip
ARGUMENTS = ["--set", *(f"{key}={value}" for key, value in SETTINGS.items())]


def tiny(**changes: Any) -> Config:
    """The config of such an experiment."""
    return Config(**{**SETTINGS, **changes})
