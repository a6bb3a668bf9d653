"""A simulation: what every engine offers, whatever it runs on.

`Simulator` holds the plan, checks what the user asks for, and leaves the running to the engine's `_run`.
"""

from __future__ import annotations

import abc
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.core.planning import make_plan
from neurocl.core.recording import Record, Recording, ResolvedRecord, parse_requests
from neurocl.core.rewiring import Rewiring, make_rewiring
from neurocl.core.time_grid import to_steps

if TYPE_CHECKING:
    from neurocl.core.network import Network

__all__ = ["Simulator"]


class Simulator(abc.ABC):
    """A built network at some time; made by `Network.build`.

    Parameters
    ----------
    network : the description.
    seed : seed of everything random.
    dtype : "float32" or "float64".

    Attributes
    ----------
    step : number of steps done since the build (or `reset`); `time` is step * dt in ms.
    trial : number of the presentation; the numbers drawn during a run depend on (seed, trial, step).
    changes : parameters changed after the build, by (object, parameter).
    rewired : projections whose synapses were changed after the build.
    """

    engine: ClassVar[str] = ""
    batch: int = 1
    """Copies of the network that run side by side."""

    def __init__(self, network: Network, seed: int, dtype: str) -> None:
        self.network, self.seed, self.dtype = network, seed, dtype
        self.plan: Plan = make_plan(network, seed, dtype)
        self.step = 0
        self.trial = 0
        self.changes: dict[tuple[str, str], NDArray[np.float64]] = {}
        self.rewired: set[str] = set()

    @property
    def dt(self) -> float:
        """Time step in ms."""
        return self.plan.dt

    @property
    def options(self) -> dict[str, Any]:
        """Options of the engine that this simulation was built with."""
        return {}

    @property
    def time(self) -> float:
        """Time in ms."""
        return self.step * self.plan.dt

    def run(
        self,
        duration: float,
        *,
        record: Mapping[str, str | Record | Sequence[str | Record]] | None = None,
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Recording:
        """Simulate for `duration` ms.

        Parameters
        ----------
        duration : ms, a whole number of steps.
        record : what to return, for instance ``{"exc": ["spikes", "v"], "rec": [Record("w", every=100)]}``.
        inputs : per-step values from the beginning of this run, ``{"exc": {"i_ext": array}}`` with an array
            [step], [step, 1] or [step, neuron] for a parameter that is an `Input`; ``{"inp": {"spikes": spikes}}`` with
            (times, indices) in ms from the beginning of this run, or a bool array [step, neuron], for a model whose
            threshold uses ``scheduled``. Beyond the array's end an input has its resting value.

        Returns
        -------
        Recording
            A spike carries the time of the end of its step; row k of a trace is the state at the end of step k.

        Raises
        ------
        NeuroclError
            For a duration off the grid, something unknown in `record` or `inputs`, or a state that became NaN.
        """
        steps = int(to_steps(finite_number("run", "duration", duration), self.dt, "run", "duration"))
        requests = parse_requests(record, self._available())
        return self._run(steps, requests, parse_inputs(self.plan, inputs, steps, self.step))

    @abc.abstractmethod
    def _run(self, steps: int, requests: dict[str, list[ResolvedRecord]], inputs: Inputs) -> Recording:
        """Advance by `steps` and return what was asked for."""

    @property
    @abc.abstractmethod
    def state(self) -> Mapping[str, NDArray[Any]]:
        """All states by name: "exc.v", "exc.refractory" (updates left), "rec.w", ...; live, writable arrays."""

    def edges(self, projection: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pre- and postsynaptic neuron of each synapse, in the order of the weights in `state` and in recordings."""
        table = self._projection(projection).edges
        return table.pre, table.post

    def delays(self, projection: str) -> NDArray[np.float64]:
        """Delay of each synapse in ms, in the order of `edges`."""
        return np.asarray(self._projection(projection).edges.delay * self.dt, dtype=np.float64)

    def reset(self, *, trial: int | None = None, keep: Sequence[str] = ()) -> None:
        """Back to time 0 with the initial states; parameters stay as they are.

        Parameters
        ----------
        trial : number of the presentation, which chooses the random numbers of the run (in a batch those of the first
            member; member b has trial + b); None keeps the present one.
        keep : names of states that stay as they are, for instance ``("rec.w",)``.
        """
        if isinstance(keep, str):
            raise NeuroclError(f"reset: keep must be a list of names, got {keep!r}; write keep=[{keep!r}]")
        for name in keep:
            if name not in self.state:
                raise NeuroclError(f"reset: no state '{name}' to keep{suggest(name, self.state)}")
        if trial is not None:
            number = whole_number("reset", "trial", trial, at_least=0)
            self._set_trial(number)
            self.trial = number
        self._restart(frozenset(keep))
        self.step = 0

    def _restart(self, keep: frozenset[str]) -> None:
        """Initial values for every state but those in `keep`; no spike under way."""
        raise NeuroclError(f"reset: the {self.engine} engine cannot be reset; build with engine='numba'")

    def _set_trial(self, trial: int) -> None:
        """Choose the random numbers of presentation `trial`."""
        raise NeuroclError(f"reset: the {self.engine} engine cannot be reset; build with engine='numba'")

    def rewire(
        self, projection: str, /, *, remove: ArrayLike = (), pre: ArrayLike = (), post: ArrayLike = (),
        weight: ArrayLike | None = None, delay: ArrayLike | None = None, **values: ArrayLike,
    ) -> None:  # fmt: skip
        """Remove and add synapses between runs; all others, the traces and the spikes under way stay as they are.

        Parameters
        ----------
        projection : its name.
        remove : numbers of the synapses to remove, in the order of `edges`.
        pre, post : neurons of the new synapses.
        weight : weight of the new synapses, if synapses have weights of their own.
        delay : ms, of the new synapses; one of those that the projection was built with, by default the only one.
        **values : states of the new synapses (default their initial values), and parameters that differ between
            synapses; each one number or one per new synapse.

        Raises
        ------
        NeuroclError
            For an unknown synapse or neuron, lists that do not fit, a new delay, a NaN.
        """
        plan = self._projection(projection)
        change = make_rewiring(plan, self.network.projections[projection], remove, pre, post, weight, delay, values)
        self._rewire(plan, change)
        self.rewired.add(projection)
        for key in plan.parameters:
            if np.ndim(plan.parameters[key]) and (projection, key) in self.changes:
                self.changes[projection, key] = plan.parameters[key]

    def _rewire(self, plan: ProjectionPlan, change: Rewiring) -> None:
        """Take over the new synapses, in the plan too."""
        raise NeuroclError(f"rewire: the {self.engine} engine cannot change synapses; build with engine='numba'")

    def _projection(self, name: str) -> ProjectionPlan:
        if name not in self.plan.projections:
            raise NeuroclError(f"the network has no projection '{name}'{suggest(name, self.plan.projections)}")
        return self.plan.projections[name]

    def save(self, path: str | Path) -> None:
        """Write the simulation to `path` (safetensors); `Simulator.load` goes on exactly where this one stands."""
        from neurocl.core.checkpoint import save

        save(self, _as_path(path))

    @staticmethod
    def load(path: str | Path, **options: Any) -> Simulator:
        """A simulation that goes on exactly where the saved one stood; loading runs no code from the file.

        Parameters
        ----------
        path : where it was saved.
        **options : options of the engine that shall differ from the saved ones, such as ``device="cpu"``.
        """
        from neurocl.core.checkpoint import load

        return load(_as_path(path), options)

    def _host_state(self) -> Mapping[str, NDArray[Any]]:
        """All states as arrays."""
        return self.state

    def _write_state(self, name: str, values: NDArray[Any]) -> None:
        """Overwrite a state by an array of its shape."""
        self.state[name][...] = values

    def _recent_spikes(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Spikes that may still act, of each population that can spike: (steps, neurons), sorted by both.

        A spike of step k has the time stamp k * dt; those of the last `Plan.max_delay` + 1 stamps may still act.
        """
        raise NeuroclError(self._cannot_save())

    def _restore(self, step: int, trial: int, changes: Mapping[tuple[str, str], Any]) -> None:
        """Go from time 0 to where a saved simulation stood, except for the states and the spikes under way."""
        raise NeuroclError(self._cannot_save())

    def _restore_spikes(self, spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        """Take over what `_recent_spikes` of a saved simulation gave, when the states are restored."""
        raise NeuroclError(self._cannot_save())

    def _cannot_save(self) -> str:
        return f"a simulation on the {self.engine} engine cannot be saved or loaded; build it with engine='numba'"

    def _available(self) -> dict[str, dict[str, int]]:
        """What can be recorded of each object, and how many elements it has."""
        found: dict[str, dict[str, int]] = {}
        for name, population in self.plan.populations.items():
            events = {"spikes": population.n, "counts": population.n} if population.parsed.threshold is not None else {}
            found[name] = {**events, **dict.fromkeys(population.parsed.equations.states, population.n)}
        for name, projection in self.plan.projections.items():
            sizes = {
                "pre": projection.edges.n_slots,
                "post": projection.edges.n_post,
                "synapse": projection.edges.n,
            }
            weights = {"w": projection.edges.n} if np.ndim(projection.weight) else {}
            found[name] = weights | {s: sizes[part] for part, states in projection.initial.items() for s in states}
        for name, modulator in self.plan.modulators.items():
            found[name] = dict.fromkeys(modulator.parsed.equations.states, 1)
        return found

    def _units(self, name: str) -> dict[str, str]:
        """Unit of each state of an object."""
        if name in self.plan.populations:
            return self.plan.populations[name].parsed.equations.units
        if name in self.plan.modulators:
            return self.plan.modulators[name].parsed.equations.units
        parsed = self.plan.projections[name].parsed
        return {**parsed.pre.units, **parsed.post.units, **parsed.synapse.units}

    def _settings(self) -> list[str]:
        """What else `print` tells about the simulation: choices of the engine."""
        return []

    def _remark(self, projection: str) -> str:
        """What else `print` tells about a projection."""
        return ""

    def __str__(self) -> str:
        """Populations and projections with the integration scheme of every state."""
        settings = ", ".join([f"dt = {self.dt:g} ms", self.dtype, f"seed {self.seed}", *self._settings()])
        lines = [f"{type(self).__name__}: {settings}, at {self.time:g} ms"]
        for name, population in self.plan.populations.items():
            lines.append(f"  {name}: {population.n} x {self.network.populations[name].model.name}")
            lines += _methods(population.scheme.methods, population.parsed.equations.states)
        for name, projection in self.plan.projections.items():
            weight = "one weight per synapse" if np.ndim(projection.weight) else f"weight {projection.weight:g}"
            delays = np.unique(projection.edges.delays) * self.dt
            text = f"{delays[0]:g}" if len(delays) == 1 else f"{delays[0]:g} to {delays[-1]:g}" if len(delays) else "no"
            lines.append(
                f"  {name}: {projection.pre} -> {projection.post}, {projection.edges.n} synapses"
                f" ({self.network.projections[name].synapse.name}), {weight}, delay {text} ms{self._remark(name)}"
            )
            parsed = projection.parsed
            for part, equations in (("pre", parsed.pre), ("post", parsed.post), ("synapse", parsed.synapse)):
                lines += _methods(projection.schemes[part].methods, equations.states)
            lines += [f"    {entry.line}" for entry in parsed.synapse.sums]
        for name, modulator in self.plan.modulators.items():
            lines.append(f"  {name}: modulator {self.network.modulators[name].model.name}")
            lines += _methods(modulator.scheme.methods, modulator.parsed.equations.states)
        return "\n".join(lines)


def _methods(methods: Mapping[str, str], states: Mapping[str, Any]) -> list[str]:
    return [f"    {state}: {methods.get(state, 'statements')}" for state in states]


def _as_path(path: str | Path) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise NeuroclError(f"the path of a saved simulation must be text or a Path, got {shown(path)}")
    return Path(path)


def as_array(value: ArrayLike, where: str) -> NDArray[np.float64]:
    """`value` as finite float64 numbers."""
    if not is_numeric(value):
        raise NeuroclError(f"{where} must be a number or an array of numbers, got {shown(value)}")
    array = np.asarray(value, dtype=np.float64)
    if np.isnan(array).any():
        raise NeuroclError(f"{where} contains NaN; give finite numbers")
    return array
