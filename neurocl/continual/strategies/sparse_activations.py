"""Activations that leave most units silent, so that what one sample teaches hardly touches another's units.

Elephant     phi(x) = 1 / (1 + |x / a|^d); output and gradient both vanish away from 0
ASH          z = x sigmoid(alpha (x - mu - z_k s)), mu, s: mean and population standard deviation over the units
Hard ASH     z = clip(x, 0, 2) hsig(alpha (x - mu - z_k s)),  hsig(v) = clip(v + 3, 0, 6) / 6
k-WTA        h = relu(x - x_(k)), x_(k) the k-th largest: k - 1 units are positive if no two are equal
Units        dimensionless; statistics are over all units of the layer, of each sample by itself: over the last
             dimension, or of maps [sample, channel, height, width] over the last three
Source       Lan & Mahmood (2023), arXiv:2310.01365 (Elephant); Keskinen (2024), arXiv:2404.17651 (ASH, Hard ASH) and
             arXiv:2405.13632 (k-WTA).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["ASH", "Elephant", "HardASH", "KWinnersTakeAll"]


def _as_units(x: Tensor) -> Tensor:
    """Activity [..., unit]: of a convolution every channel at every place is a unit."""
    return x.flatten(1) if x.ndim == 4 else x


class Elephant(nn.Module):
    """Bell-shaped activation 1 / (1 + |x / a|^d).

    Parameters
    ----------
    a : half width; it sets how many units are active.
    d : steepness of the flanks, >= 1; it sets how sparse the gradient is. 4 for classification, 8 for regression.
    """

    def __init__(self, a: float = 0.08, d: float = 4.0) -> None:
        super().__init__()
        self.a, self.d = positive_number("Elephant", "a", a), positive_number("Elephant", "d", d)
        if self.d < 1.0:
            raise NeuroclError(f"Elephant: d must be >= 1, got {d}; the slope at 0 is infinite below.")

    def forward(self, x: Tensor) -> Tensor:
        """[..., unit] -> [..., unit], in (0, 1]."""
        return 1.0 / (1.0 + (x / self.a).abs() ** self.d)

    def extra_repr(self) -> str:
        return f"a={self.a:g}, d={self.d:g}"


class ASH(nn.Module):
    """Adaptive swish: units far above the layer's mean pass, the others are silenced smoothly.

    Parameters
    ----------
    alpha : steepness.
    z_k : standard deviations above the mean at which a unit is half open.
    """

    def __init__(self, alpha: float = 3.0, z_k: float = 2.3) -> None:
        super().__init__()
        self.alpha, self.z_k = positive_number("ASH", "alpha", alpha), finite_number("ASH", "z_k", z_k)

    def _drive(self, x: Tensor) -> Tensor:
        # Of equal inputs the deviation is 0 and its square root has no slope there.
        units = _as_units(x)
        deviation = (units.var(-1, unbiased=False, keepdim=True) + 1e-12).sqrt()
        return (self.alpha * (units - units.mean(-1, keepdim=True) - self.z_k * deviation)).view(x.shape)

    def forward(self, x: Tensor) -> Tensor:
        """[..., unit] or [sample, channel, height, width], to the same."""
        return x * torch.sigmoid(self._drive(x))

    def extra_repr(self) -> str:
        return f"alpha={self.alpha:g}, z_k={self.z_k:g}"


class HardASH(ASH):
    """As `ASH`, piecewise linear: output and gradient are exactly 0 for most units."""

    def forward(self, x: Tensor) -> Tensor:
        """As in `ASH`; the result is in [0, 2]."""
        return x.clamp(0.0, 2.0) * functional.hardsigmoid(self._drive(x))


class KWinnersTakeAll(nn.Module):
    """The k-th largest input is subtracted, what is below it is silent.

    Parameters
    ----------
    k : rank of the threshold: a whole number >= 1, at most the number of units; or a fraction of them, in (0, 1).
    """

    def __init__(self, k: float = 0.15) -> None:
        super().__init__()
        if isinstance(k, float) and not 0.0 < k < 1.0:
            raise NeuroclError(f"KWinnersTakeAll: k must be a whole number or lie between 0 and 1, got {k}.")
        self.k = k if isinstance(k, float) else whole_number("KWinnersTakeAll", "k", k, at_least=1)

    def forward(self, x: Tensor) -> Tensor:
        """[..., unit] or [sample, channel, height, width], to the same."""
        units = _as_units(x)
        n = units.shape[-1]
        k = self.k if isinstance(self.k, int) else max(1, round(self.k * n))
        if k > n:
            raise NeuroclError(f"KWinnersTakeAll: k = {k} is more than the layer's {n} units.")
        return functional.relu(units - units.topk(k, dim=-1).values[..., -1:]).view(x.shape)

    def extra_repr(self) -> str:
        return f"k={self.k}"
