"""Izhikevich's network of 1000 neurons: 7 to 8 Hz in the first second, and rhythms of about 10 and 40 Hz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurocl.core.recording import Spikes
from neurocl.experiments.experiment import Experiment, Outcome, Picture
from neurocl.experiments.network_run import (
    Comparison,
    activity_figure,
    check_times,
    compared,
    peak_frequency,
    rate_spectrum,
    run_in_parts,
    timed,
)
from neurocl.experiments.run_folder import RunFolder
from neurocl.networks.izhikevich import izhikevich

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

Spectrum = tuple[NDArray[np.float64], NDArray[np.float64]]

FIRST_SECOND = 1000.0
KNOWN_RATE = (7.1, 8.1)
"""Hz over the first second: 7.3 to 7.9 for most wirings of the published program, and the spread of single ones."""

BANDS = {"alpha rhythm": (6.0, 14.0), "gamma rhythm": (25.0, 50.0)}
"""Where a peak of the spectrum is searched, Hz."""

KNOWN_PEAKS = {"alpha rhythm": (6.5, 12.0), "gamma rhythm": (27.0, 45.0)}


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    n : neurons, at least 5, all connected to all. The known values are those of 1000.
    duration : ms, a whole number; the rhythms are measured in runs of 10 s or more.
    seed : of the wiring, the neurons' types and the noise.
    """

    n: int = 1000
    duration: float = 20_000.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_times("izhikevich", duration=self.duration, seed=self.seed)
        izhikevich(self.n)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; a run is so short that nothing is kept in `folder`."""
    times: dict[str, float] = {}
    record = {"exc": "spikes", "inh": "spikes"}
    out = run_in_parts(izhikevich(config.n), config.duration, config.seed, record, times=times)
    with timed(times, "figures"):
        trains = {"excitatory": out["exc"].spikes, "inhibitory": out["inh"].spikes}
        everything = _merged(trains)
        spectrum = rate_spectrum(everything)
        comparisons = _compare(config, trains, everything, spectrum)
        first = activity_figure(trains, window=(0.0, min(FIRST_SECOND, config.duration)), bin_width=5.0)
        caption = "The first second: spikes, and the rates in bins of 5 ms (the same colours)."
        pictures = [Picture("activity", first, caption)]
        if config.duration >= FIRST_SECOND:
            text = "Spectrum of the rate of all neurons; the bands in which the two rhythms are searched are grey."
            pictures.append(Picture("spectrum", _spectrum_figure(*spectrum), text))
    return compared("Izhikevich's network of 2003", comparisons, times, pictures=pictures)


def _merged(trains: Mapping[str, Spikes]) -> Spikes:
    """All neurons as one population, in the order of `trains`."""
    exc, inh = trains.values()
    return Spikes(
        times=np.concatenate([exc.times, inh.times]), indices=np.concatenate([exc.indices, inh.indices + exc.n]),
        n=exc.n + inh.n, t_start=exc.t_start, t_stop=exc.t_stop,
    )  # fmt: skip


def _compare(config: Config, trains: Mapping[str, Spikes], everything: Spikes, spectrum: Spectrum) -> list[Comparison]:
    published = config.n == 1000
    found = [
        Comparison("all neurons", "mean rate", everything.mean_rate(), unit="Hz"),
        *(Comparison(name, "mean rate", train.mean_rate(), unit="Hz") for name, train in trains.items()),
        *(Comparison(name, "CV of intervals", train.cv()) for name, train in trains.items()),
    ]
    if config.duration >= FIRST_SECOND:
        rate = everything.between(0.0, FIRST_SECOND).mean_rate()
        known = KNOWN_RATE if published else None
        found.insert(0, Comparison("all neurons", "rate, first second", rate, known, "Hz"))
    if config.duration >= 10 * FIRST_SECOND:
        for name, band in BANDS.items():
            peak = peak_frequency(*spectrum, band=band)
            found.append(Comparison(name, "frequency", peak, KNOWN_PEAKS[name] if published else None, "Hz"))
    return found


def _spectrum_figure(frequency: NDArray[np.float64], power: NDArray[np.float64]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 3.2), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    for name, (low, high) in BANDS.items():
        ax.axvspan(low, high, color="0.92", linewidth=0)
        ax.text((low + high) / 2, 1.0, name.split()[0], ha="center", va="bottom", transform=ax.get_xaxis_transform())
    shown = (frequency > 0) & (frequency <= 100)
    ax.semilogy(frequency[shown], power[shown], color="#0072B2", linewidth=1.2)
    ax.set_xlim(0, 100)
    ax.set_xlabel("frequency (Hz)")
    ax.set_ylabel("power of the rate (Hz²/Hz)")
    return figure


EXPERIMENT = Experiment(
    name="izhikevich",
    description="Izhikevich's 1000 neurons with alpha and gamma rhythms, beside the published program's rate",
    config=Config,
    run=run,
)
