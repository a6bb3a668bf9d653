"""The projector of orthogonal weight modification: recursive least squares on a layer's mean inputs.

Start        P = I / alpha_0
Mini-batch   k = P r,  P <- P - k k' / (alpha + r' k),  r the mean input of the mini-batch
Update       gradient <- gradient P, gradient [out, in]
Note         P shrinks along every input from the first batch on, also within the first task: learning slows down
             along directions that are often used.
Source       Zeng, Chen, Cui & Yu (2019), Nature Machine Intelligence 1:364.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["initial_projector", "shrink"]


def initial_projector(layer_weight: Tensor, alpha_0: float = 1.0) -> Tensor:
    """P [in, in] of a weight [out, in, ...]."""
    n = layer_weight[0].numel()
    return torch.eye(n, dtype=layer_weight.dtype, device=layer_weight.device) / alpha_0


def shrink(P: Tensor, r: Tensor, alpha: float = 1.0) -> Tensor:
    """P after a mini-batch whose mean input is r [in]."""
    k = P @ r
    # The outer product of k with itself keeps P exactly symmetric.
    return P - torch.outer(k, k) / (alpha + r @ k)
