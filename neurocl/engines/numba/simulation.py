"""`NumbaSimulation`: a network run by its generated, compiled step."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.plan import refractory_steps
from neurocl.core.recording import Recording, ResolvedRecord, parse_requests
from neurocl.core.simulator import Simulator, as_array
from neurocl.core.time_grid import to_steps
from neurocl.engines.numba.cache import load_module
from neurocl.engines.numba.memory import Memory
from neurocl.engines.numba.program import make_layouts, write_program
from neurocl.engines.numba.tables import Recorder

if TYPE_CHECKING:
    from neurocl.core.network import Network

__all__ = ["NumbaSimulation"]

CHUNK_SECONDS = 0.2
"""Wall time between two returns from compiled code: short enough for Ctrl-C and the progress bar."""


class NumbaSimulation(Simulator):
    """A network run by Numba; see `Simulator`. `source` is the generated module's text."""

    engine: ClassVar[str] = "numba"

    def __init__(self, network: Network, seed: int, dtype: str) -> None:
        super().__init__(network, seed, dtype)
        self._layouts = make_layouts(self.plan)
        self.source = write_program(self.plan, self._layouts, dtype)
        self._compiled = load_module(self.source).run
        self._memory = Memory.of(self.plan, self._layouts, dtype)
        self.changes: dict[tuple[str, str], NDArray[np.float64]] = {}

    @property
    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._memory.states()

    def set(self, name: str, **values: ArrayLike) -> None:
        """Change parameters or states of a population, projection or modulator between runs.

        Parameters
        ----------
        name : the object's name.
        **values : numbers, or arrays with one value per neuron (synapse). A parameter that was one number for all
            neurons when the network was built stays one number.

        Raises
        ------
        NeuroclError
            For an unknown object or name, a wrong length, a NaN.
        """
        objects: dict[str, Any] = {**self.plan.populations, **self.plan.projections, **self.plan.modulators}
        if name not in objects:
            raise NeuroclError(f"set: the network has no '{name}'{suggest(name, objects)}")
        plan, states = objects[name], self._memory.states()
        for key, value in values.items():
            where = f"set('{name}', {key}=...)"
            array = as_array(value, where)
            if f"{name}.{key}" in states:
                target = states[f"{name}.{key}"]
                if array.ndim and array.shape != target.shape:
                    raise NeuroclError(
                        f"{where}: expected one number or {target.size} of them, got shape {list(array.shape)}"
                    )
                target[...] = array
                continue
            known = [
                k
                for k in (*plan.parameters, *(s.split(".")[1] for s in states if s.startswith(f"{name}.")))
                if not k.startswith("_")
            ]
            if key not in plan.parameters:
                raise NeuroclError(f"{where}: '{name}' has no parameter or state '{key}'{suggest(key, known)}")
            self._set_parameter(name, plan, key, array, where)
        self._memory.refresh(name)
        if name in self.plan.modulators:
            for projection in self.plan.projections:
                self._memory.refresh(projection)

    def _set_parameter(self, name: str, plan: Any, key: str, array: NDArray[np.float64], where: str) -> None:
        layout = self._layouts[name]
        width = self._memory.objects[name]["_P"].shape[1] if "_P" in self._memory.objects[name] else 1
        if array.ndim and (key not in layout.arrays or array.shape != (width,)):
            hint = (
                f"expected one number or {width} of them"
                if key in layout.arrays
                else "it was one number for all when the network was built; add it as an array"
            )
            raise NeuroclError(f"{where}: {hint}, got shape {list(array.shape)}")
        plan.parameters[key] = float(array) if array.ndim == 0 else array
        self.changes[name, key] = array
        if name in self.plan.modulators:
            for projection in self.plan.projections.values():
                if f"_{name}_{key}" in projection.parameters:
                    projection.parameters[f"_{name}_{key}"] = float(array)
        if name in self.plan.populations:
            plan.refractory = refractory_steps(name, plan.parsed.refractory, plan.parameters, self.dt)

    def reset(self, *, trial: int | None = None, keep: tuple[str, ...] = ()) -> None:
        """Back to time 0 with the initial states; parameters stay as they are.

        Parameters
        ----------
        trial : number of the presentation, which chooses the random numbers of the run; None keeps the present one.
        keep : names of states that stay as they are, for instance ``("rec.w",)``.
        """
        states = self._memory.states()
        for name in keep:
            if name not in states:
                raise NeuroclError(f"reset: no state '{name}' to keep{suggest(name, states)}")
        self._memory.restart(frozenset(keep))
        self.step = 0
        if trial is not None:
            self.trial = whole_number("reset", "trial", trial, at_least=0)
            self._memory.set_trial(self.trial)

    def _run(self, steps: int, requests: dict[str, list[ResolvedRecord]], inputs: Inputs) -> Recording:
        recorder = Recorder(self._memory, requests, {n: self._units(n) for n in requests}, self.step, steps)
        recorder.open()
        _feed(self._memory, inputs)
        begin, stop = self.step, self.step + steps
        try:
            with tqdm(total=steps, unit="step", disable=None, delay=1.0, leave=False) as bar:
                chunk = 16
                while self.step < stop:
                    started, before = time.perf_counter(), self.step
                    self.step = int(self._compiled(begin, before, min(stop, before + chunk), *self._memory.tuples()))
                    bar.update(self.step - before)
                    if self.step < min(stop, before + chunk):
                        recorder.grow()
                    elapsed = max(time.perf_counter() - started, 1e-6)
                    chunk = int(np.clip(CHUNK_SECONDS / elapsed * (self.step - before), 16, 16 * chunk))
        finally:
            _rest(self._memory)
            recording = recorder.close()
        _check_finite(self._memory, self.time)
        return recording

    def run_batch(
        self,
        duration: float,
        n: int,
        *,
        values: Mapping[str, Mapping[str, ArrayLike]] | None = None,
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
        record: Any = None,
        first_trial: int = 1,
        threads: int | None = None,
    ) -> list[Recording]:
        """Run `n` independent presentations, each from the present state, in parallel over threads.

        The simulation itself does not move: every presentation works on a copy of its state (plastic weights too).

        Parameters
        ----------
        duration : ms, of each presentation.
        n : number of presentations.
        values : inputs that are constant during a presentation, ``{"inp": {"rate": array}}`` with an array
            [presentation] or [presentation, neuron] for a parameter that is an `Input`.
        inputs : per-step inputs as in `run` with a leading presentation axis: arrays [presentation, step(, neuron)], or for
            "spikes" a list with one entry per presentation.
        record : as in `run`.
        first_trial : presentation k draws the random numbers of trial first_trial + k, whatever the thread count.
        threads : number of threads, default all cores.

        Returns
        -------
        list of Recording
            One per presentation.
        """
        count = whole_number("run_batch", "n", n, at_least=1)
        first_trial = whole_number("run_batch", "first_trial", first_trial, at_least=0)
        workers = whole_number("run_batch", "threads", threads or os.cpu_count() or 1, at_least=1)
        steps = int(to_steps(finite_number("run_batch", "duration", duration), self.dt, "run_batch", "duration"))
        requests = parse_requests(record, self._available())
        units = {name: self._units(name) for name in requests}
        constant = _batch_values(values, count)
        given = _batch_inputs(inputs, count)

        def present(memory: Memory, k: int) -> Recording:
            chosen = {name: {key: array[k] for key, array in group.items()} for name, group in given.items()}
            parsed = parse_inputs(self.plan, chosen, steps, self.step)
            held = {name: {key: array[k][None] for key, array in group.items()} for name, group in constant.items()}
            for name, group in parse_inputs(self.plan, held, max(steps, 1), self.step).values.items():
                for key, array in group.items():
                    parsed.values.setdefault(name, {})[key] = (
                        np.repeat(array, steps, axis=0) if array.shape[1] == 1 else array
                    )
            memory.copy_from(self._memory)
            memory.set_trial(first_trial + k)
            return self._present(memory, steps, requests, units, parsed)

        if count:
            present_one = [present(self._memory.clone(), 0)]  # compiles (or loads) before threads start
        rest = range(1, count)
        shares = [rest[w::workers] for w in range(workers) if len(rest[w::workers])]
        results: dict[int, Recording] = {0: present_one[0]}

        def work(share: range) -> None:
            memory = self._memory.clone()
            for k in share:
                results[k] = present(memory, k)
                bar.update(1)

        with (
            tqdm(total=count, unit="run", disable=None, delay=1.0, leave=False) as bar,
            ThreadPoolExecutor(workers) as pool,
        ):
            for future in [pool.submit(work, share) for share in shares]:
                future.result()
        return [results[k] for k in range(count)]

    def _present(self, memory: Memory, steps: int, requests: Any, units: Any, inputs: Inputs) -> Recording:
        recorder = Recorder(memory, requests, units, self.step, steps)
        recorder.open()
        _feed(memory, inputs)
        at, stop = self.step, self.step + steps
        while at < stop:
            at = int(self._compiled(self.step, at, stop, *memory.tuples()))
            recorder.grow()
        _rest(memory)
        recording = recorder.close()
        _check_finite(memory, stop * self.dt)
        return recording


