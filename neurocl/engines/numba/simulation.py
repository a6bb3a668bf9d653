"""`NumbaSimulation`: a network run by its generated, compiled step."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.core.presentations import check_inputs, check_states, check_values
from neurocl.core.recording import Record, Recording, ResolvedRecord, parse_requests
from neurocl.core.rewiring import Rewiring
from neurocl.core.setting import parse_setting, take_parameters
from neurocl.core.simulator import Simulator
from neurocl.core.time_grid import to_steps
from neurocl.engines.numba.batch import Batch
from neurocl.engines.numba.cache import load_module
from neurocl.engines.numba.driving import check_finite, feed, rest
from neurocl.engines.numba.history import recent_spikes, refill_rings, restore_spikes
from neurocl.engines.numba.laps import Laps
from neurocl.engines.numba.layout import projection_layout
from neurocl.engines.numba.memory import Memory
from neurocl.engines.numba.profile import Profile, make_profile
from neurocl.engines.numba.program import make_layouts, write_program
from neurocl.engines.numba.tables import Recorder
from neurocl.engines.numba.threads import Team, default_threads, is_splittable

if TYPE_CHECKING:
    from neurocl.core.network import Network

__all__ = ["NumbaSimulation"]

CHUNK_SECONDS = 0.2
"""Wall time between two returns from compiled code: short enough for Ctrl-C and the progress bar."""


class NumbaSimulation(Simulator):
    """A network run by Numba; see `Simulator`.

    Parameters
    ----------
    gaussian : how ``randn()`` and ``xi`` are drawn: "exact" (default), or "fast", as the sum of eight uniform numbers:
        up to twice as fast in float64 and little faster in float32, with an excess kurtosis of -0.15 and no number
        beyond 4.9 standard deviations.
    threads : threads that share the neurons. Default None: one for a network of fewer than 32 000 neurons, else as many
        as pay and the machine has. A network whose synapses do more than transmit runs on one. The result is the same.

    Attributes
    ----------
    source : the generated module's text.
    threads : the number of threads in use.
    """

    engine: ClassVar[str] = "numba"

    def __init__(
        self, network: Network, seed: int, dtype: str, gaussian: str = "exact", threads: int | None = None
    ) -> None:
        if gaussian not in ("exact", "fast"):
            raise NeuroclError(f"net.build: gaussian must be 'exact' or 'fast', got {shown(gaussian)}")
        super().__init__(network, seed, dtype)
        self.gaussian = gaussian
        self._layouts = make_layouts(self.plan)
        self._load()
        self.threads = _checked_threads(threads, self.plan)
        self._team = Team(self.threads)
        self._memory = Memory.of(self.plan, self._layouts, dtype, self.threads)

    def _load(self) -> None:
        """Write and compile the network's program."""
        self.source = write_program(self.plan, self._layouts, self.dtype, self.gaussian)
        module = load_module(self.source)
        self._compiled, self._arguments = module.run, (module.ARGUMENTS, module.GROUPS)

    @property
    def options(self) -> dict[str, Any]:
        return {"gaussian": self.gaussian}

    def _settings(self) -> list[str]:
        return [f"{self.gaussian} Gaussian numbers", f"threads {self.threads}"]

    def _remark(self, projection: str) -> str:
        return f", delivered by {self._layouts[projection].delivery}"

    @property
    def state(self) -> Mapping[str, NDArray[Any]]:
        return self._memory.states()

    def set(self, name: str, /, **values: ArrayLike) -> None:
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
        states = {key.split(".")[1]: array for key, array in self.state.items() if key.startswith(f"{name}.")}
        arrays = self._layouts[name].arrays if name in self._layouts else ()
        shapes = {key: [self._memory.objects[name]["_P"][0].shape] for key in arrays}
        setting = parse_setting(self.plan, name, values, {key: [a.shape] for key, a in states.items()}, shapes)
        for key, array in setting.states.items():
            states[key][...] = array
        for touched in take_parameters(self.plan, setting):
            self._memory.refresh(touched)
        if name in self.plan.projections:
            refill_rings(self._memory, self.step)
        self.changes.update({(name, key): array for key, array in setting.parameters.items()})

    def _restart(self, keep: frozenset[str]) -> None:
        self._memory.restart(keep)

    def _set_trial(self, trial: int) -> None:
        self._memory.set_trial(trial)

    def _rewire(self, plan: ProjectionPlan, change: Rewiring) -> None:
        names = self._layouts[plan.name].banks["E"]
        new = [change.rearranged(name, self.state[f"{plan.name}.{name}"]) for name in names]
        change.apply(plan)
        layout = projection_layout(plan)
        if layout != self._layouts[plan.name]:  # another way of delivery fits the new synapses
            self._layouts[plan.name] = layout
            self._load()
        self._memory.replace_edges(plan, new)
        refill_rings(self._memory, self.step)

    def _recent_spikes(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        return recent_spikes(self._memory, self.step)

    def _restore(self, step: int, trial: int, changes: Mapping[tuple[str, str], Any]) -> None:
        for (name, parameter), value in changes.items():
            self.set(name, **{parameter: value})
        self.step, self.trial = step, trial
        self._memory.set_trial(trial)

    def _restore_spikes(self, spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        restore_spikes(self._memory, spikes, self.step)

    def _run(self, steps: int, requests: dict[str, list[ResolvedRecord]], inputs: Inputs) -> Recording:
        recorder = Recorder(self._memory, requests, {n: self._units(n) for n in requests}, self.step, steps)
        recorder.open()
        feed(self._memory, inputs, steps)
        begin, stop = self.step, self.step + steps
        try:
            with tqdm(total=steps, unit="step", disable=None, delay=1.0, leave=False) as bar:
                chunk = 16
                while self.step < stop:
                    started, before = time.perf_counter(), self.step
                    self.step = self._advance(begin, before, min(stop, before + chunk))
                    bar.update(self.step - before)
                    recorder.grow()
                    elapsed = max(time.perf_counter() - started, 1e-6)
                    chunk = int(np.clip(CHUNK_SECONDS / elapsed * (self.step - before), 16, 16 * chunk))
        finally:
            rest(self._memory)
            recording = recorder.close()
        check_finite(self._memory, self.time)
        return recording

    def _advance(self, begin: int, first: int, last: int) -> int:
        """Run the steps from `first` to `last` of a run that began at `begin`; returns the step reached."""
        arguments = [self._memory.arguments(*self._arguments, thread) for thread in range(self.threads)]
        return self._team.run(lambda thread: int(self._compiled(begin, first, last, *arguments[thread])))

    def profile(
        self,
        duration: float,
        *,
        record: Mapping[str, str | Record | Sequence[str | Record]] | None = None,
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Profile:
        """Where the time of a run goes; ``print`` shows a table. The simulation itself does not move.

        A copy of the simulation runs on one thread, in a loop that reads the processor's clock after each of its parts
        (their own time is taken off).

        Parameters
        ----------
        duration, record, inputs : as in `run`.

        Returns
        -------
        Profile
            Seconds by kind of work and object.
        """
        steps = int(to_steps(finite_number("profile", "duration", duration), self.dt, "profile", "duration"))
        requests = parse_requests(record, self._available())
        given = parse_inputs(self.plan, inputs, steps, self.step)
        laps = Laps()
        module = load_module(write_program(self.plan, self._layouts, self.dtype, self.gaussian, laps))
        memory = self._memory.clone()
        recorder = Recorder(memory, requests, {n: self._units(n) for n in requests}, self.step, steps)
        recorder.open()
        feed(memory, given, steps)
        counted, sums = np.zeros((len(laps.parts), 2), dtype=np.int64), np.zeros(1)

        def advance(first: int, last: int) -> int:
            own, names = memory.arguments(module.ARGUMENTS, module.GROUPS), len(memory.arguments((), {}))
            return int(module.run(self.step, first, last, *own[:names], counted, sums, *own[names:]))

        advance(self.step, self.step)  # compiles
        started, at, end = time.perf_counter(), self.step, self.step + steps
        while at < end:
            at = advance(at, end)
            recorder.grow()
        wall = time.perf_counter() - started
        return make_profile(laps, counted, steps * self.dt, wall)

    def run_batch(
        self,
        duration: float,
        n: int,
        *,
        values: Mapping[str, Mapping[str, ArrayLike]] | None = None,
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
        states: Mapping[str, ArrayLike] | None = None,
        record: Mapping[str, str | Record | Sequence[str | Record]] | None = None,
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
        inputs : per-step inputs as in `run` with a leading presentation axis: arrays [presentation, step(, neuron)], or
            for "spikes" a list with one entry per presentation.
        states : states with which each presentation begins, ``{"exc.v": array}`` with an array [presentation, element];
            all others are those of the simulation.
        record : as in `run`.
        first_trial : presentation k draws the random numbers of trial first_trial + k, whatever the thread count.
        threads : number of threads, default all cores.

        Returns
        -------
        list of Recording
            One per presentation.
        """
        count = whole_number("run_batch", "n", n, at_least=1)
        steps = int(to_steps(finite_number("run_batch", "duration", duration), self.dt, "run_batch", "duration"))
        requests = parse_requests(record, self._available())
        batch = Batch(
            self._memory, self._compiled, self._arguments, self.step, steps, requests,
            {name: self._units(name) for name in requests},
            check_values(self.plan, values, count), check_inputs(self.plan, inputs, count, steps, self.step),
            check_states(states, self._memory.changing_states(), count),
            whole_number("run_batch", "first_trial", first_trial, at_least=0),
        )  # fmt: skip
        workers = os.cpu_count() or 1 if threads is None else whole_number("run_batch", "threads", threads, at_least=1)
        return batch.run(count, workers)


def _checked_threads(threads: int | None, plan: Plan) -> int:
    """The number of threads to use; None means what pays."""
    if threads is None:
        return default_threads(plan)
    asked = whole_number("build", "threads", threads, at_least=1)
    return asked if is_splittable(plan) else 1
