"""Distributions of avalanche sizes and durations on doubly logarithmic axes.

Bin          widths growing in proportion; density = avalanches in the bin / (all avalanches * width), where the width
             of a bin of whole numbers is how many of them it holds
Power law    p(x) = c x^-alpha, c such that the line passes through the middle of the points from x_min to x_max
Source       Clauset, Shalizi & Newman (2009), SIAM Rev. 51:661 (binning, and why alpha is not fitted to the bins)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import finite_number, positive_number
from neurocl.core.errors import NeuroclError
from neurocl.plots._style import axes_or_new, colors_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS_PER_DECADE = 8


def avalanche_sizes(
    sizes: ArrayLike | Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    fit: Any = None,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw the distribution of avalanche sizes in logarithmic bins.

    Parameters
    ----------
    sizes : array [avalanches], or mapping of str to array
        Numbers of events, or sizes > 0 of avalanches of a continuous signal; or several sets, each in its colour with
        a legend.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    fit : float, or object with ``alpha`` and optionally ``x_min``, ``x_max``; or a mapping of str to these
        Exponent of a power law p(s) ~ s^-alpha to draw as a dashed line, e.g. what `fit_power_law` returned.
    colors : sequence of str, optional
        One colour per set. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is the size in events, y the probability of a size. Each set is one line with markers, a fit a dashed line.

    Raises
    ------
    NeuroclError
        If a set is empty, holds numbers that are not > 0, or a fit is no number and has no ``alpha``.
    """
    ax = _draw("avalanche_sizes", sizes, ax, 1.0, fit, colors, "s")
    ax.set_xlabel("avalanche size (events)")
    ax.set_ylabel("probability of a size")
    return ax


def avalanche_durations(
    durations: ArrayLike | Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    bin_width: float | None = None,
    fit: Any = None,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw the distribution of avalanche durations in logarithmic bins.

    Parameters
    ----------
    durations : int array [avalanches], or mapping of str to array
        Numbers of time bins, >= 1; or several sets, each in its colour with a legend.
    ax : Axes, optional
        Where to draw. Default: a new figure.
    bin_width : float, optional
        Width in ms of the time bins that the durations are counted in. Default: the axis stays in bins.
    fit : float, or object with ``alpha`` and optionally ``x_min``, ``x_max``; or a mapping of str to these
        Exponent of a power law p(d) ~ d^-alpha to draw as a dashed line, fitted to durations in bins.
    colors : sequence of str, optional
        One colour per set. Default: Okabe-Ito.

    Returns
    -------
    Axes
        x is the duration in ms and y the probability density per ms; without `bin_width`, x is the duration in bins
        and y the probability of a duration.

    Raises
    ------
    NeuroclError
        As in `avalanche_sizes`, or if `bin_width` is not positive.
    """
    width = 1.0 if bin_width is None else positive_number("avalanche_durations", "bin_width", bin_width)
    ax = _draw("avalanche_durations", durations, ax, width, fit, colors, "d")
    ax.set_xlabel(f"avalanche duration ({'bins' if bin_width is None else 'ms'})")
    ax.set_ylabel("probability of a duration" if bin_width is None else "probability density (1/ms)")
    return ax


def _draw(
    function: str, values: Any, ax: Axes | None, step: float, fit: Any, colors: Sequence[str] | None, symbol: str
) -> Axes:
    named = values if isinstance(values, Mapping) else {"": values}
    fits = fit if isinstance(fit, Mapping) else dict.fromkeys(named, fit)
    sets = {name: _positive_numbers(function, value) for name, value in named.items()}
    ax = axes_or_new(ax, width=4.5, height=3.4)
    ax.set_xscale("log")
    ax.set_yscale("log")
    for (name, numbers), color in zip(sets.items(), colors_for(len(sets), colors), strict=True):
        x, density = log_binned(numbers)
        ax.plot(step * x, density / step, "o", color=color, markersize=4.5, label=name or "measured")
        if fits.get(name) is not None:
            line = _power_law(function, x, density, fits[name])
            label = rf"$\propto {symbol}^{{-{_alpha(function, fits[name]):.2f}}}$"
            ax.plot(step * line[0], line[1] / step, "--", color="black" if len(sets) == 1 else color, label=label)
    if len(ax.lines) > 1:
        ax.legend(frameon=False)
    return ax


def log_binned(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the geometric centres of logarithmic bins, and the probability (density) of a value in them.

    Bins without a value are left out: their density has no logarithm.
    """
    is_whole = not np.any(values % 1.0)
    low, high = float(values.min()), float(values.max())
    n_bins = max(1, int(np.ceil(BINS_PER_DECADE * np.log10(high / low * (1.0 + 1e-9)))))
    if is_whole:  # a bin ends before the next whole number
        edges = np.unique(np.floor(np.geomspace(low, high + 1.0, n_bins + 1) + 1e-9))
    else:
        edges = np.geomspace(low, high, n_bins + 1) if high > low else low * np.array([0.9, 1.1])
    counts = np.histogram(values, edges)[0]
    centres = np.sqrt(edges[:-1] * (edges[1:] - (1.0 if is_whole else 0.0)))
    density = counts / np.diff(edges) / values.size
    return centres[counts > 0], density[counts > 0]


def _power_law(
    function: str, x: NDArray[np.float64], density: NDArray[np.float64], fit: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of a power law over the points within its range, through their median height."""
    alpha = _alpha(function, fit)
    x_min, x_max = getattr(fit, "x_min", 1.0), getattr(fit, "x_max", None)
    inside = (x >= x_min) & (x <= (x_max or np.inf))
    if not inside.any():
        raise NeuroclError(
            f"{function}: no point lies within the range of the fit, {x_min:g} to {x_max or 'infinity'}."
        )
    height = np.median(np.log(density[inside]) + alpha * np.log(x[inside]))
    ends = x[inside][[0, -1]]
    return ends, np.exp(height - alpha * np.log(ends))


def _alpha(function: str, fit: Any) -> float:
    """Return the exponent of a fitted power law, or the exponent that was given itself."""
    return finite_number(function, "the exponent of fit", getattr(fit, "alpha", fit))


def _positive_numbers(function: str, values: Any) -> NDArray[np.float64]:
    array = np.ravel(np.asarray(values))
    if not array.size or array.dtype.kind not in "iuf" or not np.all((array > 0) & np.isfinite(array)):
        raise NeuroclError(f"{function}: expected one number > 0 or more, got {array.size} of {array.dtype}.")
    return array.astype(np.float64)
