"""What experiments on ready-made networks share: a run with progress, its figure, measured beside known values.

Such an experiment is one file: a config dataclass, a `run(config, folder)` of a few lines made of the functions below,
and an `EXPERIMENT`. `cuba.py` is the shortest one.

Rate    spikes per neuron and second
CV      of a neuron's inter-spike intervals, averaged over the neurons with three spikes or more
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.network import Network
from neurocl.core.recording import Recording, Spikes
from neurocl.core.simulator import Simulator
from neurocl.experiments.experiment import Outcome, Picture, timed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "COLUMNS", "Comparison", "activity_figure", "check_times", "compared", "peak_frequency", "rate_spectrum",
    "run_in_parts", "split", "timed",
]  # fmt: skip

COLUMNS = ("where", "quantity", "unit", "measured", "known from", "known to", "verdict")
"""Columns of the table that `compared` makes."""

MOST_ROWS = 1000
"""Neurons that a raster shows at most; more would be a grey area."""


@dataclass(frozen=True)
class Comparison:
    """A measured number beside the range in which it is known to lie.

    Parameters
    ----------
    of : where it was measured, for instance in a population or a regime.
    quantity : what was measured, for instance "mean rate".
    measured : the number; NaN stands for none (no neuron fired often enough).
    known : lowest and highest accepted value; none where nothing is known for these settings.
    unit : of the number, empty for a pure number.
    """

    of: str
    quantity: str
    measured: float
    known: tuple[float, float] | None = None
    unit: str = ""

    @property
    def verdict(self) -> str:
        """Either "agrees" or "differs", or "-" where nothing is known."""
        if self.known is None:
            return "-"
        return "agrees" if self.known[0] <= self.measured <= self.known[1] else "differs"

    def row(self) -> tuple[Any, ...]:
        """The line of the table, in the order of `COLUMNS`."""
        measured = float(self.measured) if math.isfinite(self.measured) else None
        low, high = (None, None) if self.known is None else map(float, self.known)
        return self.of, self.quantity, self.unit or "-", measured, low, high, self.verdict


def check_times(name: str, *, duration: float, discard: float = 0.0, seed: int = 0) -> None:
    """Check the settings that every network experiment has; errors begin with `name`.

    Parameters
    ----------
    duration : of the whole run, ms, > 0.
    discard : the first part of it, which is left out of the measures, ms, >= 0 and shorter than `duration`.
    seed : whole number >= 0.
    """
    positive_number(name, "duration", duration)
    non_negative_number(name, "discard", discard)
    whole_number(name, "seed", seed)
    if discard >= duration:
        raise NeuroclError(f"{name}: discard must be shorter than duration = {duration:g} ms, got {discard:g}")


def run_in_parts(
    network: Network | Simulator,
    duration: float,
    seed: int,
    record: Mapping[str, Any],
    *,
    times: dict[str, float] | None = None,
    parts: int = 20,
    label: str = "simulating",
) -> Recording:
    """Build a network and run it with a progress bar.

    Parameters
    ----------
    network : the network, or a simulator that goes on.
    duration : ms, a whole number of steps.
    seed : of the build; not used with a simulator.
    record : as in `Simulator.run`.
    times : where the seconds of "build" and "simulation" are added.
    parts : the run is cut in so many; the result does not depend on it.
    label : beside the bar.
    """
    times = {} if times is None else times
    with timed(times, "build"):
        simulator = network.build(seed=seed) if isinstance(network, Network) else network
    with timed(times, "simulation"):
        steps = round(duration / simulator.dt)
        if not math.isclose(steps * simulator.dt, duration, rel_tol=1e-9):
            return simulator.run(duration, record=dict(record))  # says what is wrong with it
        edges = np.unique(np.linspace(0, steps, parts + 1).round().astype(int))
        found: Recording | None = None
        for length in tqdm(np.diff(edges), desc=label, unit="part", disable=None, leave=False):
            part = simulator.run(float(length) * simulator.dt, record=dict(record))
            found = part if found is None else Recording.join(found, part)
    if found is None:
        return simulator.run(duration, record=dict(record))
    return found


def split(spikes: Spikes, sizes: Mapping[str, int]) -> dict[str, Spikes]:
    """Name consecutive parts of a population, for instance ``{"excitatory": 3200, "inhibitory": 800}``."""
    ends = np.cumsum([0, *sizes.values()])
    return {name: spikes.select(slice(int(a), int(b))) for name, a, b in zip(sizes, ends[:-1], ends[1:], strict=True)}


def activity_figure(
    spikes: Mapping[str, Spikes], *, window: tuple[float, float] | None = None, bin_width: float = 5.0
) -> Figure:
    """Raster of the populations above their rates, on one axis of time.

    Parameters
    ----------
    spikes : by population; of more than 1000 neurons together, the raster shows evenly chosen ones of each population.
    window : from and to, ms; default all.
    bin_width : of the rates, ms.
    """
    from matplotlib.figure import Figure

    from neurocl import plots

    if window is not None:
        spikes = {name: train.between(*window) for name, train in spikes.items()}
    step = math.ceil(sum(train.n for train in spikes.values()) / MOST_ROWS)
    shown = {name: train.select(slice(None, None, step)) for name, train in spikes.items()}
    figure = Figure(figsize=(7.5, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1.0))
    plots.raster(shown, above)
    if step > 1:
        labels = [f"{name}\n({shown[name].n} of {train.n})" for name, train in spikes.items()]
        above.set_yticks(above.get_yticks(), labels)
    above.set_xlabel("")
    plots.rate(dict(spikes), below, bin_width=bin_width)
    legend = below.get_legend()
    if legend is not None:
        legend.remove()  # the raster names the populations, in the same colours
    return figure


def rate_spectrum(
    spikes: Spikes, *, bin_width: float = 1.0, segment: float = 1000.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power spectrum of the population rate by Welch's method (Hann windows that overlap by half).

    Parameters
    ----------
    spikes : of one population.
    bin_width : of the rate, ms.
    segment : length of a window, ms; 1000 / segment is the resolution in Hz.

    Returns
    -------
    frequency (Hz), power (Hz^2 per Hz)
    """
    from scipy.signal import welch

    rate, _ = spikes.population_rate(bin_width)
    length = min(round(segment / bin_width), rate.size)
    frequency, power = welch(rate, fs=1000.0 / bin_width, nperseg=length)
    return frequency, power


