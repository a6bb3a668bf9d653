"""Synapses of a built network as a matrix [post, pre], binned to pixels where neurons are many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.simulator import Simulator
from neurocl.plots._style import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

LARGEST_EXACT, PIXELS = 400, 100
"""Up to so many neurons per side every pair is a pixel; more are put together into so many rows and columns."""


@dataclass(frozen=True, eq=False)
class SynapseMatrix:
    """Sums over the synapses and pairs of each pixel.

    Parameters
    ----------
    sums : float array [row, column]
        Sum of the weights of the synapses.
    counts, pairs : int array [row, column]
        Number of synapses, and of ordered pairs of neurons.
    pre, post : mapping of str to int
        The populations along x and along y, with their sizes.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]
    pairs: NDArray[np.int64]
    pre: Mapping[str, int]
    post: Mapping[str, int]

    @property
    def is_binned(self) -> bool:
        """Whether a pixel holds several pairs of neurons."""
        return bool(self.pairs.max() > 1)


def check_built(function: str, sim: Any) -> Simulator:
    """Return `sim`; NeuroclError unless it is a built network."""
    if not isinstance(sim, Simulator):
        raise NeuroclError(
            f"{function}: expected a built network, got {type(sim).__name__}; synapses are drawn by net.build()."
        )
    return sim


def chosen_projections(function: str, sim: Simulator, projection: str | None) -> list[str]:
    """Return the named projection, or all of the network; NeuroclError if there is none."""
    known = list(sim.plan.projections)
    if projection is not None and projection not in known:
        raise NeuroclError(f"{function}: the network has no projection {projection!r}{suggest(str(projection), known)}")
    if not known:
        raise NeuroclError(f"{function}: the network has no projections; add one with net.connect.")
    return known if projection is None else [projection]


def synapse_matrix(
    sim: Simulator, names: list[str], projection: str | None, weight: Callable[[str], Any]
) -> SynapseMatrix:
    """Add up ``weight(projection)`` of all synapses in pixels.

    One projection spans its two populations; without one, both sides are all populations of the network.
    """
    sizes = {name: population.n for name, population in sim.plan.populations.items()}
    pre = post = sizes
    if projection is not None:
        plan = sim.plan.projections[projection]
        pre, post = {plan.pre: sizes[plan.pre]}, {plan.post: sizes[plan.post]}
    n_pre, n_post = sum(pre.values()), sum(post.values())
    columns, rows = (n if n <= LARGEST_EXACT else PIXELS for n in (n_pre, n_post))
    first_pre, first_post = _first(pre), _first(post)
    sums, counts = np.zeros(rows * columns), np.zeros(rows * columns, dtype=np.int64)
    for name in names:
        plan = sim.plan.projections[name]
        edges_pre, edges_post = sim.edges(name)
        column = (edges_pre.astype(np.int64) + first_pre[plan.pre]) * columns // n_pre
        row = (edges_post.astype(np.int64) + first_post[plan.post]) * rows // n_post
        pixel = row * columns + column
        sums += np.bincount(pixel, np.broadcast_to(weight(name), pixel.shape), minlength=sums.size)
        counts += np.bincount(pixel, minlength=sums.size)
    pairs = np.outer(_neurons_per_pixel(n_post, rows), _neurons_per_pixel(n_pre, columns))
    return SynapseMatrix(sums.reshape(rows, columns), counts.reshape(rows, columns), pairs, pre, post)


def draw_matrix(ax: Axes, values: NDArray[Any], n_pre: int, n_post: int, **style: Any) -> AxesImage:
    """Draw a matrix [post, pre] with the first neurons in the upper left corner."""
    aspect: Literal["equal", "auto"] = "equal" if 0.4 < n_post / n_pre < 2.5 else "auto"
    extent = (-0.5, n_pre - 0.5, n_post - 0.5, -0.5)
    image = ax.imshow(values, extent=extent, aspect=aspect, interpolation="nearest", **style)
    ax.spines[:].set_visible(True)
    ax.set_xlabel("presynaptic neuron")
    ax.set_ylabel("postsynaptic neuron")
    return image


def name_populations(ax: Axes, matrix: SynapseMatrix) -> None:
    """Write the populations along the axes and draw lines between them."""
    if len(matrix.pre) == len(matrix.post) == 1:
        ax.set_xlabel(f"presynaptic neuron ({next(iter(matrix.pre))})")
        ax.set_ylabel(f"postsynaptic neuron ({next(iter(matrix.post))})")
        return
    for sizes, axis, line in ((matrix.pre, ax.xaxis, ax.axvline), (matrix.post, ax.yaxis, ax.axhline)):
        ends = np.cumsum(list(sizes.values()))
        axis.set_ticks(ends - np.array(list(sizes.values())) / 2 - 0.5, list(sizes))
        axis.set_tick_params(length=0)
        for end in ends[:-1]:
            line(end - 0.5, color=GREY, linewidth=0.5)
    if len(matrix.pre) > 3:
        ax.tick_params(axis="x", rotation=90)
    ax.set_xlabel("from")
    ax.set_ylabel("to")


def _first(sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the place of the first neuron of each population when all stand in a row."""
    return dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))


def _neurons_per_pixel(n: int, pixels: int) -> NDArray[np.int64]:
    return np.bincount(np.arange(n, dtype=np.int64) * pixels // n, minlength=pixels)
