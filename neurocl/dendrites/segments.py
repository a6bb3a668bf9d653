"""Dendritic segments: linear detectors of a context, several per unit, of which one wins.

d_uj = V_uj . c;   the winner j* of unit u is chosen by the gate (see `gates`)
Backward   only the winning segment of each unit gets a gradient: dL/dV_uj* = dL/dd_uj* c
Initial    V uniform in (-h, h), h = 1 / sqrt(rho_c rho_v C), C inputs, rho_c active share, rho_v share of weights kept
Source     Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.core._checks import flag, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.dendrites.gates import check_gate, winning_segments
from neurocl.dendrites.initialisation import check_density, check_sparsity, half_width, random_mask, uniform_

__all__ = ["DendriteSegments"]


class DendriteSegments(nn.Module):
    """The segments of a layer's units.

    Parameters
    ----------
    n_units, n_segments : units, and segments of each, at least one.
    context_size : inputs of a segment.
    gate : one of `GATES`; it says which segment wins. Default "absolute_max".
    sparsity : share of absent weights, in [0, 1). Default 0.
    context_density : share of the context that is active, in (0, 1]; it scales the initial weights. Default 0.1.
    sparse_gradient : whether, where all samples share one context, the gradient of the weights is a sparse tensor that
        holds the winners' rows alone; then the optimizer must be `RowAdam` or take sparse gradients. Default False.

    Attributes
    ----------
    weight : [unit * segment, context]; the segments of a unit are neighbours.
    mask : bool, of the same shape; None if no weight is absent.
    """

    def __init__(
        self, n_units: int, n_segments: int, context_size: int, gate: str = "absolute_max", *, sparsity: float = 0.0,
        context_density: float = 0.1, sparse_gradient: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        owner = type(self).__name__
        self.n_units = whole_number(owner, "n_units", n_units, at_least=1)
        self.n_segments = whole_number(owner, "n_segments", n_segments, at_least=1)
        self.context_size = whole_number(owner, "context_size", context_size, at_least=1)
        self.gate = check_gate(owner, gate)
        self.sparsity = check_sparsity(owner, "sparsity", sparsity, self.context_size)
        self.context_density = check_density(owner, "context_density", context_density)
        self.sparse_gradient = flag(owner, "sparse_gradient", sparse_gradient)
        rows = self.n_units * self.n_segments
        self.weight = nn.Parameter(torch.empty(rows, self.context_size))
        uniform_(self.weight, half_width(self.context_size, self.context_density, 1.0 - self.sparsity))
        self.mask: Tensor | None
        self.register_buffer("mask", random_mask(rows, self.context_size, self.sparsity) if self.sparsity else None)
        self._first: Tensor
        self.register_buffer("_first", torch.arange(self.n_units) * self.n_segments, persistent=False)
        self.rezero_()

    @torch.no_grad()
    def rezero_(self) -> None:
        """Set absent weights to 0."""
        if self.mask is not None:
            self.weight.mul_(self.mask)

    def activations(self, context: Tensor) -> Tensor:
        """d, [..., unit, segment], for contexts [..., context]."""
        self._check(context)
        return functional.linear(context, self.weight).unflatten(-1, (self.n_units, self.n_segments))

    def forward(self, context: Tensor) -> Tensor:
        """Activation of the winning segment of each unit, [..., unit], for contexts [..., context]."""
        self._check(context)
        if not (self.sparse_gradient and torch.is_grad_enabled() and context.ndim == 1):
            activation = self.activations(context)
            winner = winning_segments(activation, self.gate)
            return activation.gather(-1, winner.unsqueeze(-1)).squeeze(-1)
        with torch.no_grad():
            winner = winning_segments(self.activations(context), self.gate) + self._first
        rows = functional.embedding(winner, self.weight, sparse=True)
        return (rows @ context.unsqueeze(-1)).squeeze(-1)

    def _check(self, context: Tensor) -> None:
        if not isinstance(context, Tensor):
            raise NeuroclError(f"DendriteSegments: context must be a tensor, got {shown(context)}.")
        if context.shape[-1:] != (self.context_size,):
            raise NeuroclError(
                f"DendriteSegments: context must have {self.context_size} elements, got {list(context.shape)}."
            )
        if context.dtype != self.weight.dtype and not torch.is_autocast_enabled(context.device.type):
            raise NeuroclError(
                f"DendriteSegments: context must be {self.weight.dtype} like the weights, got {context.dtype}; convert"
                " it with context.to(layer.weight.dtype)."
            )

    def extra_repr(self) -> str:
        return f"{self.n_units} x {self.n_segments} segments of {self.context_size}, gate={self.gate}"
