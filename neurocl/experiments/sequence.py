"""A temporal memory learns a repeated sequence, then watches a stream with anomalies in it.

Sequence   random columns, repeated: the anomaly falls to that of the first element, which nothing predicts
Stream     a noisy sine, encoded as a scalar and pooled into columns; at known times a stretch is foreign. The anomaly
           likelihood should rise there and nowhere else
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.experiments.experiment import Experiment, Outcome, Picture, timed
from neurocl.experiments.network_run import Comparison, compared
from neurocl.experiments.run_folder import RunFolder
from neurocl.sdr import (
    AnomalyLikelihood,
    MemoryParameters,
    PoolerParameters,
    ScalarEncoder,
    SDRBatch,
    SpatialPooler,
    TemporalMemory,
    log_likelihood,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

_COLUMNS, _ACTIVE = 2048, 40
_PERIOD = 50
_FOREIGN = 25
"""Steps of a foreign stretch, in which the sine is replaced by random numbers."""
_ALARM = 0.5
"""Logarithmic likelihood from which on an alarm is raised: a tail of 1e-5."""
_LATE = 15
"""Steps after the end of a foreign stretch in which an alarm still belongs to it."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    length : elements of the repeated sequence.
    passes : presentations of the sequence.
    steps : of the stream; the first half is free of anomalies.
    anomalies : foreign stretches in the second half.
    noise : standard deviation added to the sine of amplitude 1.
    seed : of everything random.
    """

    length: int = 100
    passes: int = 30
    steps: int = 6000
    anomalies: int = 5
    noise: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("sequence", "length", self.length, at_least=2)
        whole_number("sequence", "passes", self.passes, at_least=1)
        whole_number("sequence", "steps", self.steps, at_least=1000)
        whole_number("sequence", "seed", self.seed)
        whole_number("sequence", "anomalies", self.anomalies)
        non_negative_number("sequence", "noise", self.noise)
        most = self.steps // 2 // (4 * _FOREIGN) - 1
        if self.anomalies > most:
            raise NeuroclError(
                f"sequence: anomalies must be at most {most} in {self.steps} steps, got {self.anomalies}."
            )


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; it takes seconds, so nothing is kept in `folder`."""
    times: dict[str, float] = {}
    with timed(times, "sequence"):
        memory = TemporalMemory(_COLUMNS, seed=config.seed)
        rng = build_generator(config.seed, "sequence")
        rows = [np.sort(rng.choice(_COLUMNS, _ACTIVE, replace=False)) for _ in range(config.length)]
        sequence = SDRBatch(_COLUMNS, np.arange(config.length + 1) * _ACTIVE, np.concatenate(rows))
        passes = np.array([memory.run(sequence).mean() for _ in range(config.passes)])
    with timed(times, "stream"):
        values, starts = _stream(config)
        anomaly = _watch(config, values)
        likelihood = AnomalyLikelihood()
        alarm = np.array([log_likelihood(likelihood.compute(float(score))) for score in anomaly])
    with timed(times, "figures"):
        pictures = [
            Picture("learning", _learning_figure(passes), "Mean anomaly of each presentation of the sequence."),
            Picture("stream", _stream_figure(values, starts, anomaly, alarm), "The end of the stream: the signal, the"
                    " anomaly (mean of 10 steps) and its likelihood; foreign stretches are grey."),
        ]  # fmt: skip
    lines = _comparisons(config, passes, starts, anomaly, alarm)
    summary = [
        f"After {config.passes} presentations of {config.length} elements the memory has {memory.n_segments} segments"
        f" and {memory.n_synapses} synapses."
    ]
    results = {"anomaly_of_passes": passes.tolist(), "foreign_from": starts.tolist()}
    title = "A temporal memory on a sequence and on a stream"
    return compared(title, lines, times, pictures=pictures, summary=summary, results=results)


