"""Multitasking network: K patterns of -1, 0, +1 with dilution d = P(0), low load, Hebbian weights.

Self-consistency  m_mu = E_xi[xi_mu tanh(beta sum_nu xi_nu m_nu)]
Hierarchical      m_k = (1 - d) d^(k - 1), an exact fixed point at T = 0 while d + d^2 + ... + d^(K - 1) < 1
Parallel          all m_k -> 1 - d as d -> 1
Noisy examples    eta = xi chi, P(chi = +-1) = (1 +- r) / 2, M examples per pattern: rho = (1 - r^2) / (M r^2)
Source            Agliari et al. (2012), Phys. Rev. Lett. 109:268101; (2023), Neural Netw. (learning from examples)
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from neurocl.core._checks import non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["critical_dilution", "example_noise", "hierarchical_overlaps", "multitask_overlaps"]

MOST_PATTERNS = 10
"""3^K pattern columns are averaged over."""


def hierarchical_overlaps(n_patterns: int, dilution: float) -> NDArray[np.float64]:
    """Overlaps (1 - d) d^(k - 1), k = 1..K, of the hierarchical state."""
    k = np.arange(whole_number("hierarchical_overlaps", "n_patterns", n_patterns, at_least=1))
    d = probability("hierarchical_overlaps", "dilution", dilution)
    return np.asarray((1.0 - d) * d**k, dtype=np.float64)


def critical_dilution(n_patterns: int) -> float:
    """Dilution below which the hierarchical state is an exact fixed point at T = 0; 1/2 as K -> infinity."""
    k = whole_number("critical_dilution", "n_patterns", n_patterns, at_least=2)
    if k == 2:
        return 1.0
    return float(brentq(lambda d: np.sum(d ** np.arange(1, k)) - 1.0, 0.4, 1.0, xtol=1e-15))


def multitask_overlaps(
    n_patterns: int, dilution: float, temperature: float = 1e-3, start: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Overlaps at the fixed point that is reached from `start`, by damped iteration.

    Parameters
    ----------
    n_patterns : K, at most 10.
    dilution : d.
    temperature : default 1e-3, where the limit T -> 0 is reached within 1e-3.
    start : K overlaps, by default those of the hierarchical state. Several states are stable at mild dilution.
    """
    owner = "multitask_overlaps"
    k, d = whole_number(owner, "n_patterns", n_patterns, at_least=1), probability(owner, "dilution", dilution)
    if k > MOST_PATTERNS:
        raise NeuroclError(f"{owner}: n_patterns must be at most {MOST_PATTERNS}, got {k}.")
    temperature = non_negative_number(owner, "temperature", temperature)
    m = hierarchical_overlaps(k, d) if start is None else np.array(start, dtype=np.float64)
    if m.shape != (k,) or not np.isfinite(m).all():
        raise NeuroclError(f"{owner}: start must be {k} finite numbers, got {shown(start)}.")
    columns = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=k)))
    zeros = (columns == 0.0).sum(axis=1)
    weighted = (d**zeros * ((1.0 - d) / 2.0) ** (k - zeros))[:, None] * columns
    for _ in range(20_000):
        field = columns @ m
        # A vanishing field leaves the unit to chance; rounding must not decide it.
        rate = np.tanh(field / temperature) if temperature > 0.0 else np.sign(np.where(abs(field) < 1e-12, 0.0, field))
        change = weighted.T @ rate - m
        m = m + 0.1 * change
        if np.abs(change).max() < 1e-12:
            break
    return m


def example_noise(quality: float, n_examples: int) -> float:
    """rho = (1 - r^2) / (M r^2), which alone decides whether M examples of quality r are enough.

    Parameters
    ----------
    quality : r in (0, 1], the mean of the factor chi of an example's entry.
    n_examples : M.
    """
    m = whole_number("example_noise", "n_examples", n_examples, at_least=1)
    r = probability("example_noise", "quality", quality)
    if r == 0.0:
        raise NeuroclError("example_noise: quality must be > 0, for at 0 the examples are pure noise.")
    return (1.0 - r * r) / (m * r * r)
