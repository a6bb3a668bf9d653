"""Histogram of inter-spike intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes
from neurocl.plots._style import OKABE_ITO, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def isi_histogram(spikes: Spikes, ax: Axes | None = None, *, bins: int = 50) -> Axes:
    """Draw the inter-spike intervals of all neurons together, and write their mean CV beside.

    Parameters
    ----------
    spikes : Spikes
        The spikes of one population.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bins : int
        Number of bins from 0 to the longest interval. Default 50.

    Returns
    -------
    Axes
        x is the interval in ms, y the number of intervals in a bin. The histogram is one step patch.

    Raises
    ------
    NeuroclError
        If no neuron fired twice.
    """
    intervals = np.concatenate(spikes.isi())
    if not intervals.size:
        raise NeuroclError("isi_histogram: no neuron fired twice, so there is no interval; run longer.")
    counts, edges = np.histogram(intervals, bins=bins, range=(0.0, float(intervals.max())))
    ax = axes_or_new(ax, width=4.5)
    ax.stairs(counts, edges, fill=True, color=OKABE_ITO[0])
    ax.set_xlim(0.0, edges[-1])
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("inter-spike interval (ms)")
    ax.set_ylabel("number of intervals")
    cv = spikes.cv()
    if not np.isnan(cv):
        ax.text(0.97, 0.95, f"mean CV = {cv:.2f}", transform=ax.transAxes, ha="right", va="top")
    return ax
