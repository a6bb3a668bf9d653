"""A linear layer between k winners: its gradients are computed from the few elements that are not 0.

y = W x + b. Where k winners follow, dL/dy is 0 for all units but the winners; where they precede, dL/dx matters only
where x is not 0. With 5 % winners dL/dW needs 1/20 of the products of a dense layer, or 1/400 if x comes from winners,
too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

__all__ = ["linear_of_winners"]

DENSE = 0.2
"""Share of elements of dL/dy that are not 0 from which on dense products are faster."""

Floats = NDArray[np.float32]


def linear_of_winners(x: Tensor, weight: Tensor, bias: Tensor | None, from_winners: bool) -> Tensor:
    """The linear layer, [batch, unit].

    Parameters
    ----------
    x, weight, bias : [batch, input], [unit, input] and [unit].
    from_winners : whether `x` comes from k winners (or any layer that ignores gradients where it gave 0).
    """
    usual = x.dtype != torch.float32 or x.device.type != "cpu" or x.ndim != 2
    if usual or not torch.is_grad_enabled():
        return functional.linear(x, weight, bias)
    result: Tensor = _LinearOfWinners.apply(x, weight, bias, from_winners)
    return result


class _LinearOfWinners(torch.autograd.Function):
    """Dense forward, sparse backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, from_winners: bool) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.from_winners = from_winners
        return functional.linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        to_x, to_weight, to_bias, _ = ctx.needs_input_grad
        grad_bias = grad.sum(0) if to_bias else None
        if torch.count_nonzero(grad) > DENSE * grad.numel():
            return grad @ weight if to_x else None, grad.T @ x if to_weight else None, grad_bias, None
        arrays = grad.contiguous().numpy(), x.contiguous().numpy()
        grad_x = grad_weight = None
        if to_x and ctx.from_winners:
            grad_x = torch.zeros_like(x)
            _backward_input(arrays[0], arrays[1], weight.detach().contiguous().numpy(), grad_x.numpy())
        elif to_x:
            grad_x = grad @ weight
        if to_weight:
            grad_weight = torch.zeros_like(weight)
            backward = _backward_sparse if ctx.from_winners else _backward_dense
            backward(arrays[0], arrays[1], grad_weight.numpy())
        return grad_x, grad_weight, grad_bias, None


@njit(cache=True)
def _backward_input(grad: Floats, x: Floats, weight: Floats, grad_x: Floats) -> None:
    """dL/dx where x is not 0."""
    for b in range(grad.shape[0]):
        inputs = np.nonzero(x[b])[0]
        for j in np.nonzero(grad[b])[0]:
            for i in inputs:
                grad_x[b, i] += grad[b, j] * weight[j, i]


@njit(cache=True)
def _backward_sparse(grad: Floats, x: Floats, grad_weight: Floats) -> None:
    """dL/dW from the elements of x and dL/dy that are not 0."""
    for b in range(grad.shape[0]):
        inputs = np.nonzero(x[b])[0]
        for j in np.nonzero(grad[b])[0]:
            for i in inputs:
                grad_weight[j, i] += grad[b, j] * x[b, i]


@njit(cache=True)
def _backward_dense(grad: Floats, x: Floats, grad_weight: Floats) -> None:
    """dL/dW from whole rows of x, unit by unit, so that a row of dL/dW stays in the cache."""
    by_unit = np.ascontiguousarray(grad.T)
    for j in range(by_unit.shape[0]):
        for b in np.nonzero(by_unit[j])[0]:
            factor = by_unit[j, b]
            for i in range(x.shape[1]):
                grad_weight[j, i] += factor * x[b, i]
