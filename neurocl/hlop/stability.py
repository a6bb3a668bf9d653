"""How large a step the Hebbian rule may make: eta times the largest eigenvalue of the activity's second moment.

Bound        without momentum the length of a row contracts by 1 - 2 eta lambda in each iteration: unstable above
             eta lambda = 1. An averaging momentum m moves that to (1 + m) / (1 - m), but the subspace that is found is
             poor long before. For accuracy, keep eta lambda at 0.1 or below
Measure      power iteration on a batch; the mean is not subtracted
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

__all__ = ["StabilityWarning", "largest_eigenvalue", "warn_if_unstable"]


class StabilityWarning(UserWarning):
    """The Hebbian learning rate is too large for the activity."""


def largest_eigenvalue(X: Tensor, iterations: int = 30) -> float:
    """Largest eigenvalue of X'X / R, from below, for rows X [row, n].

    The start is the longest row with a little of every direction, so that the result does not depend on chance.
    """
    v = X[X.square().sum(1).argmax()] + 1e-3 * X.square().mean(0).sqrt()
    value = 0.0
    for _ in range(iterations):
        norm = float(v.norm())
        if norm == 0.0:
            return 0.0
        w = X.T @ (X @ (v / norm)) / len(X)
        value, v = float(w.norm()), w
    return value


def warn_if_unstable(X: Tensor, lr: float, name: str) -> bool:
    """`StabilityWarning` if lr times the largest eigenvalue is above 1; False if the rows are silent."""
    with torch.no_grad():
        product = lr * largest_eigenvalue(X)
    if product > 1.0:
        warnings.warn(
            f"{name}: the learning rate {lr:g} times the activity's largest eigenvalue {product / lr:.3g} is"
            f" {product:.3g}, above the stability bound 1; the subspace will be a poor one. Lower lr (0.1 /"
            f" {product / lr:.3g} = {0.1 * lr / product:.2g} is accurate) or scale the activity down.",
            StabilityWarning,
            stacklevel=4,
        )
    return product > 0.0
