"""A toy of the categorical Hopfield network: networks of weights that evolve as Hopfield's equations say.

Equation     X_e(n + 1) = X_e(n) + (sum_e' T_ee' X_e'(n) + Theta_e), one array X_e per edge e of a directed graph
Project form T X + Theta is -rate times the gradient of a loss, and there is no threshold: n steps are n steps of
             gradient descent. With `bound` each entry is kept within [-bound, bound], as Hopfield's graded units are
Sum          the direct sum of two networks has block-diagonal weights on each edge, and evolves block by block
Source       Manin & Marcolli (2024), "Homotopy theoretic and categorical models of neural information networks"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["Network", "direct_sum", "evolve", "sum_of_gradients"]

Network = Mapping[str, NDArray[np.float64]]
"""A matrix of weights for each edge, by the edge's name."""

Gradient = Callable[[Network], Network]


def evolve(
    network: Network, gradient: Gradient, rate: float, steps: int = 1, bound: float | None = None
) -> dict[str, NDArray[np.float64]]:
    """The network after `steps` steps of the equation.

    Parameters
    ----------
    network : X.
    gradient : of the loss, by edge.
    rate : > 0.
    steps : default 1.
    bound : largest magnitude of an entry, or None.
    """
    rate, steps = positive_number("evolve", "rate", rate), whole_number("evolve", "steps", steps)
    limit = None if bound is None else positive_number("evolve", "bound", bound)
    state = {edge: np.array(weights, dtype=np.float64) for edge, weights in network.items()}
    for _ in range(steps):
        slope = gradient(state)
        state = {edge: weights - rate * slope[edge] for edge, weights in state.items()}
        if limit is not None:
            state = {edge: np.clip(weights, -limit, limit) for edge, weights in state.items()}
    return state


def direct_sum(first: Network, second: Network) -> dict[str, NDArray[np.float64]]:
    """Block-diagonal weights on each edge; NeuroclError unless both networks have the same edges."""
    if first.keys() != second.keys():
        raise NeuroclError(f"direct_sum: both networks need the same edges, got {sorted(first)} and {sorted(second)}.")
    result = {}
    for edge, a in first.items():
        b = second[edge]
        result[edge] = np.block([[a, np.zeros((len(a), b.shape[1]))], [np.zeros((len(b), a.shape[1])), b]])
    return result


def sum_of_gradients(first: Network, second: Network, of_first: Gradient, of_second: Gradient) -> Gradient:
    """The gradient of a direct sum, whose loss is the sum of the losses: each network's own, in its own block."""

    def gradient(network: Network) -> Network:
        a = {edge: weights[: len(first[edge]), : first[edge].shape[1]] for edge, weights in network.items()}
        b = {edge: weights[len(first[edge]) :, first[edge].shape[1] :] for edge, weights in network.items()}
        if any(b[edge].shape != second[edge].shape for edge in b):
            raise NeuroclError("sum_of_gradients: the network is not the direct sum of the two that were given.")
        return direct_sum(of_first(a), of_second(b))

    return gradient
