"""The two masks of a Hopfield layer as one tensor that is added to the scores."""

from __future__ import annotations

import torch
from torch import Tensor

from neurocl.core.errors import NeuroclError

__all__ = ["combined_mask"]


def combined_mask(
    owner: str, padding: Tensor | None, association: Tensor | None, sizes: tuple[int, int, int, int], like: Tensor
) -> Tensor | None:
    """Both masks as a float tensor [B or 1, H or 1, L or 1, S], minus infinity where forbidden; None without masks.

    Parameters
    ----------
    owner : begins the messages of errors.
    padding : bool or byte [B, S], True: ignore.
    association : [L, S] or [B * H, L, S], the heads of a sample next to each other; bool, byte, or float that is added.
    sizes : B, H, L, S.
    like : gives dtype and device.
    """
    batch, heads, states, stored = sizes
    parts = []
    if padding is not None:
        if padding.shape != (batch, stored) or padding.is_floating_point():
            raise NeuroclError(
                f"{owner}: stored_pattern_padding_mask must be bool [batch, stored] = {[batch, stored]}, "
                f"got {padding.dtype} {list(padding.shape)}."
            )
        parts.append(_added(padding, like)[:, None, None, :])
    if association is not None:
        added = _added(association, like)
        if association.shape == (states, stored):
            parts.append(added[None, None])
        elif association.shape == (batch * heads, states, stored):
            parts.append(added.unflatten(0, (batch, heads)))
        else:
            raise NeuroclError(
                f"{owner}: association_mask must be [state, stored] = {[states, stored]} or [batch * heads, state, "
                f"stored] = {[batch * heads, states, stored]}, got {list(association.shape)}."
            )
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _added(mask: Tensor, like: Tensor) -> Tensor:
    if mask.is_floating_point():
        return mask.to(like)
    return torch.zeros(mask.shape, dtype=like.dtype, device=like.device).masked_fill(
        mask.to(like.device).bool(), -torch.inf
    )
