"""Cross-correlogram of two spike trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from neurocl.core._checks import non_negative_number
from neurocl.core.errors import NeuroclError
from neurocl.plots._style import GREY, OKABE_ITO, axes_or_new, rise_from_zero

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cross_correlogram(
    counts: ArrayLike, lags: ArrayLike, ax: Axes | None = None, *, expected: float | None = None
) -> Axes:
    """Draw how often two trains spike at each lag.

    Parameters
    ----------
    counts : array [bin]
        Pairs of spikes in each bin, as `neurocl.analysis.cross_correlogram` returns them (with the lags).
    lags : array [bin]
        Centres of the bins in ms, evenly spaced; positive where the second train fires after the first.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    expected : float, optional
        Pairs per bin if the trains were independent, drawn as a dashed line: for rates a and b in Hz over a time T in
        ms and bins of w ms, a b T w / 1e6.

    Returns
    -------
    Axes
        x is the lag in ms, y the number of pairs in a bin. The histogram is one step patch.

    Raises
    ------
    NeuroclError
        If counts and lags differ in length, are fewer than two, or the lags are not evenly spaced.
    """
    heights, centres = np.asarray(counts, dtype=np.float64), np.asarray(lags, dtype=np.float64)
    if heights.ndim != 1 or heights.shape != centres.shape or heights.size < 2:
        raise NeuroclError(
            "cross_correlogram: counts and lags must be two lists of equal length, two bins or more, got shapes"
            f" {heights.shape} and {centres.shape}."
        )
    width = (centres[-1] - centres[0]) / (centres.size - 1)
    if not width > 0 or not np.allclose(np.diff(centres), width):
        raise NeuroclError("cross_correlogram: the lags must be the centres of bins of one width, ascending.")
    ax = axes_or_new(ax, width=4.5)
    edges = np.append(centres - width / 2.0, centres[-1] + width / 2.0)
    ax.stairs(heights, edges, fill=True, color=OKABE_ITO[0])
    ax.axvline(0.0, color=GREY, linewidth=0.8)
    if expected is not None:
        level = non_negative_number("cross_correlogram", "expected", expected)
        ax.axhline(level, color="black", linestyle="--", linewidth=1.2, label="independent")
        ax.legend(frameon=False)
    ax.set_xlim(edges[0], edges[-1])
    rise_from_zero(ax)
    ax.set_xlabel("lag (ms)")
    ax.set_ylabel("pairs of spikes")
    return ax
