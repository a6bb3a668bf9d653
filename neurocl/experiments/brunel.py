"""Brunel's random network in five points of its phase diagram: rates, regularity and rhythm beside what is known.

SR        synchronous, regular: two groups of neurons take turns. A group's spikes arrive while it is refractory
          (delay < t_ref) and make the other one fire in the same step, so that a neuron's interval is 2 (delay + dt)
SI fast   a fast rhythm of the network, in which neurons fire irregularly and skip cycles
AI fast   asynchronous, irregular, at tens of Hz
AI slow   asynchronous, irregular, at a few Hz (not in the paper's figure; its rate is known from the mean field)
SI slow   irregular firing at a few Hz in a slow rhythm

Regularity is measured as the CV of intervals. It is lower than for a neuron in white noise (0.68 instead of 0.41 in AI
fast), since the inputs of a neuron are more regular than Poisson trains.
Source    Brunel (2000), J. Comput. Neurosci. 8:183, figure 8: rates of 60.7, 37.7 and 5.5 Hz and rhythms of 180 and
          22 Hz; CV and SR: our own plain NumPy simulation of the same equations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurocl.analysis.mean_field import brunel_rate
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes
from neurocl.experiments.experiment import Experiment, Outcome, Picture
from neurocl.experiments.network_run import (
    Comparison,
    check_times,
    compared,
    peak_frequency,
    rate_spectrum,
    run_in_parts,
    timed,
)
from neurocl.experiments.run_folder import RunFolder
from neurocl.networks.brunel import BRUNEL_REGIMES, brunel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "Known", "run"]

BIN = 0.5  # ms
SHOWN_NEURONS = 50


@dataclass(frozen=True)
class Known:
    """Accepted ranges of the rate (Hz), the CV of intervals and the frequency of the rhythm (Hz) of one regime."""

    rate: tuple[float, float]
    cv: tuple[float, float]
    rhythm: tuple[float, float] | None = None


KNOWN = {
    "SR": Known(rate=(295.0, 330.0), cv=(0.0, 0.05), rhythm=(590.0, 660.0)),
    "SI fast": Known(rate=(55.0, 66.0), cv=(0.75, 1.25), rhythm=(155.0, 195.0)),
    "AI fast": Known(rate=(35.8, 39.6), cv=(0.35, 0.52)),
    "AI slow": Known(rate=(7.7, 9.5), cv=(0.42, 0.65)),
    "SI slow": Known(rate=(4.2, 7.2), cv=(0.33, 0.75), rhythm=(14.0, 29.0)),
}
"""Within 5 (AI fast) to 10 % of the known rate; SI slow, which differs more from wiring to wiring, within 30 %. The CVs
allow for short runs, in which neurons that fire slowly show too few of their long intervals."""

SHOWN = {"SR": 50.0, "SI fast": 100.0, "AI fast": 100.0, "AI slow": 300.0, "SI slow": 300.0}
"""How much of the end of each run the figure shows, ms."""

SR_PART = 0.125
"""Part of the duration for which SR is run: it repeats itself, and its many spikes cost ten times as much."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    n : neurons, at least 1250. With fewer than the paper's 12 500, the neurons share more of their inputs and the
        population's rate fluctuates more; mean rates stay.
    duration : ms, of each regime but SR, which is run for an eighth of it; at least 400.
    discard : the beginning of each run that is left out, ms; of SR an eighth of it.
    seed : of the wiring, the initial voltages and the external input.
    """

    n: int = 10_000
    duration: float = 800.0
    discard: float = 160.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_times("brunel", duration=self.duration, discard=self.discard, seed=self.seed)
        brunel(self.n)
        for name, value, least in (("n", self.n, 1250), ("duration", self.duration, 400.0)):
            if value < least:
                raise NeuroclError(f"brunel: {name} must be at least {least:g}, got {value:g}")


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; a run is so short that nothing is kept in `folder`."""
    times: dict[str, float] = {}
    trains: dict[str, Spikes] = {}
    for name, (g, eta) in BRUNEL_REGIMES.items():
        network = brunel(config.n, g=g, eta=eta)
        short = name == "SR"
        duration = float(round(SR_PART * config.duration)) if short else config.duration
        out = run_in_parts(network, duration, config.seed, {"neurons": "spikes"}, times=times, label=name)
        trains[name] = out["neurons"].spikes.between(config.discard * (SR_PART if short else 1.0), duration)
    with timed(times, "figures"):
        comparisons = [line for name, spikes in trains.items() for line in _compare(name, spikes)]
        text = (
            f"{SHOWN_NEURONS} neurons and the rate of all {config.n} (bins of {BIN:g} ms) at the end of each run. The"
            " scales of time and of rate differ."
        )
        pictures = [Picture("regimes", _figure(trains), text)]
        theory = {name: brunel_rate(g, eta) for name, (g, eta) in BRUNEL_REGIMES.items()}
    results: dict[str, Any] = {"mean_field_rate": theory}
    return compared(
        "Brunel's network of excitatory and inhibitory neurons", comparisons, times, pictures=pictures,
        summary=[_theory(theory, trains)], results=results,
    )  # fmt: skip


def _compare(name: str, spikes: Spikes) -> list[Comparison]:
    known = KNOWN[name]
    rate, _ = spikes.population_rate(BIN)
    found = [
        Comparison(name, "mean rate", spikes.mean_rate(), known.rate, "Hz"),
        Comparison(name, "CV of intervals", spikes.cv(), known.cv),
        Comparison(name, "CV of the population's rate", float(rate.std() / rate.mean())),
    ]
    if known.rhythm is not None:
        spectrum = rate_spectrum(spikes, bin_width=BIN, segment=500.0)
        found.append(Comparison(name, "rhythm", peak_frequency(*spectrum), known.rhythm, "Hz"))
    return found


def _theory(theory: Mapping[str, float], trains: Mapping[str, Spikes]) -> str:
    pairs = (f"{name} {rate:.1f} ({trains[name].mean_rate():.1f})" for name, rate in theory.items())
    return (
        f"Mean-field rates in Hz, and in brackets those of the simulation: {', '.join(pairs)}. The theory takes a"
        " neuron's inputs as independent; it is exact for none of the synchronous regimes."
    )


def _figure(trains: Mapping[str, Spikes]) -> Figure:
    from matplotlib.figure import Figure

    from neurocl import plots

    figure = Figure(figsize=(2.6 * len(trains), 4.6), layout="constrained")
    axes = figure.subplots(2, len(trains), height_ratios=(1.6, 1.0), sharex="col")
    for (name, spikes), above, below in zip(trains.items(), *axes, strict=True):
        window = spikes.between(max(spikes.t_start, spikes.t_stop - SHOWN[name]), spikes.t_stop)
        plots.raster(window.select(slice(0, SHOWN_NEURONS)), above)
        plots.rate(window, below, bin_width=BIN)
        g, eta = BRUNEL_REGIMES[name]
        above.set_title(f"{name}\ng = {g:g}, η = {eta:g}", fontsize=10)
        above.set_xlabel("")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    return figure


EXPERIMENT = Experiment(
    name="brunel",
    description="Brunel's network: synchronous or not, regular or not, beside the known rates and rhythms",
    config=Config,
    run=run,
)
