"""Losses and regularisers of spike trains [time, batch, class] (or [time, batch, n]); spikes are 0 and 1.

Rate         cross entropy of the spike counts; or mean square distance of the rates from wanted ones
Latency      cross entropy of minus the time of the first spike, tau_k = sum_t prod_{s <= t} (1 - z_s): the number of
             steps before class k fires, T if it never does. Its gradient is that of the spikes
Rates        mean over neurons of max(0, low - rate)^2 + max(0, rate - high)^2
Units        rates in Hz, dt in ms, latencies in steps
Source       Neftci, Mostafa & Zenke (2019), IEEE Signal Process. Mag. 36:51 (rates); Mostafa (2018), IEEE Trans. Neural
             Netw. Learn. Syst. 29:3227 (first spikes).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from neurocl.core._checks import non_negative_number, positive_number
from neurocl.core.errors import NeuroclError

__all__ = ["first_spike_time", "latency_cross_entropy", "rate_cross_entropy", "rate_mse", "rate_penalty"]


def rate_cross_entropy(spikes: Tensor, target: Tensor) -> Tensor:
    """Cross entropy of spike counts, averaged over the batch.

    Parameters
    ----------
    spikes : [time, batch, class].
    target : classes, [batch] of whole numbers.
    """
    _check("rate_cross_entropy", spikes, target)
    return functional.cross_entropy(spikes.sum(0), target)


def rate_mse(spikes: Tensor, target: Tensor, correct: float = 0.8, incorrect: float = 0.2) -> Tensor:
    """Mean square distance of the fraction of steps with a spike from a wanted fraction.

    Parameters
    ----------
    spikes : [time, batch, class].
    target : classes, [batch].
    correct, incorrect : wanted spikes per step of the right class and of the others.
    """
    _check("rate_mse", spikes, target)
    rates = spikes.mean(0)
    wanted = torch.full_like(rates, incorrect).scatter(1, target.unsqueeze(1), correct)
    return functional.mse_loss(rates, wanted)


def latency_cross_entropy(spikes: Tensor, target: Tensor, scale: float = 1.0) -> Tensor:
    """Cross entropy of minus the times of the first spikes: the right class is to fire first.

    Parameters
    ----------
    spikes : [time, batch, class].
    target : classes, [batch].
    scale : steps by which one class must be earlier to be e times as probable, > 0.
    """
    _check("latency_cross_entropy", spikes, target)
    return functional.cross_entropy(-first_spike_time(spikes) / positive_number("loss", "scale", scale), target)


def first_spike_time(spikes: Tensor) -> Tensor:
    """Steps before the first spike, the number of steps where there is none; [time, ...] -> [...], differentiable."""
    return torch.cumprod(1.0 - spikes, dim=0).sum(0)


def rate_penalty(spikes: Tensor, dt: float, low: float = 0.0, high: float | None = None) -> Tensor:
    """Penalty in Hz^2 for neurons that fire less than `low` or more than `high` Hz, on average over the batch.

    Parameters
    ----------
    spikes : [time, ..., n].
    dt : time step, ms.
    low, high : Hz; None: no upper bound.
    """
    dt, low = positive_number("rate_penalty", "dt", dt), non_negative_number("rate_penalty", "low", low)
    rates = spikes.flatten(0, -2).mean(0) * (1000.0 / dt)
    penalty = functional.relu(low - rates).square()
    if high is not None:
        if non_negative_number("rate_penalty", "high", high) < low:
            raise NeuroclError(f"rate_penalty: high must be at least low = {low:g} Hz, got {high:g}")
        penalty = penalty + functional.relu(rates - high).square()
    return penalty.mean()


def _check(owner: str, spikes: Tensor, target: Tensor) -> None:
    if spikes.ndim != 3 or target.shape != spikes.shape[1:2]:
        raise NeuroclError(
            f"{owner}: expected spikes [time, batch, class] and target [batch], got {list(spikes.shape)} and"
            f" {list(target.shape)}"
        )
