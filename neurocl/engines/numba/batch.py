"""Independent presentations side by side: each on its own copy of the states, on any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tqdm import tqdm

from neurocl.core.inputs import Inputs
from neurocl.core.presentations import States, Values
from neurocl.core.recording import Recording, ResolvedRecord
from neurocl.engines.numba.driving import check_finite, feed, rest
from neurocl.engines.numba.memory import Memory
from neurocl.engines.numba.tables import Recorder

__all__ = ["Batch"]


@dataclass
class Batch:
    """Presentations of `steps` steps that all begin from `start` at step `first`, each with its own `states`."""

    start: Memory
    compiled: Callable[..., int]
    arguments: tuple[tuple[str, ...], dict[str, tuple[tuple[str, ...], ...]]]
    first: int
    steps: int
    requests: dict[str, list[ResolvedRecord]]
    units: Mapping[str, Mapping[str, str]]
    values: Values
    inputs: list[Inputs]
    states: States
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
            alone = 0 if getattr(self.compiled, "signatures", ()) else 1
            work(range(alone))  # so that the code is compiled or loaded before the threads need it
            shares = [range(count)[alone + w :: workers] for w in range(workers)]
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
        present = memory.states()
        for name, array in self.states.items():
            present[name][...] = array[k]
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
