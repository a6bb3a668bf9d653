"""The convolution whose weight gradient stays out of the old subspace of its patches.

Patches      U [batch, channel x height x width, place], the order of the flattened kernel
Gradients    dL/dW = sum_b G_b (U_b - P(U_b))';  dL/db = sum over samples and places;  dL/dx = the transposed
             convolution of G with W, or with what takes its place
Exact saving with linear lateral neurons the weight gradient is projected, and no patch is made
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional, grad

from neurocl.hlop.product import Projection, is_held

__all__ = ["ProjectedConvolution", "as_maps"]


def as_maps(x: Tensor) -> Tensor:
    """[batch, channel, height, width] from that, from [time, batch, ...], or from one sample."""
    return x if x.ndim == 4 else x.reshape(-1, *x.shape[-3:])


class ProjectedConvolution(torch.autograd.Function):
    """The convolution of x [..., channel, height, width]; geometry is (stride, padding, dilation)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, back: Tensor | None, geometry: Any,
        projection: Projection | None,
    ) -> Tensor:  # fmt: skip
        ctx.save_for_backward(x, weight, weight if back is None else back)
        ctx.geometry, ctx.projection = geometry, projection
        out = functional.conv2d(as_maps(x), weight, bias, *geometry)
        return out.view(*x.shape[:-3], *out.shape[1:])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, back = ctx.saved_tensors
        G, x = gradients[0].to(back), x.to(back)  # autocast may have narrowed them
        needs_x, needs_weight, needs_bias, *_ = ctx.needs_input_grad
        to_x = to_weight = to_bias = None
        if needs_x:
            is_constant = is_held(G) and G.ndim == 5
            one = as_maps(G[0] if is_constant else G)
            size = (len(one), *x.shape[-3:])
            found = grad.conv2d_input(size, back, one, *ctx.geometry)
            to_x = found.expand(x.shape) if is_constant else found.view(x.shape)
        if needs_weight:
            to_weight = _weight_gradient(G, x, weight.shape, ctx.geometry, ctx.projection)
        if needs_bias:
            to_bias = as_maps(G).sum((0, 2, 3))
        return to_x, to_weight, to_bias, None, None, None


def _weight_gradient(G: Tensor, x: Tensor, shape: Any, geometry: Any, projection: Projection | None) -> Tensor:
    stride, padding, dilation = geometry
    if projection is not None and projection.code is not None:
        U = functional.unfold(as_maps(x), shape[2:], dilation, padding, stride)
        rows = projection.residual(U.transpose(1, 2).reshape(-1, U.shape[1]))
        to_output = as_maps(G).flatten(2).transpose(1, 2).reshape(-1, shape[0])
        return (to_output.T @ rows).view(shape)
    if x.ndim == 5 and is_held(x):
        G, x = G.sum(0), x[0]
    elif G.ndim == 5 and is_held(G):
        G, x = G[0], x.sum(0)
    found = grad.conv2d_weight(as_maps(x), shape, as_maps(G), stride, padding, dilation)
    return found if projection is None else projection.residual(found.flatten(1)).view(shape)
