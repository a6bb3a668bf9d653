"""Layers with active dendrites: a context, seen by dendritic segments, gates what the feed-forward synapses sum up.

Feed-forward   t = W x + b, W sparse for life
Dendrites      d* = activation of the winning segment of each unit, see `segments` and `gates`
Output         y = t sigmoid(d*), or t + d*
Cost           a context that samples share is seen once: per batch, not per sample
Source         Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core._checks import flag, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.dendrites._linear_of_winners import linear_of_winners
from neurocl.dendrites.gates import check_gate, gated
from neurocl.dendrites.segments import DendriteSegments
from neurocl.dendrites.sparse_linear import SparseLinear

__all__ = ["ActiveDendriteConv2d", "ActiveDendriteLinear"]


class ActiveDendriteLinear(SparseLinear):
    """A linear layer whose units are gated by dendritic segments.

    Parameters
    ----------
    n_in, n_out : inputs and units.
    n_segments : segments of each unit; 0: no dendrites, y = t.
    context_size : elements of a context.
    gate : "absolute_max" (default), "max" or "bias".
    sparsity, input_density, bias : of the feed-forward weights, as in `SparseLinear`; sparsity 0.5.
    from_winners : whether the input comes from `KWinners`, which makes the backward pass cheaper: then the gradient of
        the input is computed only where the input is not 0. Default False.
    segment_sparsity, context_density, sparse_gradient : of the segments, as in `DendriteSegments`.

    Examples
    --------
    >>> layer = ActiveDendriteLinear(784, 2048, n_segments=10, context_size=784)             # doctest: +SKIP
    >>> y = layer(x, context=prototype)                          # one context for all       # doctest: +SKIP
    >>> y = layer(x, context=prototypes, index=task_of_sample)   # one of several for each   # doctest: +SKIP
    """

    def __init__(
        self, n_in: int, n_out: int, n_segments: int, context_size: int, gate: str = "absolute_max", *,
        sparsity: float = 0.5, input_density: float = 1.0, bias: bool = True, segment_sparsity: float = 0.0,
        context_density: float = 0.1, sparse_gradient: bool = False, from_winners: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(n_in, n_out, sparsity, input_density, bias)
        self.from_winners = flag("ActiveDendriteLinear", "from_winners", from_winners)
        self.gate = check_gate("ActiveDendriteLinear", gate)
        self.segments = _segments(
            "ActiveDendriteLinear", n_out, n_segments, context_size, gate, sparsity=segment_sparsity,
            context_density=context_density, sparse_gradient=sparse_gradient,
        )  # fmt: skip

    def forward(self, x: Tensor, context: Tensor | None = None, index: Tensor | None = None) -> Tensor:
        """Output of the units, [batch, unit].

        Parameters
        ----------
        x : [batch, input]
        context : [context] for all samples, or [batch, context]; with `index`, [number of contexts, context].
        index : int64 [batch], which context each sample has.

        Raises
        ------
        NeuroclError
            If there are segments and no context, or a size or an index is wrong. An index that is out of range is
            noticed on the CPU only.
        """
        if not isinstance(x, Tensor) or x.shape[-1:] != (self.in_features,):
            found = list(x.shape) if isinstance(x, Tensor) else shown(x)
            raise NeuroclError(f"ActiveDendriteLinear: x must be a tensor [batch, {self.in_features}], got {found}.")
        t = linear_of_winners(x, self.weight, self.bias, self.from_winners)
        if self.segments is None:
            return t
        return gated(t, _winners(self.segments, context, index, len(x)), self.gate)


class ActiveDendriteConv2d(nn.Conv2d):
    """A convolution whose channels are gated by dendritic segments: one factor per channel.

    Parameters
    ----------
    in_channels, out_channels, kernel_size : as in `torch.nn.Conv2d`.
    n_segments, context_size, gate : as in `ActiveDendriteLinear`.
    **options : of `torch.nn.Conv2d`.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, n_segments: int, context_size: int,
        gate: str = "absolute_max", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, **options)
        self.gate = check_gate("ActiveDendriteConv2d", gate)
        self.segments = _segments("ActiveDendriteConv2d", out_channels, n_segments, context_size, gate)

    def forward(self, x: Tensor, context: Tensor | None = None, index: Tensor | None = None) -> Tensor:
        """Output [batch, channel, height, width] for x [batch, channel, height, width]; contexts as in the linear."""
        t = super().forward(x)
        if self.segments is None:
            return t
        return gated(t, _winners(self.segments, context, index, len(x))[..., None, None], self.gate)


def _segments(owner: str, n_units: int, n_segments: int, *rest: Any, **options: Any) -> DendriteSegments | None:
    """The segments of a layer; none if there are to be 0."""
    if whole_number(owner, "n_segments", n_segments) == 0:
        return None
    return DendriteSegments(n_units, n_segments, *rest, **options)


def _winners(segments: DendriteSegments, context: Tensor | None, index: Tensor | None, batch: int) -> Tensor:
    """Activation of the winning segments, [unit] or [batch, unit]."""
    if context is None:
        raise NeuroclError("this layer has dendritic segments and needs a context: call layer(x, context=...)")
    winner: Tensor = segments(context)
    if index is not None:
        fits = isinstance(index, Tensor) and index.shape == (batch,) and index.dtype in (torch.int64, torch.int32)
        if not fits or winner.ndim != 2:
            found = list(index.shape) if isinstance(index, Tensor) else shown(index)
            raise NeuroclError(
                f"index: expected a whole number for each of the {batch} samples, and context [number of contexts,"
                f" context], got index {found} and context {list(context.shape)}."
            )
        try:
            return winner.index_select(0, index)
        except IndexError:
            raise NeuroclError(f"index: each must be from 0 to {len(winner) - 1}, the contexts' numbers.") from None
    if winner.ndim == 2 and len(winner) != batch:
        raise NeuroclError(
            f"context: expected [context] or one row for each of the {batch} samples, got {list(context.shape)}."
        )
    return winner
