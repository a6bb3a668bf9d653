"""The cortical microcircuit at reduced size: spikes of its eight populations, their rates beside the published ones.

Rates         mean over all neurons after `discard`
Irregularity  CV of inter-spike intervals, averaged over the neurons with three spikes or more; a short run misses long
              intervals and gives too small a value (0.6 after 1.5 s becomes 0.8 after 10 s)
Correlation   mean over pairs of neurons of the correlation of their spike counts in bins of 2 ms; it grows as the
              network gets smaller, because neurons share more of their inputs
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from neurocl.analysis.correlations import mean_correlation
from neurocl.core.recording import Spikes
from neurocl.experiments.experiment import Experiment, Outcome, Picture
from neurocl.experiments.network_run import Comparison, check_times, compared, run_in_parts, timed
from neurocl.experiments.run_folder import RunFolder
from neurocl.networks.microcircuit import LEAST_K_SCALE, POPULATIONS, RATES, microcircuit, sizes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

BIN = 2.0  # ms
RASTER = 400.0  # ms
MOST_ROWS = 1500

TOLERANCES = {(1.0, 1.0): 0.1, (0.2, 0.5): 0.2, (0.1, 0.5): 0.3, (0.05, 0.2): 0.5}
"""(scale, k_scale) -> accepted relative deviation of a population's rate over `KNOWN_FROM` ms or more; at full size
that of the literature, else 1.2 times the largest measured one (L23E, whose rate fluctuates most)."""
KNOWN_FROM = 4000.0  # ms


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    scale : numbers of neurons in units of the full size, in (0, 1].
    k_scale : synapses per neuron in units of the full size, in (0, 1]; none: the larger of `scale` and 0.2.
    drive : background as a constant current ("dc") or as Poisson spikes ("poisson").
    initial : voltages at the start, "optimized" or "original".
    thalamic : whether the thalamus fires from 700 to 710 ms.
    duration : of the whole run, ms.
    discard : first part, left out of the numbers, ms.
    seed : of the wiring, the initial voltages and the Poisson spikes.
    """

    scale: float = 0.1
    k_scale: float | None = 0.5
    drive: Literal["dc", "poisson"] = "dc"
    initial: Literal["optimized", "original"] = "optimized"
    thalamic: bool = False
    duration: float = 5000.0
    discard: float = 500.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_times("microcircuit", duration=self.duration, discard=self.discard, seed=self.seed)
        microcircuit(self.scale, self.k_scale, self.drive, self.initial, self.thalamic)

    @property
    def tolerance(self) -> float | None:
        """Largest relative deviation from the published rates that is known for such a run; none if unknown."""
        if self.thalamic or self.drive != "dc" or self.duration - self.discard < KNOWN_FROM:
            return None
        return TOLERANCES.get((self.scale, self.synapses))

    @property
    def synapses(self) -> float:
        """Synapses per neuron in units of the full size."""
        return max(self.scale, LEAST_K_SCALE) if self.k_scale is None else self.k_scale


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; it keeps no checkpoints in `folder`."""
    times: dict[str, float] = {}
    network = microcircuit(config.scale, config.k_scale, config.drive, config.initial, config.thalamic)
    out = run_in_parts(network, config.duration, config.seed, dict.fromkeys(POPULATIONS, "spikes"), times=times)
    with timed(times, "figures"):
        n = sizes(config.scale)
        everything = {name: out[name].spikes for name in POPULATIONS}
        spikes = {name: train.between(config.discard, config.duration) for name, train in everything.items()}
        comparisons = [line for name, train in spikes.items() for line in _measures(config, name, train)]
        # The end of the run, or the time around the pulse.
        last = min(config.duration, 900.0) if config.thalamic else config.duration
        shown = {name: train.between(max(last - RASTER, 0.0), last) for name, train in everything.items()}
        pictures = [
            Picture("raster", _raster(shown), f"Spikes of at most {MOST_ROWS} evenly chosen neurons."),
            Picture("rates", _rates(spikes), "Bars: mean rates of this run; dots: published ones at full size."),
        ]
    summary = [
        f"{sum(n.values())} neurons ({config.scale:.3g} of the full size) with"
        f" {config.synapses:.3g} of their synapses, background"
        f" {'a constant current' if config.drive == 'dc' else 'Poisson spikes'}; the first {config.discard:g} ms are"
        " left out."
    ]
    return compared("The cortical microcircuit", comparisons, times, pictures=pictures, summary=summary)


def _measures(config: Config, name: str, spikes: Spikes) -> list[Comparison]:
    tolerance = config.tolerance
    known = None if tolerance is None else (RATES[name] * (1 - tolerance), RATES[name] * (1 + tolerance))
    return [
        Comparison(name, "mean rate", spikes.mean_rate(), known, "Hz"),
        Comparison(name, "CV of intervals", spikes.cv()),
        Comparison(name, "mean correlation", mean_correlation(spikes, BIN)),
    ]


def _colors() -> list[str]:
    """Excitatory populations blue, inhibitory ones vermilion."""
    from neurocl.plots._style import OKABE_ITO

    return [OKABE_ITO[0] if name.endswith("E") else OKABE_ITO[1] for name in RATES]


def _raster(spikes: Mapping[str, Spikes]) -> Figure:
    from matplotlib.figure import Figure

    from neurocl import plots

    # Populations are told apart by their heights, which are in proportion to their sizes.
    step = math.ceil(sum(train.n for train in spikes.values()) / MOST_ROWS)
    figure = Figure(figsize=(7.0, 6.0), layout="constrained")
    chosen = {name: train.select(slice(None, None, step)) for name, train in spikes.items()}
    ax = plots.raster(chosen, figure.subplots(), colors=_colors(), marker_size=2.5)
    ax.set_yticks(ax.get_yticks(), list(spikes))
    ax.set_ylabel("population")
    return figure


def _rates(spikes: Mapping[str, Spikes]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 3.4), layout="constrained")
    ax = figure.subplots()
    place = np.arange(len(spikes))
    ax.bar(place, [train.mean_rate() for train in spikes.values()], color=_colors(), alpha=0.6, label="this run")
    ax.plot(place, list(RATES.values()), "o", color="black", markersize=6, label="published, full size")
    ax.set_xticks(place, list(spikes))
    ax.set_ylabel("mean rate (Hz)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
    return figure


EXPERIMENT = Experiment(
    name="microcircuit",
    description="the cortical microcircuit at a tenth of its size, rates of its eight populations beside the published",
    config=Config,
    run=run,
)
