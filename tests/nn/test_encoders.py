"""The rate code on tensors."""

from __future__ import annotations

import pytest
import torch

from neurocl import NeuroclError
from neurocl.nn import encode_rate


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_rates_are_as_asked_and_follow_the_generator() -> None:
    x = torch.tensor([[0.0, 0.5, 1.0]])
    spikes = encode_rate(x, 20_000, dt=1.0, max_rate=200.0, generator=generator(0))
    assert spikes.shape == (20_000, 1, 3)
    assert spikes.dtype == x.dtype and set(spikes.unique().tolist()) == {0.0, 1.0}
    # five standard errors of 20 000 draws with p = 0.1 and 0.2
    torch.testing.assert_close(spikes.mean((0, 1)), torch.tensor([0.0, 0.1, 0.2]), rtol=0, atol=0.014)
    assert torch.equal(spikes, encode_rate(x, 20_000, dt=1.0, max_rate=200.0, generator=generator(0)))
    assert not torch.equal(spikes, encode_rate(x, 20_000, dt=1.0, max_rate=200.0, generator=generator(1)))


def test_mistakes_are_told() -> None:
    with pytest.raises(NeuroclError, match="asks for 2 spikes per step"):
        encode_rate(torch.ones(1), 3, dt=1.0, max_rate=2000.0, generator=generator(0))
    with pytest.raises(NeuroclError, match=r"floats in \[0, 1\]"):
        encode_rate(2 * torch.ones(1), 3, dt=1.0, max_rate=100.0, generator=generator(0))
