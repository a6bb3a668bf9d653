"""Neuronal avalanches: runs of activity between silent bins, their sizes, durations and the crackling relation.

Avalanche    a run of bins with activity > threshold (0: of non-empty bins), between bins that are not
Size         s = sum over the run of (activity - threshold); with threshold 0 the number of events
Duration     T = number of bins of the run
Bin          for spikes by default the mean inter-event interval of all neurons, (t_last - t_first) / (events - 1)
Crackling    P(s) ~ s^-tau_s, P(T) ~ T^-tau_t, <s>(T) ~ T^gamma; at criticality gamma = (tau_t - 1) / (tau_s - 1).
             Mean-field: tau_s = 3/2, tau_t = 2, gamma = 2
Reference    Galton-Watson tree, Poisson(l) offspring: the size is Borel, P(s) = e^(-l s) (l s)^(s-1) / s!;
             at l = 1 the tail is s^(-3/2) / sqrt(2 pi)
Units        bin width in ms; sizes in events, durations in bins
Source       Beggs & Plenz (2003), J. Neurosci. 23:11167; Sethna, Dahmen & Myers (2001), Nature 410:242
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

from neurocl.analysis._activity import as_activity, count_spikes
from neurocl.analysis._kinds import need_result
from neurocl.analysis._trains import need_spikes
from neurocl.analysis.power_law import PowerLawFit, fit_power_law
from neurocl.core._checks import non_negative_number, positive_number
from neurocl.core._events import TIME_TOLERANCE
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Avalanches", "Crackling", "borel", "crackling", "find_avalanches", "mean_interval"]

FEWEST_DURATIONS = 3


@dataclass(frozen=True, eq=False)
class Avalanches:
    """Avalanches in order of time.

    Attributes
    ----------
    sizes : int64 array [avalanche] of events, or float64 for activity that is not whole numbers.
    durations : int64 array [avalanche], bins.
    starts : int64 array [avalanche], first bin of each.
    bin_width : ms for spikes, 1 for an array.
    n_bins : bins in all.
    """

    sizes: NDArray[np.int64] | NDArray[np.float64]
    durations: NDArray[np.int64]
    starts: NDArray[np.int64]
    bin_width: float
    n_bins: int

    def __len__(self) -> int:
        return len(self.sizes)

    def mean_size(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Return <s>(T): the durations that occur, the mean size of each, and the number of avalanches of each."""
        durations, which, counts = np.unique(self.durations, return_inverse=True, return_counts=True)
        means = np.bincount(which, weights=self.sizes, minlength=len(durations)) / np.maximum(counts, 1)
        return durations, means, counts.astype(np.int64)

    def __str__(self) -> str:
        if not len(self):
            return f"no avalanche in {self.n_bins} bins of {self.bin_width:.4g}"
        return (
            f"{len(self)} avalanches in {self.n_bins} bins of {self.bin_width:.4g}:"
            f" mean size {self.sizes.mean():.4g}, largest {self.sizes.max():g}, longest {self.durations.max()} bins"
        )


@dataclass(frozen=True, eq=False)
class Crackling:
    """Exponents of sizes and durations, and whether they fit together.

    Attributes
    ----------
    size, duration : power-law fits, exponents tau_s and tau_t.
    gamma : slope of log <s> against log T, each duration weighted by its number of avalanches.
    predicted_gamma : (tau_t - 1) / (tau_s - 1), equal to gamma in a critical system.
    """

    size: PowerLawFit
    duration: PowerLawFit
    gamma: float
    predicted_gamma: float

    @property
    def difference(self) -> float:
        """Distance from the relation, |gamma - predicted_gamma|."""
        return abs(self.gamma - self.predicted_gamma)

    def __str__(self) -> str:
        small = min(self.size.n_tail, self.duration.n_tail)
        is_small = self.size.is_small or self.duration.is_small
        few = f"; {small} avalanches in a fit are too few to trust" if is_small else ""
        return (
            f"tau_s = {self.size.alpha:.3f} +- {self.size.sigma:.3f}, tau_t = {self.duration.alpha:.3f} +-"
            f" {self.duration.sigma:.3f}; gamma = {self.gamma:.3f}, predicted {self.predicted_gamma:.3f}{few}"
        )


def mean_interval(spikes: Spikes) -> float:
    """Return the mean interval in ms between successive events of the whole population."""
    need_spikes(spikes, "mean_interval")
    if len(spikes) < 2 or spikes.times[-1] <= spikes.times[0]:
        raise NeuroclError(
            f"mean_interval: {len(spikes)} spikes have no mean interval; record two at different times or more."
        )
    return float(spikes.times[-1] - spikes.times[0]) / (len(spikes) - 1)


