"""Parameters of the spatial pooler, with the reference library's defaults."""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.core._checks import flag, non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["PoolerParameters"]


@dataclass(frozen=True)
class PoolerParameters:
    """What a `SpatialPooler` is told.

    Parameters
    ----------
    potential_radius : inputs within this distance (per dimension) of a column's centre may be connected to it.
    potential_fraction : share of these inputs that have a synapse.
    global_inhibition : all columns compete; else those within the inhibition radius.
    density : share of columns that win, above 0 and at most 0.5. Ignored where `active_per_area` is given.
    active_per_area : winners in each neighbourhood, an alternative to `density`; 0 for none.
    stimulus_threshold : least overlap of a winner.
    permanence_decrement, permanence_increment : change of a winner's synapses on silent and on active inputs.
    connected_permanence : from this permanence on a synapse counts.
    least_duty_cycle : a column whose overlap duty cycle is below this share of the largest gets stronger synapses.
    duty_cycle_period : steps over which duty cycles are averaged.
    boost_strength : beta of exp(beta (target - duty cycle)), the factor on overlaps; 0 for none.
    wrap_around : the input and the columns are rings (tori).
    """

    potential_radius: int = 16
    potential_fraction: float = 0.5
    global_inhibition: bool = True
    density: float = 0.05
    active_per_area: int = 0
    stimulus_threshold: int = 0
    permanence_decrement: float = 0.008
    permanence_increment: float = 0.05
    connected_permanence: float = 0.1
    least_duty_cycle: float = 0.001
    duty_cycle_period: int = 1000
    boost_strength: float = 0.0
    wrap_around: bool = True

    def __post_init__(self) -> None:
        owner = "PoolerParameters"
        for name in ("potential_radius", "active_per_area", "stimulus_threshold"):
            object.__setattr__(self, name, whole_number(owner, name, getattr(self, name)))
        period = whole_number(owner, "duty_cycle_period", self.duty_cycle_period, at_least=1)
        object.__setattr__(self, "duty_cycle_period", period)
        for name in ("potential_fraction", "permanence_decrement", "permanence_increment", "connected_permanence",
                     "least_duty_cycle", "density"):  # fmt: skip
            object.__setattr__(self, name, probability(owner, name, getattr(self, name)))
        object.__setattr__(self, "boost_strength", non_negative_number(owner, "boost_strength", self.boost_strength))
        flag(owner, "global_inhibition", self.global_inhibition)
        flag(owner, "wrap_around", self.wrap_around)
        if not 0.0 < self.density <= 0.5:
            raise NeuroclError(f"{owner}: density must be above 0 and at most 0.5, got {self.density!r}.")
        if self.potential_fraction == 0.0:
            raise NeuroclError(f"{owner}: potential_fraction must be above 0, or no column has a synapse.")
