"""Population rate over time: spikes per neuron and second in bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from neurocl.core.recording import Recording, Spikes
from neurocl.plots._populations import populations
from neurocl.plots._style import axes_or_new, colors_for, legend_beside, rise_from_zero

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate(
    spikes: Spikes | Mapping[str, Spikes] | Recording,
    ax: Axes | None = None,
    *,
    bin_width: float = 5.0,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw the population rate of one or several populations.

    Parameters
    ----------
    spikes : Spikes, mapping of str to Spikes, or Recording
        One population, or several, each in its colour with a legend.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bin_width : float
        Width of a bin in ms. Default 5. The last bin may be narrower; its rate is still per second.
    colors : sequence of str, optional
        One colour per population. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is time in ms, y the rate in Hz. Each population is one step patch (`ax.patches`, in order).
    """
    trains = populations(spikes)
    rates = {name: train.population_rate(bin_width) for name, train in trains.items()}
    ax = axes_or_new(ax, height=2.6)
    for (name, (values, edges)), color in zip(rates.items(), colors_for(len(rates), colors), strict=True):
        ax.stairs(values, edges, baseline=None, color=color, linewidth=1.2, label=name or None)
    ax.set_xlim(min(t.t_start for t in trains.values()), max(t.t_stop for t in trains.values()))
    rise_from_zero(ax)
    ax.set_xlabel("time (ms)")
    ax.set_ylabel("population rate (Hz)")
    if not isinstance(spikes, Spikes):
        legend_beside(ax)
    return ax
