"""Plots of recordings, networks, models and results.

Every function draws into the Axes given as ``ax`` (or into a new figure) and returns the Axes, so plots can
be combined and adjusted with matplotlib. None shows or saves anything. Colours are those of Okabe and Ito,
which colour-blind readers can tell apart; axes carry their units.

=====================  =============================================================================
spikes                 `raster`, `rate`, `activity` (both), `isi_histogram`, `rate_histogram`,
                       `cross_correlogram`, `avalanche_sizes`, `avalanche_durations`
states                 `trace`, `phase_plane`
synapses               `weights`, `weight_evolution`, `weight_matrix`, `adjacency`, `degrees`
networks, results      `network`, `accuracy_bars`
continual learning     `accuracy_matrix`, `learning_curves`, `stability_gap`
=====================  =============================================================================
"""

from __future__ import annotations

from neurocl.plots._accuracy import accuracy_bars
from neurocl.plots._activity import activity
from neurocl.plots._avalanche import avalanche_durations, avalanche_sizes
from neurocl.plots._connectivity import adjacency, degrees
from neurocl.plots._continual import accuracy_matrix, learning_curves, stability_gap
from neurocl.plots._correlogram import cross_correlogram
from neurocl.plots._intervals import isi_histogram
from neurocl.plots._network import network
from neurocl.plots._phase_plane import phase_plane
from neurocl.plots._raster import raster
from neurocl.plots._rate import rate
from neurocl.plots._rate_histogram import rate_histogram
from neurocl.plots._trace import trace
from neurocl.plots._weight_evolution import weight_evolution
from neurocl.plots._weight_matrix import weight_matrix
from neurocl.plots._weights import weights

__all__ = [
    "accuracy_bars",
    "accuracy_matrix",
    "activity",
    "adjacency",
    "avalanche_durations",
    "avalanche_sizes",
    "cross_correlogram",
    "degrees",
    "isi_histogram",
    "learning_curves",
    "network",
    "phase_plane",
    "raster",
    "rate",
    "rate_histogram",
    "stability_gap",
    "trace",
    "weight_evolution",
    "weight_matrix",
    "weights",
]
