"""Plots of recordings and results.

Every function draws into the Axes given as ``ax`` (or into a new figure) and returns the Axes, so plots can
be combined and adjusted with matplotlib. None shows or saves anything. Colours are those of Okabe and Ito,
which colour-blind readers can tell apart; axes carry their units.
"""

from __future__ import annotations

from neurocl.plots._accuracy import accuracy_bars
from neurocl.plots._intervals import isi_histogram
from neurocl.plots._raster import raster
from neurocl.plots._rate import rate
from neurocl.plots._trace import trace
from neurocl.plots._weights import weights

__all__ = ["accuracy_bars", "isi_histogram", "raster", "rate", "trace", "weights"]
