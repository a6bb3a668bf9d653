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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis._activity import generator
from neurocl.analysis._kinds import need_simulation
from neurocl.analysis._twins import InputMapping, Twins
from neurocl.analysis.lyapunov import LyapunovExponent, exponent_of
from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.recording import Recording
from neurocl.core.simulator import Simulator
from neurocl.core.time_grid import to_steps

__all__ = ["SpikeDivergence", "lyapunov_simulation", "spike_divergence"]

Floats = NDArray[np.float64]


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
    need_simulation(owner, sim)
    if sim.dtype != "float64":
        raise NeuroclError(f"{owner}: rounding of {sim.dtype} hides small distances; build with dtype='float64'.")
    d0 = positive_number(owner, "d0", d0)
    steps = _steps(owner, sim, interval=interval, duration=duration, burn_in=burn_in)
    every = steps["interval"]
    skipped, intervals = -(-steps["burn_in"] // every), steps["duration"] // every
    if not intervals:
        raise NeuroclError(f"{owner}: duration {duration:g} ms must be at least one interval of {interval:g} ms.")
    twins = Twins(sim, inputs, (skipped + intervals) * every)
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
    neuron : number of the neuron. Default: to add a spike, the first that does not fire just now; to remove one, the
        one that fires next.
    change : "added" (default): its targets receive a spike that the neuron did not fire, now.
        "removed": its targets miss the neuron's next spike.
    every : ms between two distances.
    inputs : as in `Simulator.run`, from the present on.

    Raises
    ------
    NeuroclError
        If there is no such neuron, no spike of it to remove, or it fires just now where a spike is to be added.
    """
    owner = "spike_divergence"
    need_simulation(owner, sim)
    if change not in ("added", "removed"):
        raise NeuroclError(f"{owner}: change must be 'added' or 'removed', got {shown(change)}.")
    _check_neuron(sim, population, neuron)
    steps = _steps(owner, sim, every=every, duration=duration)
    twins = Twins(sim, inputs, steps["duration"])
    if change == "added":
        before, number = 0, twins.first_silent(population) if neuron is None else neuron
    else:
        before, number = _next_spike(twins, population, neuron, steps["duration"])
        twins = Twins(sim, inputs, steps["duration"])
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


def _spike_list(out: Recording, name: str) -> list[tuple[float, int]]:
    spikes = out[name].spikes
    return list(zip(spikes.times.tolist(), spikes.indices.tolist(), strict=True))


def _next_spike(twins: Twins, population: str, neuron: int | None, steps: int) -> tuple[int, int]:
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
