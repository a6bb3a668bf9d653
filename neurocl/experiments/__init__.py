"""Named experiments: what `neurocl run NAME` runs. An experiment is one file, with one line in `EXPERIMENTS`."""

from __future__ import annotations

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.experiments import liquid
from neurocl.experiments.experiment import Experiment, Outcome
from neurocl.experiments.run_folder import RunFolder

__all__ = ["DEFAULT", "EXPERIMENTS", "Experiment", "Outcome", "RunFolder", "find"]

EXPERIMENTS: dict[str, Experiment] = {e.name: e for e in (liquid.EXPERIMENT,)}
"""All experiments by name."""

DEFAULT = "liquid"
"""The experiment that runs when no name is given."""


def find(name: str) -> Experiment:
    """The experiment called `name`; NeuroclError if there is none."""
    if name not in EXPERIMENTS:
        raise NeuroclError(f"there is no experiment '{name}'{suggest(name, EXPERIMENTS)}; see: neurocl list")
    return EXPERIMENTS[name]
