"""Mean-field rates of leaky integrate-and-fire neurons in white noise, and of networks of them.

Neuron   tau_mem dv/dt = -v + mu + sigma sqrt(tau_mem) xi(t); at v_th: spike, v <- v_reset for t_ref
Siegert  1 / rate = t_ref + tau_mem sqrt(pi) int_{y_r}^{y_th} e^{u^2} (1 + erf u) du,   y = (v - mu) / sigma
Input    mu_a = tau_a (sum_b K_ab J_ab rate_b + J_ext,a rate_ext,a),
         sigma_a^2 = tau_a (sum_b K_ab J_ab^2 rate_b + J_ext,a^2 rate_ext,a)    (delta synapses)
Network  rate_a = Siegert(mu_a, sigma_a) for all populations a at once
Units    times ms, voltages mV, measured from the leak potential; rates Hz. Without threshold, v has the variance
         sigma^2 / 2.
Source   Siegert (1951), Phys. Rev. 81:617; Brunel (2000), J. Comput. Neurosci. 8:183, eqs. 20 to 22 and fig. 1
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import dawsn, erfcx

from neurocl.analysis._finite import finite_array
from neurocl.core._checks import finite_number, non_negative_number, positive_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["brunel_rate", "self_consistent_rates", "siegert_rate"]

_Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def siegert_rate(
    mu: ArrayLike, sigma: ArrayLike, tau_mem: ArrayLike, v_th: ArrayLike, v_reset: ArrayLike, t_ref: ArrayLike = 0.0
) -> Any:
    """Return the stationary rate of a leaky integrate-and-fire neuron in white noise.

    Parameters
    ----------
    mu, sigma : float or array
        Mean and strength of the input in mV, from the leak potential. With sigma = 0 the rate is that of the neuron
        without noise: 0 up to mu = v_th.
    tau_mem : float or array
        Membrane time constant, ms.
    v_th, v_reset : float or array
        Threshold and reset in mV, from the leak potential; v_reset < v_th.
    t_ref : float or array
        Refractory time, ms. Default 0.

    Returns
    -------
    float, or float64 array of the common shape
        Rate in Hz, to a relative 1e-10. Below 1e-300 Hz it is 0.

    Raises
    ------
    NeuroclError
        If a value is not finite, or outside the range above.

    Examples
    --------
    >>> round(siegert_rate(mu=15.0, sigma=5.0, tau_mem=20.0, v_th=20.0, v_reset=10.0, t_ref=2.0), 4)
    9.4608
    """
    names = ("mu", "sigma", "tau_mem", "v_th", "v_reset", "t_ref")
    values = (mu, sigma, tau_mem, v_th, v_reset, t_ref)
    given = [finite_array("siegert_rate", name, value) for name, value in zip(names, values, strict=True)]
    try:
        drive, noise, tau, threshold, reset, dead = np.broadcast_arrays(*given)
    except ValueError as error:
        shapes = ", ".join(str(value.shape) for value in given)
        raise NeuroclError(f"siegert_rate: the arrays must have one shape, got {shapes}.") from error
    if np.any(noise < 0.0) or np.any(tau <= 0.0) or np.any(dead < 0.0) or np.any(reset >= threshold):
        raise NeuroclError("siegert_rate: expected sigma >= 0, tau_mem > 0, t_ref >= 0 and v_reset < v_th.")
    rate = _siegert(drive, noise, tau, threshold, reset, dead)
    return float(rate) if rate.ndim == 0 else rate


def _siegert(mu: _Array, sigma: _Array, tau: _Array, v_th: _Array, v_reset: _Array, t_ref: _Array) -> _Array:
    """The rate in Hz, numerator and denominator times exp(-y_th^2) for y_th > 0, where 1 / rate would overflow."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        y_th, y_reset = (v_th - mu) / sigma, (v_reset - mu) / sigma
        noisy = np.isfinite(y_th) & np.isfinite(y_reset) & (np.maximum(np.abs(y_th), np.abs(y_reset)) < 1e8)
        y_th, y_reset = np.where(noisy, y_th, 1.0), np.where(noisy, y_reset, 0.0)
        scale = np.exp(-np.maximum(y_th, 0.0) ** 2)
        interval = scale * t_ref + tau * np.sqrt(np.pi) * _scaled_integral(y_reset, y_th, scale)
        silent = t_ref + tau * np.log((mu - v_reset) / (mu - v_th))  # time to threshold without noise
        still = np.where(mu > v_th, 1000.0 / silent, 0.0)
    rate: _Array = np.where(noisy, 1000.0 * scale / interval, still)
    return rate


