"""Where the time of a run goes: `NumbaSimulation.profile`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.engines.numba.laps import Laps, lap, ticks

__all__ = ["Profile", "make_profile"]


@dataclass(frozen=True)
class Profile:
    """The time of a run's parts.

    Attributes
    ----------
    duration : ms of biological time.
    seconds : wall time of the run without the taking of time.
    parts : seconds by (kind of work, object), the longest first. The kinds are "update" (neurons: integration and
        threshold), "random numbers" (their share of the update, measured by drawing them once more alone), "delivery"
        (of a projection; of a population: what leaves its ring), "plasticity", "traces", "synapses", "modulators",
        "inputs", "spikes and reset", "recording".
    """

    duration: float
    seconds: float
    parts: dict[tuple[str, str], float]

    @property
    def real_time_factor(self) -> float:
        """Wall time over biological time."""
        return self.seconds / (self.duration / 1000.0) if self.duration else float("nan")

    def __str__(self) -> str:
        """A table: share, time per second of biological time, what, of what."""
        lines = [f"{self.duration:g} ms in {self.seconds:.3g} s, real-time factor {self.real_time_factor:.3g}"]
        width = max((len(what) for what, _ in self.parts), default=0)
        for (what, name), seconds in self.parts.items():
            share = 100 * seconds / self.seconds if self.seconds else 0.0
            lines.append(f"  {share:5.1f} %  {1000 * seconds:9.3f} ms  {what:{width}}  {name}".rstrip())
        return "\n".join(lines)


def make_profile(laps: Laps, counted: NDArray[np.int64], duration: float, wall: float) -> Profile:
    """The profile of a run.

    Parameters
    ----------
    laps : the timed parts.
    counted : int64 [part, 2], ticks and laps of each.
    duration : ms of biological time.
    wall : seconds that the ticks of all parts together took.
    """
    spent = np.maximum(counted[:, 0] - _ticks_of_a_lap() * counted[:, 1], 0)
    second = wall / max(float(counted[:, 0].sum()), 1.0)
    parts: dict[tuple[str, str], float] = {}
    for part, number in zip(laps.parts, spent, strict=True):
        parts[part] = parts.get(part, 0.0) + float(number) * second
    for (what, name), seconds in list(parts.items()):
        if what == "random numbers":  # drawn a second time, for the first is woven into the update
            parts[what, name] = min(seconds, parts["update", name])
            parts["update", name] -= parts[what, name]
    parts = {part: parts[part] for part in sorted(parts, key=lambda part: -parts[part])}
    return Profile(duration, sum(parts.values()), parts)


@njit(cache=True)
def _many_laps(laps: NDArray[np.int64], n: int) -> None:
    then = ticks()
    for _ in range(n):
        then = lap(laps, 0, then)


def _ticks_of_a_lap() -> float:
    """What taking the time takes, the least of several tries."""
    found = []
    for _ in range(5):
        laps = np.zeros((1, 2), dtype=np.int64)
        _many_laps(laps, 1000)
        found.append(laps[0, 0] / laps[0, 1])
    return float(min(found))
