"""The pre-phase and the presentation of samples on built simulators of a liquid.

Time         step t of a sample tests thresholds first and then integrates; a step of the core tests them last. So the
             core's spikes of t ms are those of step t, and those at the end of the last step are left out
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.core.recording import Record, Recording, Spikes
from neurocl.engines.numba import NumbaSimulation
from neurocl.engines.numba.profile import Profile
from neurocl.lsm.finished import Finished, fingerprint
from neurocl.lsm.models import DT
from neurocl.lsm.network import RECURRENT
from neurocl.lsm.presentation import Presentation, RecordedSample, Weights
from neurocl.lsm.samples import Samples, samples_per_part, take

__all__ = ["Settings", "read_weights", "run_pre_phase", "run_presentation", "run_profile"]

FIRST_PRE_PHASE_TRIAL = 2**40
"""The random numbers of the pre-phase are those of trials from here on."""
WEIGHTS = tuple(f"{name}.w" for name in (*RECURRENT, "input"))
TRACES = ("liquid.x", "inp.x")
SHORTEST_INTERVAL = 3
"""Steps between two spikes of a neuron, at least."""


def read_weights(simulator: NumbaSimulation) -> Weights:
    """The weights of a simulator, copied."""
    recurrent = [simulator.state[f"{name}.w"] for name in RECURRENT]
    return Weights(np.concatenate(recurrent), simulator.state["input.w"].copy())


def write_weights(simulator: NumbaSimulation, weights: Weights) -> None:
    """Overwrite the weights of a simulator."""
    ends = np.cumsum([simulator.state[f"{name}.w"].size for name in RECURRENT])[:-1]
    for name, part in zip(RECURRENT, np.split(weights.recurrent, ends), strict=True):
        simulator.state[f"{name}.w"][...] = part
    simulator.state["input.w"][...] = weights.input


def run_pre_phase(
    simulator: NumbaSimulation, weights: Weights, samples: Samples, steps: int, first_sample: int,
    carried: Mapping[str, NDArray[Any]], progress: bool | None,
) -> tuple[Weights, dict[str, NDArray[Any]]]:  # fmt: skip
    """See `Liquid.pre_phase`; `carried`, given and returned, are the other states that go on from sample to sample."""
    simulator.reset()
    write_weights(simulator, weights)
    for name, values in carried.items():
        simulator.state[name][...] = values
    simulator.set("astrocyte", decay=1.0)
    n_inputs, part = simulator.plan.populations["inp"].n, samples_per_part(samples)
    gated = "liquid.c" in simulator.state
    lasting = (*TRACES, "liquid.c") if gated else TRACES
    with _bar(len(samples), "pre-phase", progress) as bar:
        for k in range(len(samples)):
            if k % part == 0:
                read = take("pre_phase", samples, k, min(k + part, len(samples)), n_inputs, steps)
            simulator.reset(trial=FIRST_PRE_PHASE_TRIAL + first_sample + k, keep=(*WEIGHTS, *lasting))
            drive = np.broadcast_to(read[k % part], (steps, n_inputs))
            simulator.run(steps * simulator.dt, inputs={"inp": {"p": drive}})
            if gated:  # the spikes at the end of the last step are left out
                simulator.state["liquid.c"][...] -= simulator.state["liquid.s"]
            bar.update()
    return read_weights(simulator), {name: simulator.state[name].copy() for name in lasting}


@dataclass(frozen=True)
class Settings:
    """How to present samples; see `Liquid.present`. Without parity `batch` is None."""

    steps: int
    record: frozenset[int]
    first_sample: int
    decay: float
    threads: int | None
    batch: int | None
    progress: bool | None
    folder: str | Path | None


def run_presentation(
    simulator: NumbaSimulation, weights: Weights, samples: Samples, settings: Settings
) -> Presentation:
    """See `Liquid.present`."""
    simulator.reset()
    write_weights(simulator, weights)
    if "astrocyte" in simulator.plan.modulators:
        simulator.set("astrocyte", decay=settings.decay)
    finished = _finished(simulator, weights, samples, settings)
    counts, input_counts = finished.arrays["counts"], finished.arrays["input_counts"]
    recorded: dict[int, RecordedSample] = {}
    n_inputs = simulator.plan.populations["inp"].n
    with _bar(len(samples), "presentations", settings.progress) as bar:
        for first, last in _parts(0, finished.done, samples, settings):
            finished.compare(first, take("present", samples, first, last, n_inputs, settings.steps))
            bar.update(last - first)
        for first, last in _parts(finished.done, len(samples), samples, settings):
            read = take("present", samples, first, last, n_inputs, settings.steps)
            finished.note(first, read)
            recordings = _present(simulator, read, first, settings, finished)
            for k, recording in enumerate(recordings, start=first):
                counts[k], input_counts[k] = _counts(recording)
                if settings.batch is not None:
                    for name in TRACES:
                        finished.arrays[name][k % settings.batch] = _last(recording, name)
            if first in settings.record:
                recorded[first] = _recorded(recordings[0], settings.steps)
            finished.keep(last)
            bar.update(last - first)
    return Presentation(counts, input_counts, settings.steps, recorded)


def run_profile(simulator: NumbaSimulation, weights: Weights, sample: NDArray[np.float64], steps: int) -> Profile:
    """See `Liquid.profile`."""
    simulator.reset()
    write_weights(simulator, weights)
    return simulator.profile(steps * DT, inputs={"inp": {"p": np.broadcast_to(sample, (steps, sample.shape[-1]))}})


def _finished(simulator: NumbaSimulation, weights: Weights, samples: Samples, settings: Settings) -> Finished:
    """Where results go: counts, and with parity the traces with which each slot of a batch ended its last sample."""
    is_few = settings.steps <= 255 * SHORTEST_INTERVAL
    size, slots = len(samples), min(settings.batch or 0, len(samples))
    arrays: dict[str, tuple[tuple[int, ...], Any]] = {
        "counts": ((size, simulator.plan.populations["liquid"].n), np.uint8 if is_few else np.uint16),
        "input_counts": ((size,), np.int32),
    }
    if slots:
        arrays |= {name: ((slots, simulator.state[name].size), np.float32) for name in TRACES}
    key = fingerprint(
        simulator.source, simulator.seed, weights.recurrent, weights.input, size,
        *(p.parameters for p in simulator.plan.populations.values()), *simulator.edges("ee"),
        *((m.parameters, m.initial) for m in simulator.plan.modulators.values()),
        *(np.asarray(neurons) for m in simulator.plan.modulators.values() for _, neurons in m.counts.values()),
        settings.steps, settings.first_sample, settings.batch,
    )  # fmt: skip
    return Finished(settings.folder, key, arrays)


def _present(
    simulator: NumbaSimulation, read: NDArray[np.float64], first: int, settings: Settings, finished: Finished
) -> list[Recording]:
    """Samples from `first` on, which with parity belong to one batch."""
    steps, is_recorded = settings.steps, first in settings.record
    drive, batch = {"inp": {"p": read}}, settings.batch
    slots = [] if batch is None else [k % batch for k in range(first, first + len(read))]
    return simulator.run_batch(
        steps * DT, len(read), values=drive if read.ndim == 2 else None, inputs=drive if read.ndim == 3 else None,
        states=None if batch is None else {name: finished.arrays[name][slots] for name in TRACES},
        threads=settings.threads, record=_requests(simulator, steps, is_recorded, batch is not None),
        first_trial=1 + settings.first_sample + first,
    )  # fmt: skip


def _parts(first: int, end: int, samples: Samples, settings: Settings) -> Iterator[tuple[int, int]]:
    """First and last + 1 of samples to present together: of one batch, and a sample to record alone."""
    most = samples_per_part(samples)
    while first < end:
        last = min([first + most, end, *(k for k in settings.record if first < k)])
        if settings.batch is not None:
            last = min(last, (first // settings.batch + 1) * settings.batch)
        last = first + 1 if first in settings.record else last
        yield first, last
        first = last


def _requests(simulator: NumbaSimulation, steps: int, all_spikes: bool, traces: bool) -> dict[str, list[str | Record]]:
    """What to record of each sample; s marks those that fire at the end of the last step."""
    events = "spikes" if all_spikes else "counts"
    last = [Record(state, every=steps) for state in ("s", *(("x",) if traces else ()))]
    requests: dict[str, list[str | Record]] = {name: [events, *last] for name in ("liquid", "inp")}
    if all_spikes and "astrocyte" in simulator.plan.modulators:
        requests["astrocyte"] = ["a_minus"]
    return requests


def _last(recording: Recording, state: str) -> NDArray[Any]:
    """A state, such as "liquid.x", at the end of a sample."""
    population, _, name = state.partition(".")
    return recording[population][name][-1]


def _counts(recording: Recording) -> tuple[NDArray[Any], int]:
    """Spikes of each liquid neuron, and of all inputs, without those at the end of the last step."""
    liquid, inp = (recording[name].counts() - _last(recording, f"{name}.s") for name in ("liquid", "inp"))
    return liquid, int(inp.sum())


def _recorded(recording: Recording, steps: int) -> RecordedSample:
    end = (steps - 1) * DT
    liquid, inp = (
        Spikes(s.times[s.times <= end], s.indices[s.times <= end], s.n, -DT, end)
        for s in (recording[name].spikes for name in ("liquid", "inp"))
    )
    return RecordedSample(liquid, inp, recording["astrocyte"]["a_minus"][:, 0] if "astrocyte" in recording else None)


def _bar(total: int, what: str, progress: bool | None) -> tqdm[Any]:
    """A progress bar; None shows it after a second, in a terminal."""
    disable = None if progress is None else not progress
    return tqdm(total=total, desc=what, unit="sample", disable=disable, delay=0.0 if progress else 1.0, leave=False)
