"""Gates: how the winning segment d* of a unit acts on the sum t of its feed-forward synapses.

absolute_max   j* = argmax_j |d_j|, y = t sigmoid(d_j*), the sign kept
max            j* = argmax_j d_j,   y = t sigmoid(d_j*)
bias           j* = argmax_j d_j,   y = t + d_j*
Ties           the first segment wins. With one segment the first two are the same
Source         Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

import torch
from torch import Tensor

from neurocl.core.errors import NeuroclError, shown

__all__ = ["GATES", "check_gate", "gated", "winning_segments"]

GATES = ("absolute_max", "max", "bias")
"""Names of the gates."""


def check_gate(owner: str, gate: str) -> str:
    """Return `gate`; NeuroclError if there is none of that name."""
    if gate not in GATES:
        raise NeuroclError(f"{owner}: gate must be one of {', '.join(GATES)}, got {shown(gate)}.")
    return gate


def winning_segments(activation: Tensor, gate: str) -> Tensor:
    """Index of the segment that speaks for its unit.

    Parameters
    ----------
    activation : [..., unit, segment]
    gate : one of `GATES`.

    Returns
    -------
    int64 tensor [..., unit]
    """
    return (activation.abs() if gate == "absolute_max" else activation).argmax(-1)


def gated(t: Tensor, winner: Tensor, gate: str) -> Tensor:
    """Output of the units.

    Parameters
    ----------
    t : feed-forward sums, [batch, unit].
    winner : activation d* of the winning segments, [unit] if all samples share a context, else [batch, unit].
    gate : one of `GATES`.
    """
    return t + winner if gate == "bias" else t * torch.sigmoid(winner)
