"""Plots of continual learning: the accuracy matrix, learning curves, the stability gap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from neurocl.core.errors import NeuroclError
from neurocl.plots._style import GREY, axes_or_new, colors_for, legend_beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def accuracy_matrix(matrix: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on each task (column) after each experience (row).

    Parameters
    ----------
    matrix : array [experience, task], fractions from 0 to 1; NaN is left white.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise NeuroclError(f"accuracy_matrix: expected an array [experience, task], got shape {values.shape}.")
    ax = axes_or_new(ax, width=4.8, height=4.0)
    image = ax.imshow(100.0 * values, vmin=0.0, vmax=100.0, cmap="viridis", interpolation="nearest")
    if max(values.shape) <= 12:
        for (row, column), value in np.ndenumerate(values):
            if not np.isnan(value):
                color = "white" if value < 0.6 else "black"
                ax.text(column, row, f"{100 * value:.0f}", ha="center", va="center", color=color, fontsize=8)
        ax.set_xticks(range(values.shape[1]))
        ax.set_yticks(range(values.shape[0]))
    ax.set_xlabel("task")
    ax.set_ylabel("after experience")
    ax.figure.colorbar(image, ax=ax, label="accuracy (%)")
    return ax


def learning_curves(curves: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw accuracy over experiences, one line per name.

    Parameters
    ----------
    curves : arrays [seed, experience] by name, fractions from 0 to 1; the band is a 95 % interval over seeds (Student).
    ax : Axes, optional
        Where to draw. Default: a new figure.
    """
    from matplotlib.ticker import MaxNLocator
    from scipy import stats

    if not curves:
        raise NeuroclError("learning_curves: expected at least one curve, got none.")
    ax = axes_or_new(ax)
    for (name, curve), color in zip(curves.items(), colors_for(len(curves), None), strict=True):
        values = 100.0 * np.atleast_2d(np.asarray(curve, dtype=np.float64))
        x, mean = np.arange(values.shape[1]), values.mean(0)
        ax.plot(x, mean, color=color, label=name, marker="o" if len(x) <= 30 else "", markersize=3)
        if len(values) > 1:
            half = stats.t.ppf(0.975, len(values) - 1) * values.std(0, ddof=1) / np.sqrt(len(values))
            ax.fill_between(x, mean - half, mean + half, color=color, alpha=0.2, linewidth=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("after experience")
    ax.set_ylabel("accuracy (%)")
    if len(curves) > 1:
        legend_beside(ax)
    return ax


def stability_gap(trace: ArrayLike, steps: ArrayLike, ends: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on each task during training; dashed lines mark the ends of experiences.

    Parameters
    ----------
    trace : array [evaluation, task], fractions from 0 to 1.
    steps : updates after which was evaluated [evaluation].
    ends : updates at the end of each experience.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    """
    values, when = np.asarray(trace, dtype=np.float64), np.asarray(steps)
    if values.ndim != 2 or when.shape != values.shape[:1]:
        raise NeuroclError(
            "stability_gap: expected trace [evaluation, task] and steps [evaluation], got"
            f" {values.shape}, {when.shape}."
        )
    ax = axes_or_new(ax)
    for task, color in enumerate(colors_for(values.shape[1], None)):
        ax.plot(when, 100.0 * values[:, task], color=color, label=f"task {task}", linewidth=1.0)
    for end in np.asarray(ends):
        ax.axvline(end, color=GREY, linestyle="--", linewidth=0.8)
    ax.set_xlabel("updates")
    ax.set_ylabel("accuracy (%)")
    legend_beside(ax)
    return ax
