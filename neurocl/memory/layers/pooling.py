"""HopfieldPooling: a set of patterns is reduced to what a few learned state patterns are associated with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core._checks import flag, whole_number
from neurocl.memory.layers.association import INITIAL_SD, HopfieldAssociation

__all__ = ["HopfieldPooling"]


class HopfieldPooling(nn.Module):
    """Pool over a set of patterns.

    Parameters
    ----------
    input_size : width of a pattern.
    quantity : number of state patterns. Default 1.
    trainable : whether they are learned. Default True.
    **options : the fields of `AssociationOptions`.
    """

    def __init__(self, input_size: int, *, quantity: int = 1, trainable: bool = True, **options: Any) -> None:
        super().__init__()
        self.association = HopfieldAssociation(input_size, **options)
        quantity = whole_number("HopfieldPooling", "quantity", quantity, at_least=1)
        self.state = nn.Parameter(
            INITIAL_SD * torch.randn(1, quantity, input_size),
            requires_grad=flag("HopfieldPooling", "trainable", trainable),
        )

    def forward(
        self, stored: Tensor, projection: Tensor | None = None, *, stored_pattern_padding_mask: Tensor | None = None
    ) -> Tensor:
        """Pooled patterns.

        Parameters
        ----------
        stored, projection, stored_pattern_padding_mask : as in `HopfieldAssociation.forward`.

        Returns
        -------
        Tensor
            [batch, quantity * output_size].
        """
        first = self.association.options.batch_first
        state = self.state.expand(stored.shape[0 if first else 1], -1, -1)
        result: Tensor = self.association(
            stored, state if first else state.transpose(0, 1), projection,
            stored_pattern_padding_mask=stored_pattern_padding_mask,
        )  # fmt: skip
        return (result if first else result.transpose(0, 1)).flatten(1)
