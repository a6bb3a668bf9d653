"""Histograms of several sets on the same bins, so drawn that each stays visible behind the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from neurocl.plots._style import colors_for, rise_from_zero

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_histograms(
    ax: Axes, heights: Mapping[str, NDArray[Any]], edges: NDArray[Any], colors: Sequence[str] | None
) -> None:
    """Draw one filled step patch per set; with several sets they are pale, and each has an outline with its name."""
    several = len(heights) > 1
    for (name, height), color in zip(heights.items(), colors_for(len(heights), colors), strict=True):
        ax.stairs(
            height, edges, fill=True, color=color, alpha=0.35 if several else 1.0, label=None if several else name
        )
        if several:
            ax.stairs(height, edges, color=color, linewidth=1.5, label=name)
    rise_from_zero(ax)
