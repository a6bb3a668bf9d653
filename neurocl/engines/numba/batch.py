"""Independent presentations side by side: each on its own copy of the states, on any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.inputs import Inputs, check_mapping, parse_inputs
from neurocl.core.plan import Plan, check_requirements
from neurocl.core.recording import Recording, ResolvedRecord
from neurocl.core.simulator import as_array
from neurocl.engines.numba.driving import check_finite, feed, rest
from neurocl.engines.numba.memory import Memory
from neurocl.engines.numba.tables import Recorder

__all__ = ["Batch", "check_inputs", "check_values"]

Values = dict[str, dict[str, NDArray[np.float64]]]


@dataclass
class Batch:
    """Presentations of `steps` steps that all begin from `start` at step `first`."""

    start: Memory
    compiled: Callable[..., int]
    arguments: tuple[tuple[str, ...], dict[str, tuple[tuple[str, ...], ...]]]
    first: int
    steps: int
    requests: dict[str, list[ResolvedRecord]]
    units: Mapping[str, Mapping[str, str]]
    values: Values
    inputs: list[Inputs]
    first_trial: int

    def run(self, count: int, workers: int) -> list[Recording]:
        """The recordings of `count` presentations, in order."""
        results: dict[int, Recording] = {}
        stop = threading.Event()

        def work(share: range) -> None:
            memory = self.start.clone()
            for k in share:
                if stop.is_set():
                    return
                results[k] = self.present(memory, k)
                bar.update(1)

        with tqdm(total=count, unit="run", disable=None, delay=1.0, leave=False) as bar:
            work(range(1))  # alone, so that the code is compiled or loaded before the threads need it
            shares = [range(count)[1 + w :: workers] for w in range(workers)]
            with ThreadPoolExecutor(workers) as pool:
                try:
                    for future in [pool.submit(work, share) for share in shares if share]:
                        future.result()
                finally:
                    stop.set()
        return [results[k] for k in range(count)]

    def present(self, memory: Memory, k: int) -> Recording:
        """Presentation `k` on `memory`, whatever was in it before."""
        memory.copy_from(self.start)
        memory.set_trial(self.first_trial + k)
        recorder = Recorder(memory, self.requests, self.units, self.first, self.steps)
        recorder.open()
        feed(memory, self.inputs[k], self.steps)
        for name, group in self.values.items():
            for key, array in group.items():
                memory.hold_input(name, key, array[k])
        at, end = self.first, self.first + self.steps
        while at < end:
            at = int(self.compiled(self.first, at, end, *memory.arguments(*self.arguments)))
            recorder.grow()
        rest(memory)
        recording = recorder.close()
        check_finite(memory, end * memory.plan.dt)
        return recording


def check_values(plan: Plan, values: Mapping[str, Mapping[str, ArrayLike]] | None, count: int) -> Values:
    """Constant inputs as arrays [presentation, 1 or neuron]."""
    checked: Values = {}
    drivable: dict[str, Any] = {**plan.populations, **plan.modulators}
    if values is not None:
        check_mapping("values", values)
    for name, group in (values or {}).items():
        if name not in drivable:
            raise NeuroclError(f"values: the network has no population or modulator '{name}'{suggest(name, drivable)}")
        check_mapping(f"values['{name}']", group)
        for key, value in group.items():
            where, size = f"values['{name}']['{key}']", getattr(drivable[name], "n", 1)
            if key not in drivable[name].inputs:
                raise NeuroclError(f"{where}: '{key}' is not an Input{suggest(key, drivable[name].inputs)}")
            array = as_array(value, where)
            if array.ndim not in (1, 2) or len(array) != count or (array.ndim == 2 and array.shape[1] not in (1, size)):
                raise NeuroclError(f"{where}: expected shape [{count}] or [{count}, {size}], got {list(array.shape)}")
            checked.setdefault(name, {})[key] = array.reshape(count, -1)
            check_requirements(drivable[name], {**drivable[name].parameters, key: checked[name][key]})
    return checked


def check_inputs(
    plan: Plan, inputs: Mapping[str, Mapping[str, Any]] | None, count: int, steps: int, first: int
) -> list[Inputs]:
    """Per-step inputs of each presentation."""
    if inputs is not None:
        check_mapping("inputs", inputs)
    for name, group in (inputs or {}).items():
        check_mapping(f"inputs['{name}']", group)
        for key, value in group.items():
            if not hasattr(value, "__len__") or len(value) != count:
                raise NeuroclError(
                    f"inputs['{name}']['{key}']: expected one entry for each of the {count} presentations"
                )
    return [
        parse_inputs(
            plan, {name: {key: v[k] for key, v in g.items()} for name, g in (inputs or {}).items()}, steps, first
        )
        for k in range(count)
    ]
