"""Recording: chosen states are copied on the device at the steps asked for, spikes are looked up once per table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, ResolvedRecord, Spikes, Trace
from neurocl.engines.torch.devices import check_memory
from neurocl.engines.torch.memory import Memory

__all__ = ["Recorder"]


@dataclass
class _States:
    """One recorded state: where it is read, the chosen elements, and its rows so far, [step, member, element]."""

    owner: str
    request: ResolvedRecord
    source: torch.Tensor
    index: torch.Tensor | None
    rows: torch.Tensor
    filled: int = 0

    def keep(self) -> None:
        chosen = self.source if self.index is None else self.source.index_select(-1, self.index)
        self.rows[self.filled].copy_(chosen)
        self.filled += 1


@dataclass
class _Events:
    """Recorded spikes of one population: a log of the steps of one table, the spikes found in it, and counts."""

    log: torch.Tensor | None
    counts: torch.Tensor | None
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=list)


class Recorder:
    """Records one run of `steps` steps that begins at step `first`, with tables of `length` steps."""

    def __init__(
        self, memory: Memory, requests: Mapping[str, list[ResolvedRecord]], units: Mapping[str, Mapping[str, str]],
        first: int, steps: int, length: int,
    ) -> None:  # fmt: skip
        self.memory, self.requests, self.units, self.first, self.steps = memory, requests, units, first, steps
        self.states: list[_States] = []
        self.events: dict[str, _Events] = {}
        for name, wanted in requests.items():
            kinds = {r.name for r in wanted} & {"spikes", "counts"}
            if kinds:
                self.events[name] = self._new_events(name, kinds, length)
            self.states += [self._new_states(name, r) for r in wanted if r.name not in ("spikes", "counts")]

    def _new_events(self, name: str, kinds: set[str], length: int) -> _Events:
        spiked = self.memory.objects[name]._spiked
        log = spiked.new_zeros(length, *spiked.shape) if "spikes" in kinds else None
        return _Events(log, torch.zeros_like(spiked, dtype=torch.int64) if "counts" in kinds else None)

    def _new_states(self, name: str, request: ResolvedRecord) -> _States:
        states = self.memory.states()
        if f"{name}.{request.name}" not in states:
            raise NeuroclError(f"record: '{request.name}' of '{name}' is one number that never changes")
        source = states[f"{name}.{request.name}"]
        shape = (len(request.steps(self.first, self.first + self.steps)), self.memory.batch, len(request.neurons))
        check_memory(
            "record", int(np.prod(shape, dtype=float)) * source.element_size(), source.device, "the traces need",
            "record fewer neurons or use Record(..., every=n)",
        )  # fmt: skip
        rows = torch.empty(shape, dtype=source.dtype, device=source.device)
        is_all = np.array_equal(request.neurons, np.arange(source.shape[-1]))
        index = None if is_all else torch.from_numpy(request.neurons.copy()).to(source.device)
        return _States(name, request, source, index, rows)

    def keep(self, k: int, step: int) -> None:
        """Record the end of `step`, which has row k of the tables."""
        for entry in self.states:
            if (step + 1) % entry.request.every == 0:
                entry.keep()
        for name, events in self.events.items():
            spiked = self.memory.objects[name]._spiked
            if events.log is not None:
                events.log[k].copy_(spiked)
            if events.counts is not None:
                events.counts.add_(spiked)

    def look_up(self, start: int, count: int) -> None:
        """Find the spikes in the logs of steps start, ..., start + count - 1."""
        for events in self.events.values():
            if events.log is not None:
                at, member, neuron = (a.cpu().numpy() for a in events.log[:count].nonzero(as_tuple=True))
                events.found.append((at + start + 1, member, neuron))

    def close(self) -> list[Recording]:
        """A recording for each member of the batch."""
        dt = self.memory.build.plan.dt
        found = {name: _joined(events.found) for name, events in self.events.items() if events.log is not None}
        rows = {(e.owner, e.request.name): e.rows[: e.filled].cpu().numpy() for e in self.states}
        recordings = []
        for member in range(self.memory.batch):
            groups = [self._group(name, member, found, rows, dt) for name in self.requests]
            recordings.append(Recording(self.steps * dt, dt, groups, self.first * dt))
        return recordings

    def _group(
        self, name: str, member: int, found: Mapping[str, tuple[NDArray[np.int64], ...]],
        rows: Mapping[tuple[str, str], NDArray[np.float64]], dt: float,
    ) -> GroupRecording:  # fmt: skip
        spikes, counts, traces = None, None, []
        for request in self.requests[name]:
            if request.name == "spikes":
                spikes = self._spikes(name, request, found[name], member, dt)
            elif request.name == "counts":
                table = self.events[name].counts
                assert table is not None
                counts = table[member].cpu().numpy()[request.neurons]
            else:
                traces.append(self._trace(name, request, rows[name, request.name][:, member], dt))
        return GroupRecording(name, spikes, counts, traces)

    def _spikes(
        self, name: str, request: ResolvedRecord, found: tuple[NDArray[np.int64], ...], member: int, dt: float
    ) -> Spikes:
        n = self.memory.build.plan.populations[name].n
        at, members, neurons = found
        own = members == member
        everything = Spikes(at[own] * dt, neurons[own], n, self.first * dt, (self.first + self.steps) * dt)
        return everything if np.array_equal(request.neurons, np.arange(n)) else everything.select(request.neurons)

    def _trace(self, name: str, request: ResolvedRecord, values: NDArray[np.float64], dt: float) -> Trace:
        kept = request.steps(self.first, self.first + self.steps)[: len(values)]
        times = np.asarray((kept + 1) * dt, dtype=np.float64)
        return Trace(request.name, values, times, request.neurons, self.units[name].get(request.name, "1"))


def _joined(
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[NDArray[np.int64], ...]:
    empty = np.zeros(0, np.int64)
    return tuple(np.concatenate([empty, *parts]) for parts in zip(*found, strict=True)) if found else (empty,) * 3
