"""Two copies of one simulation, to be pushed apart and advanced together."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.recording import Recording
from neurocl.core.simulator import Simulator

if TYPE_CHECKING:
    from neurocl.engines.numba.simulation import NumbaSimulation

InputMapping = Mapping[str, Mapping[str, Any]]


class Twins:
    """Two copies of a simulation, and the input that is still to come."""

    def __init__(self, sim: Simulator, inputs: InputMapping | None, steps: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "twin.safetensors"
            sim.save(path)
            self.first, self.second = (cast("NumbaSimulation", Simulator.load(path)) for _ in range(2))
        self.inputs: Inputs = parse_inputs(sim.plan, inputs, steps, first_step=0)
        self.start = sim.step
        fixed = {f"{name}.w" for name, plan in sim.plan.projections.items() if not plan.is_plastic}
        self.names = [name for name in sim.state if name not in fixed and not name.endswith(".refractory")]
        self.spiking = [name for name, plan in sim.plan.populations.items() if plan.parsed.threshold is not None]

    def run(self, steps: int) -> tuple[Recording, Recording]:
        """Advance both, and return the spikes of all populations."""
        dt, record = self.first.dt, dict.fromkeys(self.spiking, "spikes")
        inputs = self._next_inputs(self.first.step - self.start, steps)
        first, second = (twin.run(steps * dt, record=record, inputs=inputs) for twin in (self.first, self.second))
        return first, second

    def _next_inputs(self, begin: int, steps: int) -> dict[str, dict[str, Any]]:
        window = slice(begin, begin + steps)
        values: dict[str, dict[str, Any]] = {
            name: {key: array[window] for key, array in arrays.items() if len(array) > begin}
            for name, arrays in self.inputs.values.items()
        }
        for name, (at, neurons) in self.inputs.spikes.items():
            now = (at >= begin) & (at < begin + steps)
            values.setdefault(name, {})["spikes"] = ((at[now] - begin + 1) * self.first.dt, neurons[now])
        return values

    def displace(self, distance: float, rng: np.random.Generator) -> None:
        """Move the states of all neurons of the second by `distance` in a random direction."""
        states, populations = self.second.state, self.first.plan.populations
        arrays = [states[name] for name in self.names if name.split(".")[0] in populations]
        directions = [rng.standard_normal(array.shape) for array in arrays]
        length = math.sqrt(sum(float((direction**2).sum()) for direction in directions))
        if length == 0.0:
            raise NeuroclError("lyapunov_simulation: no population has a state to displace.")
        for array, direction in zip(arrays, directions, strict=True):
            array += distance / length * direction

    def distance(self) -> float:
        first, second = self.first.state, self.second.state
        squares = (np.sum((np.asarray(second[name], np.float64) - first[name]) ** 2) for name in self.names)
        return math.sqrt(sum(float(square) for square in squares))

    def renormalise(self, factor: float) -> None:
        """Scale the difference by `factor`; take over what cannot be scaled."""
        first, second = self.first.state, self.second.state
        for name in self.names:
            second[name][...] = first[name] + factor * (second[name] - first[name])
        for name in (name for name in second if name.endswith(".refractory")):
            second[name][...] = first[name]
        recent, others = self.first._recent_spikes(), self.second._recent_spikes()
        if not all(np.array_equal(recent[name], others[name]) for name in recent):
            self._put_under_way(recent)

    def first_silent(self, population: str) -> int:
        """Return the first neuron that does not fire just now."""
        steps, neurons = self.second._recent_spikes()[population]
        n = self.first.plan.populations[population].n
        silent = np.setdiff1d(np.arange(n), neurons[steps == self.second.step])
        if not silent.size:
            raise NeuroclError(f"spike_divergence: all neurons of '{population}' fire just now; run the simulation on.")
        return int(silent[0])

    def change_spike(self, population: str, neuron: int, change: str) -> None:
        """Add to, or take from, the second a spike of the present step, which nothing has received yet."""
        spikes = self.second._recent_spikes()
        steps, neurons = spikes[population]
        there = (steps == self.second.step) & (neurons == neuron)
        if change == "removed":
            spikes[population] = steps[~there], neurons[~there]
        elif there.any():
            raise NeuroclError(
                f"spike_divergence: neuron {neuron} of '{population}' fires just now; add the spike to another one."
            )
        else:
            steps, neurons = np.append(steps, self.second.step), np.append(neurons, neuron)
            order = np.lexsort((neurons, steps))
            spikes[population] = steps[order], neurons[order]
        self._put_under_way(spikes)

    def _put_under_way(self, spikes: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        step, trial = self.second.step, self.second.trial
        self.second.reset(keep=list(self.second.state))  # forgets the spikes under way, and nothing else
        self.second._restore(step, trial, {})
        self.second._restore_spikes(spikes)
