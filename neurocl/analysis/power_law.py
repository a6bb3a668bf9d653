"""Discrete power laws: exponent, lower cutoff and goodness of fit.

Model        P(x) = x^-alpha / Z, x = x_min, x_min + 1, ..., Z = zeta(alpha, x_min);
             bounded: ..., x_max, Z = sum of x^-alpha from x_min to x_max
Exponent     maximum likelihood: the alpha that maximises -alpha sum ln x - n ln Z
x_min        the one whose fit has the smallest KS distance, max |F_data - F_model|
Goodness     share of synthetic data sets, fitted alike, with a larger KS distance than the data (p < 0.1: no power law)
Units        dimensionless
Source       Clauset, Shalizi & Newman (2009), SIAM Review 51:661; bounded: Deluca & Corral (2013),
             Acta Geophysica 61:1351
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from neurocl.analysis._activity import generator
from neurocl.analysis._kinds import need_result
from neurocl.analysis._power_sums import Floats, power_sum
from neurocl.core._checks import finite_number, whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown

__all__ = ["PowerLawFit", "fit_power_law", "goodness_of_fit", "sample_power_law"]

LARGEST_ALPHA = 30.0
MOST_CANDIDATES = 300
"""Values of x_min that are tried; of more, this many are taken, evenly spaced in the logarithm."""
FEWEST_IN_TAIL = 10
FEWEST_TO_TRUST = 50
"""Below it, x_min and alpha are hardly determined (Clauset et al. 2009, section 3.4)."""
TABLE = 100_000


@dataclass(frozen=True, eq=False)
class PowerLawFit:
    """What `fit_power_law` found.

    Attributes
    ----------
    alpha : exponent; `sigma` its standard error.
    x_min, x_max : range of the fit; x_max is None when unbounded.
    ks : KS distance within the range.
    n_tail, n : observations within the range, and in all.
    loglikelihood : of the observations within the range.
    scanned : whether x_min was chosen by the KS distance.
    values, counts : the different observations, sorted, and how often each occurs.
    """

    alpha: float
    sigma: float
    x_min: int
    x_max: int | None
    ks: float
    n_tail: int
    n: int
    loglikelihood: float
    scanned: bool
    values: NDArray[np.int64] = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)

    @property
    def is_small(self) -> bool:
        """Whether fewer than 50 observations lie within the range: too few to trust alpha or x_min."""
        return self.n_tail < FEWEST_TO_TRUST

    def __str__(self) -> str:
        few = f"; {self.n_tail} are too few to trust, expected {FEWEST_TO_TRUST} or more" if self.is_small else ""
        to = "" if self.x_max is None else f" to {self.x_max}"
        return (
            f"power law: alpha = {self.alpha:.4f} +- {self.sigma:.4f} from x = {self.x_min}{to},"
            f" {self.n_tail} of {self.n} observations, KS distance {self.ks:.4f}{few}"
        )

    def tail(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the different observations within the range of the fit and how often each occurs."""
        inside = (self.values >= self.x_min) & (self.values <= (self.x_max or np.inf))
        return self.values[inside], self.counts[inside]

    def pmf(self, x: ArrayLike) -> Floats:
        """Return the fitted probability of each x, given that x lies within the range of the fit."""
        x = np.asarray(x, dtype=np.float64)
        inside = (x >= self.x_min) & (x <= (self.x_max or np.inf))
        norm = power_sum(self.alpha, self.x_min, self.x_max)
        return np.where(inside, np.maximum(x, 1.0) ** -self.alpha / norm, 0.0)


def fit_power_law(data: ArrayLike, *, x_min: int | None = None, x_max: int | None = None) -> PowerLawFit:
    """Fit a discrete power law by maximum likelihood.

    Parameters
    ----------
    data : whole numbers >= 1, such as avalanche sizes.
    x_min : first value of the power law. Default: chosen by the KS distance.
    x_max : last value; larger observations are left out. Default unbounded, which needs alpha > 1.

    Raises
    ------
    NeuroclError
        If the data are empty, not whole, below 1, or leave too little between x_min and x_max.

    Examples
    --------
    >>> fit = fit_power_law(sample_power_law(2.5, 10_000, x_min=3, rng=1), x_min=3)
    >>> abs(fit.alpha - 2.5) < 4 * fit.sigma
    True
    """
    values, counts = _observations(data)
    if x_min is not None:
        x_min = whole_number("fit_power_law", "x_min", x_min, at_least=1)
    if x_max is not None:
        x_max = whole_number("fit_power_law", "x_max", x_max, at_least=(x_min or 1) + 1)
    return _fit(values, counts, x_min, x_max)


