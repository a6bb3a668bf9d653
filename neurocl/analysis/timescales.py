"""Time scales of activity: one or two exponentials fitted to its autocorrelation.

Model    rho(k) = sum over j of a_j exp(-k dt / tau_j), with 0, 1 or 2 terms, at lags k >= 1
Errors   the lags of a measured rho err together: residuals e are weighted by the covariance C that Bartlett's
         formula gives for the plain fit of one exponential; RSS = e' C^-1 e
Choice   smallest AIC = K ln(RSS / K) + 2 (number of a_j and tau_j), K lags
Result   the slow time scale, the largest tau_j
Units    dt and tau in ms (or whatever the step is measured in)
Source   Murray et al. (2014), Nat. Neurosci. 17:1661; Bartlett (1946), J. R. Stat. Soc. Suppl. 8:27;
         Akaike (1974), IEEE Trans. Automat. Contr. 19:716

Lag 0 is left out: there, the noise of counting spikes adds to the correlation. The number of lags should be a few times
the slowest tau: less cannot tell tau from a constant, more adds noise. With equal weights for all lags, the AIC takes
the common error of the lags for a second, much slower term nearly always. Weighted, it still does so in about one
recording of five; `terms=1` forbids it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._finite import finite_array
from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Timescales", "fit_timescales"]

_Array = NDArray[np.float64]

_SHORTEST, _LONGEST = 0.2, 3.0  # bounds of tau: in steps, and in longest lags
_CLOSEST = 1.2  # ratio of two taus that still are two time scales
_CANCELLED = 10.0  # ratio of the sizes of two terms to the curve that they make; more, and each alone means nothing
_GRID = 40  # start values of tau between the bounds


@dataclass(frozen=True, eq=False)
class Timescales:
    """Exponentials fitted to an autocorrelation.

    Attributes
    ----------
    taus, amplitudes : float64 array [terms]
        Time scales in the unit of `dt`, slowest first, and their weights. Empty if no exponential is better than none.
    aic : float64 array [3]
        AIC of no, one and two exponentials.
    rmse : float
        Root of the mean squared residual of the chosen fit.
    bounded : bool
        Whether a tau ended at a bound of the search, 0.2 dt or 3 times the longest lag: do not trust that one.
    """

    taus: NDArray[np.float64]
    amplitudes: NDArray[np.float64]
    aic: NDArray[np.float64]
    rmse: float
    bounded: bool

    @property
    def tau(self) -> float:
        """The slow time scale; NaN if no exponential was found."""
        return float(self.taus[0]) if self.taus.size else float("nan")

    def curve(self, lags: ArrayLike) -> NDArray[np.float64]:
        """Return the fitted autocorrelation at the lags, in the unit of `dt`."""
        decay: _Array = np.exp(-np.asarray(lags, dtype=np.float64)[..., None] / self.taus)
        return decay @ self.amplitudes


def fit_timescales(correlation: ArrayLike, dt: float = 1.0, terms: int | None = None) -> Timescales:
    """Fit exponentials to an autocorrelation and choose their number by AIC.

    Parameters
    ----------
    correlation : array [lags]
        Autocorrelation at the lags 0, 1, 2, ... steps, as `autocorrelation` returns it. Lag 0 is not used.
    dt : float
        Length of a step, ms. Default 1.
    terms : 1 or 2, optional
        Number of exponentials. Default: none, one or two, whichever has the smallest AIC. Two count only if both
        are time scales: taus more than 20 % apart, and terms that do not cancel to less than a tenth of their size.

    Returns
    -------
    Timescales

    Raises
    ------
    NeuroclError
        If there are fewer than 6 lags after lag 0, or a value is not finite.

    Notes
    -----
    Amplitudes are solved for exactly at each tau, and tau is searched on a grid first: the fit needs no start value.
    Amplitudes may be negative, as that of the fast term is for noise that is filtered twice. An autocorrelation that
    oscillates has no time scales of this kind: with ``terms=2`` its best fit may be two equal taus of huge, opposite
    amplitudes.

    Examples
    --------
    >>> import numpy as np
    >>> round(fit_timescales(0.5 * np.exp(-np.arange(50) / 8.0), dt=2.0).tau, 6)
    16.0
    """
    dt = positive_number("fit_timescales", "dt", dt)
    values = finite_array("fit_timescales", "correlation", correlation)
    if values.ndim != 1 or values.size < 7:
        raise NeuroclError(
            f"fit_timescales: expected the autocorrelation at 7 or more lags 0, 1, ..., got shape {values.shape}."
        )
    if terms not in (None, 1, 2):
        raise NeuroclError(f"fit_timescales: terms must be 1, 2 or None, got {shown(terms)}.")
    target = values[1:]
    plain = _fit(target, 1, np.eye(target.size))
    whitening = _whitening(*plain, target.size)
    fits = [_fit(target, number, whitening) for number in range(3)]
    errors = [float(np.mean((whitening @ _residual(target, fit)) ** 2)) for fit in fits]
    # Below rounding, a smaller residual is no better fit.
    floor = 1e-16 * float(np.mean((whitening @ target) ** 2)) + np.finfo(float).tiny
    aic = np.array([target.size * np.log(max(error, floor)) + 4 * k for k, error in enumerate(errors)])
    bounded = [_is_bounded(taus, target.size) for taus, _ in fits]
    # A second term at a bound is a constant or a single lag, not a time scale.
    candidates = aic[:2] if bounded[2] or _is_degenerate(*fits[2], target.size) else aic
    chosen = int(np.argmin(candidates)) if terms is None else terms
    taus, amplitudes = fits[chosen]
    rmse = float(np.sqrt(np.mean(_residual(target, fits[chosen]) ** 2)))
    return Timescales(taus * dt, amplitudes, aic, rmse, bounded[chosen])


def _whitening(taus: _Array, amplitudes: _Array, lags: int) -> _Array:
    """Return W with W C W' = 1, C the covariance of the errors of a measured autocorrelation (Bartlett's formula).

    The true one is taken as b phi^k at k > 0, for which sum over m of rho(m) rho(m + d) = G(d) is known.
    """
    b, phi = float(np.clip(amplitudes[0], 0.0, 1.0)), float(np.exp(-1.0 / taus[0]))
    d = np.arange(2 * lags + 1)
    g = phi**d * (b**2 * ((1.0 + phi**2) / (1.0 - phi**2) + d) + 2.0 * b * (1.0 - b))
    g[0] += (1.0 - b) ** 2
    k = np.arange(1, lags + 1)
    rho, g_k = b * phi**k, g[1 : lags + 1]
    covariance = g[np.abs(k[:, None] - k)] + g[k[:, None] + k] + 2.0 * g[0] * np.outer(rho, rho)
    covariance -= 2.0 * (np.outer(rho, g_k) + np.outer(g_k, rho))
    covariance[np.diag_indices(lags)] += 1e-9 * g[0]  # positive in spite of rounding
    whitening: _Array = np.linalg.inv(np.linalg.cholesky(covariance))
    return whitening


def _bounds(lags: int) -> tuple[float, float]:
    return _SHORTEST, _LONGEST * lags


def _is_bounded(taus: _Array, lags: int) -> bool:
    low, high = _bounds(lags)
    return bool(np.any((taus < low * 1.001) | (taus > high / 1.001)))


def _is_degenerate(taus: _Array, amplitudes: _Array, lags: int) -> bool:
    """Two terms that are nearly one, or nearly cancel: the curve (a + b k) exp(-k / tau) or an oscillation."""
    terms = _basis(taus, lags) * amplitudes
    cancelled = np.abs(terms).max(axis=0).sum() > _CANCELLED * np.abs(terms.sum(axis=1)).max()
    return bool(taus[0] < _CLOSEST * taus[1] or cancelled)


def _basis(taus: _Array, lags: int) -> _Array:
    """Exponentials [lag, term] at the lags 1, 2, ... steps."""
    basis: _Array = np.exp(-np.arange(1, lags + 1)[:, None] / taus)
    return basis


def _residual(target: _Array, fit: tuple[_Array, _Array]) -> _Array:
    taus, amplitudes = fit
    return target - _basis(taus, target.size) @ amplitudes


def _fit(target: _Array, terms: int, whitening: _Array) -> tuple[_Array, _Array]:
    """Return taus in steps, slowest first, and amplitudes of the best fit with this number of terms."""
    from scipy.optimize import least_squares  # loaded here: it costs import time that most users can spare

    if terms == 0:
        return np.empty(0), np.empty(0)
    low, high = np.log(_bounds(target.size))
    white = whitening @ target

    def solved(log_taus: _Array) -> tuple[_Array, _Array]:
        basis = whitening @ _basis(np.exp(log_taus), target.size)
        amplitudes: _Array = np.linalg.lstsq(basis, white)[0].astype(np.float64)
        return amplitudes, basis @ amplitudes - white

    start = _best_on_grid(white, terms, np.linspace(low, high, _GRID), whitening)
    found = least_squares(lambda x: solved(x)[1], start, bounds=(low, high), xtol=1e-12, ftol=1e-12, gtol=1e-12)
    log_taus: _Array = np.sort(found.x)[::-1]
    return np.exp(log_taus), solved(log_taus)[0]


def _best_on_grid(white: _Array, terms: int, log_taus: _Array, whitening: _Array) -> _Array:
    """Return the ln tau of the terms that explain most of the target, amplitudes solved by normal equations."""
    basis = whitening @ _basis(np.exp(log_taus), white.size)
    gram, projected = basis.T @ basis, basis.T @ white
    # Not neighbours on the grid: those are nearly the same curve.
    chosen = np.array([c for c in combinations(range(1, log_taus.size - 1), terms) if np.all(np.diff(c) > 1)])
    amplitudes = np.linalg.solve(gram[chosen[:, :, None], chosen[:, None, :]], projected[chosen][..., None])[..., 0]
    explained = (amplitudes * projected[chosen]).sum(axis=1)
    best: _Array = log_taus[chosen[np.argmax(explained)]]
    return best
