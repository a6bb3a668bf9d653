"""The arrays of a simulation, by the names that the generated code has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan
from neurocl.core.random import stream_key
from neurocl.engines.numba.groups import member_table
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.synapse_updates import own_sum_rows
from neurocl.engines.numba.synapses import needs_buffer

__all__ = ["Memory"]

Arrays = dict[str, Any]


@dataclass
class Memory:
    """All arrays of one simulation; `objects` maps each name to its fields (see FIELDS of the writers).

    `records` tells the compiled loop which states to copy where (see `tables`).

    `clone` shares what a run never changes (connectivity, parameters) and copies the rest, so that presentations can
    run side by side.
    """

    plan: Plan
    layouts: dict[str, Layout]
    dtype: Any
    objects: dict[str, Arrays]
    records: tuple[NDArray[Any], ...] = ()

    @classmethod
    def of(cls, plan: Plan, layouts: dict[str, Layout], dtype: str) -> Memory:
        """Arrays at time 0."""
        memory = cls(plan, layouts, np.dtype(dtype).type, {})
        for name, population in plan.populations.items():
            memory.objects[name] = memory._population(population)
        for name, projection in plan.projections.items():
            memory.objects[name] = memory._projection(projection)
        for name, modulator in plan.modulators.items():
            memory.objects[name] = memory._modulator(modulator)
        for name in memory.objects:
            memory.refresh(name)
        memory.restart()
        memory.set_trial(0)
        return memory

    def _empty(self, rows: int, columns: int) -> NDArray[Any]:
        return np.zeros((rows, columns), dtype=self.dtype)

    def _population(self, plan: PopulationPlan) -> Arrays:
        layout, length = self.layouts[plan.name], self.plan.max_delay + 1
        has_refractory = plan.parsed.refractory is not None
        flags = np.zeros(-(-plan.n // 8) * 8, dtype=np.uint8)
        spiking = plan.parsed.threshold is not None
        return {
            "_S": self._empty(len(layout.banks["S"]), plan.n),
            "_P": self._empty(len(layout.arrays), plan.n),
            "_C": np.zeros(len(layout.scalars), dtype=self.dtype),
            "_refractory": np.zeros(plan.n if has_refractory else 0, dtype=np.int32),
            "_hold": plan.refractory,
            "_spiked": flags[: plan.n],
            "_flags": flags.view(np.uint64),
            # np.empty: a page of the history is real memory only once a spike was written to it.
            "_history": np.empty((length, plan.n if spiking else 0), dtype=np.int32),
            "_history_n": np.zeros(length, dtype=np.int64),
            "_scheduled": np.zeros(plan.n if plan.is_scheduled else 0, dtype=np.int32),
            "_scheduled_steps": plan.schedule[0],
            "_scheduled_indices": plan.schedule[1],
            "_inputs": tuple(self._empty(0, 1) for _ in plan.inputs),
            "_streams": np.zeros(1, dtype=np.uint64),
            "_spike_table": self.no_spikes(),
        }

    def _projection(self, plan: ProjectionPlan) -> Arrays:
        layout, edges = self.layouts[plan.name], plan.edges
        by_start, by_edge = (
            edges.by_post if plan.parsed.on_post_synapse else (np.zeros(0, np.int64), np.zeros(0, np.int64))
        )
        sums = own_sum_rows(plan.parsed.own_sums).values()
        needs_slot = bool(plan.parsed.on_post_synapse or plan.schemes["synapse"].statements)
        return {
            "_start": edges.start,
            # Unsigned, because Numba checks a signed index for wrap-around.
            "_post": edges.post.view(np.uint32),
            "_slot": edges.slot if needs_slot else np.zeros(0, np.int32),
            "_by_start": by_start,
            "_by_edge": by_edge,
            "_delays": edges.delays,
            "_n_pre": np.array([edges.n_pre], dtype=np.int64),
            "_E": self._empty(len(layout.banks["E"]), edges.n),
            "_A": self._empty(len(layout.banks["A"]), edges.n_slots),
            "_B": self._empty(len(layout.banks["B"]), edges.n_post),
            "_P": self._empty(len(layout.arrays), edges.n),
            "_C": np.zeros(len(layout.scalars), dtype=self.dtype),
            "_streams": np.zeros(1, dtype=np.uint64),
            "_buffer": np.zeros(edges.n_post if needs_buffer(plan) else 0, dtype=self.dtype),
            "_sums_pre": self._empty(len([row for array, row in sums if array == "_sums_pre"]), edges.n_pre),
            "_sums_post": self._empty(len([row for array, row in sums if array == "_sums_post"]), edges.n_post),
        }

    def _modulator(self, plan: ModulatorPlan) -> Arrays:
        layout = self.layouts[plan.name]
        counted = [(min(part), max(part) + 1, abs(part.step)) for _, part in plan.counts.values()]
        return {
            "_S": self._empty(len(layout.banks["S"]), 1),
            "_C": np.zeros(len(layout.scalars), dtype=self.dtype),
            # First neuron, end and stride of what each count counts.
            "_counted": np.array(counted, dtype=np.int64).reshape(-1, 3),
            "_inputs": tuple(self._empty(0, 1) for _ in plan.inputs),
            "_counts": np.zeros(len(plan.counts), dtype=self.dtype),
            "_streams": np.zeros(1, dtype=np.uint64),
        }

    @staticmethod
    def no_spikes() -> tuple[NDArray[Any], ...]:
        """A table that records no spikes."""
        empty = np.zeros(0, dtype=np.int64)
        return (np.zeros(0, np.uint8), empty, np.zeros(0, np.int32), np.zeros(1, np.int64), empty)

    def refresh(self, name: str) -> None:
        """Write parameters, and the propagator made of them, into the arrays of `name`."""
        fields, layout, plan = self.objects[name], self.layouts[name], self._plan(name)
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
        new = self._projection(plan)
        for row, values in enumerate(edge_states):
            new["_E"][row] = values
        self.objects[plan.name] = new | {key: old[key] for key in ("_A", "_B", "_streams")}
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
            fields["_inputs"] = tuple(self._empty(0, 1) for _ in plan.inputs)

    def restart(self, keep: frozenset[str] = frozenset()) -> None:
        """Initial values for every state but those in `keep` (names such as "rec.w"); no spike under way."""
        for name, array in self.states().items():
            if name not in keep:
                array[...] = self._initial(*name.split("."))
        for name in self.plan.populations:
            self.objects[name]["_history_n"][:] = 0

    def _initial(self, owner: str, state: str) -> Any:
        plan = self._plan(owner)
        if state == "refractory":
            return 0
        if isinstance(plan, ProjectionPlan):
            if state == "w":
                return plan.weight
            return next(values[state] for values in plan.initial.values() if state in values)
        return plan.initial[state]

    def _plan(self, name: str) -> PopulationPlan | ProjectionPlan | ModulatorPlan:
        objects: dict[str, PopulationPlan | ProjectionPlan | ModulatorPlan] = {}
        objects.update(self.plan.populations)
        objects.update(self.plan.projections)
        objects.update(self.plan.modulators)
        return objects[name]

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
            "_buffer",
            "_sums_pre",
            "_sums_post",
            "_counts",
        )

    def recent_spikes(self, step: int) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Steps and neurons of the spikes in the history, which reaches back from `step` by the longest delay."""
        found = {}
        for name, plan in self.plan.populations.items():
            if plan.parsed.threshold is not None:
                history, counts = self.objects[name]["_history"], self.objects[name]["_history_n"]
                steps = np.arange(max(step - len(counts) + 1, 0), step + 1)
                rows = steps % len(counts)
                neurons = np.concatenate([history[row, : counts[row]] for row in rows])
                found[name] = np.repeat(steps, counts[rows]), neurons.astype(np.int64)
        return found

    def restore_spikes(self, spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        """Put into an empty history what `recent_spikes` took out of another."""
        for name, (steps, neurons) in spikes.items():
            history, counts = self.objects[name]["_history"], self.objects[name]["_history_n"]
            for step in np.unique(steps):
                fired = neurons[steps == step]
                history[step % len(counts), : len(fired)] = fired
                counts[step % len(counts)] = len(fired)

    def clone(self) -> Memory:
        """An independent copy of everything that a run changes."""
        objects: dict[str, Arrays] = {}
        for name, fields in self.objects.items():
            copy = {k: (v.copy() if self._changes(name, k) else v) for k, v in fields.items()}
            if name in self.plan.populations:
                flags = np.zeros_like(fields["_flags"])
                copy["_flags"], copy["_spiked"] = flags, flags.view(np.uint8)[: self.plan.populations[name].n]
                copy["_P"] = fields["_P"].copy()
            if name in self.plan.modulators:
                copy["_C"] = fields["_C"].copy()
            objects[name] = copy
        return Memory(self.plan, self.layouts, self.dtype, objects)

    def copy_from(self, other: Memory) -> None:
        """Take over the states and the spikes under way of `other`, a memory of the same network."""
        for name, fields in self.objects.items():
            for key in ("_S", "_E", "_A", "_B", "_refractory", "_history_n"):
                if key in fields and self._changes(name, key):
                    fields[key][...] = other.objects[name][key]
            if "_history" in fields:
                for row in np.nonzero(fields["_history_n"])[0]:
                    n = fields["_history_n"][row]
                    fields["_history"][row, :n] = other.objects[name]["_history"][row, :n]

    def arguments(self, names: tuple[str, ...], groups: Mapping[str, tuple[tuple[str, ...], ...]]) -> list[Any]:
        """What the generated `run` takes: "_S__exc" is the field "_S" of "exc", a group is the table of its members."""

        def array(name: str) -> Any:
            field, _, owner = name.rpartition("__")
            return self.objects[owner][field]

        return [self.records, *(member_table(groups[n], array) if n in groups else array(n) for n in names)]
