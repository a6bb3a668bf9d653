"""Scaling laws of outer-product memories W = sum_x q(x) u_f(x) e_x^T with random embeddings in d dimensions.

Recall       x is recalled while d q(x)^2 > 2 ln(n_y) sum_x q(x)^2 (signal against crosstalk)
Zipf         inputs come with p(x) ~ x^-alpha, alpha > 1. The error, sum of p(x) over inputs not recalled, falls as
             d^-(alpha - 1)/(2 rho alpha) for q = p^rho with 2 rho alpha > 1 (rho = 1: one large gradient step),
             d^-(alpha - 1) for q = 1 on the P ~ d most frequent inputs (best for random embeddings)
Samples      inputs never seen in T samples have the mass sum_x p (1 - p)^T ~ T^-(1 - 1/alpha)
Source       Cabannes, Dohmatob & Bietti (2024), ICLR, "Scaling laws for associative memories"
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._finite import finite_array
from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["memory_exponent", "recalled", "sample_exponent", "unseen_mass", "zipf"]


def zipf(n_inputs: int, alpha: float) -> NDArray[np.float64]:
    """Probabilities p(x) ~ x^-alpha of the inputs 1..n_inputs, with sum 1."""
    x = np.arange(1, whole_number("zipf", "n_inputs", n_inputs, at_least=1) + 1, dtype=np.float64)
    p = x ** -positive_number("zipf", "alpha", alpha)
    return np.asarray(p / p.sum())


def memory_exponent(alpha: float, scheme: str = "power", rho: float = 1.0) -> float:
    """Exponent of the dimension d in the error.

    Parameters
    ----------
    alpha : of the Zipf law, > 1.
    scheme : "power" (q = p^rho) or "threshold" (q = 1 on the most frequent inputs).
    rho : of the scheme "power", with 2 rho alpha > 1. Default 1.
    """
    alpha = _steep("memory_exponent", alpha)
    if scheme == "threshold":
        return -(alpha - 1.0)
    if scheme != "power":
        raise NeuroclError(f"memory_exponent: scheme must be 'power' or 'threshold', got {shown(scheme)}.")
    rho = positive_number("memory_exponent", "rho", rho)
    if 2.0 * rho * alpha <= 1.0:
        raise NeuroclError(f"memory_exponent: 2 rho alpha must be > 1 for a law to exist, got {2 * rho * alpha:g}.")
    return -(alpha - 1.0) / (2.0 * rho * alpha)


def sample_exponent(alpha: float) -> float:
    """Exponent of the number of samples T in the error, -(1 - 1/alpha)."""
    return -1.0 + 1.0 / _steep("sample_exponent", alpha)


def unseen_mass(p: ArrayLike, samples: int) -> float:
    """Expected probability of the inputs that do not occur among `samples` draws, sum p (1 - p)^T."""
    mass = finite_array("unseen_mass", "p", p)
    return float(np.sum(mass * (1.0 - mass) ** whole_number("unseen_mass", "samples", samples)))


def recalled(strengths: ArrayLike, dimension: int, n_outputs: int) -> NDArray[np.bool_]:
    """Which inputs are recalled by the signal-to-noise rule d q^2 > 2 ln(n_y) sum q^2.

    Parameters
    ----------
    strengths : q(x).
    dimension : d.
    n_outputs : n_y, at least 2.
    """
    q = finite_array("recalled", "strengths", strengths)
    d = whole_number("recalled", "dimension", dimension, at_least=1)
    noise = 2.0 * math.log(whole_number("recalled", "n_outputs", n_outputs, at_least=2)) * np.sum(q**2)
    return np.asarray(d * q**2 > noise)


def _steep(owner: str, alpha: float) -> float:
    alpha = finite_number(owner, "alpha", alpha)
    if alpha <= 1.0:
        raise NeuroclError(f"{owner}: alpha must be > 1, or the probabilities have no sum, got {alpha:g}.")
    return alpha
