"""Which context a stream shows at each iteration: probabilities, pure functions.

Linear     contexts follow each other every n iterations; across a boundary of half-width w the next one's probability
           rises as (k + 1/2) / (2 w), k = 0 ... 2 w - 1. The stream begins and ends in the middle of context 0.
           Source: code of van de Ven, Tuytelaars & Tolias (2022), Nat. Mach. Intell. 4:1185.
Gaussian   weight of context t at iteration s: exp(-(s - c_t)^2 / (2 sigma^2)), c_t equally spaced; then normalised
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["gaussian_schedule", "linear_schedule"]


def linear_schedule(n_contexts: int, iterations: int, half_width: int) -> NDArray[np.float64]:
    """Probabilities [iteration, context] with linear transitions; rows sum to 1.

    Parameters
    ----------
    n_contexts : T >= 2.
    iterations : n, of each context; the stream has T n.
    half_width : w, with 2 w <= n; 0: sharp boundaries.
    """
    whole_number("fuzzy", "iterations", iterations, at_least=1)
    whole_number("fuzzy", "half_width", half_width)
    if 2 * half_width > iterations:
        raise NeuroclError(f"fuzzy: half_width must be at most iterations / 2 = {iterations / 2:g}, got {half_width}")
    steps = np.arange(n_contexts * iterations)
    found = np.zeros((len(steps), n_contexts))
    found[steps, (steps + iterations // 2 + iterations % 2) // iterations % n_contexts] = 1.0
    for boundary in range(n_contexts):
        # The first context lasts half as long, so that the middle of each transition is half a context later.
        middle = iterations // 2 + boundary * iterations
        k = np.arange(2 * half_width)
        rows = middle - half_width + k
        k, rows = k[rows < len(steps)], rows[rows < len(steps)]
        found[rows] = 0.0
        found[rows, (boundary + 1) % n_contexts] = (k + 0.5) / (2 * half_width or 1)
        found[rows, boundary] = 1.0 - (k + 0.5) / (2 * half_width or 1)
    return found


def gaussian_schedule(n_contexts: int, iterations: int, sigma: float) -> NDArray[np.float64]:
    """Probabilities [iteration, context] with Gaussian weights; rows sum to 1.

    Parameters
    ----------
    n_contexts, iterations : as in `linear_schedule`; context t is centred at iteration (t + 1/2) n.
    sigma : width of a context, in iterations.
    """
    positive_number("fuzzy", "sigma", sigma)
    centres = (np.arange(n_contexts) + 0.5) * whole_number("fuzzy", "iterations", iterations, at_least=1)
    exponent = -((np.arange(n_contexts * iterations)[:, None] - centres) ** 2) / (2 * sigma**2)
    weights = np.exp(exponent - exponent.max(1, keepdims=True))
    found: NDArray[np.float64] = weights / weights.sum(1, keepdims=True)
    return found