def goodness_of_fit(fit: PowerLawFit, *, n_bootstrap: int = 100, rng: int | np.random.Generator = 0) -> float:
    """Return the p value of a fit: how often data of the fitted power law itself lie as far from their fit.

    Each synthetic set has as many observations as the data, resampled from them below x_min and drawn from the fit
    above, and is fitted in the same way (x_min chosen again, if it was). The standard error of p is
    sqrt(p (1 - p) / n_bootstrap).

    Parameters
    ----------
    fit : from `fit_power_law`.
    n_bootstrap : number of synthetic sets; 100 tell p to 0.05, 2500 to 0.01.
    rng : seed or Generator.
    """
    need_result("goodness_of_fit", "fit", fit, PowerLawFit, "fit_power_law")
    rng = generator("goodness_of_fit", rng)
    n_bootstrap = whole_number("goodness_of_fit", "n_bootstrap", n_bootstrap, at_least=1)
    below = fit.values < fit.x_min
    n_below = int(fit.counts[below].sum())
    n = n_below + fit.n_tail
    farther = 0
    for _ in range(n_bootstrap):
        n_tail = int(rng.binomial(n, fit.n_tail / n)) if n_below else n
        drawn = sample_power_law(fit.alpha, max(n_tail, 1), x_min=fit.x_min, x_max=fit.x_max, rng=rng)
        values, counts = np.unique(drawn, return_counts=True)
        if n_below:
            body = rng.multinomial(n - n_tail, fit.counts[below] / n_below)
            kept = body > 0
            values = np.concatenate([fit.values[below][kept], values])
            counts = np.concatenate([body[kept], counts])
        farther += _fit(values, counts, None if fit.scanned else fit.x_min, fit.x_max).ks >= fit.ks
    return farther / n_bootstrap


def sample_power_law(
    alpha: float, size: int, *, x_min: int = 1, x_max: int | None = None, rng: int | np.random.Generator = 0
) -> NDArray[np.int64]:
    """Draw from a discrete power law.

    Parameters
    ----------
    alpha : exponent, > 1 unless x_max is given.
    size : number of draws.
    x_min, x_max : first and last value; x_max None is unbounded (values beyond 2^62 are cut there).
    rng : seed or Generator.

    Notes
    -----
    Inversion of the exact distribution over the first 100 000 values. Beyond them the sum is replaced by its integral
    (relative error below 1e-9).
    """
    alpha = finite_number("sample_power_law", "alpha", alpha)
    x_min = whole_number("sample_power_law", "x_min", x_min, at_least=1)
    if x_max is None and alpha <= 1.0:
        raise NeuroclError(f"sample_power_law: alpha must be > 1 without x_max, got {alpha:g}; give x_max.")
    if x_max is not None:
        x_max = whole_number("sample_power_law", "x_max", x_max, at_least=x_min)
    size = whole_number("sample_power_law", "size", size, at_least=0)
    u = generator("sample_power_law", rng).random(size)
    table = np.arange(x_min, min(x_min + TABLE, (x_max or np.inf) + 1), dtype=np.float64)
    cumulative = np.cumsum(table**-alpha) / power_sum(alpha, x_min, x_max)
    drawn = x_min + np.searchsorted(cumulative, u, side="right")
    if x_max is not None and x_max <= table[-1]:
        return np.minimum(drawn, x_max).astype(np.int64)
    beyond = np.flatnonzero(drawn > table[-1])
    share = (u[beyond] - cumulative[-1]) / (1.0 - cumulative[-1])  # uniform in [0, 1) within the rest
    low, high = table[-1] + 0.5, np.inf if x_max is None else x_max + 0.5
    x = _invert_integral(alpha, low, high, share)
    drawn[beyond] = np.minimum(np.rint(x), 2.0**62 if x_max is None else x_max).astype(np.int64)
    return drawn


def _invert_integral(alpha: float, low: float, high: float, share: Floats) -> Floats:
    """The x below which `share` of the integral of x^-alpha from low to high lies."""
    if abs(alpha - 1.0) < 1e-9:
        return np.asarray(low * (high / low) ** share)
    power = 1.0 - alpha
    ratio = 0.0 if math.isinf(high) else (high / low) ** power
    return np.asarray(low * (1.0 - share * (1.0 - ratio)) ** (1.0 / power))