def _feed(memory: Memory, inputs: Inputs) -> None:
    """Put a run's inputs where the compiled loop reads them."""
    plans: dict[str, Any] = {**memory.plan.populations, **memory.plan.modulators}
    for name, group in inputs.values.items():
        none = np.zeros((0, 1), dtype=memory.dtype)
        chosen = [
            np.ascontiguousarray(group[key], dtype=memory.dtype) if key in group else none for key in plans[name].inputs
        ]
        memory.objects[name]["_inputs"] = tuple(chosen)
    for name, (steps, neurons) in inputs.spikes.items():
        memory.objects[name].update(_scheduled_steps=steps, _scheduled_indices=neurons)


def _rest(memory: Memory) -> None:
    memory.rest_inputs()
    for name, plan in memory.plan.populations.items():
        memory.objects[name].update(_scheduled_steps=plan.schedule[0], _scheduled_indices=plan.schedule[1])


def _check_finite(memory: Memory, time_now: float) -> None:
    for name, array in memory.states().items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            owner, state = name.split(".")
            index = int(np.argmin(np.isfinite(array)))
            raise NeuroclError(
                f"'{owner}': state '{state}' of element {index} became {array[index]} before {time_now:g} ms;"
                " check the parameters, or use a smaller dt"
            )


def _batch_values(
    values: Mapping[str, Mapping[str, ArrayLike]] | None, n: int
) -> dict[str, dict[str, NDArray[np.float64]]]:
    checked: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, group in (values or {}).items():
        for key, value in group.items():
            array = as_array(value, f"values['{name}']['{key}']")
            if array.ndim not in (1, 2) or len(array) != n:
                raise NeuroclError(
                    f"values['{name}']['{key}']: expected shape [{n}] or [{n}, neuron], got {list(array.shape)}"
                )
            checked.setdefault(name, {})[key] = array.reshape(n, -1)
    return checked


def _batch_inputs(inputs: Mapping[str, Mapping[str, Any]] | None, n: int) -> dict[str, dict[str, Any]]:
    checked: dict[str, dict[str, Any]] = {}
    for name, group in (inputs or {}).items():
        for key, value in group.items():
            if not hasattr(value, "__len__") or len(value) != n:
                raise NeuroclError(f"inputs['{name}']['{key}']: expected one entry for each of the {n} presentations")
            checked.setdefault(name, {})[key] = value
    return checked
