"""Surrogate gradients: a spike is a step of u = v - v_th, whose derivative is replaced by a bump around u = 0.

name                       derivative at u                       default scale
fast_sigmoid               1 / (1 + k |u|)^2                     k = 25     (SuperSpike)
atan                       (k / 2) / (1 + (pi k u / 2)^2)        k = 2
sigmoid                    k s (1 - s), s = 1 / (1 + exp(-k u))  k = 25
triangle                   k max(0, 1 - k |u|)                   k = 1
straight_through_estimator 1                                     none

Names and defaults are snnTorch's, whose own functions do as well: ``surrogate=snntorch.surrogate.sigmoid(slope=10)``.
Its ``triangular`` and ``LSO`` do not: in version 1.0.0 the first has the derivative +1 below the threshold and -1 above
it, the second raises TypeError.

Units        u is in the unit of the threshold's state: mV for most models, so that k is in 1/mV
Source       Zenke & Ganguli (2018), Neural Comput. 30:1514 (fast_sigmoid); Fang et al. (2021), ICCV (atan); Bengio,
             Leonard & Courville (2013), arXiv:1308.3432 (straight through); Esser et al. (2016), PNAS 113:11441
             (triangle).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest

__all__ = ["DEFAULT_SCALES", "Surrogate", "find_surrogate", "spike"]

DEFAULT_SCALES: dict[str, float] = {
    "fast_sigmoid": 25.0, "atan": 2.0, "sigmoid": 25.0, "triangle": 1.0, "straight_through_estimator": 1.0,
}  # fmt: skip
"""Scale k of each surrogate by name."""

_BROKEN = {
    "triangular": "its derivative is +1 below the threshold and -1 above it; use 'triangle'",
    "LSO": "it raises TypeError; use 'fast_sigmoid'",
}
SpikeFunction: TypeAlias = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Surrogate:
    """A surrogate gradient by name; calling it gives spikes, 1 where u > 0.

    Parameters
    ----------
    name : one of `DEFAULT_SCALES`.
    scale : k in the formulas of `neurocl.nn.surrogates`, > 0; None: the default.

    Raises
    ------
    NeuroclError
        For an unknown name, or a scale that is not > 0.
    """

    name: str
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.name not in DEFAULT_SCALES:
            raise NeuroclError(
                f"Surrogate: there is no surrogate {shown(self.name)}{suggest(self.name, DEFAULT_SCALES)}"
            )
        scale = DEFAULT_SCALES[self.name] if self.scale is None else self.scale
        object.__setattr__(self, "scale", positive_number("Surrogate", "scale", scale))

    def __call__(self, u: Tensor) -> Tensor:
        """Spikes of `u`, any shape, with the surrogate gradient."""
        return spike(self, u, is_strict=True)

    def derivative(self, u: Tensor) -> Tensor:
        """The derivative that takes the place of the step's, of the shape of `u`."""
        k = float(self.scale or 1.0)
        match self.name:
            case "fast_sigmoid":
                return (1.0 + k * u.abs()).pow(-2)
            case "atan":
                return (k / 2) / (1.0 + (torch.pi / 2 * k * u).square())
            case "sigmoid":
                s = torch.sigmoid(k * u)
                return k * s * (1.0 - s)
            case "triangle":
                return k * (1.0 - k * u.abs()).clamp(min=0.0)
        return torch.ones_like(u)


class _Step(torch.autograd.Function):
    """The step function; its derivative is the surrogate's."""

    @staticmethod
    def forward(ctx: Any, u: Tensor, surrogate: Surrogate, is_strict: bool) -> Tensor:
        ctx.save_for_backward(u)
        ctx.surrogate = surrogate
        return (u > 0 if is_strict else u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (u,) = ctx.saved_tensors
        return gradients[0] * ctx.surrogate.derivative(u), None, None


def spike(surrogate: SpikeFunction, u: Tensor, is_strict: bool) -> Tensor:
    """Spikes where u > 0, or where u >= 0 unless `is_strict`."""
    if isinstance(surrogate, Surrogate):
        found: Tensor = _Step.apply(u, surrogate, is_strict)
        return found
    # snnTorch's functions spike above zero. The smallest normal number lifts zero, and nothing else, above it.
    # They answer in float32.
    return surrogate(u if is_strict else u + torch.finfo(u.dtype).tiny).to(u.dtype)


def find_surrogate(surrogate: str | SpikeFunction) -> SpikeFunction:
    """The surrogate that a user means.

    Parameters
    ----------
    surrogate : a name of `DEFAULT_SCALES`, another function of ``snntorch.surrogate`` by its name (made with its
        defaults), or an object: a `Surrogate`, a function of snnTorch, or any function from u to spikes.

    Raises
    ------
    NeuroclError
        If there is no such surrogate, or it is one that is broken in snnTorch.
    """
    if callable(surrogate):
        maker = getattr(surrogate, "__qualname__", "").split(".")[0]
        if maker in _BROKEN and getattr(surrogate, "__module__", "").startswith("snntorch"):
            raise NeuroclError(f"snnTorch's surrogate '{maker}' is broken: {_BROKEN[maker]}")
        return surrogate
    if not isinstance(surrogate, str):
        raise NeuroclError(f"surrogate must be a name such as 'fast_sigmoid' or a function, got {shown(surrogate)}")
    if surrogate in DEFAULT_SCALES:
        return Surrogate(surrogate)
    if surrogate in _BROKEN:
        raise NeuroclError(f"snnTorch's surrogate '{surrogate}' is broken: {_BROKEN[surrogate]}")
    try:
        import snntorch.surrogate
    except ImportError:
        known: dict[str, Any] = {}
    else:
        known = {
            n: f
            for n, f in vars(snntorch.surrogate).items()
            if getattr(f, "__module__", "") == f"{snntorch.surrogate.__name__}"
        }
    known = {n: f for n, f in known.items() if not isinstance(f, type) and n not in ("custom_surrogate", *_BROKEN)}
    if surrogate not in known:
        raise NeuroclError(f"there is no surrogate {shown(surrogate)}{suggest(surrogate, {*known, *DEFAULT_SCALES})}")
    made: SpikeFunction = known[surrogate]()
    return made
