"""The pre-phase and the presentation of samples on built simulators of a liquid.

Time         step t of a sample tests thresholds first and then integrates; a step of the core tests them last. So the
             core's spikes of t ms are those of step t, and those at the end of the last step are left out
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.core.recording import Record, Recording, Spikes
from neurocl.engines.numba import NumbaSimulation
from neurocl.lsm.models import DT
from neurocl.lsm.network import RECURRENT
from neurocl.lsm.presentation import Presentation, RecordedSample, Weights
from neurocl.lsm.samples import Samples, samples_per_part, take

__all__ = ["read_weights", "run_pre_phase", "run_presentation"]

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
    simulator: NumbaSimulation, weights: Weights, samples: Samples, steps: int, first_sample: int, parity: bool,
    progress: bool | None,
) -> Weights:  # fmt: skip
    """See `Liquid.pre_phase`."""
    simulator.reset()
    write_weights(simulator, weights)
    simulator.set("astrocyte", decay=1.0)
    n_inputs, part = simulator.plan.populations["inp"].n, samples_per_part(samples)
    gated = "liquid.c" in simulator.state
    keep = (*WEIGHTS, *(TRACES if parity else ()), *(("liquid.c",) if gated else ()))
    with _bar(len(samples), "pre-phase", progress) as bar:
        for k in range(len(samples)):
            if k % part == 0:
                read = take("pre_phase", samples, k, min(k + part, len(samples)), n_inputs, steps)
            simulator.reset(trial=FIRST_PRE_PHASE_TRIAL + first_sample + k, keep=keep)
            drive = np.broadcast_to(read[k % part], (steps, n_inputs))
            simulator.run(steps * simulator.dt, inputs={"inp": {"p": drive}})
            if gated:  # the spikes at the end of the last step are left out
                simulator.state["liquid.c"][...] -= simulator.state["liquid.s"]
            bar.update()
    return read_weights(simulator)


def run_presentation(
    simulator: NumbaSimulation, weights: Weights, samples: Samples, steps: int, record: frozenset[int],
    first_sample: int, decay: float, threads: int | None, batch: int | None, progress: bool | None,
) -> Presentation:  # fmt: skip
    """See `Liquid.present`; without parity `batch` is None."""
    simulator.reset()
    write_weights(simulator, weights)
    if "astrocyte" in simulator.plan.modulators:
        simulator.set("astrocyte", decay=decay)
    n, n_inputs = (simulator.plan.populations[name].n for name in ("liquid", "inp"))
    is_few = steps <= 255 * SHORTEST_INTERVAL
    counts = np.zeros((len(samples), n), dtype=np.uint8 if is_few else np.uint16)
    done = Presentation(counts, np.zeros(len(samples), dtype=np.int32), steps)
    part, traces = samples_per_part(samples), Traces(simulator, batch)
    with _bar(len(samples), "presentations", progress) as bar:
        for first, last in _parts(len(samples), part, batch, record):
            read = take("present", samples, first, last, n_inputs, steps)
            is_recorded = first in record
            drive = {"inp": {"p": read}}
            recordings = simulator.run_batch(
                steps * simulator.dt, last - first, values=drive if read.ndim == 2 else None,
                inputs=drive if read.ndim == 3 else None, states=traces.before(first, last), threads=threads,
                record=_requests(simulator, steps, is_recorded, batch is not None),
                first_trial=1 + first_sample + first,
            )  # fmt: skip
            for k, recording in enumerate(recordings, start=first):
                _count(recording, done, k)
                traces.after(recording, k)
            if is_recorded:
                done.recorded[first] = _recorded(recordings[0], steps)
            bar.update(last - first)
    return done


class Traces:
    """With parity, the traces with which each slot of a batch ended its last sample; else nothing.

    Parameters
    ----------
    simulator : of the liquid.
    batch : number of slots; None without parity.
    """

    def __init__(self, simulator: NumbaSimulation, batch: int | None) -> None:
        self.batch = batch
        sizes = {} if batch is None else {name: simulator.state[name].size for name in TRACES}
        self.values = {name: np.zeros((batch or 0, size), dtype=np.float32) for name, size in sizes.items()}

    def before(self, first: int, last: int) -> dict[str, NDArray[np.float32]]:
        """States with which samples `first` to `last` - 1, of one batch, begin."""
        slots = [] if self.batch is None else [k % self.batch for k in range(first, last)]
        return {name: values[slots] for name, values in self.values.items()}

    def after(self, recording: Recording, k: int) -> None:
        """Take over the traces at the end of sample `k`."""
        for name, values in self.values.items():
            population, state = name.split(".")
            values[k % len(values)] = recording[population][state][-1]


def _parts(n: int, most: int, batch: int | None, record: frozenset[int]) -> Iterator[tuple[int, int]]:
    """First and last + 1 of samples to present together: of one batch, a sample to record alone."""
    first = 0
    while first < n:
        last = min(first + most, n) if batch is None else min(first + most, n, (first // batch + 1) * batch)
        if first in record:
            last = first + 1
        last = min([last, *(k for k in record if first < k)])
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


def _count(recording: Recording, done: Presentation, k: int) -> None:
    """Take over the counts of sample `k`."""
    liquid, inp = (recording[name].counts() - recording[name]["s"][-1] for name in ("liquid", "inp"))
    done.counts[k] = liquid
    done.input_counts[k] = inp.sum()


def _recorded(recording: Recording, steps: int) -> RecordedSample:
    end = (steps - 1) * DT
    liquid, inp = (
        Spikes(s.times[s.times <= end], s.indices[s.times <= end], s.n, 0.0, end)
        for s in (recording[name].spikes for name in ("liquid", "inp"))
    )
    return RecordedSample(liquid, inp, recording["astrocyte"]["a_minus"][:, 0] if "astrocyte" in recording else None)


def _bar(total: int, what: str, progress: bool | None) -> tqdm[Any]:
    """A progress bar; None shows it after a second, in a terminal."""
    disable = None if progress is None else not progress
    return tqdm(total=total, desc=what, unit="sample", disable=disable, delay=0.0 if progress else 1.0, leave=False)
