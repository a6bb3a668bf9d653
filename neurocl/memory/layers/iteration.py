"""The Hopfield iteration of all heads, on tensors: association, updates of the state, stopping, masks.

Association  p = softmax(beta_h q k^T + mask), one beta per head
Update       q <- p k, then p again; head h goes on while fewer than its most updates are made and
             |p_t - p_{t-1}|, the Frobenius norm over states and stored patterns, is above its eps
Masked rows  a state that may be associated with nothing gets p = 0 and the result 0, and is reported
Shapes       q [B, H, L, d], k [B, H, S, d], v [B, H, S, e], mask [B or 1, H or 1, L or 1, S]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import dropout as drop
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["Association", "Stopping", "attend", "iterate"]


class Association(NamedTuple):
    """What a layer associated.

    `output` as from `forward`; `probabilities` p [B, H, L, S]; `steps` updates made, int64 [B, H]; `empty`, bool
    [B, H, L], whether a state was masked from all stored patterns.
    """

    output: Tensor
    probabilities: Tensor
    steps: Tensor
    empty: Tensor


class Stopping(NamedTuple):
    """When a head stops: most updates (None: no limit) and eps per head; whether each sample stops on its own."""

    steps_max: Sequence[int | None]
    eps: Tensor
    per_sample: bool

    @property
    def at_once(self) -> bool:
        """Whether no head is ever updated."""
        return all(steps == 0 for steps in self.steps_max)


def attend(q: Tensor, k: Tensor, v: Tensor, beta: Tensor, mask: Tensor | None, dropout: float) -> Tensor:
    """The result without updates, by torch's fused attention: p is never formed."""
    scaled = q * beta[:, None, None]
    if mask is None:
        return scaled_dot_product_attention(scaled, k, v, dropout_p=dropout, scale=1.0)
    empty = torch.isneginf(mask).all(dim=-1, keepdim=True)
    open_mask = torch.where(empty, torch.zeros_like(mask), mask)
    result = scaled_dot_product_attention(scaled, k, v, attn_mask=open_mask, dropout_p=dropout, scale=1.0)
    return result.masked_fill(empty, 0.0)


def iterate(
    q: Tensor, k: Tensor, v: Tensor, beta: Tensor, mask: Tensor | None, stopping: Stopping, dropout: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Result [B, H, L, e], the last p before dropout, updates made [B, H], and empty states [B, H, L]."""
    p, empty = _probabilities(q, k, beta, mask)
    batch, heads = q.shape[:2]
    limit = torch.tensor([-1 if s is None else s for s in stopping.steps_max], device=q.device)
    steps = torch.zeros(batch, heads, dtype=torch.int64, device=q.device)
    active = ((limit != 0) & torch.ones(batch, 1, dtype=torch.bool, device=q.device)).contiguous()
    while bool(active.any()):
        chosen = active[:, :, None, None]
        q = torch.where(chosen, p @ k, q)
        new = torch.where(chosen, _probabilities(q, k, beta, mask)[0], p)
        change = torch.linalg.vector_norm((new - p).detach(), dim=(2, 3))
        if not stopping.per_sample:
            change = change.amax(dim=0, keepdim=True).expand(batch, heads)
        steps = steps + active
        active = active & (change > stopping.eps) & ((limit < 0) | (steps < limit))
        p = new
    result = drop(p, dropout) @ v
    return result, p, steps, empty


def _probabilities(q: Tensor, k: Tensor, beta: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    scores = (q * beta[:, None, None]) @ k.transpose(-1, -2)
    if mask is None:
        return scores.softmax(dim=-1), scores.new_zeros(scores.shape[:3], dtype=torch.bool)
    empty = torch.isneginf(mask).all(dim=-1, keepdim=True)
    # A softmax over nothing is NaN, and so is its gradient: open the row first, close its result afterwards.
    p = (scores + torch.where(empty, torch.zeros_like(mask), mask)).softmax(dim=-1)
    return p.masked_fill(empty, 0.0), empty[..., 0].expand(scores.shape[:3])
