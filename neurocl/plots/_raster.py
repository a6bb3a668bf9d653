"""Raster plot: one dot or tick per spike, time to the right, one row per neuron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurocl.core.recording import Recording, Spikes
from neurocl.plots._populations import populations
from neurocl.plots._style import GREY, axes_or_new, colors_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def raster(
    spikes: Spikes | Mapping[str, Spikes] | Recording,
    ax: Axes | None = None,
    *,
    colors: Sequence[str] | None = None,
    marker_size: float | None = None,
) -> Axes:
    """Draw spikes as a raster plot.

    Parameters
    ----------
    spikes : Spikes, mapping of str to Spikes, or Recording
        One population, or several, which are stacked, the first on top, each in its colour and labelled.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    colors : sequence of str, optional
        One colour per population. Default: Okabe-Ito.
    marker_size : float, optional
        Height of a tick, or diameter of a dot, in points. Default: what the rows and the spikes leave room
        for. Ticks are drawn where rows are at least 3 points high, dots otherwise.

    Returns
    -------
    Axes
        x is time in ms, y the row. Each population is one line artist (`ax.lines`, in order). The points are
        rasterized: a million spikes stay a small file in PDF and SVG.
    """
    trains = populations(spikes)
    ax = axes_or_new(ax, height=3.6)
    rows = sum(train.n for train in trains.values())
    style = _marker(ax, rows, sum(map(len, trains.values())), marker_size)
    below = rows
    centres: list[float] = []
    palette = colors_for(len(trains), colors)
    for train, color in zip(trains.values(), palette, strict=True):
        below -= train.n
        ax.plot(train.times, train.indices + below, color=color, linestyle="none", rasterized=True, **style)
        centres.append(below + (train.n - 1) / 2)
        if below:
            ax.axhline(below - 0.5, color=GREY, linewidth=0.5)
    ax.set_xlim(min(t.t_start for t in trains.values()), max(t.t_stop for t in trains.values()))
    ax.set_ylim(-0.5, rows - 0.5)
    ax.set_xlabel("time (ms)")
    if isinstance(spikes, Spikes):
        _number_rows(ax, spikes)
    else:
        _name_rows(ax, trains, centres, palette)
    return ax


def _marker(ax: Axes, rows: int, n_spikes: int, size: float | None) -> dict[str, Any]:
    """Choose ticks for few rows and dots for many, so small that about a third of the area stays covered."""
    box = ax.get_window_extent()
    points = 72.0 / ax.figure.dpi
    row_height = box.height * points / rows
    if row_height >= 3.0:
        return {"marker": "|", "markersize": size or min(0.75 * row_height, 14.0), "markeredgewidth": 0.9}
    free = np.sqrt(0.3 * box.width * box.height * points**2 / max(n_spikes, 1))
    return {"marker": ".", "markersize": size or float(np.clip(free, 0.6, 3.0)), "markeredgewidth": 0.0}


def _number_rows(ax: Axes, spikes: Spikes) -> None:
    """Label the rows of one population with the numbers of its neurons."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def number(row: float, _: int) -> str:
        inside = 0 <= row < spikes.n and row == int(row)
        return str(spikes.neurons[int(row)]) if inside else ""

    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(number))
    ax.set_ylabel("neuron")


def _name_rows(ax: Axes, trains: Mapping[str, Spikes], centres: list[float], palette: list[str]) -> None:
    """Label the rows of several populations with their names and sizes, each in its colour."""
    ax.set_yticks(centres, [f"{name}\n({train.n})" for name, train in trains.items()])
    ax.tick_params(axis="y", length=0)
    # Not ax.get_yticklabels(): it leaves out the hidden labels of Axes that share y.
    for tick, color in zip(ax.yaxis.get_major_ticks(len(centres)), palette, strict=True):
        tick.label1.set_color(color)
    ax.set_ylabel("population (neurons)")
