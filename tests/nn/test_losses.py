"""Losses and regularisers, against their definitions."""

from __future__ import annotations

import math

import pytest
import torch

from neurocl import NeuroclError
from neurocl.nn import first_spike_time, latency_cross_entropy, rate_cross_entropy, rate_mse, rate_penalty


def train(*times: int, n_steps: int = 6) -> torch.Tensor:
    """One spike per class at the given step (-1: none), [time, 1, class]."""
    spikes = torch.zeros(n_steps, 1, len(times), dtype=torch.float64)
    for k, t in enumerate(times):
        if t >= 0:
            spikes[t, 0, k] = 1.0
    return spikes


def test_first_spike_time_counts_the_steps_before_it() -> None:
    spikes = train(0, 4, -1)
    spikes[5, 0, 0] = 1.0  # a later spike does not matter
    assert first_spike_time(spikes).tolist() == [[0.0, 4.0, 6.0]]


def test_first_spike_time_is_differentiable() -> None:
    z = torch.rand(5, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(first_spike_time, z.requires_grad_())
    spikes = train(-1, 2).requires_grad_()
    (gradient,) = torch.autograd.grad(first_spike_time(spikes).sum(), spikes)
    assert gradient[:, 0, 0].tolist() == [-6, -5, -4, -3, -2, -1]  # a spike would come so much earlier


def test_cross_entropies_prefer_the_class_that_fires_most_and_first() -> None:
    spikes, target = train(1, 4), torch.tensor([0])
    assert float(latency_cross_entropy(spikes, target)) == pytest.approx(math.log(1 + math.exp(-3.0)))
    assert float(latency_cross_entropy(spikes, target, scale=3.0)) == pytest.approx(math.log(1 + math.exp(-1.0)))
    spikes[2, 0, 0] = 1.0
    assert float(rate_cross_entropy(spikes, target)) == pytest.approx(math.log(1 + math.exp(-1.0)))


def test_rate_mse_is_zero_at_the_wanted_rates() -> None:
    spikes = torch.zeros(5, 1, 2)
    spikes[:4, 0, 1] = 1.0
    spikes[0, 0, 0] = 1.0
    assert float(rate_mse(spikes, torch.tensor([1]))) == pytest.approx(0.0, abs=1e-12)
    assert float(rate_mse(spikes, torch.tensor([0]))) == pytest.approx(0.36)


def test_rates_inside_the_band_cost_nothing() -> None:
    spikes = torch.zeros(100, 2, 3)
    spikes[:10, :, 1] = 1.0  # 100 Hz at 1 ms
    spikes[:50, :, 2] = 1.0  # 500 Hz
    assert float(rate_penalty(spikes, 1.0, high=600.0)) == 0.0
    assert float(rate_penalty(spikes, 1.0, low=30.0, high=200.0)) == pytest.approx((30.0**2 + 300.0**2) / 3)


def test_mistakes_are_told() -> None:
    with pytest.raises(NeuroclError, match=r"got \[6, 1, 2\] and \[3\]"):
        rate_cross_entropy(train(1, 2), torch.tensor([0, 1, 1]))
    with pytest.raises(NeuroclError, match="at least low"):
        rate_penalty(train(1), 1.0, low=5.0, high=1.0)
    with pytest.raises(NeuroclError, match="scale must be > 0"):
        latency_cross_entropy(train(1, 2), torch.tensor([0]), scale=0.0)
