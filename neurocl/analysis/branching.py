"""Branching parameter of population activity, also when only a part of the population was observed.

Process      A_{t+1} = offspring of the A_t active units, m each on average, + immigration of mean h;  <A> = h / (1 - m)
Slopes       r_k = slope of the regression, with intercept, of A_{t+k} on A_t;  r_k = b m^k
Subsampling  observing each event with probability p leaves m as it is and makes
             b = p / (p + (1 - p)(1 - m^2)) < 1 (Poisson offspring and immigration): r_1 = b m misleads
Estimate     m and b by least squares of r_k on b m^k (or b m^k + c), k = 1 ... k_max;  tau = -dt / ln m
Units        dt and tau in ms; m, b, c, r_k dimensionless
Source       Wilting & Priesemann (2018), Nature Communications 9:2325 (multistep regression, MR)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._activity import as_activity, count_spikes, generator
from neurocl.analysis._exponential import fit_exponential
from neurocl.core._checks import non_negative_number, positive_number, probability, whole_number
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown

__all__ = ["MREstimate", "branching_process", "mr_estimator", "subsampling_factor"]

Floats = NDArray[np.float64]

FITS = ("exponential", "exponential+offset")
MEANS = ("stationary", "trial")
K_MAX_IN_TAU = 5
"""Automatic k_max, in autocorrelation times; 3 to 6 are usual."""
FEWEST_LAGS = 10
FEWEST_BLOCKS = 10
MOST_BLOCKS = 200


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

    @property
    def k_max(self) -> int:
        """Longest lag of the fit, in time steps."""
        return len(self.slopes)

    def predicted(self) -> NDArray[np.float64]:
        """Return the fitted b m^k + c for k = 1 ... k_max, float64 [k]."""
        return np.asarray(self.b * self.m ** np.arange(1, self.k_max + 1) + self.offset, dtype=np.float64)

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"branching parameter m = {self.m:.4f} ({self.level:.0%} interval {low:.4f} to {high:.4f}),"
            f" tau = {self.tau:.4g} ms, b = {self.b:.4f}, offset = {self.offset:.3g}, k_max = {self.k_max};"
            f" conventional r_1 = {self.r_1:.4f}"
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
    sums = _sums(trials, _choose_k_max(trials, k_max, per_trial, with_offset))
    units = sums.shape[1]
    slopes = _slopes(sums, np.ones((1, units)), per_trial)
    m, b, offset = (float(value[0]) for value in fit_exponential(slopes, with_offset))
    resampled = _slopes(sums, rng.multinomial(units, np.full(units, 1 / units), size=count), per_trial)
    usable = np.isfinite(resampled).all(axis=1)  # a resample of silent blocks alone has no slope
    low, high = np.quantile(fit_exponential(resampled[usable], with_offset)[0], [(1 - level) / 2, (1 + level) / 2])
    tau, shortest, longest = (float(-dt / np.log(value)) for value in (m, low, high))
    return MREstimate(
        m, (float(low), float(high)), tau, (shortest, longest), b, offset, float(slopes[0, 0]), slopes[0], dt, level
    )


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
        sums = _sums(trials, tried)
        m = fit_exponential(_slopes(sums, np.ones((1, sums.shape[1])), per_trial), with_offset)[0][0]
        wanted = max(FEWEST_LAGS, math.ceil(-K_MAX_IN_TAU / math.log(m)))
        if wanted <= tried or tried == longest:
            return min(wanted, tried)
        tried = min(2 * tried, longest)


def _sums(trials: Floats, k_max: int) -> Floats:
    """n, sum x, sum y, sum x^2 and sum x y over the pairs (x, y) = (A_t, A_{t+k}), [5, unit, k].

    A unit, which the bootstrap draws, is a trial or, of one series, a block of t at least 2 k_max long where possible.
    """
    n_trials, steps = trials.shape
    blocks = 1 if n_trials > 1 else int(np.clip(steps // (2 * k_max), FEWEST_BLOCKS, MOST_BLOCKS))
    starts = np.arange(blocks) * (steps // blocks)
    lags = np.arange(1, k_max + 1)
    ends = np.minimum(np.append(starts[1:], steps)[:, None], steps - lags)  # [block, k]
    total, squares = (np.pad(np.cumsum(v, axis=1), ((0, 0), (1, 0))) for v in (trials, trials**2))
    starts_k = np.broadcast_to(starts[:, None], ends.shape)
    products = np.empty((n_trials, blocks, k_max))
    for k in lags:
        products[:, :, k - 1] = np.add.reduceat(trials[:, :-k] * trials[:, k:], starts, axis=1)
    parts = (
        np.broadcast_to(ends - starts_k, products.shape),
        total[:, ends] - total[:, starts_k],
        total[:, ends + lags] - total[:, starts_k + lags],
        squares[:, ends] - squares[:, starts_k],
        products,
    )
    return np.stack([part.reshape(-1, k_max) for part in parts])


def _slopes(sums: Floats, weights: NDArray[Any], per_trial: bool) -> Floats:
    """r_k with each unit counted `weights` [sample, unit] times, [sample, k]: one intercept, or one per trial."""
    if not per_trial:
        sums = np.stack([weights @ part for part in sums])
    n, x, y, xx, xy = sums
    covariance, variance = xy - x * y / n, xx - x * x / n
    if per_trial:
        covariance, variance = weights @ covariance, weights @ variance
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes: Floats = covariance / variance
    return slopes
