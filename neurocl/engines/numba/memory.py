"""The arrays of a simulation, by the names that the generated code has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan
from neurocl.core.random import stream_key
from neurocl.engines.numba import aligned
from neurocl.engines.numba.edge_scans import split_rows
from neurocl.engines.numba.fields import (
    Fields,
    modulator_fields,
    no_inputs,
    no_spikes,
    population_fields,
    projection_fields,
)
from neurocl.engines.numba.groups import member_table
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.threads import new_barrier, part_bounds

__all__ = ["Memory"]


@dataclass
class Memory:
    """All arrays of one simulation; `objects` maps each name to its fields (see FIELDS of the writers).

    `records` tells the compiled loop which states to copy where (see `tables`). `private` holds what every thread has
    for itself (thread 0 has it in `objects`): its copy of the spikes under way, the bounds of its rows of synapses, its
    table of recorded spikes. `full` is where a thread asks to stop because that table is full.

    `clone` shares what a run never changes (connectivity, parameters) and copies the rest, so that presentations can
    run side by side.
    """

    plan: Plan
    layouts: dict[str, Layout]
    dtype: Any
    objects: dict[str, Fields]
    records: tuple[NDArray[Any], ...] = ()
    private: list[dict[str, Fields]] = field(default_factory=list)
    barrier: NDArray[np.int64] = field(default_factory=new_barrier)
    full: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, dtype=np.int64))

    @classmethod
    def of(cls, plan: Plan, layouts: dict[str, Layout], dtype: str, threads: int = 1) -> Memory:
        """Fields at time 0."""
        memory = cls(plan, layouts, np.dtype(dtype).type, {})
        for name, population in plan.populations.items():
            memory.objects[name] = population_fields(population, plan, layouts[name], memory.dtype)
        for name, projection in plan.projections.items():
            memory.objects[name] = projection_fields(projection, layouts[name], memory.dtype)
        for name, modulator in plan.modulators.items():
            memory.objects[name] = modulator_fields(modulator, layouts[name], memory.dtype)
        for name in memory.objects:
            memory.refresh(name)
        memory.split(threads)
        memory.restart()
        memory.set_trial(0)
        return memory

    @property
    def threads(self) -> int:
        """Number of threads that run the network."""
        return 1 + len(self.private)

    def split(self, threads: int) -> None:
        """Share the neurons, and the synapses onto them, out among `threads` threads."""
        self.private = [{name: {} for name in self.objects} for _ in range(threads - 1)]
        for name, plan in self.plan.populations.items():
            fields = self.objects[name]
            fields["_parts"] = part_bounds(plan.n, threads)
            fields["_fresh_n"] = np.zeros((2, threads), dtype=np.int64)
            for own in self.private:
                own[name] = {
                    "_history": np.empty_like(fields["_history"]), "_history_n": np.zeros_like(fields["_history_n"]),
                }  # fmt: skip
                own[name]["_spike_table"] = no_spikes()
        for name in self.plan.projections:
            self.split_rows(name)

    def split_rows(self, name: str) -> None:
        """Tell every thread which synapses of each row are its own."""
        plan = self.plan.projections[name]
        bounds = self.objects[plan.post]["_parts"]
        found = split_rows(plan.edges.start, plan.edges.post, bounds[1:-1])
        ends = [plan.edges.start[:-1], *found, plan.edges.start[1:]]
        for thread in range(self.threads):
            own = self.objects[name] if thread == 0 else self.private[thread - 1][name]
            own["_begin"], own["_end"] = ends[thread], ends[thread + 1]

    def of_thread(self, thread: int, name: str, key: str) -> Any:
        """A field of an object as one thread sees it."""
        own = self.private[thread - 1][name] if thread else {}
        return own[key] if key in own else self.objects[name][key]

    def refresh(self, name: str) -> None:
        """Write parameters, and the propagator made of them, into the arrays of `name`."""
        fields, layout, plan = self.objects[name], self.layouts[name], self.plan.objects[name]
        numbers: dict[str, Any] = {"dt": self.plan.dt, **plan.parameters}
        if isinstance(plan, ProjectionPlan):
            numbers["w"] = plan.weight
            for part in ("pre", "post", "synapse"):
                numbers.update({f"{k}@{part}": v for k, v in plan.coefficients(part).items()})
        else:
            numbers.update(plan.coefficients())
        for k, key in enumerate(layout.scalars):
            fields["_C"][k] = numbers[key]
        for k, key in enumerate(layout.arrays):
            fields["_P"][k] = numbers[key]
        if isinstance(plan, PopulationPlan):
            fields["_hold"] = plan.refractory

    def replace_edges(self, plan: ProjectionPlan, edge_states: list[NDArray[Any]]) -> None:
        """Take over new edges of a projection with their states; traces stay as they are."""
        old = self.objects[plan.name]
        new = projection_fields(plan, self.layouts[plan.name], self.dtype)
        for row, values in enumerate(edge_states):
            new["_E"][row] = values
        self.objects[plan.name] = new | {key: old[key] for key in ("_A", "_B", "_streams")}
        self.split_rows(plan.name)
        self.refresh(plan.name)

    def rest_inputs(self) -> None:
        """Give every input its resting value again."""
        drivable: dict[str, PopulationPlan | ModulatorPlan] = {**self.plan.populations, **self.plan.modulators}
        for name, plan in drivable.items():
            fields, layout = self.objects[name], self.layouts[name]
            for key in plan.inputs:
                if isinstance(plan, PopulationPlan):
                    fields["_P"][layout.arrays.index(key)] = plan.parameters[key]
                else:
                    fields["_C"][layout.scalars.index(key)] = plan.parameters[key]
            fields["_inputs"] = no_inputs(plan.inputs, self.dtype)

    def restart(self, keep: frozenset[str] = frozenset()) -> None:
        """Initial values for every state but those in `keep` (names such as "rec.w"); no spike under way."""
        for name, array in self.states().items():
            if name not in keep:
                array[...] = self.plan.initial(*name.split("."))
        for name in self.plan.populations:
            self.objects[name]["_ring"][...] = 0
            for thread in range(self.threads):
                self.of_thread(thread, name, "_history_n")[:] = 0

    def states(self) -> dict[str, NDArray[Any]]:
        """Views of all states: "exc.v", "exc.refractory", "rec.w", ..."""
        found: dict[str, NDArray[Any]] = {}
        for name, layout in self.layouts.items():
            for bank, states in layout.banks.items():
                for row, state in enumerate(states):
                    found[f"{name}.{state}"] = self.objects[name][f"_{bank}"][row]
            if name in self.plan.populations and self.objects[name]["_refractory"].size:
                found[f"{name}.refractory"] = self.objects[name]["_refractory"]
        return found

    def changing_states(self) -> dict[str, int]:
        """Sizes of the states that a run may change; clones share the others."""
        fixed = {f"{name}.w" for name in self.plan.projections if not self._changes(name, "_E")}
        return {name: array.size for name, array in self.states().items() if name not in fixed}

    def set_trial(self, trial: int) -> None:
        """Choose the random numbers of presentation `trial`."""
        for name, fields in self.objects.items():
            fields["_streams"][0] = stream_key(self.plan.seed, name, trial)

    def hold_input(self, name: str, key: str, value: NDArray[np.float64]) -> None:
        """Give an input a constant value (one number, or one per neuron) until `rest_inputs`."""
        layout, fields = self.layouts[name], self.objects[name]
        if name in self.plan.populations:
            fields["_P"][layout.arrays.index(key)] = value
        else:
            fields["_C"][layout.scalars.index(key)] = value[0]

    def _changes(self, name: str, field: str) -> bool:
        """Whether a run writes to this array; weights that never change are shared between clones."""
        if field == "_E":
            plan = self.plan.projections[name]
            return plan.is_plastic or bool(plan.parsed.synapse.states)
        return field in (
            "_S",
            "_A",
            "_B",
            "_refractory",
            "_history",
            "_history_n",
            "_scheduled",
            "_streams",
            "_ring",
            "_fresh",
            "_planes",
            "_counts",
            "_buffer",
            "_sums_pre",
            "_sums_post",
        )

    def clone(self) -> Memory:
        """An independent copy of everything that a run changes."""
        objects: dict[str, Fields] = {}
        for name, fields in self.objects.items():
            copy = {k: (aligned.copied(v) if self._changes(name, k) else v) for k, v in fields.items()}
            if name in self.plan.populations:
                flags = aligned.copied(fields["_flags"])
                copy["_flags"], copy["_spiked"] = flags, flags.view(np.uint8)[: self.plan.populations[name].n]
                copy["_P"] = aligned.copied(fields["_P"])
            if name in self.plan.modulators:
                copy["_C"] = fields["_C"].copy()
            objects[name] = copy
        copied = Memory(self.plan, self.layouts, self.dtype, objects)
        copied.split(1)
        return copied

    def copy_from(self, other: Memory) -> None:
        """Take over the states and the spikes under way of `other`, a memory of the same network."""
        for name, fields in self.objects.items():
            for key in ("_S", "_E", "_A", "_B", "_refractory", "_ring", "_history_n"):
                if key in fields and self._changes(name, key):
                    fields[key][...] = other.objects[name][key]
            if "_history" in fields:
                for row in np.nonzero(fields["_history_n"])[0]:
                    n = fields["_history_n"][row]
                    fields["_history"][row, :n] = other.objects[name]["_history"][row, :n]

    def arguments(
        self, names: tuple[str, ...], groups: Mapping[str, tuple[tuple[str, ...], ...]], thread: int = 0
    ) -> list[Any]:
        """What the generated `run` takes: "_S__exc" is the field "_S" of "exc", a group is the table of its members."""

        def array(name: str) -> Any:
            key, _, owner = name.rpartition("__")
            return self.of_thread(thread, owner, key)

        own = [self.records, thread, self.threads, self.barrier.ctypes.data, self.full]
        return own + [member_table(groups[n], array) if n in groups else array(n) for n in names]
