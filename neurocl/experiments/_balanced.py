"""CUBA and COBA are run alike: one population, the rate of the first second, CV and figure."""

from __future__ import annotations

from neurocl.core.network import Network
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.network_run import Comparison, activity_figure, compared, run_in_parts, split, timed

__all__ = ["run_balanced"]

FIRST_SECOND = 1000.0
SHOWN = 1000.0
"""Last part of the run that the figure shows, ms."""


def run_balanced(
    network: Network, title: str, duration: float, seed: int, known_rate: tuple[float, float] | None
) -> Outcome:
    """Run a network with the population "neurons" and the projections "exc" and "inh", and compare its rate.

    Parameters
    ----------
    network : the network.
    title : of the report.
    duration : ms.
    seed : of the build.
    known_rate : range of the rate over the first second, Hz; not used if the run is shorter.
    """
    times: dict[str, float] = {}
    out = run_in_parts(network, duration, seed, {"neurons": "spikes"}, times=times)
    with timed(times, "figures"):
        spikes = out["neurons"].spikes
        n_exc = len(network.projections["exc"].pre)
        trains = split(spikes, {"excitatory": n_exc, "inhibitory": spikes.n - n_exc})
        comparisons = [
            Comparison("all neurons", "mean rate", spikes.mean_rate(), unit="Hz"),
            *(Comparison(name, "mean rate", train.mean_rate(), unit="Hz") for name, train in trains.items()),
            Comparison("all neurons", "CV of intervals", spikes.cv()),
        ]
        if duration >= FIRST_SECOND:
            rate = spikes.between(0.0, FIRST_SECOND).mean_rate()
            comparisons.insert(0, Comparison("all neurons", "rate, first second", rate, known_rate, "Hz"))
        figure = activity_figure(trains, window=(max(0.0, duration - SHOWN), duration))
        caption = "Spikes of evenly chosen neurons, and the rates of all (bins of 5 ms, the same colours)."
    return compared(title, comparisons, times, pictures=[Picture("activity", figure, caption)])
