"""Picture of a network: populations as boxes, projections as arrows, modulators dashed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Projection, Slice
from neurocl.core.connectivity import (
    AllToAll,
    FixedIndegree,
    FixedOutdegree,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
    Rule,
)
from neurocl.core.errors import NeuroclError
from neurocl.core.network import Network
from neurocl.plots._effect import effect_of
from neurocl.plots._network_arrows import Arrow, arrows_of, draw_arrow
from neurocl.plots._network_layout import BOX_HEIGHT, CHARACTER, Box, place_boxes
from neurocl.plots._style import GREY, OKABE_ITO, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

LISTED = 16
"""Projections that are numbered and listed at most; more are only counted."""
KINDS = {"excitatory": OKABE_ITO[0], "inhibitory": OKABE_ITO[1], "plastic": OKABE_ITO[2], "other": GREY}
MODULATION = OKABE_ITO[4]
LEAST_WIDTH = 4.0
"""Width of the drawing at least, so that the legend fits below it."""
INCHES = 0.75
"""Size of the unit of the drawing in a new figure."""


def network(net: Network, ax: Axes | None = None) -> Axes:
    """Draw a network description.

    Parameters
    ----------
    net : Network
        The network; it need not be built.
    ax : Axes, optional
        Where to draw. Default: a new figure, as large as the network needs.

    Returns
    -------
    Axes
        Every population is a box with its name, size and model; every projection an arrow, which ends in a bar if it
        inhibits. Plastic projections have a colour of their own. Up to 16 projections are numbered, and listed beside
        with rule and synapse model; more are only counted, and the more synapses a neuron receives through one, the
        wider it is. Modulators, the populations whose spikes they count and the projections they act on are joined by
        dashed lines.

    Raises
    ------
    NeuroclError
        If `net` is no network, or an empty one.
    """
    if not isinstance(net, Network):
        raise NeuroclError(f"plots.network: expected a Network, got {type(net).__name__}; a simulation has .network.")
    if not net.populations:
        raise NeuroclError("plots.network: the network is empty; add a population first: net.add(model, n).")
    boxes = place_boxes(net)
    ax = _prepare(ax, list(boxes.values()), net)
    patches = {name: _draw_box(ax, box, dashed=name in net.modulators) for name, box in boxes.items()}
    is_listed = len(net.projections) <= LISTED
    strengths = dict.fromkeys(net.projections, 0.4) if is_listed else _strengths(net)
    middles = {}
    for number, (projection, arrow) in enumerate(arrows_of(net, boxes), start=1):
        pre, post = projection.pre.population.name, projection.post.population.name
        ends = (patches[pre], patches[post]) if pre != post else (None, None)
        kind, inhibits = kind_of(projection)
        strength = strengths[projection.name]
        style = {"linewidth": 0.4 + 3.0 * strength, "alpha": 1.0 if is_listed else 0.3 + 0.7 * strength}
        draw_arrow(ax, arrow, ends, inhibits, color=KINDS[kind], **style)
        middles[projection.name] = arrow.middle
        if is_listed:
            _draw_number(ax, number, arrow.middle, KINDS[kind])
    _draw_modulation(ax, net, boxes, patches, middles)
    _add_legend(ax, net, is_listed)
    _fit_text(ax)
    return ax


def kind_of(projection: Projection) -> tuple[str, bool]:
    """Return the kind of a projection, one of `KINDS`, and whether it inhibits."""
    effect = effect_of(projection)
    if projection.synapse.parsed.is_plastic:
        return "plastic", effect < 0
    return {1: "excitatory", -1: "inhibitory", 0: "other"}[effect], effect < 0


def _strengths(net: Network) -> dict[str, float]:
    """Return the synapses per postsynaptic neuron of each projection, relative to the most, as square roots."""
    found = {name: synapses_per_neuron(projection) for name, projection in net.projections.items()}
    known = [number for number in found.values() if number is not None]
    most = max(known, default=0.0) or 1.0
    return {name: 0.5 if number is None else float(np.sqrt(number / most)) for name, number in found.items()}


def synapses_per_neuron(projection: Projection) -> float | None:
    """Return the expected number of synapses of a postsynaptic neuron; None for rules that need positions or arrays."""
    n_pre, n_post = len(projection.pre), len(projection.post)
    match projection.rule:
        case FixedProbability(p=p):
            return p * n_pre
        case FixedIndegree(k=k):
            return float(k)
        case FixedOutdegree(k=k):
            return k * n_pre / n_post
        case FixedTotalNumber(n=n):
            return n / n_post
        case AllToAll():
            return float(n_pre)
        case OneToOne():
            return 1.0
    return None


def _prepare(ax: Axes | None, boxes: list[Box], net: Network) -> Axes:
    """Return Axes that show all boxes undistorted."""
    corners = np.array([box.centre + (side * box.width / 2, 0.0) for box in boxes for side in (-1, 1)])
    rows = [describe(projection) for projection in net.projections.values()]
    is_listed = 0 < len(rows) <= LISTED
    # Room for loops above and below, and below them for the legend of the colours.
    (left, low), (right, high) = (
        corners.min(axis=0) - (0.3, 1.8 if is_listed else 1.1),
        corners.max(axis=0) + (0.3, 1.1),
    )
    missing = max(0.0, LEAST_WIDTH - (right - left)) / 2
    left, right = left - missing, right + missing
    beside = 0.9 + 0.075 * max(map(len, rows)) if is_listed else 1.6 if rows else 0.0
    listed = 0.2 * min(len(rows), LISTED) + 0.8
    ax = axes_or_new(ax, width=INCHES * (right - left) + beside, height=max(listed, INCHES * (high - low)))
    ax.set_axis_off()
    ax.set_xlim(left, right)
    ax.set_ylim(low, high)
    ax.set_aspect("equal")
    return ax


def _draw_box(ax: Axes, box: Box, dashed: bool) -> Patch:
    from matplotlib.patches import FancyBboxPatch

    left, low = box.centre - (box.width / 2, BOX_HEIGHT / 2)
    patch = FancyBboxPatch(
        (left, low), box.width, BOX_HEIGHT, boxstyle="round,pad=0,rounding_size=0.12", facecolor="#F5F5F5",
        edgecolor=MODULATION if dashed else "black", linewidth=1.2, linestyle="--" if dashed else "-", zorder=3,
    )  # fmt: skip
    ax.add_patch(patch)
    x, y = box.centre
    ax.text(x, y + 0.13, box.title, ha="center", va="center", fontweight="bold", zorder=4)
    ax.text(x, y - 0.14, box.text, ha="center", va="center", zorder=4)
    return patch


def _draw_number(ax: Axes, number: int, place: NDArray[np.float64], color: str) -> None:
    circle: dict[str, Any] = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": color}
    ax.text(
        place[0], place[1], str(number), ha="center", va="center", color=color, fontweight="bold", bbox=circle, zorder=5
    )


def _draw_modulation(
    ax: Axes, net: Network, boxes: dict[str, Box], patches: dict[str, Patch], middles: dict[str, NDArray[np.float64]]
) -> None:
    """Draw what a modulator counts and what it acts on."""
    style: dict[str, Any] = {"color": MODULATION, "linestyle": "--", "linewidth": 1.2}
    for name, handle in net.modulators.items():
        for counted in handle.counts.values():
            source = counted.population.name
            arrow = Arrow(boxes[source].centre, boxes[name].centre, 0.1)
            draw_arrow(ax, arrow, (patches[source], patches[name]), False, **style)
        for projection in net.projections.values():
            if any(state.modulator is handle for state in projection.modulated.values()):
                arrow = Arrow(boxes[name].centre, middles[projection.name], 0.1)
                draw_arrow(ax, arrow, (patches[name], None), False, **style)


def _add_legend(ax: Axes, net: Network, is_listed: bool) -> None:
    """List the projections with rule and synapse beside the picture, or count them, and say what the colours mean."""
    from matplotlib.lines import Line2D

    kinds = Counter(kind_of(projection)[0] for projection in net.projections.values())
    names = {kind: kind if is_listed else f"{kind} ({kinds[kind]})" for kind in KINDS if kinds[kind]}
    handles = [Line2D([], [], color=KINDS[kind], linewidth=2.0, label=label) for kind, label in names.items()]
    if any(projection.modulated for projection in net.projections.values()) or net.modulators:
        handles.append(Line2D([], [], color=MODULATION, linestyle="--", label="modulator"))
    beside: dict[str, Any] = {"frameon": False, "loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
    if not is_listed:
        ax.legend(handles=handles, title="projections\n(width: synapses\nper neuron)", **beside)
        return
    if handles:
        below = ax.legend(
            handles=handles, frameon=False, loc="lower center", ncols=3, columnspacing=1.2, fontsize="small"
        )
        ax.add_artist(below)
    rows = [
        Line2D([], [], color=KINDS[kind_of(p)[0]], linewidth=2.0, label=f"{number}  {describe(p)}")
        for number, p in enumerate(net.projections.values(), start=1)
    ]
    if rows:
        ax.legend(handles=rows, fontsize="small", handlelength=1.2, **beside)


def describe(projection: Projection) -> str:
    """Return the ends, the rule and the synapse model of a projection in one line."""
    ends = f"{_end(projection.pre)} → {_end(projection.post)}"
    synapse = "" if projection.synapse.name == "static" else f", {projection.synapse.name}"
    return f"{ends}: {_rule(projection.rule)}{synapse}"


def _end(part: Slice) -> str:
    """Return the population's name, with the neurons where they are only some."""
    name, neurons = part.population.name, part.neurons
    if len(neurons) == part.population.n:
        return name
    step = f":{neurons.step}" if neurons.step != 1 else ""
    return f"{name}[{neurons[0]}:{neurons[-1] + 1}{step}]"


def _rule(rule: Rule) -> str:
    """Return the rule with its numbers; defaults, flags and arrays are left out."""
    parts = []
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(rule) if dataclasses.is_dataclass(rule) else ()
    for field in fields:
        value = getattr(rule, field.name)
        if isinstance(value, int | float | str) and not isinstance(value, bool) and value != field.default:
            parts.append(f"{value:g}" if isinstance(value, float) else str(value))
    return f"{type(rule).__name__}({', '.join(parts)})" if parts else type(rule).__name__


def _fit_text(ax: Axes) -> None:
    """Give the texts in the picture the size that fits into the boxes, once the layout is known."""
    ax.figure.canvas.draw()
    box, (left, right), (low, high) = ax.get_window_extent(), ax.get_xlim(), ax.get_ylim()
    points = min(box.width / (right - left), box.height / (high - low)) * 72.0 / ax.figure.dpi
    size = min(10.0, points * CHARACTER / 0.62)
    for text in ax.texts:
        text.set_fontsize(size if text.get_bbox_patch() is None else 0.8 * size)