def peak_frequency(
    frequency: NDArray[np.float64], power: NDArray[np.float64], band: tuple[float, float] = (5.0, math.inf)
) -> float:
    """The frequency in `band` (Hz) with the largest power; NaN if the spectrum has none in it."""
    inside = (frequency >= band[0]) & (frequency <= band[1])
    return float(frequency[inside][np.argmax(power[inside])]) if inside.any() else math.nan


def compared(
    title: str,
    comparisons: Sequence[Comparison],
    times: dict[str, float],
    *,
    pictures: Sequence[Picture] = (),
    summary: Sequence[str] = (),
    results: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of an experiment whose table holds measured and known values.

    Parameters
    ----------
    title : heading of the report.
    comparisons : one per line of the table.
    times : wall seconds by stage.
    pictures : figures of the report.
    summary : paragraphs; one that counts the verdicts comes first.
    results : more numbers for results.json.
    """
    judged = [c for c in comparisons if c.known is not None]
    differing = [f"{c.quantity} of {c.of}" for c in judged if c.verdict == "differs"]
    if not judged:
        first = "Nothing is known for these settings; the numbers stand for themselves."
    elif differing:
        first = f"Of {len(judged)} known values {len(differing)} are not met: {', '.join(differing)}."
    else:
        first = "The known value is met." if len(judged) == 1 else f"All {len(judged)} known values are met."
    rows = [comparison.row() for comparison in comparisons]
    return Outcome(title, [first, *summary], COLUMNS, rows, dict(results or {}), times, pictures)
