"""Learning rules of the Hopfield network: the weights after one more pattern xi of N units.

Storkey      h_ij = sum_{k != i, j} W_ik xi_k,  W_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N,  W_ii = 0
Projection   e = (I - W) xi,  W += e e^T / |e|^2 unless |e| is rounding: then xi depends on what was stored
Source       Storkey & Valabregue (1999), Neural Netw. 12:869; Personnaz, Guyon & Dreyfus (1986), Phys. Rev. A 34:4217;
             Greville (1960), SIAM Rev. 2:15
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["learn_projection", "learn_storkey"]

Weights = NDArray[np.float64]
DEPENDENT = 1e-9
"""Share of a pattern's squared norm below which its part outside the stored patterns counts as rounding."""


def learn_storkey(weights: Weights, pattern: NDArray[np.int8]) -> None:
    """Add a pattern to `weights` in place; the result depends on the order of the patterns."""
    xi = pattern.astype(np.float64)
    g = weights @ xi
    # h_ij = g_i - W_ij xi_j, as the diagonal of the weights is 0; both of its terms together, symmetric.
    h = g[:, None] - weights * xi
    change = np.outer(xi, xi)
    change -= xi[:, None] * h.T
    change -= h * xi
    change /= xi.size
    np.fill_diagonal(change, 0.0)
    weights += change


def learn_projection(weights: Weights, pattern: NDArray[np.int8]) -> None:
    """Add a pattern to the projection matrix `weights` in place."""
    xi = pattern.astype(np.float64)
    residual = xi - weights @ xi
    residual -= weights @ residual  # once more, or rounding grows with the number of patterns
    square = float(residual @ residual)
    if square > DEPENDENT * xi.size:
        weights += np.outer(residual, residual / square)
