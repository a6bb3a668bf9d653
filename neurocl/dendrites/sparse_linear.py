"""A linear layer in which most weights are absent for life.

y = W x + b, W zero outside a fixed random mask. The mask is applied when the layer is made and by `rezero` after every
step of the optimizer.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from neurocl.core._checks import flag, whole_number
from neurocl.dendrites.initialisation import check_density, check_sparsity, half_width, random_mask, uniform_

__all__ = ["SparseLinear", "rezero"]


class SparseLinear(nn.Linear):
    """A linear layer with a fixed share of absent weights.

    Parameters
    ----------
    n_in, n_out : inputs and outputs.
    sparsity : share of absent weights, in [0, 1); each output keeps at least one. Default 0.5.
    input_density : share of the inputs that are active, in (0, 1]; it scales the initial weights. Default 1.
    bias : whether there are biases, drawn from +-1 / sqrt(n_in). Default True.

    Attributes
    ----------
    mask : bool [output, input], True where a weight exists; None if none is absent.
    """

    def __init__(
        self, n_in: int, n_out: int, sparsity: float = 0.5, input_density: float = 1.0, bias: bool = True
    ) -> None:
        owner = type(self).__name__
        whole_number(owner, "n_in", n_in, at_least=1)
        whole_number(owner, "n_out", n_out, at_least=1)
        self.sparsity = check_sparsity(owner, "sparsity", sparsity, n_in)
        self.input_density = check_density(owner, "input_density", input_density)
        super().__init__(n_in, n_out, bias=flag(owner, "bias", bias))
        self.mask: torch.Tensor | None
        self.register_buffer("mask", random_mask(n_out, n_in, self.sparsity) if self.sparsity else None)
        self.rezero_()

    def reset_parameters(self) -> None:
        """Draw weights and biases anew."""
        uniform_(self.weight, half_width(self.in_features, self.input_density, 1.0 - self.sparsity))
        if self.bias is not None:
            uniform_(self.bias, 1.0 / math.sqrt(self.in_features))

    @torch.no_grad()
    def rezero_(self) -> None:
        """Set absent weights to 0."""
        if self.mask is not None:
            self.weight.mul_(self.mask)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, sparsity={self.sparsity:g}"


def rezero(model: nn.Module) -> None:
    """Set the absent weights of all sparse layers and segments in `model` to 0; call it after each optimizer step."""
    for module in model.modules():
        again = getattr(module, "rezero_", None)
        if again is not None:
            again()
