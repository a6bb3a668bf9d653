"""Is a power law the better description? Likelihood ratio against another distribution (Vuong's test).

Ratio        R = sum over the tail of ln p_power(x) - ln p_other(x); R > 0 favours the power law
p value      erfc(|R| / (sqrt(2 n) sigma)), sigma the standard deviation of the terms: large p, no decision
Exponential  p(x) = e^(-lambda x) / Z on the whole numbers of the range
Lognormal    rounded to whole numbers: mass of exp(-(ln t - mu)^2 / (2 sigma^2)) / t, t = x - 1/2 ... x + 1/2, / Z
Source       Vuong (1989), Econometrica 57:307; Clauset, Shalizi & Newman (2009), SIAM Review 51:661, section 5
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import erfc, log_ndtr

from neurocl.analysis._kinds import need_result
from neurocl.analysis._power_sums import Floats
from neurocl.analysis.power_law import PowerLawFit
from neurocl.core.errors import NeuroclError, shown

__all__ = ["LikelihoodRatio", "likelihood_ratio"]

EXACT_BELOW = 1000
"""From this x on, the mass of a whole number is taken as density times width: relative error below 1e-7."""
SIGMA_RANGE = (0.01, 100.0)
"""Of the lognormal; at its upper end the lognormal is a power law for all data."""


@dataclass(frozen=True)
class LikelihoodRatio:
    """What `likelihood_ratio` found.

    Attributes
    ----------
    alternative : "exponential" or "lognormal".
    ratio : R; positive if the power law is more likely.
    p : probability of so large an |R| if both describe the data equally well.
    parameters : of the alternative: "lambda", or "mu" and "sigma".
    n : observations compared.
    """

    alternative: str
    ratio: float
    p: float
    parameters: dict[str, float]
    n: int

    def __str__(self) -> str:
        better = "power law" if self.ratio > 0 else self.alternative
        verdict = f"the {better} is better" if self.p < 0.05 else "no decision"
        return f"power law against {self.alternative}: R = {self.ratio:.4g}, p = {self.p:.3g}, {verdict}"


def likelihood_ratio(fit: PowerLawFit, alternative: str = "exponential") -> LikelihoodRatio:
    """Compare a power law with an alternative fitted to the same range by maximum likelihood.

    Parameters
    ----------
    fit : from `fit_power_law`.
    alternative : "exponential" (default) or "lognormal". A lognormal can come as near to a power law as one likes, so
        that for data of a power law R is about 0 and p large. Its rounding differs from x^-alpha at small x, though:
        with many observations choose x_min of about 5 or more.

    Raises
    ------
    NeuroclError
        For an unknown alternative.
    """
    need_result("likelihood_ratio", "fit", fit, PowerLawFit, "fit_power_law")
    if not isinstance(alternative, str) or alternative not in FITTERS:
        raise NeuroclError(
            f"likelihood_ratio: alternative must be 'exponential' or 'lognormal', got {shown(alternative)}."
        )
    values, counts = fit.tail()
    other, parameters = FITTERS[alternative](fit, values.astype(np.float64), counts.astype(np.float64))
    terms = np.log(fit.pmf(values)) - other
    ratio = float(counts @ terms)
    variance = float(counts @ (terms - ratio / fit.n_tail) ** 2) / fit.n_tail
    p = float(erfc(abs(ratio) / math.sqrt(2.0 * fit.n_tail * variance))) if variance > 0.0 else 1.0
    return LikelihoodRatio(alternative, ratio, p, parameters, fit.n_tail)


def _exponential(fit: PowerLawFit, x: Floats, counts: Floats) -> tuple[Floats, dict[str, float]]:
    """Log-probabilities of the best exponential at x, and its rate."""
    excess = x - fit.x_min
    mean = float(counts @ excess) / fit.n_tail
    n_values = None if fit.x_max is None else fit.x_max - fit.x_min + 1
    rate = math.log1p(1.0 / mean)
    if n_values is not None:
        limit = 50.0 / n_values + 2.0 * rate  # a bounded exponential may rise
        cost = lambda r: r * mean + _log_geometric(r, n_values)  # noqa: E731
        rate = float(minimize_scalar(cost, bounds=(-limit, limit), method="bounded", options={"xatol": 1e-12}).x)
    return -rate * excess - _log_geometric(rate, n_values), {"lambda": rate}


def _log_geometric(rate: float, n_values: int | None) -> float:
    """ln of the sum of e^(-rate k) over k = 0 ... n_values - 1."""
    if n_values is None:
        return -math.log(-math.expm1(-rate))
    if rate < 0.0:  # from the other end, so that nothing overflows
        return -rate * (n_values - 1) + _log_geometric(-rate, n_values)
    if rate * n_values < 1e-12:
        return math.log(n_values)
    return math.log(-math.expm1(-rate * n_values)) - math.log(-math.expm1(-rate))


def _lognormal(fit: PowerLawFit, x: Floats, counts: Floats) -> tuple[Floats, dict[str, float]]:
    """Log-probabilities of the best lognormal at x, and its mu and sigma.

    The search runs over the slope (mean ln x - mu) / sigma^2 and ln sigma: along a power law mu runs to -infinity with
    sigma, the slope stays alpha - 1.
    """
    logs, is_small = np.log(x), x < EXACT_BELOW
    mean = float(counts @ logs) / fit.n_tail
    spread = math.sqrt(float(counts @ (logs - mean) ** 2) / fit.n_tail)
    edges = np.log(np.stack([x[is_small] - 0.5, x[is_small] + 0.5]))
    log_widths = np.log(np.log1p(1.0 / (x[~is_small] - 0.5)))
    bounds = np.log([fit.x_min - 0.5, (fit.x_max or math.inf) + 0.5])

    def log_pmf(point: Floats) -> tuple[Floats, float, float]:
        sigma = math.exp(float(np.clip(point[1], *np.log(SIGMA_RANGE))))
        mu = mean - float(point[0]) * sigma**2
        exact = _log_mass(*((edges - mu) / sigma))
        wide = log_widths - 0.5 * ((logs[~is_small] - mu) / sigma) ** 2 - math.log(sigma * math.sqrt(2.0 * math.pi))
        return np.concatenate([exact, wide]) - _log_mass(*((bounds - mu) / sigma)), mu, sigma

    def cost(point: Floats) -> float:
        value = -float(counts @ log_pmf(point)[0]) / fit.n_tail
        return value if math.isfinite(value) else 1e300

    starts = ((0.0, math.log(spread)), (fit.alpha - 1.0, math.log(5.0 * spread)))
    options = {"xatol": 1e-5, "fatol": 1e-11, "maxiter": 1000}
    best = min((minimize(cost, s, method="Nelder-Mead", options=options) for s in starts), key=lambda end: end.fun)
    found, mu, sigma = log_pmf(best.x)
    return found, {"mu": mu, "sigma": sigma}


def _log_mass(low: Floats, high: Floats) -> Floats:
    """ln of the standard normal mass between low and high, exact in both tails."""
    mirrored = low > 0.0
    a, b = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    upper = log_ndtr(b)
    with np.errstate(divide="ignore"):  # no mass at all: -inf, which no optimum has
        mass: Floats = upper + np.log(-np.expm1(log_ndtr(a) - upper))
    return mass


FITTERS: dict[str, Callable[[PowerLawFit, Floats, Floats], tuple[Floats, dict[str, float]]]] = {
    "exponential": _exponential,
    "lognormal": _lognormal,
}
