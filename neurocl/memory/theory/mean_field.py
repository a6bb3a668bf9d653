"""Mean-field theory of the Hopfield network with Hebbian weights at load alpha = P / N (replica symmetric).

Overlap      m = E_z tanh(beta (m + sigma z)),  z ~ N(0, 1),  sigma^2 = alpha r
Freezing     q = E_z tanh^2(beta (m + sigma z))
Crosstalk    r = q / (1 - beta (1 - q))^2
T = 0        with y = m / (sqrt(2) sigma): m = erf(y), C = lim beta (1 - q) = 2 y exp(-y^2) / (sqrt(pi) m),
             r = 1 / (1 - C)^2, alpha(y) = (erf(y) / y - 2 exp(-y^2) / sqrt(pi))^2 / 2
Solution     m, q and r are functions of sigma alone, and so is alpha(sigma) = sigma^2 / r(sigma): the retrieval
             state is the branch from sigma = 0 to the largest alpha, the critical load. No iteration can leave it.
Units        temperature in units of the mean field of one stored pattern
Source       Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; (1987), Ann. Phys. 173:30
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf, erfc

from neurocl.core._checks import non_negative_number

__all__ = ["MeanField", "critical_load", "one_step_error", "retrieval", "spin_glass_temperature"]

_Z = np.linspace(-9.0, 9.0, 3601)
_GAUSS = np.exp(-(_Z**2) / 2) * (_Z[1] - _Z[0]) / math.sqrt(2 * math.pi)
_LARGEST_Y = 8.0
"""Where alpha(y) has fallen to 1/128 and the overlap is 1 within rounding; below that load y = 1 / sqrt(2 alpha)."""


class MeanField(NamedTuple):
    """Order parameters: overlap `m`, freezing `q`, crosstalk variance `r`, susceptibility `c` = beta (1 - q)."""

    m: float
    q: float
    r: float
    c: float

    @property
    def bit_error(self) -> float:
        """Share of units that differ from the pattern, (1 - m) / 2 (to full accuracy it is erfc(y) / 2 at T = 0)."""
        return (1.0 - self.m) / 2.0


NO_RETRIEVAL = MeanField(0.0, math.nan, math.nan, math.nan)
"""The answer beyond the critical load: no retrieval state exists."""


def retrieval(alpha: float, temperature: float = 0.0) -> MeanField:
    """The retrieval state at load `alpha`; m = 0 and the rest NaN where there is none.

    Parameters
    ----------
    alpha : patterns per unit, >= 0.
    temperature : >= 0.

    Raises
    ------
    NeuroclError
        For a negative load or temperature.

    Examples
    --------
    >>> round(retrieval(0.1).m, 5)
    0.998
    """
    alpha = non_negative_number("retrieval", "alpha", alpha)
    temperature = non_negative_number("retrieval", "temperature", temperature)
    state = _cold_state if temperature == 0.0 else lambda sigma: _warm_state(sigma, temperature)
    if alpha == 0.0:
        return state(0.0)
    largest, sigma_c = _fold(state)
    if alpha > largest:
        return NO_RETRIEVAL
    sigma = brentq(lambda s: s * s / state(s).r - alpha, 0.0, sigma_c, xtol=1e-14)
    return state(sigma)


def critical_load(temperature: float = 0.0) -> float:
    """Largest alpha with a retrieval state: 0.1379 at temperature 0, and 0 from temperature 1 on.

    Raises
    ------
    NeuroclError
        For a negative temperature.
    """
    temperature = non_negative_number("critical_load", "temperature", temperature)
    if temperature >= 1.0:
        return 0.0
    return _fold(_cold_state if temperature == 0.0 else lambda sigma: _warm_state(sigma, temperature))[0]


def one_step_error(alpha: float) -> float:
    """Share of wrong bits after the first update of a perfect cue, erfc(1 / sqrt(2 alpha)) / 2."""
    alpha = non_negative_number("one_step_error", "alpha", alpha)
    return float(erfc(1.0 / math.sqrt(2.0 * alpha)) / 2.0) if alpha > 0.0 else 0.0


def spin_glass_temperature(alpha: float) -> float:
    """Temperature below which the units freeze although they recall nothing, 1 + sqrt(alpha)."""
    return 1.0 + math.sqrt(non_negative_number("spin_glass_temperature", "alpha", alpha))


def _cold_state(sigma: float) -> MeanField:
    """The state at T = 0: the largest m with m = erf(m / (sqrt(2) sigma))."""
    m = _largest_root(lambda x: _cold_step(x, sigma)) if sigma > 0.0 else 1.0
    if m == 0.0:
        return MeanField(0.0, 1.0, math.inf, math.inf)
    y = m / (math.sqrt(2.0) * sigma) if sigma > 0.0 else math.inf
    c = 2.0 * y * math.exp(-y * y) / (math.sqrt(math.pi) * m) if y < _LARGEST_Y else 0.0
    return MeanField(m, 1.0, 1.0 / (1.0 - c) ** 2, c)


def _cold_step(m: float, sigma: float) -> tuple[float, float]:
    y = m / (math.sqrt(2.0) * sigma)
    return float(erf(y)), math.sqrt(2.0 / math.pi) / sigma * math.exp(-y * y)


def _warm_state(sigma: float, temperature: float) -> MeanField:
    beta = 1.0 / temperature
    m = _largest_root(lambda x: _warm_step(x, sigma, beta))
    q = float(_GAUSS @ np.tanh(beta * (m + sigma * _Z)) ** 2)
    c = beta * (1.0 - q)
    return MeanField(m, q, q / (1.0 - c) ** 2 if m > 0.0 else math.inf, c)


def _warm_step(m: float, sigma: float, beta: float) -> tuple[float, float]:
    rate = np.tanh(beta * (m + sigma * _Z))
    return float(_GAUSS @ rate), beta * float(_GAUSS @ (1.0 - rate**2))


def _largest_root(step: Callable[[float], tuple[float, float]]) -> float:
    """Largest m >= 0 with m = f(m), f concave: Newton from m = 1 comes down to it and cannot step over."""
    m = 1.0
    for _ in range(200):
        value, slope = step(m)
        if slope >= 1.0:  # left of the maximum of f(m) - m: no positive root was met on the way
            return 0.0
        change = (value - m) / (1.0 - slope)
        m += change
        if m < 1e-9:
            return 0.0
        if abs(change) < 1e-15:
            break
    return m


def _fold(state: Callable[[float], MeanField]) -> tuple[float, float]:
    """Largest load of the retrieval branch, and the sigma where it is reached."""

    def load(sigma: float) -> float:
        return sigma * sigma / state(sigma).r

    grid = np.linspace(0.01, 1.0, 100)
    best = int(np.argmax([load(sigma) for sigma in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(lambda s: -load(s), bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    return -float(found.fun), float(found.x)
