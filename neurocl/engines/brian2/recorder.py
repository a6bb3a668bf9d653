"""Recording: what was asked for, copied out of Brian2's arrays at the end of each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.recording import GroupRecording, Recording, ResolvedRecord, Spikes, Trace

__all__ = ["Recorder"]


class Recorder:
    """Records one run.

    Parameters
    ----------
    requests : what to record, by object.
    values : gives the present values of (object, state) in the plan's order.
    fired : gives the neurons of a population that fired in the step just done.
    sizes : number of neurons of each population.
    """

    def __init__(
        self,
        requests: Mapping[str, list[ResolvedRecord]],
        values: Callable[[str, str], NDArray[Any]],
        fired: Callable[[str], NDArray[Any]],
        sizes: Mapping[str, int],
    ) -> None:
        self._requests, self._values, self._fired, self._sizes = requests, values, fired, sizes
        self._rows: dict[tuple[str, str], list[NDArray[Any]]] = {}
        self._steps: dict[str, list[NDArray[np.int64]]] = {}
        self._neurons: dict[str, list[NDArray[np.int64]]] = {}
        for name, asked in requests.items():
            if any(r.name in ("spikes", "counts") for r in asked):
                self._steps[name], self._neurons[name] = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
            self._rows.update({(name, r.name): [] for r in asked if r.name not in ("spikes", "counts")})

    def take(self, step: int) -> None:
        """Copy the state at the end of `step`, and its spikes."""
        for name, asked in self._requests.items():
            if name in self._steps:
                neurons = self._fired(name).astype(np.int64)
                self._neurons[name].append(neurons)
                self._steps[name].append(np.full(neurons.size, step + 1))
            for request in asked:
                if (name, request.name) in self._rows and (step + 1) % request.every == 0:
                    self._rows[name, request.name].append(self._values(name, request.name)[request.neurons].copy())

    def recording(self, first: int, steps: int, dt: float, units: Mapping[str, Mapping[str, str]]) -> Recording:
        """What was recorded from step `first` on."""
        groups = [self._group(name, first, steps, dt, units[name]) for name in self._requests]
        return Recording(steps * dt, dt, groups, first * dt)

    def _group(self, name: str, first: int, steps: int, dt: float, units: Mapping[str, str]) -> GroupRecording:
        spikes, counts, traces = None, None, []
        for request in self._requests[name]:
            if request.name == "spikes":
                times, neurons = _times(np.concatenate(self._steps[name]), dt), np.concatenate(self._neurons[name])
                spikes = Spikes(times, neurons, self._sizes[name], first * dt, (first + steps) * dt)
                if len(request.neurons) < self._sizes[name]:
                    spikes = spikes.select(request.neurons)
            elif request.name == "counts":
                neurons = np.concatenate(self._neurons[name])
                counts = np.bincount(neurons, minlength=self._sizes[name])[request.neurons]
            else:
                times = _times(request.steps(first, first + steps) + 1, dt)
                rows = np.array(self._rows[name, request.name], dtype=np.float64)
                values = rows.reshape(len(times), len(request.neurons))
                traces.append(Trace(request.name, values, times, request.neurons, units.get(request.name, "1")))
        return GroupRecording(name, spikes, counts, traces)


def _times(steps: NDArray[np.int64], dt: float) -> NDArray[np.float64]:
    return np.asarray(steps * dt, dtype=np.float64)
