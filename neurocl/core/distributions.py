"""Distributions that users give instead of a number for a parameter, an initial state, a weight or a delay.

    net.add(lif, 3200, name="exc", v=uniform(-60, -50), tau_mem=normal(20, 2, low=5))

A distribution is a frozen description: it holds plain numbers in the units of the quantity it is given for,
and draws nothing until `sample` is called with a generator. The lower-case names are the classes themselves.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from neurocl.core import _checks as check
from neurocl.core.errors import NeuroclError

_LEAST_MASS = 1e-6  # bounds that hold less of a normal than this are taken for a mistake
_MASS_TO_REDRAW = 0.2  # with more than this within the bounds, redrawing is faster than inverting


class Distribution(abc.ABC):
    """What a distribution offers: `sample`, a repr that can be typed again, equality by its numbers."""

    def sample(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw independent values.

        Parameters
        ----------
        n : int
            How many values, >= 0.
        rng : np.random.Generator
            Source of randomness; the same state gives the same values.

        Returns
        -------
        array of float64, shape [n]

        Raises
        ------
        NeuroclError
            If `n` is not a whole number >= 0, or a value is too large for a float.
        """
        values = self._draw(check.whole_number(repr(self), "n", n), rng)
        if not np.isfinite(values).all():
            raise NeuroclError(f"{self!r} gave a value too large for a float: choose smaller parameters.")
        return values

    @abc.abstractmethod
    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw `n` values; those of two calls are those of one, because large projections draw block by block."""

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, repr=False)
class Uniform(Distribution):
    """Uniform between `low` and `high`: `uniform(-60, -50)`.

    Parameters
    ----------
    low, high : float
        Bounds, low <= high; equal bounds give a constant.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        low = check.finite_number("uniform", "low", self.low)
        high = check.finite_number("uniform", "high", self.high)
        if low > high:
            raise NeuroclError(f"uniform: low must not exceed high, got low={low!r} and high={high!r}.")
        if not math.isfinite(high - low):
            raise NeuroclError(f"uniform: high - low must be a finite number, got {low!r} and {high!r}.")
        self._set(low=low, high=high)

    def __repr__(self) -> str:
        return f"uniform({_short(self.low)}, {_short(self.high)})"

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return rng.uniform(self.low, self.high, n)


