"""The product of a layer with its weights, whose weight gradient stays out of the old subspace.

Forward      u = W x + b, as without projection
Gradients    dL/dW = G' (X - P(X)),  dL/db = sum of the rows of G,  dL/dX = G W_back
             G: rows of dL/du; P(X): the old subspace's part of the presynaptic rows; W_back: W, or what takes its place
Seen         in online training the presynaptic rows of dL/dW are traces, while u is made of spikes; and where the
             residual X - P(X) is known already, it takes the place of X
Exact saving with linear lateral neurons, G' (X - P(X)) = (G' X) (I - H' H): whichever has fewer rows is projected.
             A gradient that is the same at every time step meets the sum of X over time; an input that is the same
             at every step meets the sum of G. Steps that are the same have stride 0
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from neurocl.hlop.subspace import HebbianSubspace

__all__ = ["Projection", "ProjectedLinear", "weight_gradient"]


class Projection:
    """The old rows of a subspace as they are now; a backward pass may come after the next merge.

    Parameters
    ----------
    subspace : its old rows are kept.
    """

    def __init__(self, subspace: HebbianSubspace) -> None:
        self.old, self.code = subspace.old, subspace.rule.code

    def residual(self, rows: Tensor) -> Tensor:
        """Rows without their part in the old subspace."""
        wide = rows.to(self.old)
        Y = wide @ self.old.T
        return torch.addmm(wide, Y if self.code is None else self.code(Y), self.old, alpha=-1.0).to(rows.dtype)


def is_held(x: Tensor) -> bool:
    """Whether x [time, ...] is one step, held."""
    return x.ndim > 2 and x.shape[0] > 1 and x.stride(0) == 0


def weight_gradient(G: Tensor, X: Tensor, projection: Projection | None) -> Tensor:
    """dL/dW [out, in] from G [..., out] and X [..., in]."""
    is_linear = projection is None or projection.code is None
    if is_held(X):
        G, X = G.sum(0), X[0]
    elif is_held(G) and is_linear:
        G, X = G[0], X.sum(0)
    G, X = G.reshape(-1, G.shape[-1]), X.reshape(-1, X.shape[-1])
    if projection is None:
        return G.T @ X
    if is_linear and G.shape[1] < len(X):
        return projection.residual(G.T @ X)
    return G.T @ projection.residual(X)


class ProjectedLinear(torch.autograd.Function):
    """W x + b with the gradients above."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, back: Tensor | None, seen: Tensor,
        projection: Projection | None,
    ) -> Tensor:  # fmt: skip
        ctx.save_for_backward(seen, weight if back is None else back)
        ctx.projection = projection
        return functional.linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        X, back = ctx.saved_tensors
        G, X = gradients[0].to(back), X.to(back)  # autocast may have narrowed them
        needs_x, needs_weight, needs_bias, *_ = ctx.needs_input_grad
        to_x = to_weight = to_bias = None
        if needs_x:
            to_x = (G[0] @ back).expand(*G.shape[:-1], -1) if is_held(G) else G @ back
        if needs_weight:
            to_weight = weight_gradient(G, X, ctx.projection)
        if needs_bias:
            to_bias = G.reshape(-1, G.shape[-1]).sum(0)
        return to_x, to_weight, to_bias, None, None, None
