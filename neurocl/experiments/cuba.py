"""The CUBA benchmark: irregular activity that needs no input, 5.4 to 5.8 Hz in the first second."""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.experiments._balanced import run_balanced
from neurocl.experiments.experiment import Experiment, Outcome
from neurocl.experiments.network_run import check_times
from neurocl.experiments.run_folder import RunFolder
from neurocl.networks.cuba import cuba

__all__ = ["EXPERIMENT", "Config", "run"]

KNOWN_RATE = (4.8, 6.4)
"""Hz at 4000 neurons: 5.4 to 5.8 on average, and three standard deviations (0.25 Hz) between wirings."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    n : neurons, at least 80. A rate is known for 4000.
    duration : ms.
    dt : time step, ms.
    seed : of the wiring and of the initial voltages.
    """

    n: int = 4000
    duration: float = 5000.0
    dt: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        check_times("cuba", duration=self.duration, seed=self.seed)
        cuba(self.n, self.dt)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; a run is so short that nothing is kept in `folder`."""
    known = KNOWN_RATE if config.n == 4000 else None
    title = "CUBA, a balanced network with current-based synapses"
    return run_balanced(cuba(config.n, config.dt), title, config.duration, config.seed, known)


EXPERIMENT = Experiment(
    name="cuba",
    description="the balanced network of Vogels and Abbott with current-based synapses, beside its known rate",
    config=Config,
    run=run,
)
