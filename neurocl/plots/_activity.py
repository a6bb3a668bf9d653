"""Raster above population rates, on one time axis: the figure that most reports of a network begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from neurocl.core.recording import Recording, Spikes
from neurocl.plots._populations import populations
from neurocl.plots._raster import raster
from neurocl.plots._rate import rate
from neurocl.plots._style import axes_or_new, colors_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def activity(
    spikes: Spikes | Mapping[str, Spikes] | Recording,
    ax: Axes | None = None,
    *,
    bin_width: float = 5.0,
    colors: Sequence[str] | None = None,
    marker_size: float | None = None,
) -> Axes:
    """Draw spikes as a raster plot, and below it the population rates in the same colours.

    Parameters
    ----------
    spikes : Spikes, mapping of str to Spikes, or Recording
        One population, or several, which are stacked, the first on top.
    ax : Axes, optional
        Whose place to divide between both. Default: a new figure.
    bin_width : float
        Width of a bin of the rates in ms. Default 5.
    colors, marker_size
        As in `raster`.

    Returns
    -------
    Axes
        The raster, with y the row. The rates in Hz are in the newest Axes, ``ax.figure.axes[-1]``, which shares the
        time in ms.
    """
    trains = populations(spikes)
    ax = axes_or_new(ax, height=4.6)
    below = _divide(ax)
    raster(spikes, ax, colors=colors, marker_size=marker_size)
    for train, color in zip(trains.values(), colors_for(len(trains), colors), strict=True):
        rate(train, below, bin_width=bin_width, colors=[color])  # one by one: the raster has named the colours already
    below.set_ylabel("rate (Hz)")
    ax.set_xlabel("")
    ax.tick_params(axis="x", labelbottom=False)
    return ax


def _divide(ax: Axes) -> Axes:
    """Leave the upper two thirds of its place to `ax`, and return new Axes in the rest."""
    figure, spec = ax.figure, ax.get_subplotspec()
    if spec is not None:
        grid = spec.subgridspec(2, 1, height_ratios=(2.4, 1.0))
        ax.set_subplotspec(grid[0])
        return figure.add_subplot(grid[1], sharex=ax)
    place = ax.get_position(original=True)
    ax.set_position((place.x0, place.y0 + 0.36 * place.height, place.width, 0.64 * place.height))
    return figure.add_axes((place.x0, place.y0, place.width, 0.28 * place.height), sharex=ax)
