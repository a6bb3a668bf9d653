"""`Brian2Simulation`: a network run by Brian2, step for step in the order of this package.

Brian2 runs the slots start, synapses, groups, thresholds, resets, end. With the synapses first, a spike of step k is
seen by them in step k + 1, and with a delay of d steps in step k + 1 + d: the time t_{k+1} + d that this package
gives it. Its own stamp, t_k, is one dt early and is translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.inputs import Inputs
from neurocl.core.random import stream_key
from neurocl.core.recording import Recording, ResolvedRecord
from neurocl.core.simulator import Simulator
from neurocl.engines.brian2.environment import borrowed, load_brian2
from neurocl.engines.brian2.modulators import ORDER_EVENTS, Brian2Modulator
from neurocl.engines.brian2.populations import Brian2Population
from neurocl.engines.brian2.recorder import Recorder
from neurocl.engines.brian2.sums import ORDER_SUMS, refuse_running_sums, sum_variables
from neurocl.engines.brian2.synapses import Brian2Projection

if TYPE_CHECKING:
    from neurocl.core.network import Network

__all__ = ["Brian2Simulation"]

SLOTS = ["start", "synapses", "groups", "thresholds", "resets", "end"]


class Brian2Simulation(Simulator):
    """A network run by Brian2 in float64; see `Simulator`.

    The referee of the other engines: slow, and it cannot be reset, changed or saved. Brian2 uses its NumPy code, so
    that no compiler is needed. Traces of neurons without any synapse, which Brian2 does not have, are NaN.

    Parameters
    ----------
    network, seed : as in `Simulator`.
    dtype : ignored, Brian2 computes in float64.

    Attributes
    ----------
    brian2_network : the `brian2.Network`, to look at.
    integrators : for each population, projection and modulator with equations, the name of Brian2's own integrator, or
        "statements" where Brian2 has none for the scheme and executes the plan's statements.

    Raises
    ------
    NeuroclError
        If Brian2 cannot be imported, or for a random number that it cannot draw.
    """

    engine: ClassVar[str] = "brian2"

    def __init__(self, network: Network, seed: int, dtype: str) -> None:
        super().__init__(network, seed, "float64")
        self._brian2 = load_brian2()
        self._inputs = Inputs()
        self._recorder: Recorder | None = None
        with borrowed(self._brian2):
            self._make_objects()
            self.brian2_network = self._make_network()
        integrators = {name: population.integrator for name, population in self._populations.items()}
        integrators |= {name: projection.integrator for name, projection in self._projections.items()}
        integrators |= {name: modulator.integrator for name, modulator in self._modulators.items()}
        self.integrators = {name: method for name, method in integrators.items() if method}

    @property
    def state(self) -> Mapping[str, NDArray[Any]]:
        """All states by name, as in `Simulator`, but as copies that cannot be written."""
        found: dict[str, NDArray[Any]] = {}
        for name, quantities in self._available().items():
            for key in quantities:
                if key not in ("spikes", "counts"):
                    found[f"{name}.{key}"] = self._values(name, key).copy()
            if name in self._populations and self._populations[name].is_refractory:
                found[f"{name}.refractory"] = self._populations[name].updates_left(self.step)
        for array in found.values():
            array.flags.writeable = False
        return found

    def set(self, name: str, **values: Any) -> None:
        """Not offered; an error says so."""
        self._refuse("set")

    def _restart(self, keep: frozenset[str]) -> None:
        self._refuse("reset")

    def _set_trial(self, trial: int) -> None:
        self._refuse("reset")

    def __str__(self) -> str:
        """As for every simulation, and which equations Brian2's own integrators advance."""
        lines = [f"  {name}: Brian2 integrates by {method}" for name, method in self.integrators.items()]
        return "\n".join([super().__str__(), *lines])

    def _refuse(self, what: str) -> NoReturn:
        raise NeuroclError(
            f"{what}: the Brian2 engine is a referee and only runs; build the network anew, or use engine='numba'"
        )

    def _make_objects(self) -> None:
        plan, brian2 = self.plan, self._brian2
        refuse_running_sums(plan)
        self._clock = brian2.Clock(dt=plan.dt * brian2.second)

        def stream(name: str) -> int:
            return stream_key(plan.seed, name, self.trial)

        self._populations = {
            name: Brian2Population(brian2, p, self._clock, stream(name), *sum_variables(plan, name))
            for name, p in plan.populations.items()
        }
        self._modulators = {
            name: Brian2Modulator(brian2, p, self._clock, stream(name)) for name, p in plan.modulators.items()
        }
        self._projections: dict[str, Brian2Projection] = {}
        for number, (name, p) in enumerate(plan.projections.items()):
            ends = self._populations[p.pre], self._populations[p.post]
            # Brian2 refuses to run a Synapses object without synapses.
            if p.edges.n:
                self._projections[name] = Brian2Projection(brian2, p, plan, ends, self._clock, stream(name), number)

    def _make_network(self) -> Any:
        brian2 = self._brian2
        network = brian2.Network()
        network.add(*(population.group for population in self._populations.values()))
        network.add(*(modulator.group for modulator in self._modulators.values()))
        network.add(*(projection.group for projection in self._projections.values()))
        for function, when, order in (
            (self._before_events, "start", 0),
            (self._before_integration, "groups", ORDER_SUMS - 1),
            (self._after_modulators, "groups", ORDER_EVENTS + 1),
            (self._before_reset, "resets", -1),
            (self._at_end, "end", 0),
        ):
            network.add(brian2.NetworkOperation(function, clock=self._clock, when=when, order=order))
        network.schedule = SLOTS
        return network

    def _run(self, steps: int, requests: dict[str, list[ResolvedRecord]], inputs: Inputs) -> Recording:
        first = self.step
        sizes = {name: plan.n for name, plan in self.plan.populations.items()}
        self._inputs, self._first = inputs, first
        self._recorder = Recorder(requests, self._values, lambda name: self._populations[name].fired(), sizes)
        try:
            if steps:
                with borrowed(self._brian2):
                    self.brian2_network.run(steps * self.dt * self._brian2.second, namespace={})
        finally:
            self.step = int(self._clock.variables["timestep"].get_value().item())
            self._inputs = Inputs()
        self._check_finite()
        return self._recorder.recording(first, steps, self.dt, {name: self._units(name) for name in requests})

    def _now(self) -> int:
        return int(self._clock.variables["timestep"].get_value().item())

    def _before_events(self) -> None:
        """Before anything is delivered: random numbers of synapses, and the modulators' values at t_k."""
        step = self._now()
        for projection in self._projections.values():
            projection.draws.write(step)
        self._after_modulators()

    def _before_integration(self) -> None:
        """After the events of t_k: what drives this step from outside, and its random numbers."""
        step = self._now()
        for name, population in self._populations.items():
            for key in population.plan.inputs:
                population.array(key)[:] = self._input(name, key, population.plan.parameters[key], step)
            if population.plan.is_scheduled:
                steps, neurons = self._inputs.spikes.get(name, population.plan.schedule)
                flags = population.array("scheduled")
                flags[:] = 0.0
                flags[neurons[steps == step]] = 1.0
            population.draws.write(step)
        for owner, modulator in self._modulators.items():
            for key in modulator.plan.inputs:
                modulator.array(key)[:] = self._input(owner, key, modulator.plan.parameters[key], step)
            for key, (name, chosen) in modulator.plan.counts.items():
                modulator.array(key)[:] = np.isin(self._populations[name].fired(), np.asarray(chosen)).sum()
            modulator.draws.write(step)

    def _after_modulators(self) -> None:
        """After the modulators took the events of t_k: synapses advance with their values."""
        for projection in self._projections.values():
            projection.take_modulators(self._modulators)

    def _before_reset(self) -> None:
        for population in self._populations.values():
            population.reset_draws.write(self._now())

    def _at_end(self) -> None:
        if self._recorder is not None:
            self._recorder.take(self._now())

    def _input(self, name: str, key: str, resting: Any, step: int) -> Any:
        """Value of an input in `step`: the given row, the resting value where there is none."""
        given = self._inputs.values.get(name, {}).get(key)
        row = step - self._first
        return given[row] if given is not None and row < len(given) else resting

    def _values(self, name: str, key: str) -> NDArray[Any]:
        """Present values of a state, in the plan's order."""
        if name in self._populations:
            return self._populations[name].array(key)
        if name in self._modulators:
            return self._modulators[name].array(key)
        if name in self._projections:
            return self._projections[name].values(key)
        return np.full(self._available()[name][key], np.nan)

    def _check_finite(self) -> None:
        for name, array in self.state.items():
            owner, key = name.split(".")
            # A trace without synapses is NaN from the beginning.
            values = self._projections[owner].array(key) if owner in self._projections else array
            if owner in (*self._populations, *self._modulators, *self._projections) and not np.isfinite(values).all():
                index = int(np.argmin(np.isfinite(values)))
                raise NeuroclError(
                    f"'{owner}': state '{key}' of element {index} became {values[index]} before {self.time:g} ms;"
                    " check the parameters, or use a smaller dt"
                )
