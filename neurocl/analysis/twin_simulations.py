"""How two simulations of one network part: after a tiny displacement, and after one spike more or less.

Twins        two copies of a simulation and its spikes under way, which draw the same random numbers and see one input
Distance     Euclidean, over all states of neurons, synapses and modulators (not the updates of refractoriness left);
             states of different units are added as they are, which changes d but not the exponent
Exponent     as in `lyapunov_twin`: mean of ln(d / d0) per ms; at every renormalisation the twin also takes over the
             refractoriness and the spikes under way, which cannot be scaled
One spike    a spike that only the targets of a neuron see is added to, or taken from, one of the two
Units        ms, 1/ms
Source       Monteforte & Wolf (2012), Phys. Rev. X 2:041007; London et al. (2010), Nature 466:123

Both are needed. A threshold and a reset on a time grid hide a displacement: it either moves no spike, and then a reset
wipes it out, or it moves one by a whole step. So at d0 = 1e-8 a spiking network can have a negative exponent and yet
part after a single spike (flux tubes); a larger d0 shows at which size.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis._activity import generator
from neurocl.analysis.lyapunov import LyapunovExponent, exponent_of
from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.recording import Recording
from neurocl.core.simulator import Simulator
from neurocl.core.time_grid import to_steps

if TYPE_CHECKING:
    from neurocl.engines.numba.simulation import NumbaSimulation

__all__ = ["SpikeDivergence", "lyapunov_simulation", "spike_divergence"]

Floats = NDArray[np.float64]
InputMapping = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class SpikeDivergence:
    """What one spike more or less did.

    Attributes
    ----------
    population, neuron, change : which spike, "added" or "removed".
    time : ms from the present of the simulation to that spike.
    times : float64 [k], ms after it.
    distance : float64 [k], distance of the states of both runs.
    differing : int64 [k], spikes since then that are in one of the two runs only.
    n_spikes : spikes of the undisturbed run since then.
    """

    population: str
    neuron: int
    change: str
    time: float
    times: Floats
    distance: Floats
    differing: NDArray[np.int64]
    n_spikes: int

    def __str__(self) -> str:
        return (
            f"one spike of neuron {self.neuron} of '{self.population}' {self.change}: {self.times[-1]:g} ms later the"
            f" distance is {self.distance[-1]:.4g} (largest {self.distance.max():.4g}),"
            f" {self.differing[-1]} spikes are in one run only, beside {self.n_spikes} of the undisturbed one"
        )


def lyapunov_simulation(
    sim: Simulator,
    duration: float,
    *,
    interval: float = 1.0,
    burn_in: float = 0.0,
    d0: float = 1e-8,
    inputs: InputMapping | None = None,
    rng: int | np.random.Generator = 0,
) -> LyapunovExponent:
    """Return the largest Lyapunov exponent of a simulation from its present on; the simulation itself does not move.

    Parameters
    ----------
    sim : a simulation on the Numba engine, with dtype="float64".
    duration : ms of the average, after the burn-in.
    interval : ms between two renormalisations.
    burn_in : ms before the average.
    d0 : distance of the twins. A small one measures infinitesimal stability only; see the module for larger ones.
    inputs : as in `Simulator.run`, from the present on.
    rng : seed or Generator of the first direction, drawn over the states of all neurons.

    Returns
    -------
    LyapunovExponent
        In 1/ms; -inf if the twins became equal.
    """
    owner = "lyapunov_simulation"
    if sim.dtype != "float64":
        raise NeuroclError(f"{owner}: rounding of {sim.dtype} hides small distances; build with dtype='float64'.")
    d0 = positive_number(owner, "d0", d0)
    steps = _steps(owner, sim, interval=interval, duration=duration, burn_in=burn_in)
    every = steps["interval"]
    skipped, intervals = -(-steps["burn_in"] // every), steps["duration"] // every
    if not intervals:
        raise NeuroclError(f"{owner}: duration {duration:g} ms must be at least one interval of {interval:g} ms.")
    twins = _Twins(sim, inputs, (skipped + intervals) * every)
    twins.displace(d0, generator(owner, rng))
    if twins.distance() < 0.5 * d0:
        raise NeuroclError(f"{owner}: d0 = {d0:g} is lost in the rounding of the states; raise d0.")
    logs: list[float] = []
    for _ in range(skipped + intervals):
        twins.run(every)
        distance = twins.distance()
        if distance == 0.0:
            return LyapunovExponent(-math.inf, math.nan, np.array(logs[skipped:]), interval)
        logs.append(math.log(distance / d0) / interval)
        twins.renormalise(d0 / distance)
    return exponent_of(logs[skipped:], interval)


def spike_divergence(
    sim: Simulator,
    duration: float,
    population: str,
    neuron: int | None = None,
    *,
    change: str = "added",
    every: float = 1.0,
    inputs: InputMapping | None = None,
) -> SpikeDivergence:
    """Return how far a simulation is from itself after one spike more or less; the simulation itself does not move.

    Parameters
    ----------
    sim : a simulation on the Numba engine.
    duration : ms from the present on.
    population : name of the population that fires.
    neuron : number of the neuron. Default: 0 to add a spike, the one that fires first to remove one.
    change : "added" (default): its targets receive a spike that the neuron did not fire, now.
        "removed": its targets miss the neuron's next spike.
    every : ms between two distances.
    inputs : as in `Simulator.run`, from the present on.

    Raises
    ------
    NeuroclError
        If there is no such neuron, or no spike of it to remove.
    """
    owner = "spike_divergence"
    if change not in ("added", "removed"):
        raise NeuroclError(f"{owner}: change must be 'added' or 'removed', got {shown(change)}.")
    _check_neuron(sim, population, neuron)
    steps = _steps(owner, sim, every=every, duration=duration)
    twins = _Twins(sim, inputs, steps["duration"])
    before, number = 0, neuron or 0
    if change == "removed":
        before, number = _next_spike(twins, population, neuron, steps["duration"])
        twins = _Twins(sim, inputs, steps["duration"])
        twins.run(before)
    twins.change_spike(population, number, change)
    times, distances, differing = [0.0], [twins.distance()], [0]
    n_spikes, left = 0, steps["duration"] - before
    while left > 0:
        length = min(steps["every"], left)
        found = [{(name, *spike) for name in out for spike in _spike_list(out, name)} for out in twins.run(length)]
        left -= length
        n_spikes += len(found[0])
        times.append(times[-1] + length * sim.dt)
        distances.append(twins.distance())
        differing.append(differing[-1] + len(found[0] ^ found[1]))
    return SpikeDivergence(
        population, number, change, before * sim.dt, np.array(times), np.array(distances), np.array(differing), n_spikes
    )


class _Twins:
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
        self.second._restore(step, trial, {}, spikes)


def _spike_list(out: Recording, name: str) -> list[tuple[float, int]]:
    spikes = out[name].spikes
    return list(zip(spikes.times.tolist(), spikes.indices.tolist(), strict=True))


def _next_spike(twins: _Twins, population: str, neuron: int | None, steps: int) -> tuple[int, int]:
    """Steps until the next spike, and who fires it."""
    begin = twins.first.time
    spikes = twins.run(steps)[0][population].spikes
    mine = np.flatnonzero(spikes.indices == neuron) if neuron is not None else np.arange(len(spikes))
    if not mine.size:
        who = f"neuron {neuron} of '{population}'" if neuron is not None else f"'{population}'"
        raise NeuroclError(f"spike_divergence: {who} fires no spike to remove; give a longer duration.")
    return round((spikes.times[mine[0]] - begin) / twins.first.dt), int(spikes.indices[mine[0]])


def _check_neuron(sim: Simulator, population: str, neuron: int | None) -> None:
    spiking = {name: p for name, p in sim.plan.populations.items() if p.parsed.threshold is not None}
    if population not in spiking:
        raise NeuroclError(
            f"spike_divergence: the network has no population '{population}' that spikes{suggest(population, spiking)}"
        )
    last = spiking[population].n - 1
    if neuron is not None and whole_number("spike_divergence", "neuron", neuron) > last:
        raise NeuroclError(f"spike_divergence: '{population}' has neurons 0 to {last}, not {neuron}.")


def _steps(owner: str, sim: Simulator, **times: float) -> dict[str, int]:
    """Times in steps: `burn_in` may be 0, the others not."""
    found = {}
    for name, value in times.items():
        check = finite_number if name == "burn_in" else positive_number
        found[name] = int(to_steps(check(owner, name, value), sim.dt, owner, name))
    return found
