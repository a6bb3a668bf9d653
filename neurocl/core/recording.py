"""What a run returns: spikes, traces and counts of the objects that the user asked to record.

A `Recording` maps names to `GroupRecording`: ``out["exc"].spikes``, ``out["exc"]["v"]``. The row of a trace
for the step from t_k to t_{k+1} holds the state at its end and carries the time t_{k+1} = (k + 1) dt, as the
spikes of this step do. Times are in ms; a state keeps the unit of its model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._arrays import neuron_numbers, positions_of, read_only
from neurocl.core._checks import finite_number, non_negative_number, positive_number
from neurocl.core._events import TIME_TOLERANCE
from neurocl.core._record import Record, ResolvedRecord, did_you_mean, parse_requests
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError

__all__ = ["GroupRecording", "Record", "Recording", "ResolvedRecord", "Spikes", "Trace", "parse_requests"]


@dataclass(frozen=True, eq=False)
class Trace:
    """One state over time: frozen, one row per recorded step.

    Parameters
    ----------
    name : str
        The state, e.g. ``"v"``.
    values : array [step, neuron]
        The state at the end of each recorded step, in `unit`.
    times : float array [step]
        The ends of these steps in ms, ascending.
    indices : int array [neuron]
        The neuron (the synapse for ``"w"``) behind each column.
    unit : str
        Unit of the values as the model gives it; empty for a number without one.

    Raises
    ------
    NeuroclError
        If the shapes disagree or the times do not ascend.

    Notes
    -----
    The arrays are read-only. A writable array is copied, one that is read-only already is not.
    """

    name: str
    values: NDArray[Any]
    times: NDArray[np.float64]
    indices: NDArray[np.int64]
    unit: str = ""

    def __post_init__(self) -> None:
        owner = f'Trace "{self.name}"'
        values, times = read_only(self.values), read_only(self.times, np.float64)
        indices = read_only(neuron_numbers(self.indices, owner))
        if values.shape != (times.size, indices.size):
            shape = (times.size, indices.size)
            raise NeuroclError(f"{owner}: values must be [step, neuron] = {shape}, got {values.shape}.")
        if not np.all(np.diff(times) > 0):
            raise NeuroclError(f"{owner}: times must ascend.")
        for name, value in {"values": values, "times": times, "indices": indices}.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        steps, columns = self.values.shape
        return f'Trace("{self.name}", [{steps} steps, {columns}]{f" {self.unit}" if self.unit else ""})'

    def select(self, neurons: slice | Sequence[int] | NDArray[Any]) -> Trace:
        """Return the columns of some neurons, given by their numbers or as a slice of the columns."""
        columns = positions_of(neurons, self.indices, f'Trace "{self.name}"')
        return Trace(self.name, self.values[:, columns], self.times, self.indices[columns], self.unit)

    @staticmethod
    def join(first: Trace, second: Trace) -> Trace:
        """Return one trace from two of the same state and neurons, the second later than the first."""
        same = first.name == second.name and first.unit == second.unit
        if not same or not np.array_equal(first.indices, second.indices):
            raise NeuroclError(f'join: "{first.name}" and "{second.name}" must show the same neurons.')
        values = np.concatenate([first.values, second.values])
        times = np.concatenate([first.times, second.times])
        return Trace(first.name, values, times, first.indices, first.unit)


class GroupRecording:
    """What was recorded of one population, projection or modulator.

    Parameters
    ----------
    name : str
        Name of the object in the network.
    spikes : Spikes, optional
        Its spikes.
    counts : int array [neuron], optional
        The number of spikes of each recorded neuron, when only these were kept.
    traces : iterable of Trace
        Its states over time.
    """

    def __init__(
        self,
        name: str,
        spikes: Spikes | None = None,
        counts: ArrayLike | None = None,
        traces: Iterable[Trace] = (),
    ) -> None:
        self.name = name
        self._spikes = spikes
        self._counts = None if counts is None else read_only(counts, np.int64)
        self._traces = {trace.name: trace for trace in traces}

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of what was recorded, e.g. ``("spikes", "v")``."""
        events = {"spikes": self._spikes, "counts": self._counts}
        return (*(name for name, value in events.items() if value is not None), *self._traces)

    @property
    def spikes(self) -> Spikes:
        """All spikes; NeuroclError if they were not recorded."""
        if self._spikes is None:
            raise self._missing("spikes")
        return self._spikes

    def counts(self) -> NDArray[np.int64]:
        """Return the number of spikes of each recorded neuron, int64 [neuron].

        They come from the recorded ``"counts"``, or from the recorded ``"spikes"``.
        """
        if self._counts is not None:
            return self._counts
        if self._spikes is not None:
            return self._spikes.counts()
        raise self._missing("counts")

    def trace(self, name: str) -> Trace:
        """Return a recorded state with its times, neurons and unit."""
        if name not in self._traces:
            raise self._missing(name)
        return self._traces[name]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return the values of a recorded state, [step, neuron]."""
        return self.trace(name).values

    def __contains__(self, name: object) -> bool:
        return name in self.quantities

    def __repr__(self) -> str:
        parts: list[str] = [] if self._spikes is None else [repr(self._spikes)]
        if self._counts is not None:
            parts.append(f"counts of {self._counts.size} ({self._counts.sum()} spikes)")
        return f'"{self.name}": ' + ("; ".join([*parts, *map(repr, self._traces.values())]) or "nothing")

    @staticmethod
    def join(first: GroupRecording, second: GroupRecording) -> GroupRecording:
        """Return one recording from those of two consecutive runs, which kept the same quantities."""
        if first.quantities != second.quantities:
            before, after = _names(first.quantities), _names(second.quantities)
            raise NeuroclError(
                f'join: "{first.name}" recorded {before}, then {after}; record the same in both runs.'
            )
        spikes = None if "spikes" not in first else Spikes.join(first.spikes, second.spikes)
        counts = None
        if first._counts is not None and second._counts is not None:
            if first._counts.size != second._counts.size:
                raise NeuroclError(f'join: the counts of "{first.name}" are not of the same neurons.')
            counts = first._counts + second._counts
        traces = [Trace.join(trace, second.trace(name)) for name, trace in first._traces.items()]
        return GroupRecording(first.name, spikes, counts, traces)

    def _missing(self, name: str) -> NeuroclError:
        """Say that a quantity was not recorded, or that it is reached in another way."""
        if name in ("spikes", "counts") and name in self:
            attribute = "spikes" if name == "spikes" else "counts()"
            return NeuroclError(f'"{name}" is no trace; write out["{self.name}"].{attribute}.')
        return NeuroclError(
            f'"{name}" of "{self.name}" was not recorded{did_you_mean(name, self.quantities)}; '
            f'run with record={{"{self.name}": ["{name}", ...]}} (recorded: {_names(self.quantities)}).'
        )


class Recording:
    """What a run returns: the recordings of its objects by name.

    Parameters
    ----------
    duration : float
        Length of the run in ms.
    dt : float
        Step in ms.
    groups : iterable of GroupRecording
        What was recorded, with distinct names.
    t_start : float
        Time at which the run began, ms. Default 0.

    Examples
    --------
    >>> out = sim.run(1000.0, record={"exc": ["spikes", "v"]})  # doctest: +SKIP
    >>> out["exc"].spikes.mean_rate(), out["exc"]["v"].shape  # doctest: +SKIP
    """

    def __init__(
        self, duration: float, dt: float, groups: Iterable[GroupRecording] = (), t_start: float = 0.0
    ) -> None:
        self.duration = non_negative_number("Recording", "duration", duration)
        self.dt = positive_number("Recording", "dt", dt)
        self.t_start = finite_number("Recording", "t_start", t_start)
        self._groups = {group.name: group for group in groups}

    @property
    def t_stop(self) -> float:
        """Time at which the run ended, ms."""
        return self.t_start + self.duration

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the recorded objects."""
        return tuple(self._groups)

    def __getitem__(self, name: str) -> GroupRecording:
        if name not in self._groups:
            raise NeuroclError(
                f'nothing of "{name}" was recorded{did_you_mean(name, self.names)}; '
                f'run with record={{"{name}": ["spikes"]}} (recorded: {_names(self.names)}).'
            )
        return self._groups[name]

    def __contains__(self, name: object) -> bool:
        return name in self._groups

    def __iter__(self) -> Iterator[str]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        head = f"Recording of {self.t_start:g} to {self.t_stop:g} ms, dt = {self.dt:g} ms"
        return "\n".join([head, *(f"  {group!r}" for group in self._groups.values())])

    @staticmethod
    def join(first: Recording, second: Recording) -> Recording:
        """Return one recording from those of two consecutive runs.

        Raises
        ------
        NeuroclError
            If the second does not begin where the first ended, or they differ in dt, names or quantities.
        """
        if abs(first.t_stop - second.t_start) > TIME_TOLERANCE:
            raise NeuroclError(
                f"join: one run ended at {first.t_stop} ms, the next began at {second.t_start} ms; "
                "join runs that follow each other."
            )
        if first.dt != second.dt or set(first.names) != set(second.names):
            raise NeuroclError(
                f"join: the runs differ, dt {first.dt} and {second.dt} ms, recorded {_names(first.names)} "
                f"and {_names(second.names)}; join runs with the same dt and record."
            )
        groups = [GroupRecording.join(first[name], second[name]) for name in first.names]
        return Recording(second.t_stop - first.t_start, first.dt, groups, first.t_start)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
