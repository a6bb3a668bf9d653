"""Recording inside the compiled loop: tables that say what to copy, and the results they turn into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, ResolvedRecord, Spikes, Trace
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

    def open(self) -> None:
        """Make the tables of this run."""
        for name, requests in self.requests.items():
            fields = self.memory.objects[name]
            banks: dict[str, list[tuple[int, ResolvedRecord]]] = {}
            for request in requests:
                if request.name in ("spikes", "counts"):
                    continue
                place = self.memory.layouts[name].bank_of(request.name)
                if place is None:
                    raise NeuroclError(f"record: '{request.name}' of '{name}' is one number that never changes")
                banks.setdefault(place[0], []).append((place[1], request))
            for bank, rows in banks.items():
                fields[self._table_name(name, bank)] = self._state_table(rows)
            if any(r.name in ("spikes", "counts") for r in requests):
                fields["_spike_table"] = self._spike_table(name, {r.name for r in requests})

    def _table_name(self, name: str, bank: str) -> str:
        return f"_table_{bank}" if name in self.memory.plan.projections else "_table"

    def _state_table(self, rows: list[tuple[int, ResolvedRecord]]) -> tuple[NDArray[Any], ...]:
        lengths = [len(r.neurons) for _, r in rows]
        sizes = [len(r.steps(self.first, self.first + self.steps)) * n for (_, r), n in zip(rows, lengths, strict=True)]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        try:
            out = np.empty(int(starts[-1]), dtype=self.memory.dtype)
        except MemoryError:
            needed = starts[-1] * np.dtype(self.memory.dtype).itemsize / 2**30
            raise NeuroclError(
                f"record: the traces need {needed:.1f} GiB; record fewer neurons or use Record(..., every=n)"
            ) from None
        return (
            np.array([row for row, _ in rows], dtype=np.int64), np.array([r.every for _, r in rows], dtype=np.int64),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([r.neurons for _, r in rows]).astype(np.int64), starts[:-1].astype(np.int64), out,
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
        for name in self.requests:
            if name not in self.memory.plan.populations:
                continue
            fields = self.memory.objects[name]
            mask, steps, indices, filled, counts = fields["_spike_table"]
            if mask.size and filled[0] + mask.size > len(steps):
                longer = [np.concatenate([a, np.zeros_like(a)]) for a in (steps, indices)]
                fields["_spike_table"] = (mask, *longer, filled, counts)

    def close(self) -> Recording:
        """The recording, and the memory without tables again."""
        dt = self.memory.plan.dt
        groups = [self._group(name, requests, dt) for name, requests in self.requests.items()]
        for name in self.requests:
            fields = self.memory.objects[name]
            for key in fields:
                if key.startswith("_table"):
                    fields[key] = self.memory.no_states()
                elif key == "_spike_table":
                    fields[key] = self.memory.no_spikes()
        return Recording(self.steps * dt, dt, groups, self.first * dt)

    def _group(self, name: str, requests: list[ResolvedRecord], dt: float) -> GroupRecording:
        fields = self.memory.objects[name]
        spikes, counts, traces = None, None, []
        taken: dict[str, int] = {}
        for request in requests:
            if request.name == "spikes":
                spikes = self._spikes(name, request, dt)
            elif request.name == "counts":
                counts = fields["_spike_table"][4][request.neurons]
            else:
                bank, _ = self.memory.layouts[name].bank_of(request.name) or ("", 0)
                position = taken.get(bank, 0)
                taken[bank] = position + 1
                traces.append(self._trace(name, request, fields[self._table_name(name, bank)], position, dt))
        return GroupRecording(name, spikes, counts, traces)

    def _spikes(self, name: str, request: ResolvedRecord, dt: float) -> Spikes:
        _, steps, indices, filled, _ = self.memory.objects[name]["_spike_table"]
        n = self.memory.plan.populations[name].n
        times, neurons = steps[: filled[0]] * dt, indices[: filled[0]].copy()
        everything = Spikes(times, neurons, n, self.first * dt, (self.first + self.steps) * dt)
        return everything if np.array_equal(request.neurons, np.arange(n)) else everything.select(request.neurons)

    def _trace(
        self, name: str, request: ResolvedRecord, table: tuple[NDArray[Any], ...], position: int, dt: float
    ) -> Trace:
        kept = request.steps(self.first, self.first + self.steps)
        start = table[4][position]
        values = table[5][start : start + len(kept) * len(request.neurons)].reshape(len(kept), len(request.neurons))
        values.flags.writeable = False
        return Trace(
            request.name,
            values,
            np.asarray((kept + 1) * dt, dtype=np.float64),
            request.neurons,
            self.units[name].get(request.name, "1"),
        )
