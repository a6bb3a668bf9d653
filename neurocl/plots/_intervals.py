"""Histogram of inter-spike intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes
from neurocl.plots._style import OKABE_ITO, axes_or_new, rise_from_zero

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def isi_histogram(spikes: Spikes, ax: Axes | None = None, *, bins: int = 50, longest: float | None = None) -> Axes:
    """Draw the inter-spike intervals of all neurons together, and write their mean CV beside.

    Parameters
    ----------
    spikes : Spikes
        The spikes of one population.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bins : int
        Number of bins from 0 to `longest`. Default 50.
    longest : float, optional
        Longest interval shown, in ms. Default: the 99th percentile, because a few pauses of almost silent neurons
        would squeeze all others into the first bins.

    Returns
    -------
    Axes
        x is the interval in ms, y the number of intervals in a bin. The histogram is one step patch. The share of
        longer intervals is written beside.

    Raises
    ------
    NeuroclError
        If no neuron fired twice, or `longest` is not positive.
    """
    intervals = np.concatenate(spikes.isi())
    if not intervals.size:
        raise NeuroclError("isi_histogram: no neuron fired twice, so there is no interval; run longer.")
    # "higher" is an interval that occurs: of few intervals all are shown.
    end = np.percentile(intervals, 99.0, method="higher") if longest is None else longest
    end = positive_number("isi_histogram", "longest", float(end))
    counts, edges = np.histogram(intervals, bins=bins, range=(0.0, end))
    ax = axes_or_new(ax, width=4.5)
    ax.stairs(counts, edges, fill=True, color=OKABE_ITO[0])
    ax.set_xlim(0.0, edges[-1])
    rise_from_zero(ax)
    ax.set_xlabel("inter-spike interval (ms)")
    ax.set_ylabel("number of intervals")
    cv, beyond = spikes.cv(), np.mean(intervals > end)
    notes = [] if np.isnan(cv) else [f"mean CV = {cv:.2f}"]
    notes += [f"{100.0 * beyond:.2g} % are longer"] if beyond else []
    if notes:
        ax.text(0.97, 0.95, "\n".join(notes), transform=ax.transAxes, ha="right", va="top")
    return ax