def _scaled_integral(low: _Array, high: _Array, scale: _Array) -> _Array:
    """`scale` times the integral of e^{u^2} (1 + erf u) from low to high, scale = exp(-max(high, 0)^2).

    For u < 0 the integrand is erfcx(|u|); for u > 0 it is 2 e^{u^2} - erfcx(u), whose first part is Dawson's function.
    """
    start, stop = np.maximum(low, 0.0), np.maximum(high, 0.0)
    growing = 2.0 * (dawsn(stop) - np.exp((start - stop) * (start + stop)) * dawsn(start))
    falling = _integral_of_erfcx(start, stop)
    left = _integral_of_erfcx(np.maximum(-high, 0.0), np.maximum(-low, 0.0))
    return growing + scale * (left - falling)


def _integral_of_erfcx(low: _Array, high: _Array) -> _Array:
    """Integral of erfcx over 0 <= low <= x <= high, by Gauss-Legendre in s, x = sinh s: there it is flat at large x."""
    a, b = np.arcsinh(low), np.arcsinh(high)
    half = (b - a) / 2.0
    s = (a + b)[..., None] / 2.0 + half[..., None] * _NODES
    result: _Array = half * ((erfcx(np.sinh(s)) * np.cosh(s)) @ _WEIGHTS)
    return result


