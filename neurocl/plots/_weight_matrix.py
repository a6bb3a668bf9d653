"""Weights as a matrix [post, pre]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.simulator import Simulator
from neurocl.plots._matrix import chosen_projections, draw_matrix, name_populations, synapse_matrix
from neurocl.plots._style import axes_or_new, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NO_SYNAPSE = "#EDEDED"
"""Colour of pairs without a synapse, which no weight has."""


def weight_matrix(
    weights: Simulator | ArrayLike,
    ax: Axes | None = None,
    *,
    projection: str | None = None,
    unit: str | None = None,
) -> Axes:
    """Draw weights as an image [post, pre]: red-blue where both signs occur, pale to dark where one does.

    Parameters
    ----------
    weights : Simulator, or array [post, pre]
        A built network (its weights as they are now), or a dense matrix such as that of an associative memory, in
        which NaN marks pairs without a synapse.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    projection : str, optional
        Name of one projection. Default: the whole network, with the populations one after the other.
    unit : str, optional
        Unit of the weights. Default: that of the state they are added to.

    Returns
    -------
    Axes
        x is the presynaptic neuron, y the postsynaptic one, the first in the upper left corner. Several synapses of
        one pair are added. With more than 400 neurons a pixel stands for many pairs, and its colour is the mean weight
        of their synapses. Pixels without a synapse are grey.

    Raises
    ------
    NeuroclError
        If the network has no such projection, the weights of a whole network differ in unit, or an array is no matrix
        of finite numbers.
    """
    ax_size = {"width": 4.8, "height": 4.0}
    if isinstance(weights, Simulator):
        names = chosen_projections("weight_matrix", weights, projection)
        found = synapse_matrix(weights, names, projection, lambda name: weights_of(weights, name))
        n_pre, n_post = sum(found.pre.values()), sum(found.post.values())
        synapses = np.where(found.counts > 0, found.counts if found.is_binned else 1, np.nan)
        values = found.sums / synapses
        unit = _common_unit(weights, names) if unit is None else unit
        ax = axes_or_new(ax, **ax_size)
        quantity = "mean weight" if found.is_binned else "weight"
    else:
        values = _dense(weights)
        (n_post, n_pre), quantity, ax = values.shape, "weight", axes_or_new(ax, **ax_size)
    image = draw_matrix(ax, values, n_pre, n_post, **_colors(values))
    ax.set_facecolor(NO_SYNAPSE)
    if isinstance(weights, Simulator):
        name_populations(ax, found)
    ax.figure.colorbar(image, ax=ax, label=with_unit(quantity, unit or ""), shrink=0.85)
    return ax


def weights_of(sim: Simulator, projection: str) -> Any:
    """Return the weights of the synapses as they are now, or the one number that all of them share."""
    state = sim.state
    return state[f"{projection}.w"] if f"{projection}.w" in state else sim.plan.projections[projection].weight


def unit_of(sim: Simulator, projection: str) -> str:
    """Return the unit of the state that the weights of a projection are added to."""
    plan = sim.plan.projections[projection]
    return "" if plan.target is None else sim.plan.populations[plan.post].parsed.equations.units[plan.target]


def _common_unit(sim: Simulator, names: list[str]) -> str:
    units = {unit_of(sim, name) for name in names}
    if len(units) > 1:
        listed = ", ".join(f"{name} ({unit_of(sim, name) or 'none'})" for name in names[:6])
        raise NeuroclError(f"weight_matrix: the weights differ in unit: {listed}; choose one with projection='...'.")
    return units.pop()


def _dense(weights: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(weights, dtype=np.float64)
    if values.ndim != 2 or not values.size or np.isinf(values).any() or np.isnan(values).all():
        raise NeuroclError(
            f"weight_matrix: expected a built network or a matrix [post, pre] of numbers, got shape {values.shape}."
        )
    return values


def _colors(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return a colour map for the signs that occur; where both do, white is 0."""
    present = values[~np.isnan(values)]
    lowest, highest = (float(present.min()), float(present.max())) if present.size else (0.0, 1.0)
    bound = max(-lowest, highest) or 1.0
    if lowest < 0.0 < highest:
        return {"cmap": "RdBu", "vmin": -bound, "vmax": bound}
    if highest <= 0.0 and lowest < 0.0:
        return {"cmap": "Reds_r", "vmin": -bound, "vmax": 0.0}
    return {"cmap": "Blues", "vmin": 0.0, "vmax": bound}
