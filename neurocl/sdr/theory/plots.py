"""The figures of Ahmad & Hawkins (2016) from the closed forms, each drawn into an Axes.

Published points that were counted in simulations can be drawn beside the lines with `observed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from neurocl.plots._style import OKABE_ITO, axes_or_new, legend_beside
from neurocl.sdr.theory.matching import log10_false_match
from neurocl.sdr.theory.noise import false_negative
from neurocl.sdr.theory.unions import union_false_match

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_false_match", "plot_false_negative", "plot_thresholds", "plot_union"]

_STYLES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_LOWEST = 1e-16
_LEAST_LOG10 = -300.0
"""Where a match is impossible: as far down as floats reach."""

Observed = Mapping[int, tuple[Sequence[float], Sequence[float]]]
"""For each line, x and y of counted points."""


def plot_false_match(
    ax: Axes | None = None, *, sizes: Sequence[int] = tuple(range(300, 4101, 200)),
    active: Sequence[int] = (64, 128, 256), s: int = 24, theta: int = 12, observed: Observed | None = None,
) -> Axes:  # fmt: skip
    """Draw the false-match probability against the number of bits, one line per number of active bits (figure 4A).

    Parameters
    ----------
    ax : where to draw. Default: a new figure.
    sizes : numbers of bits n.
    active : numbers of active bits a.
    s, theta : synapses and threshold. Defaults 24 and 12.
    observed : counted points by a.
    """
    ax = axes_or_new(ax)
    for k, a in enumerate(active):
        x = [n for n in sizes if n >= max(a, s)]
        y = [10.0 ** log10_false_match(n, a, s, theta) for n in x]
        _line(ax, k, x, y, f"a = {a}", observed, a)
    _finish(ax, "bits n", "probability of a false match", f"s = {s}, θ = {theta}")
    return ax


def plot_false_negative(
    ax: Axes | None = None, *, a: int = 128, s: int = 30, thresholds: Sequence[int] = (8, 12, 16),
    observed: Observed | None = None,
) -> Axes:  # fmt: skip
    """Draw the probability of a miss against the fraction of moved bits, one line per threshold (figure 4B).

    Parameters
    ----------
    ax : where to draw. Default: a new figure.
    a, s : active bits and synapses. Defaults 128 and 30.
    thresholds : one line for each.
    observed : counted points by threshold; x is the fraction of moved bits.
    """
    ax = axes_or_new(ax)
    moved = np.arange(a + 1)
    for k, theta in enumerate(thresholds):
        y = np.array([false_negative(a, s, int(v), theta) for v in moved])
        _line(ax, k, moved / a, np.where(y < _LOWEST, np.nan, y), f"θ = {theta}", observed, theta)
    _finish(ax, "fraction of active bits moved", "probability of a miss", f"a = {a}, s = {s}")
    return ax


def plot_thresholds(
    ax: Axes | None = None, *, sizes: Sequence[int] = tuple(range(1000, 17001, 4000)),
    activity: Sequence[float] = (0.005, 0.01, 0.015, 0.02, 0.025, 0.03),
    synapses: Sequence[int] = tuple(range(20, 51, 5)), thresholds: Sequence[int] = tuple(range(3, 25)),
) -> Axes:  # fmt: skip
    """Draw the median and the middle half of false-match probabilities over a sweep, by threshold (figure 6).

    Parameters
    ----------
    ax : where to draw. Default: a new figure.
    sizes, activity, synapses : n, a / n and s of the sweep; all combinations are taken; theta > s never matches.
    thresholds : along x.
    """
    ax = axes_or_new(ax)
    quartiles = []
    for theta in thresholds:
        logs = [
            log10_false_match(n, round(n * share), s, theta) if theta <= s else -np.inf
            for n in sizes for share in activity for s in synapses
        ]  # fmt: skip
        quartiles.append(np.quantile(np.maximum(logs, _LEAST_LOG10), (0.25, 0.5, 0.75)))
    low, median, high = 10.0 ** np.array(quartiles).T
    ax.fill_between(thresholds, low, high, color=OKABE_ITO[0], alpha=0.2, linewidth=0, label="middle half")
    ax.plot(thresholds, median, "o-", color=OKABE_ITO[0], markersize=4, label="median")
    _finish(ax, "threshold θ", "probability of a false match", None)
    return ax


def plot_union(
    ax: Axes | None = None, *, sizes: Sequence[int] = (1000, 10_000, 20_000), a: int = 200, s: int = 25,
    theta: int = 15, most: int = 10, observed: Observed | None = None,
) -> Axes:  # fmt: skip
    """Draw the false-match probability against the number of patterns on one segment, a line per size (figure 5).

    Parameters
    ----------
    ax : where to draw. Default: a new figure.
    sizes : numbers of bits n.
    a, s, theta : active bits, synapses for each pattern, threshold. Defaults 200, 25 and 15.
    most : patterns at most.
    observed : counted points by n.
    """
    ax = axes_or_new(ax)
    stored = list(range(1, most + 1))
    for k, n in enumerate(sizes):
        y = [union_false_match(n, a, s, theta, m) for m in stored]
        _line(ax, k, stored, y, f"n = {n}", observed, n)
    ax.set_xticks(stored)
    _finish(ax, "patterns stored on the segment", "probability of a false match", f"a = {a}, s = {s}, θ = {theta}")
    return ax


def _line(ax: Axes, k: int, x: ArrayLike, y: ArrayLike, label: str, observed: Observed | None, key: int) -> None:
    color = OKABE_ITO[k % len(OKABE_ITO)]
    ax.plot(x, y, _STYLES[k % len(_STYLES)], color=color, label=label)
    if observed is not None and key in observed:
        ax.plot(*observed[key], _MARKERS[k % len(_MARKERS)], color=color, markersize=5, label=f"{label}, counted")


def _finish(ax: Axes, x: str, y: str, title: str | None) -> None:
    ax.set_yscale("log")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    legend_beside(ax, title)
