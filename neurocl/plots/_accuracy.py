"""Bars that compare accuracies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError
from neurocl.plots._style import GREY, OKABE_ITO, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def accuracy_bars(
    names: Sequence[str],
    scores: ArrayLike,
    ax: Axes | None = None,
    *,
    errors: ArrayLike | None = None,
    chance: float | None = None,
) -> Axes:
    """Draw accuracies as horizontal bars, the first on top.

    Parameters
    ----------
    names : sequence of str [K]
        What is compared.
    scores : array [K]
        Accuracies as fractions from 0 to 1; drawn in percent.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    errors : array [K] or [2, K], optional
        Half-widths of the error bars as fractions: one for both sides, or below and above. Say in the caption
        what they are (a 95 % interval over seeds, a standard deviation).
    chance : float, optional
        Accuracy of guessing, from 0 to 1, drawn as a dashed line.

    Returns
    -------
    Axes
        x is the accuracy in percent. The bars are `ax.patches`, in order.

    Raises
    ------
    NeuroclError
        If the lengths differ, or an accuracy is not between 0 and 1.
    """
    values = _fractions("scores", scores, (len(names),))
    spread = None
    if errors is not None:
        shape = (2, len(names)) if np.ndim(errors) == 2 else (len(names),)
        spread = 100.0 * _fractions("errors", errors, shape)
    guess = None if chance is None else 100.0 * float(_fractions("chance", chance, ()))
    ax = axes_or_new(ax, width=5.0, height=0.9 + 0.36 * len(names))
    rows = np.arange(len(names))
    # Near 100 % an error bar and the number beside it reach past the axis, so they must not be clipped.
    free = {"clip_on": False}
    bars = ax.barh(rows, 100.0 * values, height=0.65, color=OKABE_ITO[0], xerr=spread, capsize=3.0, error_kw=free)
    ax.bar_label(bars, fmt="%.1f", padding=4.0, annotation_clip=False)
    ax.set_yticks(rows, names)
    ax.invert_yaxis()
    ax.set_xlim(0.0, 100.0)
    ax.set_xlabel("accuracy (%)")
    if guess is not None:
        ax.axvline(guess, color=GREY, linestyle="--", linewidth=1.2)
        place = (guess, 1.01)
        ax.annotate(f"chance ({guess:.3g} %)", place, xycoords=ax.get_xaxis_transform(), color=GREY, ha="center")
    return ax


def _fractions(argument: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the values as fractions of this shape."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise NeuroclError(f"accuracy_bars: {argument} must have the shape {shape}, got {array.shape}.")
    if not np.all((array >= 0.0) & (array <= 1.0)):
        raise NeuroclError(f"accuracy_bars: {argument} must be fractions from 0 to 1, got {values!r}.")
    return array
