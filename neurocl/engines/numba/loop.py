"""The time loop of one network, and the functions of its populations, projections and modulators that it calls.

Order of a step from t_k to t_{k+1} (see `LoopWriter._step`): deliver what arrives at t_k, change weights, let traces
jump; then sums over synapses are made, modulators take the events of t_k, synapses and traces advance, modulators
advance, populations integrate and test the threshold, synapses update, populations reset; last, recording.

Several threads may run the loop side by side (see `threads`): each has the neurons from ``_first__NAME`` to
``_last__NAME`` of every population, lists its spikes in ``_fresh``, and takes over the others' when all have met.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan
from neurocl.engines.numba import modulators, neurons
from neurocl.engines.numba.delivery import landing_function, needs_buffer
from neurocl.engines.numba.groups import Group, arrivals
from neurocl.engines.numba.laps import Laps
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.source import Function, indent
from neurocl.engines.numba.synapses import FIELDS as SYNAPSE_FIELDS
from neurocl.engines.numba.synapses import SynapseWriter

__all__ = ["LoopWriter"]

MANY_CALLERS = 4
"""Calls of one function from which on it is not copied into the loop; copied, it is up to a quarter faster."""


def _kept_apart(function: Function) -> tuple[str, ...]:
    head, *body = function.lines
    return (head, *indent(["_keep_apart()"]), *body)


class LoopWriter:
    """Writes the time loop; `updates`, `synapses`, ... hold the functions that it calls, by object."""

    def __init__(self, plan: Plan, layouts: dict[str, Layout], laps: Laps | None) -> None:
        self.plan, self.layouts, self.laps = plan, layouts, laps
        spiking = {n: p for n, p in plan.populations.items() if p.parsed.threshold is not None}
        self.updates = {n: neurons.update_function(p, layouts[n]) for n, p in plan.populations.items()}
        self.resets = {n: neurons.reset_function(p, layouts[n]) for n, p in spiking.items()}
        landings = {n: landing_function(p, plan, layouts[n]) for n, p in plan.populations.items()}
        self.landings = {n: function for n, function in landings.items() if function is not None}
        self.events = {n: modulators.events_function(m, layouts[n]) for n, m in plan.modulators.items()}
        self.advances = {n: modulators.advance_function(m, layouts[n]) for n, m in plan.modulators.items()}
        self.draws: dict[str, Function] = {}
        self.groups: list[Group] = []
        self.synapses = {n: SynapseWriter(p, plan, layouts).functions() for n, p in plan.projections.items()}

    def functions(self) -> list[tuple[str, ...]]:
        """Source of every function that the loop calls.

        Objects of one structure share their functions. One with many callers is kept apart from them, or the loop
        would take minutes to compile.
        """
        tables = (self.updates, self.resets, self.landings, self.events, self.advances, *self.synapses.values())
        shared: dict[tuple[str, ...], Function] = {}
        callers: Counter[str] = Counter()
        for table in tables:
            for what, function in table.items():
                head, *body = function.lines
                first = shared.setdefault((head.replace(function.name, "", 1), *body), function)
                table[what] = replace(function, name=first.name)
                callers[first.name] += 1
        self._make_groups()
        grouped = {group.function.name for group in self.groups}
        apart = {name for name, count in callers.items() if count >= MANY_CALLERS and name not in grouped}
        lines = [_kept_apart(f) if f.name in apart else f.lines for f in shared.values()]
        if self.laps is not None:
            drawing = {n: p for n, p in self.plan.populations.items() if p.draws}
            self.draws = {n: neurons.draws_function(p, self.layouts[n]) for n, p in drawing.items()}
            lines += [function.lines for function in self.draws.values()]
        return lines + [group.lines(self.laps is not None) for group in self.groups]

    def _make_groups(self) -> None:
        """Groups of projections that share their delivery."""
        members: dict[tuple[str, str], list[str]] = {}
        for name, functions in self.synapses.items():
            steps = self.plan.projections[name].edges.steps
            kind = "" if steps is None else steps.dtype.name
            is_counted = self.layouts[name].delivery == "bitmap"
            if "deliver" in functions and not needs_buffer(self.plan.projections[name]) and not is_counted:
                members.setdefault((functions["deliver"].name, kind), []).append(name)
        for (_, kind), names in members.items():
            if len(names) >= MANY_CALLERS:
                rows = []
                for name in names:
                    pre = self.plan.projections[name].pre
                    spikes = (f"_delays__{name}", f"_n_pre__{name}", f"_history__{pre}", f"_history_n__{pre}")
                    rows.append((*self.synapses[name]["deliver"].arrays, *spikes))
                function = self.synapses[names[0]]["deliver"]
                self.groups.append(Group(f"_group_{len(self.groups)}", function, tuple(rows), kind))

    def run(self) -> list[str]:
        """The time loop, from `_from_step` to `_to_step` of a run that began at `_begin`.

        It takes the arrays that it uses, and no others; `ARGUMENTS` tells which, and `GROUPS` those behind a group. It
        returns the step that it reached, which is earlier than asked if a table of spikes has no room for another step.
        """
        body = [f"_cursor__{p.name} = 0" for p in self.plan.populations.values() if p.is_scheduled]
        for name in self.plan.populations:
            body.append(f"_first__{name}, _last__{name} = _parts__{name}[_thread], _parts__{name}[_thread + 1]")
        if self.laps is not None:
            body += ["_then = _ticks()", "_sum = 0.0"]
        body += ["_mode = _flush_denormals()", "for _step in _range(_from_step, _to_step):", *indent(self._step())]
        body += ["_sums[0] = _sum"] if self.laps is not None else []
        body += ["_restore_denormals(_mode)", "return _to_step"]
        fields = [(neurons.FIELDS, list(self.plan.populations)), (SYNAPSE_FIELDS, list(self.plan.projections))]
        fields.append((modulators.FIELDS, list(self.plan.modulators)))
        words = set(re.findall(r"\w+", "\n".join(body)))
        known = [f"{field}__{name}" for group, names in fields for name in names for field in group]
        chosen = [name for name in known if name in words]
        listed = ["GROUPS = {", *(f"    {g.name!r}: {g.members!r}," for g in self.groups), "}", ""]
        listed += ["ARGUMENTS = (", *(f"    {name!r}," for name in [*(g.name for g in self.groups), *chosen]), ")", ""]
        own = ["_begin", "_from_step", "_to_step", "_records", "_thread", "_n_threads", "_barrier", "_full"]
        own += ["_laps", "_sums"] if self.laps is not None else []
        arguments = [*own, *(g.name for g in self.groups), *chosen]
        return [*listed, "@njit(cache=True, **_OPTIONS)", f"def run({', '.join(arguments)}):", *indent(body)]

    def _step(self) -> list[str]:
        plan, lines = self.plan, []
        lines.append("# 1. deliver what arrives at t_k; then plasticity of the events of t_k; then traces jump")
        # What depends on neurons' states is computed before any delivery changes them, and added last.
        buffered = [name for name, projection in plan.projections.items() if needs_buffer(projection)]
        grouped = {name for group in self.groups for name in group.projections}
        alone = [n for n, f in self.synapses.items() if "deliver" in f and n not in {*grouped, *buffered}]
        for name in (*buffered, *alone):
            lines += self._timed("delivery", name, self._arriving("deliver", name))
        for group in self.groups:
            lines += [group.call(self.laps)]
        for name, function in self.landings.items():
            lines += self._timed("delivery", name, [function.call("_step", *_part(name))])
        for name in buffered:
            lines += self._timed("delivery", name, [self.synapses[name]["add"].call()])
        for name in plan.projections:
            lines += self._timed("plasticity", name, self._arriving("on_pre", name) + self._fired("on_post", name))
        for name in plan.projections:
            lines += self._timed("traces", name, self._arriving("jump_pre", name))
        for name in plan.projections:
            lines += self._timed("traces", name, self._fired("jump_post", name))
        lines.append("# 2. integrate: inputs, sums over synapses; modulators take the events of t_k; synapses advance")
        lines += self._timed("inputs", "", self._inputs())
        lines += self._sums()
        for modulator in plan.modulators.values():
            lines += self._timed("modulators", modulator.name, self._modulator_events(modulator))
        for part in ("advance_synapse", "advance_pre", "advance_post"):
            for name, functions in self.synapses.items():
                calls = [functions[part].call("_step")] if part in functions else []
                lines += self._timed("synapses" if part == "advance_synapse" else "traces", name, calls)
        for name in plan.modulators:
            lines += self._timed("modulators", name, [self.advances[name].call("_step")])
        lines.append("# 2. and 3. neurons integrate and are tested; synapses with statements for every step run them")
        for name, population in plan.populations.items():
            lines += self._timed("update", name, self._integrate(population))
            lines += self._timed_draws(name)
        for name, functions in self.synapses.items():
            calls = [functions["update"].call("_step")] if "update" in functions else []
            lines += self._timed("synapses", name, calls)
        lines.append("# 4. neurons that fired are reset")
        lines.append("_half = _step & 1")
        for name in self.resets:
            lines += self._timed("spikes and reset", name, self._reset(name))
        lines.append("# all threads meet; each takes over the spikes of all")
        lines.append("_meet(_barrier, _n_threads)")
        for name in self.resets:
            lines += self._timed("spikes and reset", name, self._gather(name))
        lines.append("# record the state at t_{k+1}")
        record = ["if _thread == 0:", "    _record_states(_records, _begin, _step)", "_meet(_barrier, _n_threads)"]
        lines += self._timed("recording", "", ["if _records[0].size > 0:", *indent(record)])
        lines += ["if _full[_half] > 0:", *indent(["_restore_denormals(_mode)", "return _step + 1"])]
        return lines

    def _timed(self, what: str, name: str, lines: list[str]) -> list[str]:
        """`lines`, followed by the taking of their time where that is asked for."""
        return lines if self.laps is None or not lines else [*lines, self.laps.line(what, name)]

    def _timed_draws(self, name: str) -> list[str]:
        """Lines that draw the random numbers of a population once more, alone, to take their time."""
        if self.laps is None or name not in self.draws:
            return []
        return self._timed("random numbers", name, [f"_sum += {self.draws[name].call('_step', *_part(name))}"])

    def _arriving(self, what: str, name: str) -> list[str]:
        """Call a function of a projection for every delay group, with the spikes that arrive now."""
        if what not in self.synapses[name]:
            return []
        projection = self.plan.projections[name]
        spikes, counts = f"_history__{projection.pre}[_at]", f"_history_n__{projection.pre}"
        is_counted = what == "deliver" and self.layouts[name].delivery == "bitmap"
        part = _part(projection.post) if is_counted else ()
        call = self.synapses[name][what].call(spikes, f"{counts}[_at]", f"_g * _n_pre__{name}[0]", "_step", *part)
        return [*arrivals(f"_delays__{name}", counts), f"    if {counts}[_at] > 0:", f"        {call}"]

    def _fired(self, what: str, name: str) -> list[str]:
        """Call a function of a projection with the postsynaptic spikes of t_k."""
        if what not in self.synapses[name]:
            return []
        post = self.plan.projections[name].post
        call = self.synapses[name][what].call(f"_history__{post}[_at]", f"_history_n__{post}[_at]", "_step")
        return [f"_at = _step % _history_n__{post}.size", f"if _history_n__{post}[_at] > 0:", f"    {call}"]

    def _modulator_events(self, modulator: ModulatorPlan) -> list[str]:
        name, lines = modulator.name, []
        for k, (population, _) in enumerate(modulator.counts.values()):
            at = f"_step % _history_n__{population}.size"
            spikes = f"_history__{population}[{at}], _history_n__{population}[{at}]"
            lines.append(f"_counts__{name}[{k}] = _count_spikes({spikes}, _counted__{name}[{k}])")
        for k, key in enumerate(modulator.inputs):
            values, place = f"_inputs__{name}[{k}]", self.layouts[name].scalars.index(key)
            lines.append(f"if {values}.shape[0] > 0:")
            lines.append(f"    _C__{name}[{place}] = {values}[min(_step - _begin, {values}.shape[0] - 1), 0]")
        return [*lines, self.events[name].call("_step")]

    def _inputs(self) -> list[str]:
        """Write this step's inputs into the parameters of neurons."""
        lines = []
        for name, population in self.plan.populations.items():
            for k, key in enumerate(population.inputs):
                row = self.layouts[name].arrays.index(key)
                lines.append(f"_drive(_inputs__{name}[{k}], _step - _begin, _P__{name}[{row}], {_comma(name)})")
        return lines

    def _sums(self) -> list[str]:
        """Make the parameters of neurons that are sums over synapses."""
        lines = []
        for name, population in self.plan.populations.items():
            rows = (self.layouts[name].arrays.index(key) for key in population.summed)
            lines += [f"_P__{name}[{row}, :] = 0" for row in rows]
        for name, functions in self.synapses.items():
            lines += self._timed("synapses", name, [functions["sum"].call("_step")] if "sum" in functions else [])
        return lines

    def _integrate(self, plan: PopulationPlan) -> list[str]:
        name, lines = plan.name, []
        schedule = f"_scheduled_steps__{name}, _scheduled_indices__{name}, _cursor__{name}, _step, _scheduled__{name}"
        schedule += f", {_comma(name)}"
        if plan.is_scheduled:
            lines.append(f"_cursor__{name} = _schedule({schedule})")
        lines.append(self.updates[name].call("_step", *_part(name)))
        if plan.is_scheduled:
            lines.append(f"_unschedule({schedule})")
        return lines

    def _reset(self, name: str) -> list[str]:
        first, last = _part(name)
        return [
            f"_spikes = _fresh__{name}[_half][{first}:{last}]",
            f"_count = _collect(_flags__{name}[{first} >> 3:({last} + 7) >> 3], {first}, _spikes)",
            f"_fresh_n__{name}[_half, _thread] = _count", "if _count > 0:",
            f"    {self.resets[name].call('_step', '_spikes', '_count')}",
            f"    _record_spikes(_spikes, _count, _spike_table__{name}, _step)",
            f"if not _has_room(_spike_table__{name}, {last} - {first}):", "    _full[_half] = 1",
        ]  # fmt: skip

    def _gather(self, name: str) -> list[str]:
        fresh = f"_fresh__{name}[_half], _fresh_n__{name}[_half], _parts__{name}, _history__{name}[_at]"
        return [
            f"_at = (_step + 1) % _history_n__{name}.size",
            f"_history_n__{name}[_at] = _gather({fresh})",
        ]


def _part(name: str) -> tuple[str, str]:
    """Names of the first and the last neuron + 1 that the running thread has of a population."""
    return f"_first__{name}", f"_last__{name}"


def _comma(name: str) -> str:
    return ", ".join(_part(name))
