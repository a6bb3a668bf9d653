"""Initial weights and fixed masks of sparse layers.

Weights   uniform in (-h, h), h = 1 / sqrt(rho_in rho_w fan_in); rho_in: share of inputs that are active, rho_w: share
          of weights that are kept. So the sum over what is active has the variance of a dense layer's
Masks     each output unit keeps round(rho_w fan_in) inputs, drawn without replacement, for life
Source    Iyer et al. (2022), Front. Neurorobotics 16:846219, and its published code
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neurocl.core._checks import probability
from neurocl.core.errors import NeuroclError

__all__ = ["check_density", "check_sparsity", "half_width", "random_mask", "uniform_"]


def check_sparsity(owner: str, name: str, sparsity: float, n_in: int) -> float:
    """Return a share of absent weights as a float; NeuroclError unless each unit keeps one of its `n_in` weights."""
    if round((1.0 - probability(owner, name, sparsity)) * n_in) == 0:
        raise NeuroclError(f"{owner}: {name} {sparsity:g} is too high for {n_in} inputs; no weight would be left.")
    return float(sparsity)


def check_density(owner: str, name: str, density: float) -> float:
    """Return a share of active inputs as a float; NeuroclError unless it lies in (0, 1]."""
    if probability(owner, name, density) == 0.0:
        raise NeuroclError(f"{owner}: {name} must be > 0, got 0; no input would be active.")
    return float(density)


def half_width(fan_in: int, input_density: float, weight_density: float) -> float:
    """h, see above."""
    return 1.0 / math.sqrt(input_density * weight_density * fan_in)


@torch.no_grad()
def uniform_(weight: Tensor, h: float) -> None:
    """Draw all elements uniformly from (-h, h), with torch's own random numbers."""
    weight.uniform_(-h, h)


def random_mask(n_out: int, n_in: int, sparsity: float) -> Tensor:
    """Boolean mask [output, input]: in each row round((1 - sparsity) input) elements are True.

    Drawn with torch's own random numbers.
    """
    kept = round((1.0 - sparsity) * n_in)
    order = torch.rand(n_out, n_in).argsort(1)[:, :kept]
    mask = torch.zeros(n_out, n_in, dtype=torch.bool)
    return mask.scatter_(1, order, True)
