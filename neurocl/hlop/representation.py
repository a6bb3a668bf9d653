"""Neurons differentiated on their spike representation (DSR): the layer's gradient is that of a clamp of rates.

Current      I[t], t = 1..T, time-major [time, batch, ...]; v[0] = 0; step dt, time constant tau
DSRLIF       v[t] = b v[t-1] + (1 - b) I[t], b = exp(-dt / tau);  s[t] = 1 if v[t] >= alpha V;  v[t] <- v[t] - V s[t];
             o[t] = s[t] V / dt
DSRIF        v[t] = v[t-1] + I[t], the same spike and reset, o[t] = s[t] V
Rate         rate(z) = sum_i w_i z[i] / sum_i w_i, w_i = exp(-(T - i) dt / tau); for IF the plain mean
Backward     g_t = dL/do[t], g = rate(g), J = rate(I):
             LIF  dL/dI[t] = g / tau where 0 < J < tau V / dt, the same at every t;
                  dL/dV = sum of T g dt where J > tau V / dt
             IF   dL/dI[t] = g where 0 <= J <= V;  dL/dV = sum of T g where J > V
Threshold    V is trained; before each pass V <- relu(V - bound) + bound
Defaults     LIF: tau 1, dt 0.05, V 0.3, alpha 0.3, T 20 (so o = 6). IF: V 1, alpha 0.5. bound 0.0005
Note         a neuron fires at alpha V but loses V: v may go down to about -(1 - alpha) V
Source       Meng et al. (2022), CVPR, arXiv:2205.00459; Xiao et al. (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from neurocl.core._checks import positive_number, probability
from neurocl.hlop.product import is_held

__all__ = ["DSRIF", "DSRLIF", "rate", "rate_weights"]


def rate_weights(n_steps: int, decay: float, like: Tensor) -> Tensor:
    """w_i / sum w [time] for b = `decay`; 1: the plain mean."""
    exponents = torch.arange(n_steps - 1, -1, -1, dtype=torch.float64)
    weights = torch.full_like(exponents, decay).pow(exponents)
    return (weights / weights.sum()).to(like)


def rate(z: Tensor, decay: float) -> Tensor:
    """Weighted mean over the first axis, [time, ...] -> [...]; differentiable."""
    if is_held(z):
        return z[0]
    weights = rate_weights(len(z), decay, z)
    return (weights @ z.flatten(1)).view(z.shape[1:])


class _Constants(NamedTuple):
    """decay b; gain of the current; amplitude o / V; slope dL/dI / g; ceiling of J / V up to which the clamp is open;
    is_closed: whether its ends are open to gradients, too; threshold_gain: of dL/dV."""

    decay: float
    gain: float
    amplitude: float
    slope: float
    ceiling: float
    is_closed: bool
    threshold_gain: float


class _Spikes(torch.autograd.Function):
    """Outputs of the neurons for a current [time, ...]; one rule for LIF and IF."""

    @staticmethod
    def forward(ctx: Any, current: Tensor, v_th: Tensor, alpha: float, constants: _Constants) -> Tensor:
        decay, gain = constants.decay, constants.gain
        # The threshold as a number: the next pass bounds the parameter in place, maybe before this one's gradient.
        threshold = v_th.item()
        ctx.constants, ctx.n_steps, ctx.threshold = constants, len(current), threshold
        ctx.save_for_backward(rate(current, decay))
        out = torch.empty(current.shape, dtype=current.dtype, device=current.device)
        v = torch.zeros_like(out[0])
        fires = torch.empty(v.shape, dtype=torch.bool, device=v.device)
        held = is_held(current)
        drive = current[0] * gain
        for t in range(len(out)):
            v.mul_(decay)
            v.add_(drive) if held else v.add_(current[t], alpha=gain)
            torch.ge(v, alpha * threshold, out=fires)
            out[t].copy_(fires)
            v.sub_(out[t], alpha=threshold)
        return out.mul_(constants.amplitude * threshold)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (J,) = ctx.saved_tensors
        c: _Constants = ctx.constants
        top = c.ceiling * ctx.threshold
        g = rate(gradients[0], c.decay)
        below, above = (torch.ge, torch.le) if c.is_closed else (torch.gt, torch.lt)
        is_open = below(J, 0.0) & above(J, top)
        to_current = (g * is_open).mul_(c.slope).expand(ctx.n_steps, *g.shape)
        to_v_th = (g * torch.gt(J, top)).sum() * (ctx.n_steps * c.threshold_gain) if ctx.needs_input_grad[1] else None
        return to_current, to_v_th, None, None


class _Representation(nn.Module):
    """Base of both: holds and bounds the threshold."""

    v_th: nn.Parameter
    decay: float

    def __init__(self, v_th: float, alpha: float, bound: float) -> None:
        super().__init__()
        owner = type(self).__name__
        self.v_th = nn.Parameter(torch.tensor(positive_number(owner, "v_th", v_th)))
        self.alpha = probability(owner, "alpha", alpha)
        self.bound = positive_number(owner, "bound", bound)

    def _constants(self) -> _Constants:
        raise NotImplementedError

    def forward(self, current: Tensor) -> Tensor:
        """Outputs [time, ...] for a current [time, ...]; a current that is held may be an expanded view."""
        with torch.no_grad():
            self.v_th.copy_((self.v_th - self.bound).relu() + self.bound)
        out: Tensor = _Spikes.apply(current, self.v_th, self.alpha, self._constants())
        return out

    def rate(self, z: Tensor) -> Tensor:
        """Rate of z [time, ...], as this neuron weighs the steps."""
        return rate(z, self.decay)

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"v_th={self.v_th.item():.4g}, alpha={self.alpha:g}"


class DSRLIF(_Representation):
    """Leaky neurons with a trained threshold, one for the layer.

    Parameters
    ----------
    tau, dt : membrane time constant and step, in the same unit.
    v_th : first threshold V.
    alpha : the neuron fires at alpha V.
    bound : least V.

    Raises
    ------
    NeuroclError
        For an argument that is not > 0, or alpha outside [0, 1].
    """

    def __init__(
        self, tau: float = 1.0, dt: float = 0.05, v_th: float = 0.3, alpha: float = 0.3, bound: float = 0.0005
    ) -> None:
        super().__init__(v_th, alpha, bound)
        self.tau, self.dt = positive_number("DSRLIF", "tau", tau), positive_number("DSRLIF", "dt", dt)
        self.decay = math.exp(-dt / tau)

    def _constants(self) -> _Constants:
        tau, dt, decay = self.tau, self.dt, self.decay
        return _Constants(decay, 1.0 - decay, 1.0 / dt, 1.0 / tau, tau / dt, is_closed=False, threshold_gain=dt)


class DSRIF(_Representation):
    """Neurons without leak, with a trained threshold; parameters as of `DSRLIF`."""

    decay = 1.0

    def __init__(self, v_th: float = 1.0, alpha: float = 0.5, bound: float = 0.0005) -> None:
        super().__init__(v_th, alpha, bound)

    def _constants(self) -> _Constants:
        return _Constants(1.0, 1.0, 1.0, 1.0, 1.0, is_closed=True, threshold_gain=1.0)
