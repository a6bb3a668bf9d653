"""States over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from neurocl.core.recording import Trace
from neurocl.plots._style import OKABE_ITO, axes_or_new, legend_beside, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def trace(trace: Trace, ax: Axes | None = None, *, neurons: slice | Sequence[int] | None = None) -> Axes:
    """Draw a recorded state over time, one line per neuron or synapse.

    Parameters
    ----------
    trace : Trace
        The state, e.g. ``out["exc"].trace("v")``.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    neurons : slice or sequence of int, optional
        Which of the recorded neurons or synapses, by their numbers. Default: the first five.

    Returns
    -------
    Axes
        x is time in ms, y the state in its unit. Each neuron is one line (`ax.lines`, in order). The legend
        calls their numbers "index", since a Trace does not say whose they are.
    """
    shown = trace.select(slice(0, 5) if neurons is None else neurons)
    ax = axes_or_new(ax, height=2.6)
    for column, number in enumerate(shown.indices):
        color = OKABE_ITO[column % len(OKABE_ITO)]
        ax.plot(shown.times, shown.values[:, column], color=color, linewidth=1.0, label=str(number))
    if shown.times.size > 1:
        # The first value stands at the end of its step: begin the axis where this step begins.
        ax.set_xlim(2.0 * shown.times[0] - shown.times[1], shown.times[-1])
    ax.set_xlabel("time (ms)")
    ax.set_ylabel(with_unit(trace.name, trace.unit))
    if shown.indices.size > 1:
        legend_beside(ax, title="index")
    return ax
