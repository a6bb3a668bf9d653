"""The network of the training benchmark: every way to run it has the known gradient."""

from __future__ import annotations

import math

import pytest
import torch

import neurocl as ncl
from neurocl.nn import Spiking, Surrogate, rate_cross_entropy, unroll

GRADIENT_NORMS = {25: 0.062261, 100: 0.361199}
"""Norm of the first weights' gradient, by number of steps: measured with snnTorch and a plain torch loop."""


def gradient_norm(n_steps: int, kind: str) -> float:
    """784-1000-10 neurons, batch 128, inputs 0/1 with probability 0.1, random labels."""
    torch.manual_seed(0)
    x, y = (torch.rand(n_steps, 128, 784) < 0.1).float(), torch.randint(0, 10, (128,))
    first, second = torch.nn.Linear(784, 1000), torch.nn.Linear(1000, 10)

    def spikes(drive: torch.Tensor) -> torch.Tensor:
        if kind == "snntorch":
            snntorch = pytest.importorskip("snntorch")
            neuron = snntorch.Leaky(beta=0.9, spike_grad=snntorch.surrogate.fast_sigmoid(slope=10))
            return unroll(neuron, drive, neuron.reset_mem())[0]
        layer = Spiking(
            ncl.models.Leaky, drive.shape[-1], surrogate=Surrogate("fast_sigmoid", 10.0), tau_mem=-1 / math.log(0.9),
            fused=kind == "fused",
        )  # fmt: skip
        return layer(drive)[0]

    rate_cross_entropy(spikes(second(spikes(first(x)))), y).backward()
    assert first.weight.grad is not None
    return float(first.weight.grad.norm())


@pytest.mark.parametrize("kind", ["fused", "plain", "snntorch"])
@pytest.mark.parametrize("n_steps", [25, pytest.param(100, marks=pytest.mark.slow)])
def test_gradient_has_the_known_norm(n_steps: int, kind: str) -> None:
    assert gradient_norm(n_steps, kind) == pytest.approx(GRADIENT_NORMS[n_steps], abs=2e-6)
