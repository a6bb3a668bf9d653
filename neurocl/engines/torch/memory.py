"""The tensors of a simulation, under the names that the generated code has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan
from neurocl.core.random import stream_key
from neurocl.engines.torch.devices import check_memory, memory_is_told
from neurocl.engines.torch.forms import Form
from neurocl.engines.torch.joint import ring_shape, sources
from neurocl.engines.torch.layout import Layout, coefficient_names
from neurocl.engines.torch.links import Links
from neurocl.engines.torch.program import Writer
from neurocl.engines.torch.sizes import history_length, needed_memory

__all__ = ["Build", "Memory"]

SpikeLists = Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True)
class Build:
    """What all memories of one simulation share."""

    plan: Plan
    layouts: dict[str, Layout]
    writers: dict[str, Writer]
    forms: dict[str, Form]
    functions: Mapping[str, Any]
    dtype: torch.dtype
    device: torch.device


@dataclass
class Memory:
    """All tensors of `batch` members; `objects` maps each name to its fields.

    A state is [member, element]; a weight that nothing changes is [synapse], for all members. Tensors are written in
    place, so that a captured step finds them again.
    """

    build: Build
    batch: int
    objects: dict[str, SimpleNamespace] = field(default_factory=dict)

    @classmethod
    def of(cls, build: Build, batch: int, what: str) -> Memory:
        """Tensors at time 0; an error for too little memory begins with `what`."""
        with memory_is_told(what, build.device):
            check_memory(what, needed_memory(build.plan, build.layouts, build.forms, build.dtype, batch), build.device)
            memory = cls(build, batch)
            memory._fill()
        return memory

    def _fill(self) -> None:
        for name, population in self.build.plan.populations.items():
            self.objects[name] = self._population(population)
        for name, projection in self.build.plan.projections.items():
            self.objects[name] = self._projection(projection)
        for name, modulator in self.build.plan.modulators.items():
            self.objects[name] = self._modulator(modulator)
        ring = self._zeros(*ring_shape(self.build.plan, self.build.forms, self.batch))
        for name in sources(self.build.plan, self.build.forms):
            self.objects[name]._ring, self.objects[name]._joined = ring, None
        for name in self.objects:
            self._refresh(name)
        self.rest_inputs()
        self.restart()
        self.set_trial(0)

    def _zeros(self, *shape: int, dtype: torch.dtype | None = None) -> torch.Tensor:
        return torch.zeros(shape, dtype=dtype or self.build.dtype, device=self.build.device)

    def tensor(self, values: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
        """`values` on the device, in the network's type."""
        return torch.tensor(np.asarray(values), dtype=dtype or self.build.dtype, device=self.build.device)

    def write(self, fields: SimpleNamespace, key: str, values: Any, dtype: torch.dtype | None = None) -> None:
        """Write `values` into a field, where a captured step finds them again if their number is the same."""
        old, new = getattr(fields, key, None), self.tensor(values, dtype)
        if isinstance(old, torch.Tensor) and (old.shape, old.dtype) == (new.shape, new.dtype):
            old.copy_(new)
        else:
            setattr(fields, key, new)

    def _fields(self, name: str, n: int) -> SimpleNamespace:
        layout = self.build.layouts[name]
        fields = SimpleNamespace(_keys=None, _streams=np.zeros(self.batch, np.uint64))
        fields._index = torch.arange(n, dtype=torch.int32, device=self.build.device)
        for key in layout.driven:
            setattr(fields, key, self._zeros(self.batch, n))
            setattr(fields, f"_input_{key}", None)
        for key in layout.states.get("own", ()):
            setattr(fields, key, self._zeros(self.batch, n))
        return fields

    def _population(self, plan: PopulationPlan) -> SimpleNamespace:
        fields = self._fields(plan.name, plan.n)
        spiking = plan.parsed.threshold is not None
        length = history_length(self.build.plan, plan.name)
        if plan.parsed.refractory is not None:
            fields._refractory = self._zeros(self.batch, plan.n, dtype=torch.int32)
        fields._spiked = self._zeros(self.batch, plan.n if spiking else 0, dtype=torch.bool)
        fields._history = self._zeros(length if spiking else 1, self.batch, plan.n, dtype=torch.bool)
        fields._fired = []
        fields._scheduled, fields._schedule = None, [plan.schedule] * self.batch
        return fields

    def _projection(self, plan: ProjectionPlan) -> SimpleNamespace:
        fields, edges = self._fields(plan.name, plan.edges.n), plan.edges
        fields._links = Links(edges, self.batch, self.build.device)
        sizes = {"synapse": edges.n, "pre": edges.n_slots, "post": edges.n_post}
        for group, states in self.build.layouts[plan.name].states.items():
            for state in states:
                is_shared = state == "w" and not plan.is_plastic
                setattr(fields, state, self._zeros(*(() if is_shared else (self.batch,)), sizes[group]))
        fields._buffer = self._zeros(self.batch, 1)
        if self.build.forms[plan.name].is_ahead:
            fields._ahead = self._zeros(1 + max(fields._links.delays), self.batch, edges.n_post)
        fields._matrix, fields._amounts, fields._mark = None, None, None
        return fields

    def _modulator(self, plan: ModulatorPlan) -> SimpleNamespace:
        fields = self._fields(plan.name, 1)
        for key, (_, part) in plan.counts.items():
            setattr(fields, f"_count_{key}", self._zeros(self.batch, 1))
            counted: Any = torch.as_tensor(part, device=self.build.device)
            if isinstance(part, range):
                counted = slice(min(part), max(part) + 1, abs(part.step))
            setattr(fields, f"_counted_{key}", counted)
        return fields

    def refresh(self, name: str) -> None:
        """Write parameters, and the numbers made of them, into the fields of `name` and of its projections."""
        self._refresh(name)
        for projection in self.build.plan.projections.values():
            if name in (projection.pre, projection.post):
                self._refresh(projection.name)

    def _refresh(self, name: str) -> None:
        fields, layout, plan = self.objects[name], self.build.layouts[name], self.build.plan.objects[name]
        values: dict[str, Any] = {"dt": plan.dt, **plan.parameters}
        if isinstance(plan, ProjectionPlan):
            values["w"] = plan.weight
            for part in plan.schemes:
                values |= coefficient_names(plan, part)
            for key in layout.numbers:
                if key not in values:
                    stem, _, side = key.rpartition("_")
                    values[key] = self._number_of({"pre": plan.pre, "post": plan.post}[side], stem)
        else:
            values |= plan.coefficients()
        numbers = {key: float(values[key]) for key in layout.numbers}
        for key, value in {**numbers, **self.build.writers[name].constants.values(numbers)}.items():
            setattr(fields, key, value)
        for key in layout.arrays:
            self.write(fields, key, values[key])
        if isinstance(plan, PopulationPlan):
            hold = plan.refractory if len(plan.refractory) > 1 else plan.refractory[0]
            self.write(fields, "_hold", hold, torch.int32)

    def _number_of(self, population: str, key: str) -> float:
        plan = self.build.plan.populations[population]
        return float({"dt": plan.dt, **plan.parameters, **plan.coefficients()}[key])

    def rest_inputs(self) -> None:
        """Give every input its resting value again."""
        plans: dict[str, PopulationPlan | ModulatorPlan] = {
            **self.build.plan.populations, **self.build.plan.modulators,
        }  # fmt: skip
        for name, plan in plans.items():
            for key in plan.inputs:
                getattr(self.objects[name], key).copy_(self.tensor(plan.parameters[key]))
                setattr(self.objects[name], f"_input_{key}", None)

    def hold_input(self, name: str, key: str, values: NDArray[np.float64]) -> None:
        """Give an input a constant value, [member, 1 or neuron], until `rest_inputs`."""
        getattr(self.objects[name], key).copy_(self.tensor(values))

    def restart(self, keep: frozenset[str] = frozenset()) -> None:
        """Initial values for every state but those in `keep` (names such as "rec.w"); no spike under way."""
        for name, state in self.states().items():
            if name not in keep:
                state.copy_(self.tensor(self.build.plan.initial(*name.split(".")), state.dtype))
        for name in self.build.plan.populations:
            self.objects[name]._history.zero_()

    def states(self) -> dict[str, torch.Tensor]:
        """All states: "exc.v", "exc.refractory", "rec.w", ..."""
        found: dict[str, torch.Tensor] = {}
        for name, fields in self.objects.items():
            for states in self.build.layouts[name].states.values():
                found |= {f"{name}.{state}": getattr(fields, state) for state in states}
            if hasattr(fields, "_refractory"):
                found[f"{name}.refractory"] = fields._refractory
        return found

    def set_trial(self, trial: int) -> None:
        """Choose the random numbers: member b draws those of presentation `trial` + b."""
        for name, fields in self.objects.items():
            streams = [stream_key(self.build.plan.seed, name, trial + b) for b in range(self.batch)]
            fields._streams = np.array(streams, dtype=np.uint64)

    def take_over(self, other: Memory) -> None:
        """Take over the states and the spikes under way of `other`, of the same batch or a batch of one."""
        states = other.states()
        for name, state in self.states().items():
            state.copy_(states[name])
        for name in self.build.plan.populations:
            self.objects[name]._history.copy_(other.objects[name]._history)

    def recent_spikes(self, step: int) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Steps and neurons (member * n + neuron) of the spikes that may not have arrived everywhere."""
        found = {}
        for name, plan in self.build.plan.populations.items():
            if plan.parsed.threshold is not None:
                history = self.objects[name]._history.cpu().numpy()
                steps = np.arange(max(step - len(history) + 1, 0), step + 1)
                rows, neurons = np.nonzero(history[steps % len(history)].reshape(len(steps), -1))
                found[name] = steps[rows], neurons.astype(np.int64)
        return found

    def restore_spikes(self, spikes: SpikeLists) -> None:
        """Put into an empty history what `recent_spikes` took out of another."""
        for name, (steps, neurons) in spikes.items():
            history = self.objects[name]._history
            flat = torch.from_numpy(steps % history.shape[0] * history[0].numel() + neurons).to(history.device)
            history.view(-1).index_fill_(0, flat, True)

    def replace_edges(self, plan: ProjectionPlan, edge_states: Mapping[str, torch.Tensor]) -> None:
        """Take over new edges of a projection with their states; traces stay as they are."""
        old, layout = self.objects[plan.name], self.build.layouts[plan.name]
        new = self._projection(plan)
        for state in (*layout.states["pre"], *layout.states["post"]):
            setattr(new, state, getattr(old, state))
        for state, values in edge_states.items():
            setattr(new, state, values)
        new._streams = old._streams
        self.objects[plan.name] = new
        self.refresh(plan.name)
