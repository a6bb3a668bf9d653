"""Histogram of synaptic weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from neurocl.core.errors import NeuroclError
from neurocl.plots._histogram import draw_histograms
from neurocl.plots._style import axes_or_new, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def weights(
    values: ArrayLike | Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    bins: int = 50,
    unit: str = "",
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw how synaptic weights are distributed.

    Parameters
    ----------
    values : array of any shape, or mapping of str to array
        The weights, or several sets on the same bins, e.g. ``{"before": w0, "after": w1}``.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bins : int
        Number of bins over the range of all the weights. Default 50.
    unit : str
        Unit of the weights, that of the state they are added to, e.g. ``"mV"``. Empty: dimensionless.
    colors : sequence of str, optional
        One colour per set. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is the weight in its unit, y the number of synapses in a bin. Each set is one step patch.

    Raises
    ------
    NeuroclError
        If a set is empty or holds a weight that is not finite.
    """
    named = values if isinstance(values, Mapping) else {"": values}
    sets = {name: np.ravel(np.asarray(value, dtype=np.float64)) for name, value in named.items()}
    for name, value in sets.items():
        if not value.size or not np.isfinite(value).all():
            raise NeuroclError(f"weights{f' of {name}' if name else ''}: expected one finite number or more.")
    edges = np.histogram_bin_edges(np.concatenate(list(sets.values())), bins=bins)
    ax = axes_or_new(ax, width=4.5)
    counts = {name: np.histogram(value, bins=edges)[0] for name, value in sets.items()}
    draw_histograms(ax, counts, edges, colors)
    ax.set_xlabel(with_unit("weight", unit))
    ax.set_ylabel("number of synapses")
    if len(sets) > 1:
        ax.legend(frameon=False)
    return ax