def self_consistent_rates(
    indegree: ArrayLike,
    weight: ArrayLike,
    rate_ext: ArrayLike,
    weight_ext: ArrayLike,
    *,
    tau_mem: ArrayLike,
    v_th: ArrayLike,
    v_reset: ArrayLike,
    t_ref: ArrayLike = 0.0,
    start: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Return the stationary rates of sparse, randomly connected populations with delta synapses.

    Parameters
    ----------
    indegree : array [n, n]
        K_ab, synapses that a neuron of population a (row) receives from population b (column).
    weight : array [n, n]
        J_ab in mV, the jump of v; negative for inhibition.
    rate_ext, weight_ext : float or array [n]
        Total rate in Hz of the Poisson input of a neuron, and its weight in mV.
    tau_mem, v_th, v_reset, t_ref : float or array [n]
        Of the neurons, as in `siegert_rate`.
    start : float or array [n]
        Rates in Hz from which d rate/ds = Siegert(rate) - rate is followed. Default 0. Where several states exist,
        e.g. silence and activity, it decides which one is found.

    Returns
    -------
    float64 array [n]
        Rates in Hz, stable under that relaxation. It knows no delays, so a state that oscillates in a simulation is
        found as well: these are its mean rates only approximately.

    Raises
    ------
    NeuroclError
        If the shapes disagree, a value is outside its range, or the relaxation comes to no rest.
    """
    owner = "self_consistent_rates"
    counts, jumps = finite_array(owner, "indegree", indegree), finite_array(owner, "weight", weight)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or jumps.shape != counts.shape:
        raise NeuroclError(f"{owner}: indegree and weight must be [n, n], got {counts.shape} and {jumps.shape}.")
    n = counts.shape[0]
    per_population = {"rate_ext": rate_ext, "weight_ext": weight_ext, "tau_mem": tau_mem, "start": start}
    external, jump_ext, tau, first = (_for_each(owner, name, value, n) for name, value in per_population.items())
    if np.any(counts < 0.0) or np.any(external < 0.0) or np.any(first < 0.0):
        raise NeuroclError(f"{owner}: indegree, rate_ext and start must be >= 0.")

    def rates_from(rates: _Array) -> _Array:
        rates = np.maximum(rates, 0.0)
        mu = tau * (counts * jumps @ rates + jump_ext * external) / 1000.0
        variance = tau * (counts * jumps**2 @ rates + jump_ext**2 * external) / 1000.0
        return np.atleast_1d(siegert_rate(mu, np.sqrt(variance), tau, v_th, v_reset, t_ref))

    return _relaxed(rates_from, first, owner)


def _relaxed(rates_from: Any, first: _Array, owner: str) -> _Array:
    """Follow d rate/ds = rates_from(rate) - rate to its rest."""
    from scipy.integrate import solve_ivp  # loaded here: both cost import time that most users can spare
    from scipy.optimize import root

    path = solve_ivp(lambda _, rates: rates_from(rates) - rates, (0.0, 1000.0), first, method="LSODA", rtol=1e-6)
    near = np.maximum(path.y[:, -1], 0.0)
    found = root(lambda rates: rates_from(rates) - rates, near, tol=1e-13)
    rates: _Array = np.maximum(found.x, 0.0)
    apart = np.abs(rates_from(rates) - rates)
    moved = np.abs(rates - near)
    if np.any(apart > 1e-8 * (1.0 + rates)) or np.any(moved > 1e-2 * (1.0 + rates)):
        raise NeuroclError(f"{owner}: the rates come to no rest from this start; try another start.")
    return rates


def _for_each(owner: str, name: str, value: ArrayLike, n: int) -> _Array:
    array = finite_array(owner, name, value)
    if array.shape not in ((), (n,)):
        raise NeuroclError(f"{owner}: {name} must be a number or {n} of them, got {shown(value)}.")
    return np.broadcast_to(array, (n,))


def brunel_rate(
    g: float,
    eta: float,
    *,
    j: float = 0.1,
    c_exc: float = 1000.0,
    gamma: float = 0.25,
    tau_mem: float = 20.0,
    v_th: float = 20.0,
    v_reset: float = 10.0,
    t_ref: float = 2.0,
    start: float = 0.0,
) -> float:
    """Return the stationary rate of Brunel's network, the same for excitatory and inhibitory neurons (model A).

    Parameters
    ----------
    g : float
        Inhibitory over excitatory weight.
    eta : float
        External rate over nu_thr, the one that brings the mean input to threshold: v_th / (j c_exc tau_mem).
    j : float
        Excitatory weight in mV. Default 0.1.
    c_exc : float
        Excitatory synapses per neuron; the external input has as many. Default 1000.
    gamma : float
        Inhibitory over excitatory synapses per neuron. Default 0.25.
    tau_mem, v_th, v_reset, t_ref : float
        Of the neurons. Defaults 20 ms, 20 mV, 10 mV, 2 ms.
    start : float
        As in `self_consistent_rates`, Hz.

    Returns
    -------
    float
        Rate in Hz. Simulations agree where the activity is asynchronous and irregular (g above 4).

    Examples
    --------
    >>> round(brunel_rate(g=5.0, eta=2.0), 1)
    37.9
    """
    owner = "brunel_rate"
    j, c_exc = positive_number(owner, "j", j), positive_number(owner, "c_exc", c_exc)
    tau_mem, v_th = positive_number(owner, "tau_mem", tau_mem), positive_number(owner, "v_th", v_th)
    g, eta = finite_number(owner, "g", g), non_negative_number(owner, "eta", eta)
    gamma = non_negative_number(owner, "gamma", gamma)
    external = eta * v_th / (j * tau_mem) * 1000.0
    rates = self_consistent_rates(
        # All neurons receive alike, so that one population with two kinds of synapses is enough: the second is
        # a population that fires as the first.
        [[c_exc, gamma * c_exc]] * 2,
        [[j, -g * j]] * 2,
        external,
        j,
        tau_mem=tau_mem,
        v_th=v_th,
        v_reset=v_reset,
        t_ref=t_ref,
        start=start,
    )
    return float(rates[0])
