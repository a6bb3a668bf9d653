"""Learned parameters stay where their model allows them: what is learned is a raw number from which they are computed.

What the model requires          parameter p of the raw number r
p > low, p >= low                p = low + exp(r)          (a step of r changes p - low by a factor)
p < high, p <= high              p = high - exp(r)
both                             p = low + (high - low) / (1 + exp(-r))
nothing                          p = r

Only conditions on one parameter alone (``require="tau_mem > 0"``) are kept in this way; those that relate several are
checked when the layer is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import sympy
import torch
from torch import Tensor

from neurocl.core.errors import NeuroclError

__all__ = ["Bounds", "find_bounds"]


@dataclass(frozen=True)
class Bounds:
    """The open interval in which a parameter stays."""

    low: float = -math.inf
    high: float = math.inf

    def constrain(self, raw: Tensor) -> Tensor:
        """The parameter of a raw number."""
        if math.isinf(self.low) and math.isinf(self.high):
            return raw
        if math.isinf(self.high):
            return self.low + torch.exp(raw)
        if math.isinf(self.low):
            return self.high - torch.exp(raw)
        return self.low + (self.high - self.low) * torch.sigmoid(raw)

    def release(self, value: Tensor, where: str) -> Tensor:
        """The raw number of a parameter; NeuroclError, begun by `where`, unless it lies inside."""
        if not bool(((value > self.low) & (value < self.high)).all()):
            raise NeuroclError(
                f"{where} is learned between {self.low:g} and {self.high:g} and must start inside, got values from"
                f" {float(value.min()):g} to {float(value.max()):g}"
            )
        if math.isinf(self.low) and math.isinf(self.high):
            return value
        if math.isinf(self.high):
            return torch.log(value - self.low)
        if math.isinf(self.low):
            return torch.log(self.high - value)
        return torch.logit((value - self.low) / (self.high - self.low))


def find_bounds(name: str, requirements: Iterable[tuple[str, sympy.Basic]]) -> Bounds:
    """What the conditions say about the parameter `name` alone."""
    low, high = -math.inf, math.inf
    for _, condition in requirements:
        for part in condition.args if isinstance(condition, sympy.And) else (condition,):
            if not isinstance(part, sympy.Gt | sympy.Ge | sympy.Lt | sympy.Le):
                continue
            # gts stands on the side that is greater, whichever way round the user wrote the comparison.
            if part.gts == sympy.Symbol(name) and part.lts.is_number:
                low = max(low, float(part.lts))
            elif part.lts == sympy.Symbol(name) and part.gts.is_number:
                high = min(high, float(part.gts))
    return Bounds(low, high)