@dataclass(frozen=True, repr=False)
class Normal(Distribution):
    """Normal, optionally truncated: `normal(20, 2)`, `normal(20, 2, low=5)`.

    With bounds the values are the generator's normal numbers without those outside [low, high]. Where less than a
    fifth lies inside, that would take long, and the truncated distribution is inverted instead.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation before truncation, std >= 0.
    low, high : float, optional
        Bounds; None (default) leaves that side open. Together they must hold at least 1e-6 of the mass.
    """

    mean: float
    std: float
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        mean = check.finite_number("normal", "mean", self.mean)
        low = None if self.low is None else check.finite_number("normal", "low", self.low)
        high = None if self.high is None else check.finite_number("normal", "high", self.high)
        if low is not None and high is not None and low > high:
            raise NeuroclError(f"normal: low must not exceed high, got low={low!r} and high={high!r}.")
        self._set(mean=mean, std=check.non_negative_number("normal", "std", self.std), low=low, high=high)
        if self._mass() < _LEAST_MASS:
            raise NeuroclError(
                f"normal: the bounds of {self!r} hold less than {_LEAST_MASS:g} of the distribution; "
                "widen them or move the mean."
            )

    def __repr__(self) -> str:
        low = "" if self.low is None else f", low={_short(self.low)}"
        high = "" if self.high is None else f", high={_short(self.high)}"
        return f"normal({_short(self.mean)}, {_short(self.std)}{low}{high})"

    def _bounds(self) -> tuple[float, float]:
        return -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high

    def _standard_bounds(self) -> tuple[float, float, float]:
        """Bounds in standard deviations from the mean, mirrored (sign -1) into the left half.

        Only there does the cumulative distribution keep its relative precision.
        """
        low, high = ((bound - self.mean) / self.std for bound in self._bounds())
        return (-high, -low, -1.0) if low + high > 0 else (low, high, 1.0)

    def _mass(self) -> float:
        """Part of the untruncated distribution that lies within the bounds."""
        low, high = self._bounds()
        if self.std == 0.0:
            return float(low <= self.mean <= high)
        low, high, _ = self._standard_bounds()
        return float(ndtr(high) - ndtr(low))

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        if self._mass() > _MASS_TO_REDRAW:
            return self._redrawn(n, rng)
        low, high, sign = self._standard_bounds()
        # 1 - random() lies in (0, 1]: a left bound at -infinity is never returned.
        quantile = ndtr(low) + (ndtr(high) - ndtr(low)) * (1.0 - rng.random(n))
        return np.clip(self.mean + sign * self.std * ndtri(quantile), self.low, self.high)  # for rounding

    def _redrawn(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Normal numbers within the bounds; a round draws what is missing, so it takes nothing after the last."""
        low, high = self._bounds()
        rounds = [np.empty(0)]
        while n:
            values = rng.normal(self.mean, self.std, n)
            rounds.append(values[(low <= values) & (values <= high)])
            n -= len(rounds[-1])
        return np.concatenate(rounds)


@dataclass(frozen=True, repr=False)
class LogNormal(Distribution):
    """Log-normal, exp of a normal with the given mean and sigma, as in NumPy: `lognormal(-0.7, 0.9)`.

    Its own mean is exp(mean + sigma^2 / 2), its median exp(mean).

    Parameters
    ----------
    mean, sigma : float
        Mean and standard deviation of the logarithm, sigma >= 0.
    """

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        mean = check.finite_number("lognormal", "mean", self.mean)
        self._set(mean=mean, sigma=check.non_negative_number("lognormal", "sigma", self.sigma))

    def __repr__(self) -> str:
        return f"lognormal({_short(self.mean)}, {_short(self.sigma)})"

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return rng.lognormal(self.mean, self.sigma, n)


@dataclass(frozen=True, repr=False)
class Exponential(Distribution):
    """Exponential with the given mean: `exponential(5)`.

    Parameters
    ----------
    mean : float
        Mean (1 / rate), > 0.
    """

    mean: float

    def __post_init__(self) -> None:
        self._set(mean=check.positive_number("exponential", "mean", self.mean))

    def __repr__(self) -> str:
        return f"exponential({_short(self.mean)})"

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return rng.exponential(self.mean, n)


@dataclass(frozen=True, repr=False)
class Gamma(Distribution):
    """Gamma with mean shape * scale and variance shape * scale^2: `gamma(2, 0.5)`.

    Parameters
    ----------
    shape, scale : float
        Shape and scale, both > 0.
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        self._set(**{name: check.positive_number("gamma", name, getattr(self, name)) for name in ("shape", "scale")})

    def __repr__(self) -> str:
        return f"gamma({_short(self.shape)}, {_short(self.scale)})"

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return rng.gamma(self.shape, self.scale, n)


@dataclass(frozen=True, repr=False)
class Choice(Distribution):
    """One of the given values: `choice([-1, 1])`, `choice([0, 1, 2], probabilities=[0.5, 0.3, 0.2])`.

    Parameters
    ----------
    values : sequence of float
        The values to choose from, at least one.
    probabilities : sequence of float, optional
        Probability of each value, summing to 1; None (default) makes all equally likely.
    """

    values: Sequence[float]
    probabilities: Sequence[float] | None = None

    def __post_init__(self) -> None:
        values = tuple(
            check.finite_number("choice", "each of the values", v) for v in _entries("values", self.values)
        )
        if not values:
            raise NeuroclError("choice: values must hold at least one number, got none.")
        self._set(values=values)
        if self.probabilities is None:
            return
        given = _entries("probabilities", self.probabilities)
        chances = tuple(check.probability("choice", "each of the probabilities", p) for p in given)
        if len(chances) != len(values):
            raise NeuroclError(
                f"choice: give one probability per value, got {len(chances)} for {len(values)} values."
            )
        if abs(math.fsum(chances) - 1.0) > 1e-8:  # the tolerance of NumPy's own choice
            raise NeuroclError(f"choice: probabilities must sum to 1, got a sum of {math.fsum(chances)!r}.")
        self._set(probabilities=chances)

    def __repr__(self) -> str:
        chances = "" if self.probabilities is None else f", probabilities={_list(self.probabilities)}"
        return f"choice({_list(self.values)}{chances})"

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return rng.choice(np.array(self.values), size=n, p=self.probabilities)


uniform, normal, lognormal = Uniform, Normal, LogNormal
exponential, gamma, choice = Exponential, Gamma, Choice


def _entries(name: str, given: Any) -> tuple[Any, ...]:
    """Entries of a one-dimensional sequence or array."""
    if not isinstance(given, (tuple, list, np.ndarray)) or getattr(given, "ndim", 1) != 1:
        raise NeuroclError(f"choice: {name} must be a list of numbers, got {given!r}.")
    return tuple(given)


def _short(value: float) -> str:
    """`value` with all its digits, without a trailing '.0'."""
    return repr(value).removesuffix(".0")


def _list(values: Sequence[float]) -> str:
    return "[" + ", ".join(map(_short, values)) + "]"
