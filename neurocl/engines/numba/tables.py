"""Recording inside the compiled loop: tables that say what to copy, and the results they turn into."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, ResolvedRecord, Spikes, Trace
from neurocl.engines.numba.fields import no_spikes
from neurocl.engines.numba.memory import Memory

__all__ = ["Recorder"]

FIRST_CAPACITY = 4096
"""Spikes that a table holds before it grows (at least one step in which all neurons fire)."""


@dataclass
class Recorder:
    """Records one run: `open` puts tables into the memory, `grow` makes room, `close` reads the result."""

    memory: Memory
    requests: Mapping[str, list[ResolvedRecord]]
    units: Mapping[str, Mapping[str, str]]
    first: int
    steps: int
    _wanted: list[tuple[str, ResolvedRecord]] = field(default_factory=list)

    def open(self) -> None:
        """Make the tables of this run."""
        states = self.memory.states()
        for name, requests in self.requests.items():
            events = {r.name for r in requests} & {"spikes", "counts"}
            if events:
                for thread in range(self.memory.threads):
                    self._owner(thread, name)["_spike_table"] = self._spike_table(name, events)
            for request in requests:
                if request.name in ("spikes", "counts"):
                    continue
                if f"{name}.{request.name}" not in states:
                    raise NeuroclError(f"record: '{request.name}' of '{name}' is one number that never changes")
                self._wanted.append((name, request))
        rows = [states[f"{name}.{request.name}"] for name, request in self._wanted]
        self.memory.records = self._state_table(rows, [request for _, request in self._wanted])

    def _owner(self, thread: int, name: str) -> dict[str, Any]:
        """The fields of an object that hold the spike table of a thread."""
        return self.memory.private[thread - 1][name] if thread else self.memory.objects[name]

    def _state_table(self, rows: list[NDArray[Any]], requests: list[ResolvedRecord]) -> tuple[NDArray[Any], ...]:
        """Address of each state's row, every how many steps, the chosen elements, and where in the output they go."""
        lengths = [len(r.neurons) for r in requests]
        sizes = [len(r.steps(self.first, self.first + self.steps)) * n for r, n in zip(requests, lengths, strict=True)]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        try:
            out = np.empty(int(starts[-1]), dtype=self.memory.dtype)
        except MemoryError:
            needed = starts[-1] * np.dtype(self.memory.dtype).itemsize / 2**30
            raise NeuroclError(
                f"record: the traces need {needed:.1f} GiB; record fewer neurons or use Record(..., every=n)"
            ) from None
        return (
            np.array([row.ctypes.data for row in rows], dtype=np.int64),
            np.array([r.every for r in requests], dtype=np.int64),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([np.zeros(0, np.int64), *(r.neurons for r in requests)]).astype(np.int64), starts[:-1], out,
        )  # fmt: skip

    def _spike_table(self, name: str, asked: set[str]) -> tuple[NDArray[Any], ...]:
        n = self.memory.plan.populations[name].n
        mask = np.zeros(n if "spikes" in asked else 0, dtype=np.uint8)
        capacity = max(FIRST_CAPACITY, 2 * n) if mask.size else 0
        for request in self.requests[name]:
            if request.name == "spikes":
                mask[request.neurons] = 1
        counts = np.zeros(n if "counts" in asked else 0, dtype=np.int64)
        return (
            mask,
            np.zeros(capacity, np.int64),
            np.zeros(capacity, np.int32),
            np.zeros(1, np.int64),
            counts,
        )

    def grow(self) -> None:
        """Double the spike tables that cannot take another step."""
        self.memory.full[:] = 0
        for thread, name in itertools.product(range(self.memory.threads), self.requests):
            if name not in self.memory.plan.populations:
                continue
            fields = self._owner(thread, name)
            mask, steps, indices, filled, counts = fields["_spike_table"]
            if mask.size and filled[0] + mask.size > len(steps):
                longer = [np.concatenate([a, np.zeros_like(a)]) for a in (steps, indices)]
                fields["_spike_table"] = (mask, *longer, filled, counts)

    def close(self) -> Recording:
        """The recording, and the memory without tables again."""
        dt = self.memory.plan.dt
        groups = [self._group(name, requests, dt) for name, requests in self.requests.items()]
        for thread, name in itertools.product(range(self.memory.threads), self.requests):
            if name in self.memory.plan.populations:
                self._owner(thread, name)["_spike_table"] = no_spikes()
        return Recording(self.steps * dt, dt, groups, self.first * dt)

    def _group(self, name: str, requests: list[ResolvedRecord], dt: float) -> GroupRecording:
        spikes, counts, traces = None, None, []
        for request in requests:
            if request.name == "spikes":
                spikes = self._spikes(name, request, dt)
            elif request.name == "counts":
                counts = np.sum([table[4] for table in self._tables(name)], axis=0)[request.neurons]
            else:
                traces.append(self._trace(name, request, dt))
        return GroupRecording(name, spikes, counts, traces)

    def _tables(self, name: str) -> list[tuple[NDArray[Any], ...]]:
        """The spike tables of all threads."""
        return [self._owner(thread, name)["_spike_table"] for thread in range(self.memory.threads)]

    def _spikes(self, name: str, request: ResolvedRecord, dt: float) -> Spikes:
        tables = self._tables(name)
        steps, neurons = (np.concatenate([t[k][: t[3][0]] for t in tables]) for k in (1, 2))
        if len(tables) > 1:  # each is sorted, and so are the parts of the population that they belong to
            order = np.argsort(steps, kind="stable")
            steps, neurons = steps[order], neurons[order]
        n, times = self.memory.plan.populations[name].n, steps * dt
        everything = Spikes(times, neurons, n, self.first * dt, (self.first + self.steps) * dt)
        return everything if np.array_equal(request.neurons, np.arange(n)) else everything.select(request.neurons)

    def _trace(self, name: str, request: ResolvedRecord, dt: float) -> Trace:
        kept = request.steps(self.first, self.first + self.steps)
        *_, starts, out = self.memory.records
        start = starts[next(k for k, (_, wanted) in enumerate(self._wanted) if wanted is request)]
        values = out[start : start + len(kept) * len(request.neurons)].reshape(len(kept), len(request.neurons))
        values.flags.writeable = False
        return Trace(
            request.name,
            values,
            np.asarray((kept + 1) * dt, dtype=np.float64),
            request.neurons,
            self.units[name].get(request.name, "1"),
        )