def _observations(data: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not is_numeric(data):
        raise NeuroclError(f"fit_power_law: data must be an array of whole numbers, got {shown(data)}.")
    array = np.asarray(data)
    if not array.size:
        raise NeuroclError("fit_power_law: there are no data; give at least ten observations.")
    if array.ndim != 1:
        shape = list(array.shape)
        raise NeuroclError(f"fit_power_law: data must be one list of numbers, got shape {shape}; use data.ravel().")
    values, counts = np.unique(array, return_counts=True)
    if not np.isfinite(values).all() or (values != np.rint(values)).any():
        raise NeuroclError("fit_power_law: data must be whole numbers (a discrete power law), without NaN or infinity.")
    if values[0] < 1:
        raise NeuroclError(f"fit_power_law: data must be >= 1, got {values[0]}; leave out empty avalanches.")
    return values.astype(np.int64), counts.astype(np.int64)


def _fit(values: NDArray[np.int64], counts: NDArray[np.int64], x_min: int | None, x_max: int | None) -> PowerLawFit:
    n = int(counts.sum())
    kept = values <= (x_max or np.inf)
    inside, weights = values[kept], counts[kept]
    if x_min is not None:
        found = _fit_tail(inside, weights, x_min, x_max)
    else:
        tails = np.cumsum(weights[::-1])[::-1]
        candidates = inside[:-1][tails[:-1] >= min(FEWEST_IN_TAIL, n)]
        if len(candidates) > MOST_CANDIDATES:
            nearest = np.searchsorted(candidates, np.geomspace(candidates[0], candidates[-1], MOST_CANDIDATES))
            candidates = candidates[np.unique(nearest.clip(max=len(candidates) - 1))]
        if not len(candidates):
            raise NeuroclError(
                f"fit_power_law: {n} observations of {len(values)} different values are too few to choose x_min;"
                " give x_min or more data."
            )
        found = min((_fit_tail(inside, weights, int(c), x_max) for c in candidates), key=lambda tail: tail["ks"])
    return PowerLawFit(**found, x_max=x_max, n=n, scanned=x_min is None, values=values, counts=counts)


def _fit_tail(values: NDArray[np.int64], counts: NDArray[np.int64], x_min: int, x_max: int | None) -> dict[str, Any]:
    """Exponent, standard error, KS distance and log-likelihood of the observations >= x_min."""
    first = int(np.searchsorted(values, x_min))
    x, weights = values[first:].astype(np.float64), counts[first:]
    n = int(weights.sum())
    if len(x) < 2:
        raise NeuroclError(
            f"fit_power_law: from x_min = {x_min} on there are {len(x)} different values, expected two or more;"
            " lower x_min or raise x_max."
        )
    mean_log = float(weights @ np.log(x)) / n
    # Within these bounds x^-alpha neither overflows nor becomes 0, however large x is.
    lowest = 1.0 + 1e-6 if x_max is None else -min(LARGEST_ALPHA, 600.0 / math.log(x_max))
    highest = min(LARGEST_ALPHA, 600.0 / math.log(x_min + 1))

    def cost(alpha: float) -> float:
        return alpha * mean_log + math.log(power_sum(alpha, x_min, x_max))

    alpha = float(minimize_scalar(cost, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-7}).x)
    h = 1e-3 * max(min(alpha - lowest, 1.0), 1e-4)
    information = (cost(alpha + h) - 2.0 * cost(alpha) + cost(alpha - h)) / h**2  # per observation
    sigma = 1.0 / math.sqrt(n * information) if information > 0.0 else math.inf
    norm = power_sum(alpha, x_min, x_max)
    beyond = power_sum(alpha, x + 1.0, x_max) / norm
    observed = np.cumsum(weights) / n
    # Both are steps: between two observed values the distance is largest just before the second.
    after, before = np.abs(observed - (1.0 - beyond)), 1.0 - beyond - x**-alpha / norm - np.append(0.0, observed[:-1])
    ks = float(max(after.max(), np.abs(before).max()))
    return {"alpha": alpha, "sigma": sigma, "x_min": x_min, "ks": ks, "n_tail": n, "loglikelihood": -n * cost(alpha)}
