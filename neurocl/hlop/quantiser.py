"""The signed rate code of spiking lateral neurons.

Equation     q(y) = s round( T_h clip(y, -s, s) / s ) / T_h, rounding half to even
Meaning      within one step of the network a lateral neuron has T_h steps of its own; it fires at the rate |y| / s, at
             most 1, through one of two populations that stand for the two signs. q(y) is what its burst says about y
Resolution   s / T_h: an activity below half of it is silent, so that nothing is projected and nothing is learned
Defaults     s = 20, T_h = 1000; the published example of spiking neurons uses T_h = 40
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["RateCode", "find_code"]


@dataclass(frozen=True)
class RateCode:
    """The quantiser q; calling it quantises a tensor.

    Parameters
    ----------
    scale : s, the largest activity that can be told.
    steps : T_h, lateral steps within one step of the network.

    Raises
    ------
    NeuroclError
        Unless scale > 0 and steps is a whole number >= 1.
    """

    scale: float = 20.0
    steps: int = 1000

    def __post_init__(self) -> None:
        positive_number("RateCode", "scale", self.scale)
        whole_number("RateCode", "steps", self.steps, at_least=1)

    def __call__(self, y: Tensor) -> Tensor:
        """q(y), of the shape of `y`."""
        s, steps = self.scale, self.steps
        return y.clamp(-s, s).mul_(steps).div_(s).round_().mul_(s).div_(steps)


def find_code(owner: str, spiking: Any) -> RateCode | None:
    """The code of the lateral neurons that a user means by (scale, steps); None: linear ones."""
    if spiking is None:
        return None
    if not isinstance(spiking, tuple | list) or len(spiking) != 2:
        raise NeuroclError(f"{owner}: spiking must be None or (scale, steps) such as (20.0, 40), got {shown(spiking)}.")
    return RateCode(*spiking)
