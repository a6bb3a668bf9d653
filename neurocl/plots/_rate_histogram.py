"""Histogram of the mean rates of neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurocl.core.recording import Recording, Spikes
from neurocl.plots._histogram import draw_histograms
from neurocl.plots._populations import populations
from neurocl.plots._style import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate_histogram(
    spikes: Spikes | Mapping[str, Spikes] | Recording,
    ax: Axes | None = None,
    *,
    bins: int = 30,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw how the mean rates of the neurons are distributed, silent neurons included.

    Parameters
    ----------
    spikes : Spikes, mapping of str to Spikes, or Recording
        One population, or several on the same bins, each in its colour with a legend.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bins : int
        Number of bins from 0 to the highest rate. Default 30.
    colors : sequence of str, optional
        One colour per population. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is the rate in Hz, y the percentage of a population's neurons in a bin. The step patches are `ax.patches`.
    """
    trains = populations(spikes)
    rates = {name: train.rate() for name, train in trains.items()}
    highest = max(float(rate.max()) for rate in rates.values())
    edges = np.linspace(0.0, highest or 1.0, bins + 1)
    shares = {name: 100.0 * np.histogram(rate, edges)[0] / rate.size for name, rate in rates.items()}
    labels = {name: f"{name}: {rate.mean():.3g} Hz" for name, rate in rates.items()}
    ax = axes_or_new(ax, width=4.5)
    draw_histograms(ax, {labels[name]: share for name, share in shares.items()}, edges, colors)
    if isinstance(spikes, Spikes):
        ax.text(0.97, 0.95, f"mean = {rates[''].mean():.3g} Hz", transform=ax.transAxes, ha="right", va="top")
    else:
        ax.legend(title="mean rate", frameon=False)
    ax.set_xlim(0.0, edges[-1])
    ax.set_xlabel("mean rate of a neuron (Hz)")
    ax.set_ylabel("neurons (%)")
    return ax
