"""HopfieldLayer: each input is associated with stored patterns that are learned, a trainable look-up."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core._checks import flag, whole_number
from neurocl.memory.layers.association import INITIAL_SD, HopfieldAssociation

__all__ = ["HopfieldLayer"]


class HopfieldLayer(nn.Module):
    """Look up inputs among learned patterns.

    Parameters
    ----------
    input_size : width of an input.
    quantity : number of stored patterns. Default 1.
    trainable : whether they are learned. Default True.
    lookup_weights_as_separated : what is looked up has weights of its own, `targets`; else it is the stored pattern.
    lookup_targets_as_trainable : whether these targets are learned. Default True.
    **options : the fields of `AssociationOptions`.
    """

    targets: nn.Parameter | None

    def __init__(
        self,
        input_size: int,
        *,
        quantity: int = 1,
        trainable: bool = True,
        lookup_weights_as_separated: bool = False,
        lookup_targets_as_trainable: bool = True,
        **options: Any,
    ) -> None:
        super().__init__()
        self.association = HopfieldAssociation(input_size, **options)
        quantity = whole_number("HopfieldLayer", "quantity", quantity, at_least=1)
        o = self.association.options
        self.stored = nn.Parameter(
            INITIAL_SD * torch.randn(1, quantity, o.stored_pattern_size or 0),
            requires_grad=flag("HopfieldLayer", "trainable", trainable),
        )
        self.targets = None
        learned = flag("HopfieldLayer", "lookup_targets_as_trainable", lookup_targets_as_trainable)
        if flag("HopfieldLayer", "lookup_weights_as_separated", lookup_weights_as_separated):
            width = o.pattern_projection_size or 0
            self.targets = nn.Parameter(INITIAL_SD * torch.randn(1, quantity, width), requires_grad=learned)

    def forward(self, state: Tensor, *, association_mask: Tensor | None = None) -> Tensor:
        """What is looked up for each input.

        Parameters
        ----------
        state : [batch, state, input_size].
        association_mask : as in `HopfieldAssociation.forward`.

        Returns
        -------
        Tensor
            [batch, state, output_size].
        """
        first = self.association.options.batch_first
        batch = state.shape[0 if first else 1]
        targets = self.stored if self.targets is None else self.targets
        stored, values = (x.expand(batch, -1, -1) for x in (self.stored, targets))
        if not first:
            stored, values = stored.transpose(0, 1), values.transpose(0, 1)
        result: Tensor = self.association(stored, state, values, association_mask=association_mask)
        return result
