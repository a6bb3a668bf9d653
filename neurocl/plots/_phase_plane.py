"""Phase plane of a neuron model: nullclines, vector field, equilibria and a recorded trajectory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import finite_number
from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel
from neurocl.core.recording import GroupRecording
from neurocl.plots._flow import Flow, flow_of
from neurocl.plots._style import OKABE_ITO, axes_or_new, legend_beside, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARROWS, FINE = 21, 401
"""Points per side of the grids for the arrows and for the nullclines."""


def phase_plane(
    model: NeuronModel,
    ranges: Mapping[str, tuple[float, float]],
    ax: Axes | None = None,
    *,
    trajectory: GroupRecording | None = None,
    **values: float,
) -> Axes:
    """Draw the plane of two states of a model between spikes.

    Parameters
    ----------
    model : NeuronModel
        A model with differential equations for the two states.
    ranges : mapping of str to (low, high)
        The two states and the range to show of each, the horizontal one first:
        ``{"v": (-80, 40), "w_ad": (-100, 400)}``.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    trajectory : GroupRecording, optional
        What a run recorded of these states, e.g. ``out["cell"]``: every neuron is a line, which is dotted where it
        is reset, if ``"spikes"`` were recorded too.
    **values : float
        Parameters that differ from the model's defaults, and values at which other states that the two derivatives
        depend on are held, e.g. ``i_ext=500.0, h=0.6``. A synaptic state that decays by itself is 0 unless given.

    Returns
    -------
    Axes
        x and y are the two states in their units. Arrows of one length show the direction in which the state moves;
        a filled circle is a stable equilibrium, an open one an unstable. Noise is left out.

    Raises
    ------
    NeuroclError
        If a state or parameter is unknown, `ranges` are not two, a state has no differential equation, or the two
        derivatives depend on a third state that is not given.
    """
    if not isinstance(model, NeuronModel):
        raise NeuroclError(f"phase_plane: expected a NeuronModel, got {type(model).__name__}.")
    x, y = _two_ranges(ranges)
    flow = flow_of(model, x, y, values)
    ax = axes_or_new(ax, width=6.2, height=4.0)
    _draw_arrows(ax, flow, ranges[x], ranges[y])
    _draw_nullclines(ax, flow, ranges[x], ranges[y])
    if trajectory is not None:
        _draw_trajectory(ax, trajectory, x, y, has_reset=bool(model.reset))
    _draw_equilibria(ax, flow, ranges[x], ranges[y])
    ax.set_xlim(*ranges[x])
    ax.set_ylim(*ranges[y])
    units = model.parsed.equations.units
    ax.set_xlabel(with_unit(x, units[x]))
    ax.set_ylabel(with_unit(y, units[y]))
    legend_beside(ax)
    return ax


def _two_ranges(ranges: Mapping[str, tuple[float, float]]) -> tuple[str, str]:
    if not isinstance(ranges, Mapping) or len(ranges) != 2:
        raise NeuroclError(
            f"phase_plane: ranges must name two states, such as {{'v': (-80, 40), 'w': (0, 400)}}, got {ranges!r}."
        )
    for name, span in ranges.items():
        if np.shape(span) != (2,):
            raise NeuroclError(f"phase_plane: the range of '{name}' must be (low, high), got {span!r}.")
        low, high = (finite_number("phase_plane", f"the range of '{name}'", number) for number in span)
        if not low < high:
            raise NeuroclError(f"phase_plane: the range of '{name}' must be (low, high) with low < high, got {span!r}.")
    x, y = ranges
    return x, y


def _draw_arrows(ax: Axes, flow: Flow, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
    inner = slice(1, -1)  # arrows on the frame would be cut
    x, y = np.meshgrid(np.linspace(*x_range, ARROWS + 2)[inner], np.linspace(*y_range, ARROWS + 2)[inner])
    dx, dy = flow(x, y)
    length = np.hypot(dx, dy)
    moves = np.isfinite(length) & (length > 0.0)
    ax.quiver(
        x[moves], y[moves], dx[moves] / length[moves], dy[moves] / length[moves], angles="xy", pivot="mid",
        scale=1.4 * ARROWS, scale_units="width", width=0.0022, headwidth=4.0, color="#A6A6A6",
    )  # fmt: skip


def _draw_nullclines(ax: Axes, flow: Flow, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
    x, y = np.linspace(*x_range, FINE), np.linspace(*y_range, FINE)
    fields = flow(*np.meshgrid(x, y))
    for name, field, color in zip((flow.x, flow.y), fields, (OKABE_ITO[0], OKABE_ITO[1]), strict=True):
        crosses = np.nanmin(field) <= 0.0 <= np.nanmax(field)
        if crosses:
            ax.contour(x, y, field, levels=[0.0], colors=[color], linewidths=2.0)
        label = f"d{name}/dt = 0" if crosses else f"d{name}/dt = 0 (outside)"
        ax.plot([], [], color=color, linewidth=2.0, label=label)


def _draw_trajectory(ax: Axes, trajectory: GroupRecording, x: str, y: str, has_reset: bool) -> None:
    first, second = trajectory.trace(x), trajectory.trace(y)
    if not np.array_equal(first.indices, second.indices) or not np.array_equal(first.times, second.times):
        raise NeuroclError(f"phase_plane: record '{x}' and '{y}' of the same neurons at the same times.")
    spikes = trajectory.spikes if has_reset and "spikes" in trajectory else None
    for column, neuron in enumerate(first.indices):
        fired = spikes.times[spikes.neurons[spikes.indices] == neuron] if spikes is not None else np.zeros(0)
        # The row that carries the time of a spike holds the state after the reset.
        cuts = np.searchsorted(first.times, fired - 1e-6)
        _draw_pieces(ax, first.values[:, column], second.values[:, column], cuts, "trajectory" if not column else None)


def _draw_pieces(ax: Axes, x: NDArray[Any], y: NDArray[Any], cuts: NDArray[np.int64], label: str | None) -> None:
    cuts = cuts[(cuts > 0) & (cuts < x.size)]
    color = OKABE_ITO[2]
    places = np.split(np.arange(x.size), cuts)
    broken = np.concatenate([part for place in places for part in (place, [-1])])[:-1].astype(np.int64)
    lines = [np.where(broken < 0, np.nan, state[broken]) for state in (x, y)]
    ax.plot(*lines, color=color, linewidth=1.5, label=label)
    if cuts.size:
        jumps = np.stack([cuts - 1, cuts, np.full_like(cuts, -1)], axis=1).ravel()
        dotted = [np.where(jumps < 0, np.nan, state[jumps]) for state in (x, y)]
        ax.plot(*dotted, color=color, linewidth=1.0, linestyle=":", label="reset" if label else None)


def _draw_equilibria(ax: Axes, flow: Flow, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
    points = flow.equilibria(x_range, y_range)
    for is_stable, fill in ((True, "black"), (False, "white")):
        chosen = [point for point in points if point.is_stable == is_stable]
        if chosen:
            label = f"{'' if is_stable else 'un'}stable equilibrium"
            ax.plot(
                [p.x for p in chosen], [p.y for p in chosen], "o", color="black", markerfacecolor=fill, markersize=7.0,
                zorder=5, label=label,
            )  # fmt: skip
