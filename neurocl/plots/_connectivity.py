"""Which neurons are connected: the adjacency matrix and the distribution of degrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.simulator import Simulator
from neurocl.plots._histogram import draw_histograms
from neurocl.plots._matrix import check_built, chosen_projections, draw_matrix, name_populations, synapse_matrix
from neurocl.plots._style import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def adjacency(sim: Simulator, ax: Axes | None = None, *, projection: str | None = None) -> Axes:
    """Draw the number of synapses of every pair of neurons as an image [post, pre].

    Parameters
    ----------
    sim : Simulator
        A built network, ``net.build()``.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    projection : str, optional
        Name of one projection. Default: the whole network, with the populations one after the other.

    Returns
    -------
    Axes
        x is the presynaptic neuron, y the postsynaptic one, the first in the upper left corner. With more than 400
        neurons a pixel stands for many pairs, and its colour is the mean number of synapses of a pair.

    Raises
    ------
    NeuroclError
        If the network is not built, or has no such projection.
    """
    sim = check_built("adjacency", sim)
    matrix = synapse_matrix(sim, chosen_projections("adjacency", sim, projection), projection, lambda name: 1.0)
    ax = axes_or_new(ax, width=4.6, height=4.0)
    n_pre, n_post = sum(matrix.pre.values()), sum(matrix.post.values())
    values = matrix.counts / matrix.pairs
    highest = float(values.max()) if matrix.is_binned else float(max(1, matrix.counts.max()))
    image = draw_matrix(ax, values, n_pre, n_post, cmap="Blues", vmin=0.0, vmax=highest or 1.0)
    name_populations(ax, matrix)
    if matrix.is_binned or highest > 1.0:
        label = "synapses per pair (mean)" if matrix.is_binned else "synapses per pair"
        ax.figure.colorbar(image, ax=ax, label=label, shrink=0.85)
    return ax


def degrees(
    sim: Simulator,
    ax: Axes | None = None,
    *,
    projection: str | None = None,
    side: Literal["in", "out"] = "in",
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw how many synapses the neurons receive, or make.

    Parameters
    ----------
    sim : Simulator
        A built network, ``net.build()``.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    projection : str, optional
        Name of one projection. Default: all synapses of the network, one histogram per population that has any.
    side : {"in", "out"}
        Synapses that a neuron receives (default), or that it makes.
    colors : sequence of str, optional
        One colour per population. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is the number of synapses, y the percentage of a population's neurons in a bin.

    Raises
    ------
    NeuroclError
        If the network is not built, has no such projection, or `side` is neither "in" nor "out".
    """
    sim = check_built("degrees", sim)
    if side not in ("in", "out"):
        raise NeuroclError(f"degrees: side must be 'in' or 'out', got {side!r}.")
    found = _degrees(sim, chosen_projections("degrees", sim, projection), side)
    lowest = min(int(degree.min()) for degree in found.values())
    highest = max(int(degree.max()) for degree in found.values())
    width = max(1, (highest - lowest) // 40)  # whole numbers, so that no bin holds more of them than another
    edges = np.arange(lowest, highest + 1 + width, width) - 0.5
    shares = {
        f"{name}: {degree.mean():.4g}": 100.0 * np.histogram(degree, edges)[0] / degree.size
        for name, degree in found.items()
    }
    ax = axes_or_new(ax, width=4.5)
    draw_histograms(ax, shares, edges, colors)
    ax.legend(title=f"mean {side}-degree", frameon=False)
    ax.set_xlabel(f"{side}-degree (synapses per neuron)")
    ax.set_ylabel("neurons (%)")
    return ax


def _degrees(sim: Simulator, names: list[str], side: str) -> dict[str, NDArray[np.int64]]:
    """Return the number of synapses of each neuron, by population, in the order of the network."""
    found: dict[str, NDArray[np.int64]] = {}
    for name in names:
        plan, (pre, post) = sim.plan.projections[name], sim.edges(name)
        population, neurons = (plan.post, post) if side == "in" else (plan.pre, pre)
        counts = np.bincount(neurons, minlength=sim.plan.populations[population].n)
        found[population] = found[population] + counts if population in found else counts
    return {name: found[name] for name in sim.plan.populations if name in found}
