"""Named experiments: what `neurocl run NAME` runs. An experiment is one file, with one line in `EXPERIMENTS`."""

from __future__ import annotations

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.experiments import (
    brunel,
    coba,
    compare,
    cuba,
    dendrites_pmnist,
    digit_learner,
    hippocampus,
    hlop,
    hlop_cifar100,
    hlop_pmnist,
    izhikevich,
    liquid,
    memory,
    microcircuit,
    nalsm,
    sdr,
    sequence,
    song_abbott,
    train_snn,
    vogels_inhibitory,
)
from neurocl.experiments.experiment import Experiment, Outcome
from neurocl.experiments.run_folder import RunFolder

__all__ = ["DEFAULT", "EXPERIMENTS", "Experiment", "Outcome", "RunFolder", "find"]

MODULES = (
    hlop, hlop_pmnist, hlop_cifar100, liquid, nalsm, compare, digit_learner, train_snn, dendrites_pmnist, cuba, coba,
    brunel, izhikevich, microcircuit, song_abbott, vogels_inhibitory, memory, hippocampus, sdr, sequence,
)  # fmt: skip
"""The files, in the order of `neurocl list`."""

EXPERIMENTS: dict[str, Experiment] = {module.EXPERIMENT.name: module.EXPERIMENT for module in MODULES}
"""All experiments by name."""

DEFAULT = "hlop"
"""The experiment that runs when no name is given."""


def find(name: str) -> Experiment:
    """The experiment called `name`; NeuroclError if there is none."""
    if name not in EXPERIMENTS:
        raise NeuroclError(f"there is no experiment '{name}'{suggest(name, EXPERIMENTS)}; see: neurocl list")
    return EXPERIMENTS[name]
