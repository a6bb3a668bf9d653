"""The COBA benchmark with a constant drive: irregular activity with bursts, 19 to 22 Hz in the first second."""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.experiments._balanced import run_balanced
from neurocl.experiments.experiment import Experiment, Outcome
from neurocl.experiments.network_run import check_times
from neurocl.experiments.run_folder import RunFolder
from neurocl.networks.coba import coba

__all__ = ["EXPERIMENT", "Config", "run"]

KNOWN_RATE = (16.3, 24.0)
"""Hz at 4000 neurons and 200 pA: 19 to 22 on average, and three standard deviations (1.3 Hz) between wirings."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    n : neurons, at least 80.
    i_ext : constant current into every neuron, pA. A rate is known for 4000 neurons and 200 pA.
    duration : ms.
    dt : time step, ms.
    seed : of the wiring and of the initial state.
    """

    n: int = 4000
    i_ext: float = 200.0
    duration: float = 2000.0
    dt: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        check_times("coba", duration=self.duration, seed=self.seed)
        coba(self.n, self.i_ext, self.dt)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; a run is so short that nothing is kept in `folder`."""
    known = KNOWN_RATE if (config.n, config.i_ext) == (4000, 200.0) else None
    title = "COBA, a balanced network with conductance-based synapses"
    network = coba(config.n, config.i_ext, config.dt)
    return run_balanced(network, title, config.duration, config.seed, known)


EXPERIMENT = Experiment(
    name="coba",
    description="the balanced network of Vogels and Abbott with conductance-based synapses, beside its known rate",
    config=Config,
    run=run,
)
