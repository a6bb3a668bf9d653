"""What all plots share: colours, a new Axes where none is given, labels with units.

Source of the colours: Okabe & Ito (2008), Color Universal Design. The yellow is last, being pale on white.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000", "#F0E442")
GREY = "#595959"


def axes_or_new(ax: Axes | None, width: float = 6.0, height: float = 3.2) -> Axes:
    """Return `ax`, or the Axes of a new figure of this size (inches); hide the upper and right frame."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def colors_for(n: int, colors: Sequence[str] | None) -> list[str]:
    """Return n colours: those given, or the Okabe-Ito colours in turn."""
    if colors is None:
        return [OKABE_ITO[i % len(OKABE_ITO)] for i in range(n)]
    if isinstance(colors, str) or len(colors) != n:
        raise NeuroclError(f"colors: expected a list of {n}, one for each, got {colors!r}.")
    return list(colors)


def legend_beside(ax: Axes, title: str | None = None) -> None:
    """Put the legend to the right of the Axes, where it hides nothing."""
    ax.legend(title=title, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def rise_from_zero(ax: Axes) -> None:
    """Let y begin at 0 and reach above everything drawn, also what an earlier plot has drawn."""
    ax.autoscale(axis="y")
    ax.set_ylim(bottom=0.0)


def with_unit(quantity: str, unit: str) -> str:
    """Return an axis label such as ``v (mV)``."""
    return f"{quantity} ({'dimensionless' if unit in ('', '1') else unit})"
