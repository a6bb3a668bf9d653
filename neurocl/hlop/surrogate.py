"""LIF neurons with a surrogate gradient: through time (BPTT), or through space alone with traces (OTTT).

Current      x[t], time-major [time, batch, ...]; v[0] = 0; k = 1 - 1 / tau
Step         u[t] = k v[t-1] + x[t];  s[t] = 1 if u[t] >= 1;  v[t] = u[t] - s[t], no gradient through the reset
Surrogate    ds/du = a sig(a (u - 1)) (1 - sig(a (u - 1))), a = 4: at most 1
BPTT         gradients flow through k v[t-1]
OTTT         they do not; the presynaptic trace takes the place of time: a[1] = s[1], a[t] = k a[t-1] + s[t]
Defaults     tau 2, threshold 1, T 6; IF neurons: k = 1 (tau infinite)
Source       Xiao et al. (2022), NeurIPS, arXiv:2210.04195 (OTTT); Xiao et al. (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.product import is_held

__all__ = ["OnlineLIF", "OnlineState", "SurrogateLIF", "kept"]


class _Spikes(torch.autograd.Function):
    """Spikes for a current [time, ...] from potentials v, which are moved on in place."""

    @staticmethod
    def forward(ctx: Any, current: Tensor, v: Tensor, keep: float, scale: float, through_time: bool) -> Tensor:
        u = torch.empty(current.shape, dtype=current.dtype, device=current.device)
        spikes = torch.empty_like(u)
        for t in range(len(u)):
            torch.add(current[t], v, alpha=keep, out=u[t])
            torch.ge(u[t], 1.0, out=spikes[t])
            torch.sub(u[t], spikes[t], out=v)
        ctx.save_for_backward(u)
        ctx.keep, ctx.scale, ctx.through_time, ctx.held = keep, scale, through_time, is_held(current)
        return spikes

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (u,) = ctx.saved_tensors
        found = (u - 1.0).mul_(ctx.scale).sigmoid_()
        found.addcmul_(found, found, value=-1.0).mul_(ctx.scale).mul_(gradients[0])
        if ctx.through_time:
            for t in range(len(found) - 2, -1, -1):
                found[t].add_(found[t + 1], alpha=ctx.keep)
        return found, None, None, None, None


def kept(owner: str, tau: float) -> float:
    """k = 1 - 1 / tau; NeuroclError unless tau >= 1."""
    if tau == math.inf:
        return 1.0
    if positive_number(owner, "tau", tau) < 1.0:
        raise NeuroclError(f"{owner}: tau is a time constant in steps and must be >= 1, got {shown(tau)}.")
    return 1.0 - 1.0 / tau


class SurrogateLIF(nn.Module):
    """LIF neurons for backpropagation through time; every sequence begins at rest.

    Parameters
    ----------
    tau : time constant in steps, >= 1; ``math.inf``: no leak.
    scale : a of the surrogate.
    """

    def __init__(self, tau: float = 2.0, scale: float = 4.0) -> None:
        super().__init__()
        self.tau, self.keep = tau, kept("SurrogateLIF", tau)
        self.scale = positive_number("SurrogateLIF", "scale", scale)

    def forward(self, current: Tensor) -> Tensor:
        """Spikes [time, ...] for a current [time, ...]."""
        found: Tensor = _Spikes.apply(current, torch.zeros_like(current[0]), self.keep, self.scale, True)
        return found


class OnlineState(NamedTuple):
    """Potential v and trace a after a step [batch, ...]; a is None before the first."""

    v: Tensor
    trace: Tensor | None


class OnlineLIF(nn.Module):
    """LIF neurons for online training through time, with a presynaptic trace for the next layer.

    Parameters
    ----------
    tau : time constant in steps, >= 1; ``math.inf``: no leak, neither of the potential nor of the trace.
    scale : a of the surrogate.
    """

    def __init__(self, tau: float = 2.0, scale: float = 4.0) -> None:
        super().__init__()
        self.tau, self.keep = tau, kept("OnlineLIF", tau)
        self.scale = positive_number("OnlineLIF", "scale", scale)

    def forward(self, current: Tensor, state: OnlineState | None = None) -> tuple[Tensor, Tensor, OnlineState]:
        """Spikes and traces [time, ...] for a current [time, ...], and the state after it.

        Parameters
        ----------
        current : of as many steps as wanted, down to one.
        state : where the steps before ended; None: rest.
        """
        v = torch.zeros_like(current[0]) if state is None else state.v.clone()
        spikes = _Spikes.apply(current, v, self.keep, self.scale, False)
        traces = spikes.detach().clone()
        before = None if state is None else state.trace
        for t in range(len(traces)):
            if before is not None:
                traces[t].add_(before, alpha=self.keep)
            before = traces[t]
        return spikes, traces, OnlineState(v.detach(), before)