def find_avalanches(
    activity: Spikes | ArrayLike, *, bin_width: float | None = None, threshold: float = 0.0
) -> Avalanches:
    """Cut activity into avalanches.

    Parameters
    ----------
    activity : Spikes, or array [bin]
        Events per bin, or a continuous signal >= 0.
    bin_width : float, optional
        Of spikes, in ms. Default the mean inter-event interval, or the shortest interval between events that are not
        simultaneous if that is longer: on the grid of a busy simulation the mean interval is shorter than dt, and
        narrower bins than dt would make every step an avalanche of its own.
    threshold : float
        A bin is active if its activity is larger. Default 0.

    Returns
    -------
    Avalanches
        One that the end of the recording cuts short is kept, so that with threshold 0 the sizes add up to all events.

    Raises
    ------
    NeuroclError
        If there is no activity, or it contains NaN or negative numbers.

    Examples
    --------
    >>> found = find_avalanches([0, 2, 1, 0, 0, 4, 0])
    >>> found.sizes, found.durations
    (array([3, 4]), array([2, 1]))
    """
    threshold = non_negative_number("find_avalanches", "threshold", threshold)
    if isinstance(activity, Spikes):
        if not len(activity):
            raise NeuroclError("find_avalanches: there are no spikes; record a population that fires.")
        width = _default_width(activity) if bin_width is None else bin_width
        counts = count_spikes("find_avalanches", activity, width)
    elif bin_width is not None:
        raise NeuroclError("find_avalanches: bin_width is for Spikes; an array is binned already, leave it out.")
    else:
        width, counts = 1.0, as_activity("find_avalanches", activity)
        if counts.ndim != 1:
            raise NeuroclError(f"find_avalanches: expected activity [bin], got shape {list(counts.shape)}.")
    active = np.concatenate([[False], counts > threshold, [False]])
    borders = np.flatnonzero(active[1:] != active[:-1])
    starts, stops = borders[::2], borders[1::2]
    total = np.add.reduceat(np.append(counts, 0.0), borders)[::2] if borders.size else np.zeros(0)
    sizes = total - threshold * (stops - starts)
    if threshold == 0.0 and not np.any(counts % 1.0):
        sizes = np.rint(sizes).astype(np.int64)
    return Avalanches(sizes, stops - starts, starts, float(width), len(counts))


def _default_width(spikes: Spikes) -> float:
    gaps = np.diff(spikes.times)
    mean = mean_interval(spikes)  # refuses spikes that are all simultaneous
    return max(mean, float(gaps[gaps > TIME_TOLERANCE].min(initial=gaps.max())))


def crackling(
    avalanches: Avalanches,
    *,
    size_min: int | None = None,
    size_max: int | None = None,
    duration_min: int | None = None,
    duration_max: int | None = None,
) -> Crackling:
    """Fit both exponents and compare <s>(T) with the crackling relation.

    Parameters
    ----------
    avalanches : from `find_avalanches`; sizes must be whole numbers, that is, of spikes or counts.
    size_min, size_max, duration_min, duration_max : ranges of the fits, as x_min and x_max of `fit_power_law`.
        gamma is fitted over the same durations.

    Notes
    -----
    The relation alone does not show criticality: processes that are not critical may obey it (Touboul & Destexhe 2017).
    """
    need_result("crackling", "avalanches", avalanches, Avalanches, "find_avalanches")
    size = fit_power_law(avalanches.sizes, x_min=size_min, x_max=size_max)
    duration = fit_power_law(avalanches.durations, x_min=duration_min, x_max=duration_max)
    durations, means, counts = avalanches.mean_size()
    kept = (durations >= duration.x_min) & (durations <= (duration.x_max or np.inf))
    if kept.sum() < FEWEST_DURATIONS:
        raise NeuroclError(
            f"crackling: {kept.sum()} different durations from {duration.x_min} bins on are too few for a slope;"
            " lower duration_min or record longer."
        )
    # np.polyfit squares the weights: the square root makes each avalanche count once.
    slope = np.polyfit(np.log(durations[kept]), np.log(means[kept]), 1, w=np.sqrt(counts[kept]))[0]
    return Crackling(size, duration, float(slope), (duration.alpha - 1.0) / (size.alpha - 1.0))


def borel(sizes: ArrayLike, offspring: float = 1.0) -> NDArray[np.float64]:
    """Return the probability of each avalanche size in a Galton-Watson tree with Poisson offspring.

    Parameters
    ----------
    sizes : whole numbers >= 1.
    offspring : mean number per event, 0 < offspring <= 1.
    """
    mean = positive_number("borel", "offspring", offspring)
    if mean > 1.0:
        raise NeuroclError(f"borel: offspring must be <= 1, or trees grow for ever, got {mean:g}.")
    s = np.asarray(sizes)
    if s.dtype.kind not in "iu" or (s < 1).any():
        raise NeuroclError(f"borel: sizes must be whole numbers >= 1, got {shown(sizes)}.")
    probability: NDArray[np.float64] = np.exp(-mean * s + xlogy(s - 1, mean * s) - gammaln(s + 1.0))
    return probability
