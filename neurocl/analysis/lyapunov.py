"""Lyapunov exponents of a map or of the steps of a flow: how fast nearby states part.

Twin         two copies at distance d0; after every `every` steps add ln(d / d0) and put the second back at distance d0,
             in the direction where it was.  exponent = sum of ln(d / d0) / (steps dt)
Tangent      v <- J(x) v, likewise, for an infinitesimal distance
Spectrum     Q R = J(x) Q every m steps;  exponent_i = sum of ln |R_ii| / (steps dt)
Units        1 / unit of dt (1 / step by default); natural logarithm
Source       Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15:9
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._activity import generator
from neurocl.analysis._jacobian import central_differences
from neurocl.analysis._kinds import need_function
from neurocl.core._checks import positive_number, whole_number
from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown

__all__ = [
    "LyapunovExponent", "LyapunovSpectrum", "lyapunov_spectrum", "lyapunov_tangent", "lyapunov_twin", "rk4_step",
]  # fmt: skip

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

BLOCKS = 20


@dataclass(frozen=True, eq=False)
class LyapunovExponent:
    """Largest Lyapunov exponent.

    Attributes
    ----------
    exponent : positive for chaos, negative for a stable state; -inf if the distance became exactly 0.
    error : standard error, from the means of 20 blocks of the run; NaN for fewer than 20 intervals.
    local : float64 [interval], the exponent of each interval between two renormalisations.
    dt : time of one step; of one interval for a simulation.
    """

    exponent: float
    error: float
    local: Floats
    dt: float

    def __str__(self) -> str:
        if self.exponent == -math.inf:
            return (
                "largest Lyapunov exponent -inf: the perturbation vanished exactly; see spike_divergence for a spiking"
                " network, where resets do this"
            )
        kind = "chaotic" if self.exponent > 0 else "not chaotic"
        return f"largest Lyapunov exponent {self.exponent:.5g} +- {self.error:.2g} per unit of time ({kind})"


@dataclass(frozen=True, eq=False)
class LyapunovSpectrum:
    """Lyapunov exponents in falling order, float64 [exponent]."""

    exponents: Floats

    @property
    def dimension(self) -> float:
        """Kaplan-Yorke dimension: j + (sum of the first j) / |exponent j+1|, j the last with a sum >= 0."""
        sums = np.cumsum(self.exponents)
        j = int(np.count_nonzero(np.logical_and.accumulate(sums >= 0.0)))
        if j == 0 or j == len(sums):
            return float(j)
        return j + float(sums[j - 1] / abs(self.exponents[j]))

    def __str__(self) -> str:
        first = ", ".join(f"{value:.4g}" for value in self.exponents[:6])
        more = f", ... ({len(self.exponents)} in all)" if len(self.exponents) > 6 else ""
        return f"Lyapunov exponents {first}{more}; Kaplan-Yorke dimension {self.dimension:.3f}"


def rk4_step(derivative: Function, dt: float) -> Function:
    """Return the map that advances dx/dt = derivative(x) by `dt` with the classical Runge-Kutta scheme."""
    need_function("rk4_step", "derivative", derivative)
    dt = positive_number("rk4_step", "dt", dt)

    def step(x: Floats) -> Floats:
        k1 = derivative(x)
        k2 = derivative(x + 0.5 * dt * k1)
        k3 = derivative(x + 0.5 * dt * k2)
        k4 = derivative(x + dt * k3)
        return x + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    return step


def lyapunov_twin(
    step: Function,
    state: ArrayLike,
    steps: int,
    *,
    dt: float = 1.0,
    burn_in: int = 0,
    every: int = 1,
    d0: float = 1e-8,
    rng: int | np.random.Generator = 0,
) -> LyapunovExponent:
    """Return the largest exponent from two trajectories.

    Parameters
    ----------
    step : function state [n] -> next state [n]; of a flow for instance ``rk4_step(derivative, dt)``.
    state : initial state, [n].
    steps : steps of the average, after the burn-in.
    dt : time of one step.
    burn_in : steps before the average, in which the state comes to its attractor and the difference turns into the
        direction that grows fastest.
    every : steps between two renormalisations.
    d0 : distance of the twins, Euclidean: small against the attractor, large against rounding.
    rng : seed or Generator of the first direction.

    Raises
    ------
    NeuroclError
        If the state is no list of numbers, or became infinite.
    """
    intervals, skipped, every, dt = _arguments("lyapunov_twin", steps, burn_in, every, dt)
    d0 = positive_number("lyapunov_twin", "d0", d0)
    x = _checked_state("lyapunov_twin", step, state)
    twin = x + d0 * _direction(len(x), generator("lyapunov_twin", rng))
    logs: list[float] = []
    for _ in range(skipped + intervals):
        for _ in range(every):
            x, twin = step(x), step(twin)
        difference = twin - x
        distance = _length("lyapunov_twin", difference)
        if distance == 0.0:
            _check_resolution(x, d0)
            return LyapunovExponent(-math.inf, math.nan, np.array(logs[skipped:]), dt)
        logs.append(math.log(distance / d0) / (every * dt))
        twin = x + (d0 / distance) * difference
    _check_resolution(x, d0)
    return exponent_of(logs[skipped:], dt)


def lyapunov_tangent(
    step: Function,
    jacobian: Function | None,
    state: ArrayLike,
    steps: int,
    *,
    dt: float = 1.0,
    burn_in: int = 0,
    every: int = 1,
    rng: int | np.random.Generator = 0,
) -> LyapunovExponent:
    """Return the largest exponent from a tangent vector.

    Parameters
    ----------
    jacobian : function state [n] -> Jacobian [n, n] of `step` there. None takes central differences (2 n steps each).
    step, state, steps, dt, burn_in, every, rng : as in `lyapunov_twin`.
    """
    owner = "lyapunov_tangent"
    intervals, skipped, every, dt = _arguments(owner, steps, burn_in, every, dt)
    x = _checked_state(owner, step, state)
    jacobian = _jacobian(owner, step, jacobian, x)
    tangent = _direction(len(x), generator(owner, rng))
    logs: list[float] = []
    for _ in range(skipped + intervals):
        for _ in range(every):
            x, tangent = step(x), jacobian(x) @ tangent
        growth = _length(owner, tangent)
        if growth == 0.0:
            return LyapunovExponent(-math.inf, math.nan, np.array(logs[skipped:]), dt)
        logs.append(math.log(growth) / (every * dt))
        tangent = tangent / growth
    return exponent_of(logs[skipped:], dt)


def lyapunov_spectrum(
    step: Function,
    jacobian: Function | None,
    state: ArrayLike,
    steps: int,
    *,
    n_exponents: int | None = None,
    dt: float = 1.0,
    burn_in: int = 0,
    every: int = 1,
    rng: int | np.random.Generator = 0,
) -> LyapunovSpectrum:
    """Return the first Lyapunov exponents, by orthonormalising as many tangent vectors.

    Parameters
    ----------
    n_exponents : how many, default all n.
    every : steps between two QR decompositions; few enough that the vectors stay independent.
    step, jacobian, state, steps, dt, burn_in, rng : as in `lyapunov_tangent`.
    """
    owner = "lyapunov_spectrum"
    intervals, skipped, every, dt = _arguments(owner, steps, burn_in, every, dt)
    x = _checked_state(owner, step, state)
    jacobian = _jacobian(owner, step, jacobian, x)
    count = len(x) if n_exponents is None else whole_number(owner, "n_exponents", n_exponents, at_least=1)
    if count > len(x):
        raise NeuroclError(f"{owner}: n_exponents = {count}, but a state of {len(x)} numbers has only {len(x)}.")
    basis = np.linalg.qr(generator(owner, rng).standard_normal((len(x), count)))[0]
    sums = np.zeros(count)
    for interval in range(skipped + intervals):
        for _ in range(every):
            x, basis = step(x), jacobian(x) @ basis
        _length(owner, basis.ravel())
        basis, triangle = np.linalg.qr(basis)
        with np.errstate(divide="ignore"):  # a direction that is mapped to 0: exponent -inf
            logs = np.log(np.abs(np.diagonal(triangle)))
        if interval >= skipped:
            sums += logs
    return LyapunovSpectrum(np.sort(sums)[::-1] / (intervals * every * dt))


def _arguments(owner: str, steps: int, burn_in: int, every: int, dt: float) -> tuple[int, int, int, float]:
    """Intervals of the average and of the burn-in, steps of an interval, dt."""
    every = whole_number(owner, "every", every, at_least=1)
    intervals = whole_number(owner, "steps", steps, at_least=every) // every
    return intervals, -(-whole_number(owner, "burn_in", burn_in) // every), every, positive_number(owner, "dt", dt)


def _checked_state(owner: str, step: Function, state: ArrayLike) -> Floats:
    """The initial state, if it is one and `step` maps it to another."""
    need_function(owner, "step", step)
    x = np.array(state, dtype=np.float64) if is_numeric(state) else np.zeros(0)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise NeuroclError(f"{owner}: state must be a list of finite numbers, shape [n], got {shown(state)}.")
    following = np.shape(step(x.copy()))
    if following != x.shape:
        raise NeuroclError(f"{owner}: step must return the shape of the state, {list(x.shape)}, got {list(following)}.")
    return x


def _jacobian(owner: str, step: Function, jacobian: Function | None, x: Floats) -> Function:
    if jacobian is None:
        return lambda state: central_differences(step, state)
    need_function(owner, "jacobian", jacobian)
    shape = np.shape(jacobian(x))
    if shape != (len(x), len(x)):
        raise NeuroclError(f"{owner}: jacobian must return [{len(x)}, {len(x)}] for this state, got {list(shape)}.")
    return jacobian


def _check_resolution(x: Floats, d0: float) -> None:
    largest = float(np.abs(x).max())
    if d0 < 1e-14 * largest:
        raise NeuroclError(
            f"lyapunov_twin: d0 = {d0:g} is lost in the rounding of a state as large as {largest:.3g}; raise d0, or"
            " check whether the trajectory should grow like this."
        )


def _direction(n: int, rng: np.random.Generator) -> Floats:
    vector = rng.standard_normal(n)
    return np.asarray(vector / np.linalg.norm(vector))


def _length(owner: str, vector: Floats) -> float:
    length = math.sqrt(float(vector @ vector))
    if not math.isfinite(length):
        raise NeuroclError(f"{owner}: the trajectory became infinite or NaN; check step, or lower dt or every.")
    return length


def exponent_of(logs: list[float], dt: float) -> LyapunovExponent:
    """Mean and standard error of the exponents of the intervals, each of time `dt`."""
    local = np.array(logs)
    error = math.nan
    if len(local) >= BLOCKS:
        means = [block.mean() for block in np.array_split(local, BLOCKS)]
        error = float(np.std(means, ddof=1) / math.sqrt(BLOCKS))
    return LyapunovExponent(float(local.mean()), error, local, dt)