def _stream(config: Config) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A noisy sine, and where foreign stretches begin, well apart from each other."""
    rng = build_generator(config.seed, "sequence", "stream")
    values = np.sin(2 * np.pi * np.arange(config.steps) / _PERIOD) + config.noise * rng.standard_normal(config.steps)
    half = config.steps // 2
    room = half // max(config.anomalies, 1)
    starts = half + room * np.arange(config.anomalies) + rng.integers(_FOREIGN, room - 2 * _FOREIGN, config.anomalies)
    for start in starts:
        values[start : start + _FOREIGN] = rng.uniform(-1.0, 1.0, _FOREIGN)
    return values, starts.astype(np.int64)


def _watch(config: Config, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Anomaly of each value, while everything goes on learning."""
    encoder = ScalarEncoder(-1.5, 1.5, active_bits=21, resolution=0.02, clip=True)
    inputs = SDRBatch.of(encoder.encode(float(value)) for value in values)
    parameters = PoolerParameters(potential_radius=encoder.size, density=_ACTIVE / _COLUMNS)
    columns = SpatialPooler(encoder.size, _COLUMNS, parameters, seed=config.seed + 1).run(inputs)
    parameters_of_memory = MemoryParameters(cells_per_column=16, predicted_segment_decrement=0.004)
    return TemporalMemory(_COLUMNS, parameters_of_memory, seed=config.seed).run(columns)


def _comparisons(
    config: Config, passes: NDArray[np.float64], starts: NDArray[np.int64], anomaly: NDArray[np.float64],
    alarm: NDArray[np.float64],
) -> list[Comparison]:  # fmt: skip
    foreign = np.zeros(config.steps, dtype=np.bool_)
    for start in starts:
        foreign[start : start + _FOREIGN + _LATE] = True
    half = config.steps // 2
    raised = alarm >= _ALARM
    found = sum(bool(raised[start : start + _FOREIGN + _LATE].any()) for start in starts)
    false = int((raised[half:] & ~foreign[half:]).sum())
    least = 1.0 / config.length
    judged = config.steps >= 6000 and config.noise <= 0.01
    lines = [
        Comparison("sequence", "anomaly, first presentation", float(passes[0]), (1.0, 1.0)),
        Comparison("sequence", "anomaly, last presentation", float(passes[-1]),
                   (0.99 * least, 1.2 * least) if config.passes >= 10 else None),
        Comparison("stream", "anomaly, quiet steps", float(anomaly[half:][~foreign[half:]].mean())),
    ]  # fmt: skip
    if config.anomalies:
        lines += [
            Comparison("stream", "anomaly, foreign steps", float(anomaly[foreign].mean())),
            Comparison("stream", "share of foreign stretches found", found / config.anomalies,
                       (0.8, 1.0) if judged else None),
        ]  # fmt: skip
    share = false / max(int((~foreign[half:]).sum()), 1)
    lines.append(Comparison("stream", "share of quiet steps with an alarm", share, (0.0, 0.01) if judged else None))
    return lines


def _learning_figure(passes: NDArray[np.float64]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 3.2), layout="constrained")
    ax = figure.subplots()
    ax.plot(np.arange(1, passes.size + 1), passes, "o-", color="#0072B2", markersize=4)
    ax.set_ylim(0.0, 1.05)
    ax.set_xlabel("presentation of the sequence")
    ax.set_ylabel("mean anomaly")
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def _stream_figure(
    values: NDArray[np.float64], starts: NDArray[np.int64], anomaly: NDArray[np.float64], alarm: NDArray[np.float64]
) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True)
    first = values.size // 2
    steps = np.arange(first, values.size)
    smooth = np.convolve(anomaly, np.full(10, 0.1))[: values.size]
    shown = ((values, "#000000", "signal"), (smooth, "#0072B2", "anomaly"), (alarm, "#D55E00", "log likelihood"))
    for ax, (line, color, label) in zip(axes, shown, strict=True):
        for start in starts:
            ax.axvspan(start, start + _FOREIGN, color="0.85", linewidth=0)
        ax.plot(steps, line[first:], color=color, linewidth=0.8)
        ax.set_ylabel(label)
        ax.spines[["top", "right"]].set_visible(False)
    axes[2].axhline(_ALARM, color="0.35", linestyle="--", linewidth=0.8)
    axes[2].set_ylim(0.0, 1.0)
    axes[2].set_xlabel("step")
    axes[2].set_xlim(first, values.size)
    return figure


EXPERIMENT = Experiment(
    name="sequence",
    description="a temporal memory learns a sequence and finds anomalies in a stream",
    config=Config,
    run=run,
)
