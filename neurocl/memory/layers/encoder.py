"""HopfieldEncoderLayer and HopfieldDecoderLayer: the blocks of a transformer with Hopfield layers for attention.

Encoder  x <- LN(x + drop(A(x, x, x)));  x <- LN(x + drop(W2 drop(act(W1 x))))
Decoder  x <- LN(x + drop(A1(x, x, x)));  x <- LN(x + drop(A2(memory, x, memory)));  then the feed-forward part
Source   Ramsauer et al. (2021), ICLR, arXiv:2008.02217; Vaswani et al. (2017)
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.memory.layers.association import HopfieldAssociation

__all__ = ["HopfieldDecoderLayer", "HopfieldEncoderLayer"]


class _FeedForward(nn.Module):
    """LN(x + drop(W2 drop(act(W1 x))))."""

    def __init__(self, owner: str, width: int, dim_feedforward: int, dropout: float, activation: str) -> None:
        super().__init__()
        wide = whole_number(owner, "dim_feedforward", dim_feedforward, at_least=1)
        self.first, self.second, self.norm = nn.Linear(width, wide), nn.Linear(wide, width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(probability(owner, "dropout", dropout))
        function = getattr(nn.functional, activation, None) if isinstance(activation, str) else None
        if not callable(function):
            raise NeuroclError(
                f"{owner}: activation must name a function of torch.nn.functional, such as 'relu', got"
                f" {shown(activation)}."
            )
        self._activation = function

    def forward(self, x: Tensor) -> Tensor:
        change = self.second(self.dropout(self._activation(self.first(x))))
        result: Tensor = self.norm(x + self.dropout(change))
        return result


class HopfieldEncoderLayer(nn.Module):
    """Block of a transformer encoder, normalised after each sum.

    Parameters
    ----------
    association : the Hopfield layer; its input and output have one width.
    dim_feedforward : width between W1 and W2. Default 2048.
    dropout : of both parts. Default 0.1.
    activation : name of a function of torch.nn.functional. Default "relu".

    Raises
    ------
    NeuroclError
        For an argument out of range, or an association that changes the width.
    """

    def __init__(
        self,
        association: HopfieldAssociation,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        width = _width("HopfieldEncoderLayer", "association", association)
        self.association = association
        self.feed_forward = _FeedForward("HopfieldEncoderLayer", width, dim_feedforward, dropout, activation)
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x: Tensor, **masks: Any) -> Tensor:
        """The block's output, of the shape of `x`; `masks` are those of `HopfieldAssociation.forward`."""
        result: Tensor = self.feed_forward(self.norm(x + self.dropout(self.association(x, **masks))))
        return result


class HopfieldDecoderLayer(nn.Module):
    """Block of a transformer decoder, normalised after each sum.

    Parameters
    ----------
    association_self : the Hopfield layer of the input with itself.
    association_cross : the Hopfield layer of the input with the encoder's output.
    dim_feedforward, dropout, activation : as in `HopfieldEncoderLayer`.

    Raises
    ------
    NeuroclError
        For an argument out of range, or associations of different widths.
    """

    def __init__(
        self,
        association_self: HopfieldAssociation,
        association_cross: HopfieldAssociation,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        owner = "HopfieldDecoderLayer"
        width = _width(owner, "association_self", association_self)
        if _width(owner, "association_cross", association_cross) != width:
            raise NeuroclError(
                f"{owner}: both associations need one width, got {width} and {association_cross.options.input_size}."
            )
        self.association_self, self.association_cross = association_self, association_cross
        self.feed_forward = _FeedForward(owner, width, dim_feedforward, dropout, activation)
        self.norm_self, self.norm_cross = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        *,
        masks_self: dict[str, Tensor] | None = None,
        masks_cross: dict[str, Tensor] | None = None,
    ) -> Tensor:
        """The block's output, of the shape of `x`.

        Parameters
        ----------
        x : [batch, state, width]. memory : the encoder's output, [batch, stored, width].
        masks_self, masks_cross : masks of `HopfieldAssociation.forward`, by name.
        """
        x = self.norm_self(x + self.dropout(self.association_self(x, **(masks_self or {}))))
        found = self.association_cross(memory, x, memory, **(masks_cross or {}))
        result: Tensor = self.feed_forward(self.norm_cross(x + self.dropout(found)))
        return result


def _width(owner: str, name: str, association: HopfieldAssociation) -> int:
    if not isinstance(association, HopfieldAssociation):
        raise NeuroclError(f"{owner}: {name} must be a HopfieldAssociation, got {shown(association)}.")
    o = association.options
    out = o.num_heads * (o.pattern_size or 0) if o.disable_out_projection else o.output_size
    if out != o.input_size:
        raise NeuroclError(f"{owner}: {name} must keep the width {o.input_size} of its input, but gives {out}.")
    return o.input_size
