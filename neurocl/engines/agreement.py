"""Whether two engines run one network alike: the same spikes, and states that differ by rounding only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurocl.core.network import Network
from neurocl.core.recording import GroupRecording, Record
from neurocl.core.simulator import Simulator

__all__ = ["Agreement", "compare"]

TOLERANCE = 1e-6
"""Largest relative difference of a state at which two engines count as agreeing."""
ROWS = 200
"""Times at which synapses are compared by default; there are many of them."""


@dataclass(frozen=True)
class Agreement:
    """What `compare` found.

    Attributes
    ----------
    engine, referee : names of the two engines.
    duration : ms.
    n_spikes : number of spikes of each compared population, from the referee.
    unequal_spikes : the first time (ms) at which the spikes of a population differ; empty if all are equal.
    differences : for each compared state ("exc.v"), the largest absolute difference at any time, divided by the
        largest absolute value of that state in the referee's run.
    """

    engine: str
    referee: str
    duration: float
    n_spikes: dict[str, int] = field(default_factory=dict)
    unequal_spikes: dict[str, float] = field(default_factory=dict)
    differences: dict[str, float] = field(default_factory=dict)

    @property
    def spikes_equal(self) -> bool:
        """Whether every compared population fired the same spikes."""
        return not self.unequal_spikes

    @property
    def max_relative_difference(self) -> float:
        """The largest of `differences`; 0 if no state was compared."""
        return max(self.differences.values(), default=0.0)

    def holds(self, tolerance: float = TOLERANCE) -> bool:
        """Whether spikes are equal and no state differs by more than `tolerance`."""
        return self.spikes_equal and self.max_relative_difference <= tolerance

    def __str__(self) -> str:
        verdict = "agree" if self.holds() else "DISAGREE"
        lines = [f"{self.engine} and {self.referee} {verdict} over {self.duration:g} ms"]
        for name, n in self.n_spikes.items():
            first = self.unequal_spikes.get(name)
            lines.append(f"  {name}: {n} spikes, " + ("equal" if first is None else f"unequal from {first:g} ms on"))
        lines += [f"  {name}: differs by {value:.1e} of its largest value" for name, value in self.differences.items()]
        return "\n".join(lines)


def compare(
    network: Network,
    duration: float,
    *,
    record: Mapping[str, str | Record | Sequence[str | Record]] | None = None,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    engine: str = "numba",
    referee: str = "brian2",
) -> Agreement:
    """Run `network` on two engines in float64 and compare spikes and states.

    Parameters
    ----------
    network : the description.
    duration : ms.
    record : what to compare, as in `Simulator.run`; default all spikes, all states of populations and modulators at
        every step, and the plastic states of projections at up to 200 times.
    inputs : as in `Simulator.run`.
    seed : as in `Network.build`.
    engine, referee : the two engines.

    Returns
    -------
    Agreement

    Raises
    ------
    NeuroclError
        For what `Network.build` and `Simulator.run` refuse, and if Brian2 cannot be imported.
    """
    simulators = [network.build(engine=name, seed=seed, dtype="float64") for name in (engine, referee)]
    chosen = _everything(simulators[0], duration) if record is None else record
    first, second = (simulator.run(duration, record=chosen, inputs=inputs) for simulator in simulators)
    found = Agreement(engine, referee, float(duration))
    for name in second.names:
        _compare_groups(first[name], second[name], found)
    return found


def _everything(simulator: Simulator, duration: float) -> dict[str, list[str | Record]]:
    plan = simulator.plan
    every = max(1, round(duration / plan.dt) // ROWS)
    chosen: dict[str, list[str | Record]] = {}
    for name, population in plan.populations.items():
        spikes = ["spikes"] if population.parsed.threshold is not None else []
        chosen[name] = [*spikes, *population.parsed.equations.states]
    for name, modulator in plan.modulators.items():
        chosen[name] = [*modulator.parsed.equations.states]
    for name, projection in plan.projections.items():
        weights = ["w"] if projection.is_plastic else []
        states = [state for states in projection.initial.values() for state in states]
        if projection.edges.n:
            chosen[name] = [Record(state, every=every) for state in (*weights, *states)]
    return {name: requests for name, requests in chosen.items() if requests}


def _compare_groups(first: GroupRecording, second: GroupRecording, found: Agreement) -> None:
    for quantity in second.quantities:
        if quantity == "spikes":
            found.n_spikes[second.name] = len(second.spikes)
            if not first.spikes.equals(second.spikes):
                found.unequal_spikes[second.name] = _first_difference(first, second)
        elif quantity == "counts":
            found.differences[f"{second.name}.counts"] = _difference(first.counts(), second.counts())
        else:
            found.differences[f"{second.name}.{quantity}"] = _difference(first[quantity], second[quantity])


def _first_difference(first: GroupRecording, second: GroupRecording) -> float:
    """Time of the first spike that only one of the two has."""
    trains = [
        set(zip(np.round(g.spikes.times, 6).tolist(), g.spikes.indices.tolist(), strict=True)) for g in (first, second)
    ]
    return float(min(trains[0] ^ trains[1])[0])


def _difference(first: Any, second: Any) -> float:
    """Largest difference relative to the largest value; where the referee has no value (NaN) nothing is compared."""
    known = ~np.isnan(np.asarray(second, dtype=np.float64))
    if not known.any():
        return 0.0
    difference = float(np.abs(np.asarray(first, dtype=np.float64) - second)[known].max())
    largest = float(np.abs(second[known]).max())
    relative = difference / largest if largest > 0 else difference
    return relative if np.isfinite(relative) else float("inf")
