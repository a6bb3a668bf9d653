"""How the distribution of weights changes over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Trace
from neurocl.plots._style import GREY, OKABE_ITO, axes_or_new, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def weight_evolution(
    snapshots: Trace | Mapping[float, ArrayLike],
    ax: Axes | None = None,
    *,
    bins: int = 60,
    unit: str = "",
    synapses: Sequence[int] = (),
) -> Axes:
    """Draw the histogram of the weights over time as an image, with their median and some single weights.

    Parameters
    ----------
    snapshots : Trace, or mapping of float to array
        Recorded weights, e.g. ``out["rec"].trace("w")`` of ``record={"rec": ncl.Record("w", every=1000)}``; or the
        weights of all synapses at times in ms, ``{0.0: w0, 1000.0: w1}``. At least two times.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bins : int
        Number of bins over the range of all the weights. Default 60.
    unit : str
        Unit of the weights, that of the state they are added to. Empty: that of the trace, or dimensionless.
    synapses : sequence of int
        Numbers of synapses whose weights are drawn as lines. Default: none.

    Returns
    -------
    Axes
        x is time in ms, y the weight in its unit; the colour is the percentage of the synapses in a bin at a snapshot.
        The first line of `ax.lines` is the median, the others are the synapses.

    Raises
    ------
    NeuroclError
        If there are fewer than two snapshots, they differ in length, or a weight is not finite.
    """
    from matplotlib.colors import PowerNorm

    trace = _as_trace(snapshots, unit)
    values = np.asarray(trace.values, dtype=np.float64)
    edges = np.histogram_bin_edges(values, bins=whole_number("weight_evolution", "bins", bins, at_least=1))
    shares = 100.0 * np.stack([np.histogram(row, edges)[0] for row in values]) / values.shape[1]
    ax = axes_or_new(ax, width=6.4)
    # A few full bins (weights at a bound) would leave the rest white: the square root shows both.
    norm = PowerNorm(0.5, vmin=0.0, vmax=max(float(shares.max()), 1e-9))
    image = ax.pcolormesh(_borders(trace.times), edges, shares.T, cmap="Greys", norm=norm, rasterized=True)
    ax.figure.colorbar(image, ax=ax, label="synapses (%)")
    ax.plot(trace.times, np.median(values, axis=1), color=OKABE_ITO[1], linewidth=2.0, label="median")
    for k, column in enumerate(trace.select(list(synapses)).values.T if len(synapses) else ()):
        color = OKABE_ITO[(0, 2, 3, 4, 5)[k % 5]]
        ax.plot(trace.times, column, color=color, linewidth=1.2, label=f"synapse {synapses[k]}")
    ax.set_xlabel("time (ms)")
    ax.set_ylabel(with_unit("weight", trace.unit))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, labelcolor=GREY)
    return ax


def _as_trace(snapshots: Trace | Mapping[float, ArrayLike], unit: str) -> Trace:
    """Return the snapshots, of either kind, as a trace of finite weights at two times or more."""
    if isinstance(snapshots, Trace):
        trace = Trace(snapshots.name, snapshots.values, snapshots.times, snapshots.indices, unit or snapshots.unit)
    elif isinstance(snapshots, Mapping):
        rows = {float(time): np.ravel(np.asarray(row, dtype=np.float64)) for time, row in snapshots.items()}
        if len({row.size for row in rows.values()}) > 1:
            raise NeuroclError("weight_evolution: every snapshot must hold the weights of the same synapses.")
        times = sorted(rows)
        values = np.stack([rows[time] for time in times]) if rows else np.zeros((0, 0))
        trace = Trace("w", values, np.asarray(times), np.arange(values.shape[1]), unit)
    else:
        raise NeuroclError(
            "weight_evolution: expected a Trace or a mapping of times to weights, got"
            f" {type(snapshots).__name__}; record with record={{'rec': ncl.Record('w', every=1000)}}."
        )
    if trace.times.size < 2 or not trace.indices.size:
        raise NeuroclError(
            f"weight_evolution: expected two snapshots or more, got {trace.times.size} of {trace.indices.size}"
            " synapses."
        )
    if not np.isfinite(trace.values).all():
        raise NeuroclError("weight_evolution: every weight must be a finite number.")
    return trace


def _borders(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return borders half-way between the times, so that each snapshot stands for the time around it."""
    middle = (times[1:] + times[:-1]) / 2.0
    return np.concatenate([[times[0]], middle, [times[-1]]])
