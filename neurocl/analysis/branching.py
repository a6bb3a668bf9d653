"""Branching parameter of population activity, also when only a part of the population was observed.

Process      A_{t+1} = offspring of the A_t active units, m each on average, + immigration of mean h;  <A> = h / (1 - m)
Slopes       r_k = slope of the regression, with intercept, of A_{t+k} on A_t;  r_k = b m^k
Subsampling  observing each event with probability p leaves m as it is and makes
             b = p / (p + (1 - p)(1 - m^2)) < 1 (Poisson offspring and immigration): r_1 = b m misleads
Estimate     m and b by least squares of r_k on b m^k (or b m^k + c), k = 1 ... k_max;  tau = -dt / ln m
Consistency  any slopes have a best exponential; `MREstimate.warnings` says where it means nothing
Units        dt and tau in ms; m, b, c, r_k dimensionless
Source       Wilting & Priesemann (2018), Nature Communications 9:2325 (multistep regression, MR)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._activity import as_activity, count_spikes, generator
from neurocl.analysis._consistency import inconsistencies
from neurocl.analysis._exponential import fit_exponential
from neurocl.analysis._regression import FEWEST_BLOCKS, Floats, pair_sums, regression_slopes
from neurocl.core._checks import non_negative_number, positive_number, probability, whole_number
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown

__all__ = ["MREstimate", "branching_process", "mr_estimator", "subsampling_factor"]

FITS = ("exponential", "exponential+offset")
MEANS = ("stationary", "trial")
K_MAX_IN_TAU = 5
"""Automatic k_max, in autocorrelation times; 3 to 6 are usual."""
FEWEST_LAGS = 10


@dataclass(frozen=True, eq=False)
class MREstimate:
    """What `mr_estimator` found.

    Attributes
    ----------
    m : branching parameter per time step: 1 is critical, below it activity dies out.
    interval : bootstrap confidence interval of m, (low, high), at `level`.
    tau : autocorrelation time -dt / ln m, ms; `tau_interval` likewise.
    b : amplitude; 1 without subsampling (in a process with Poisson offspring and immigration).
    offset : c of the fit b m^k + c; 0 for the plain exponential.
    r_1 : the conventional estimate of m, slope of A_{t+1} on A_t. It reads b m, too low under subsampling.
    slopes : r_k for k = 1 ... k_max, float64 [k].
    dt : time step in ms.
    warnings : why not to trust m, in words; empty if nothing speaks against it. No slope differs from zero (Ljung-Box
        test, p > 0.01); or the exponential leaves more than a quarter of the slopes' sum of squares, and more than
        twice their bootstrap variance; or, without offset, it falls by less than a factor e until k_max; or `interval`
        is wider than 0.5.
    """

    m: float
    interval: tuple[float, float]
    tau: float
    tau_interval: tuple[float, float]
    b: float
    offset: float
    r_1: float
    slopes: NDArray[np.float64]
    dt: float
    level: float
    warnings: tuple[str, ...] = ()

    @property
    def consistent(self) -> bool:
        """Whether the checks of `warnings` found nothing."""
        return not self.warnings

    @property
    def k_max(self) -> int:
        """Longest lag of the fit, in time steps."""
        return len(self.slopes)

    def predicted(self) -> NDArray[np.float64]:
        """Return the fitted b m^k + c for k = 1 ... k_max, float64 [k]."""
        return np.asarray(self.b * self.m ** np.arange(1, self.k_max + 1) + self.offset, dtype=np.float64)

    def __str__(self) -> str:
        low, high = self.interval
        doubts = "".join(f"\nDo not trust m: {warning}." for warning in self.warnings)
        return (
            f"branching parameter m = {self.m:.4f} ({self.level:.0%} interval {low:.4f} to {high:.4f}),"
            f" tau = {self.tau:.4g} ms, b = {self.b:.4f}, offset = {self.offset:.3g}, k_max = {self.k_max};"
            f" conventional r_1 = {self.r_1:.4f}{doubts}"
        )


def mr_estimator(
    activity: ArrayLike | Spikes,
    *,
    dt: float = 1.0,
    k_max: int | None = None,
    mean: str = "stationary",
    fit: str = "exponential",
    n_bootstrap: int = 200,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> MREstimate:
    """Estimate the branching parameter by multistep regression.

    Parameters
    ----------
    activity : Spikes, or array [time] or [trial, time]
        Events per time step. Spikes of all neurons are counted in bins of `dt`.
    dt : float
        Time step in ms. The m of a network refers to this step: take the time that a spike needs to cause another.
    k_max : int, optional
        Longest lag in steps. Default 5 autocorrelation times, found by fitting repeatedly, 10 at least.
    mean : str
        "stationary" (default): one intercept for all trials; right if all have the same mean, also for short trials.
        "trial": an intercept per trial; right if the mean differs between trials, biased low for trials not
        much longer than tau. The same for one series.
    fit : str
        "exponential" (default) or "exponential+offset", which absorbs slow drifts.
    n_bootstrap : int
        Resamples for the interval: of trials, or of blocks of one long series.
    level : float
        Of the confidence interval.
    rng : int or Generator
        Seed of the bootstrap.

    Raises
    ------
    NeuroclError
        If the activity is empty, constant, negative, NaN or too short, or an option is unknown.

    Notes
    -----
    An estimate comes back from every activity, also from one that is no branching process: see its `warnings`.

    Examples
    --------
    >>> observed = branching_process(0.98, 2.0, 100_000, observed=0.05, rng=1)
    >>> print(mr_estimator(observed).m > 0.97)
    True
    """
    dt = positive_number("mr_estimator", "dt", dt)
    for name, value, known in (("mean", mean, MEANS), ("fit", fit, FITS)):
        if value not in known:
            raise NeuroclError(f"mr_estimator: {name} must be '{known[0]}' or '{known[1]}', got {shown(value)}.")
    count = whole_number("mr_estimator", "n_bootstrap", n_bootstrap, at_least=10)
    if not 0.0 < probability("mr_estimator", "level", level) < 1.0:
        raise NeuroclError(f"mr_estimator: level must lie between 0 and 1, such as 0.95, got {shown(level)}.")
    rng = generator("mr_estimator", rng)
    trials = _as_trials(activity, dt)
    per_trial, with_offset = mean == "trial" and len(trials) > 1, fit == "exponential+offset"
    sums = pair_sums(trials, _choose_k_max(trials, k_max, per_trial, with_offset))
    units = sums.shape[1]
    slopes = regression_slopes(sums, np.ones((1, units)), per_trial)
    m, b, offset = (float(value[0]) for value in fit_exponential(slopes, with_offset))
    resampled = regression_slopes(sums, rng.multinomial(units, np.full(units, 1 / units), size=count), per_trial)
    usable = np.isfinite(resampled).all(axis=1)  # a resample of silent blocks alone has no slope
    resampled = resampled[usable]
    low, high = np.quantile(fit_exponential(resampled, with_offset)[0], [(1 - level) / 2, (1 + level) / 2])
    tau, shortest, longest = (float(-dt / np.log(value)) for value in (m, low, high))
    interval, tau_interval, r_1 = (float(low), float(high)), (shortest, longest), float(slopes[0, 0])
    found = MREstimate(m, interval, tau, tau_interval, b, offset, r_1, slopes[0], dt, level)
    pairs = sums[0].sum(axis=0)
    decay = 0.0 if with_offset else tau / dt
    warnings = inconsistencies(slopes[0], found.predicted(), pairs, resampled.var(axis=0), decay, float(high - low))
    return replace(found, warnings=warnings)


def subsampling_factor(m: float, observed: float) -> float:
    """Return b = p / (p + (1 - p)(1 - m^2)), by which observing a fraction p of the events multiplies every r_k.

    Parameters
    ----------
    m : branching parameter, 0 <= m < 1.
    observed : fraction p of the events that are seen, 0 < p <= 1.
    """
    m, p = _subcritical("subsampling_factor", m), _observed("subsampling_factor", observed)
    return p / (p + (1.0 - p) * (1.0 - m * m))


def branching_process(
    m: float,
    h: float,
    steps: int,
    *,
    trials: int | None = None,
    observed: float = 1.0,
    rng: int | np.random.Generator = 0,
) -> NDArray[np.int64]:
    """Draw a stationary branching process with Poisson offspring and immigration, A_{t+1} ~ Poisson(m A_t + h).

    Parameters
    ----------
    m : branching parameter, 0 <= m < 1.
    h : mean immigration per step; the activity has the mean h / (1 - m).
    steps : length of the process, in time steps.
    trials : number of independent processes. Default: one, without a trial axis.
    observed : fraction of the events that are seen, each independently of the others. Default all.
    rng : seed or Generator.

    Returns
    -------
    int64 array [steps] or [trials, steps]
        Observed activity.
    """
    owner = "branching_process"
    m, h, p = _subcritical(owner, m), non_negative_number(owner, "h", h), _observed(owner, observed)
    steps = whole_number(owner, "steps", steps, at_least=1)
    shape = () if trials is None else (whole_number(owner, "trials", trials, at_least=1),)
    rng = generator(owner, rng)
    active = rng.poisson(h / (1.0 - m), size=shape)
    burn_in = math.ceil(-10.0 / math.log(m)) if m > 0.0 else 0  # the variance relaxes as m^(2 k): to within e^-20
    activity = np.empty((steps, *shape), dtype=np.int64)
    for step in range(-burn_in, steps):
        active = rng.poisson(m * active + h)
        if step >= 0:
            activity[step] = active
    return (rng.binomial(activity, p) if p < 1.0 else activity).T


def _subcritical(owner: str, m: Any) -> float:
    m = non_negative_number(owner, "m", m)
    if m >= 1.0:
        raise NeuroclError(f"{owner}: m must be < 1, or the activity has no stationary mean, got {m:g}.")
    return m


def _observed(owner: str, observed: Any) -> float:
    p = probability(owner, "observed", observed)
    if p == 0.0:
        raise NeuroclError(f"{owner}: observed must be > 0: nothing is seen of the activity.")
    return p


def _as_trials(activity: ArrayLike | Spikes, dt: float) -> Floats:
    """Activity minus its mean, [trial, time]."""
    counts = count_spikes("mr_estimator", activity, dt) if isinstance(activity, Spikes) else activity
    array = np.atleast_2d(as_activity("mr_estimator", counts))
    if array.ndim != 2:
        raise NeuroclError(f"mr_estimator: expected activity [time] or [trial, time], got shape {list(array.shape)}.")
    least = FEWEST_LAGS * (FEWEST_BLOCKS if len(array) == 1 else 2)
    if array.shape[1] < least:
        raise NeuroclError(
            f"mr_estimator: {array.shape[1]} time steps are too few, expected {least} or more; record longer."
        )
    if array.min() == array.max():
        raise NeuroclError(f"mr_estimator: the activity is {array.min():g} in every step; it must vary to have slopes.")
    return array - array.mean()


def _choose_k_max(trials: Floats, k_max: int | None, per_trial: bool, with_offset: bool) -> int:
    longest = trials.shape[1] // (FEWEST_BLOCKS if len(trials) == 1 else 2)
    if k_max is not None:
        k_max = whole_number("mr_estimator", "k_max", k_max, at_least=3 if with_offset else 2)
        if k_max > longest:
            raise NeuroclError(
                f"mr_estimator: k_max = {k_max} is too large for {trials.shape[1]} time steps, at most {longest};"
                " lower k_max or record longer."
            )
        return k_max
    tried = min(5 * FEWEST_LAGS, longest)
    while True:
        sums = pair_sums(trials, tried)
        m = fit_exponential(regression_slopes(sums, np.ones((1, sums.shape[1])), per_trial), with_offset)[0][0]
        wanted = max(FEWEST_LAGS, math.ceil(-K_MAX_IN_TAU / math.log(m)))
        if wanted <= tried or tried == longest:
            return min(wanted, tried)
        tried = min(2 * tried, longest)
