"""What a run is driven by, in tables for a few hundred steps at a time: times, keys of random numbers, inputs, spikes.

A step reads row k of each table. On the host k is a number; in a captured step it is a tensor, which the step itself
counts up, so that nothing has to be handed over from step to step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.inputs import Inputs
from neurocl.engines.torch.memory import Memory
from neurocl.engines.torch.random import draw_keys, poisson_parts

__all__ = ["Driver", "Now", "check_finite"]

TABLE_BYTES = 2**26
"""Size that the tables together may have, about."""
LONGEST = 256
"""Steps in a table at most; the spikes of as many steps are looked up at once, too."""


@dataclass
class Now:
    """The present step: its number in the tables, its number since the build, and the time t_k in ms."""

    k: Any = 0
    step: Any = 0
    t: Any = 0.0


@dataclass
class Driver:
    """Fills the tables of a run that begins at step `first` and lasts `steps`.

    Parameters
    ----------
    inputs : one per member of the batch.
    """

    memory: Memory
    inputs: list[Inputs]
    first: int
    steps: int
    now: Now = field(default_factory=Now)
    times: Any = None

    def __post_init__(self) -> None:
        memory = self.memory
        self._values = {
            (name, key): self._input(name, key)
            for name, plan in self._drivable().items()
            for key in plan.inputs
            if key in self.inputs[0].values.get(name, {})
        }
        for name, fields in memory.objects.items():
            if name in memory.build.plan.populations:
                resting = memory.build.plan.populations[name].schedule
                fields._schedule = [given.spikes.get(name, resting) for given in self.inputs]
        self.length = int(np.clip(TABLE_BYTES // max(self._row_bytes(), 1), 1, LONGEST))

    def _drivable(self) -> dict[str, Any]:
        return {**self.memory.build.plan.populations, **self.memory.build.plan.modulators}

    def _input(self, name: str, key: str) -> NDArray[np.float64]:
        """An input with a row of resting values behind its end, if the run is longer: [step, member, 1 or neuron]."""
        arrays = [given.values[name][key] for given in self.inputs]
        resting = np.atleast_1d(np.asarray(self._drivable()[name].parameters[key], dtype=np.float64))[None]
        length = max(len(array) for array in arrays)
        if any(len(array) < self.steps for array in arrays):
            arrays = [np.concatenate(_same_width(array, resting)) for array in arrays]
            length += 1
        width = max(array.shape[1] for array in arrays)
        table = np.empty((length, len(arrays), width))
        for member, array in enumerate(arrays):
            table[: len(array), member] = array
            table[len(array) :, member] = array[-1]
        return table

    def _row_bytes(self) -> int:
        size = sum(8 * table[0].size for table in self._values.values())
        for name, plan in self.memory.build.plan.populations.items():
            size += 8 * self.memory.objects[name]._history[0].numel() if plan.is_scheduled else 0
        return size

    def fill(self, start: int, count: int) -> None:
        """Make the tables for steps start, ..., start + count - 1."""
        memory, build = self.memory, self.memory.build
        steps = np.arange(start, start + count)
        self.times = self._put(self.times, steps * build.plan.dt)
        for name, writer in build.writers.items():
            fields, keys = memory.objects[name], writer.keys
            if keys.rows:
                made = [draw_keys(~fields._streams if other else fields._streams, steps, call)
                        for call, other in keys.rows]  # fmt: skip
                fields._keys = self._put(fields._keys, np.concatenate(made, axis=1)[..., None], torch.int32)
            for call, mean in keys.poisson.items():
                parts = poisson_parts(getattr(fields, mean) if mean.isidentifier() else float(mean))
                made = [draw_keys(fields._streams, steps, call + 64 * (part + 1)) for part in range(parts)]
                table = self._put(getattr(fields, f"_poisson_{call}", None), np.concatenate(made, 1)[..., None],
                                  torch.int32)  # fmt: skip
                setattr(fields, f"_poisson_{call}", table)
        for (name, key), values in self._values.items():
            rows = values[np.minimum(steps - self.first, len(values) - 1)]
            fields = memory.objects[name]
            setattr(fields, f"_input_{key}", self._put(getattr(fields, f"_input_{key}"), rows))
        for name, plan in build.plan.populations.items():
            if plan.is_scheduled:
                fields = memory.objects[name]
                fields._scheduled = self._put(fields._scheduled, _flags(fields._schedule, start, count, plan.n))

    def _put(self, old: torch.Tensor | None, rows: NDArray[Any], dtype: torch.dtype | None = None) -> torch.Tensor:
        """The rows in a table of full length, which stays the same tensor."""
        shape = (self.length, *rows.shape[1:])
        if old is None or old.shape != shape:
            old = torch.zeros(shape, dtype=dtype or self.memory.build.dtype, device=self.memory.build.device)
        old[: len(rows)].copy_(torch.from_numpy(np.ascontiguousarray(rows)))
        return old

    def at(self, k: int, step: int) -> Now:
        """The step with row k of the tables, for a host that goes from step to step."""
        self.now.k, self.now.step, self.now.t = k, step, self.times[k]
        return self.now

    def rest(self) -> None:
        """Take the inputs of the run away again."""
        self.memory.rest_inputs()
        for name, plan in self.memory.build.plan.populations.items():
            self.memory.objects[name]._schedule = [plan.schedule] * self.memory.batch


def _same_width(array: NDArray[np.float64], row: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    width = max(array.shape[1], row.shape[1])
    return [np.broadcast_to(part, (len(part), width)) for part in (array, row)]


def _flags(schedules: list[Any], start: int, count: int, n: int) -> NDArray[np.float64]:
    """1 where a spike is scheduled, [step, member, neuron]."""
    flags = np.zeros((count, len(schedules), n))
    for member, (at, neurons) in enumerate(schedules):
        first, last = np.searchsorted(at, [start, start + count])
        flags[at[first:last] - start, member, neurons[first:last]] = 1.0
    return flags


def check_finite(memory: Memory, time_now: float) -> None:
    """Raise an error that names the first state with NaN or infinity."""
    for name, state in memory.states().items():
        if state.dtype.is_floating_point and not torch.isfinite(state).all():
            owner, key = name.split(".")
            bad = int((~torch.isfinite(state)).reshape(-1).nonzero()[0].item())
            member, index = divmod(bad, state.shape[-1])
            where = f" of batch member {member}" if memory.batch > 1 and state.dim() == 2 else ""
            raise NeuroclError(
                f"'{owner}': state '{key}' of element {index}{where} became {state.reshape(-1)[bad].item()} before"
                f" {time_now:g} ms; check the parameters, or use a smaller dt"
            )
