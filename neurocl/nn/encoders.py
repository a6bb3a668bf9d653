"""Rate code for tensors: `neurocl.data.encoders.encode_rate` on the tensors' own device.

Step         spike with probability p = x max_rate dt / 1000, independent of all others (Bernoulli)
Units        x in [0, 1], max_rate in Hz, dt in ms
"""

from __future__ import annotations

import torch
from torch import Tensor

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["encode_rate"]


def encode_rate(x: Tensor, n_steps: int, dt: float, max_rate: float, generator: torch.Generator) -> Tensor:
    """Encode intensities as Bernoulli spike trains, [time, ...] of 0 and 1 in the type of `x`.

    Parameters
    ----------
    x : [...], in [0, 1].
    n_steps : number of steps.
    dt : ms.
    max_rate : Hz, at x = 1; at most one spike per step.
    generator : of the random numbers, on the device of `x`: the same state gives the same spikes.

    Raises
    ------
    NeuroclError
        If x leaves [0, 1], a number has a wrong sign, or the probability at x = 1 exceeds 1.
    """
    owner = "rate code"
    n_steps = whole_number(owner, "n_steps", n_steps, at_least=1)
    p_max = non_negative_number(owner, "max_rate", max_rate) * positive_number(owner, "dt", dt) / 1000
    if p_max > 1:
        raise NeuroclError(
            f"{owner}: max_rate = {max_rate:g} Hz with dt = {dt:g} ms asks for {p_max:g} spikes per step, at most 1 is"
            " possible; lower max_rate or dt"
        )
    if not x.is_floating_point() or not bool(((x >= 0) & (x <= 1)).all()):
        raise NeuroclError(f"{owner}: x must be a tensor of floats in [0, 1], got {x.dtype}; rescale it first")
    return torch.bernoulli((x * p_max).expand(n_steps, *x.shape), generator=generator)
