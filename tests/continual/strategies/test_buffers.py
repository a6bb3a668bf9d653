"""Memories of samples: uniformity, shares, and going on from a saved state."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from neurocl.continual.strategies.buffers import ClassBalancedBuffer, ReservoirBuffer, make_buffer
from neurocl.core.errors import NeuroclError


def test_reservoir_keeps_each_item_with_the_same_probability() -> None:
    # 10^5 streams of 100 items into 10 slots, all streams at once: the buffer's own rule for each item's slot.
    rng = np.random.default_rng(0)
    n_streams, counts = 100_000, np.zeros(100)
    slots = np.empty((n_streams, 10), dtype=np.int64)
    buffer = ReservoirBuffer(10)
    for stream in range(n_streams):
        buffer.n_seen = 0
        chosen = buffer._slots(np.zeros(100, dtype=np.int64), rng.random(100))
        kept = chosen >= 0
        slots[stream, chosen[kept]] = np.flatnonzero(kept)  # NumPy: of equal slots the last one stays
    counts += np.bincount(slots.ravel(), minlength=100)
    expected = n_streams * 0.1
    statistic = ((counts - expected) ** 2 / (expected * 0.9)).sum() * 99 / 100
    assert statistic < chi2.ppf(0.999, 99)


def draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_one_large_batch_fills_every_slot_with_another_item() -> None:
    x, y = torch.arange(60.0)[:, None], torch.zeros(60, dtype=torch.long)
    whole = ReservoirBuffer(10)
    whole.add(draw(3), x=x, y=y)
    assert len(whole) == 10 and len(set(whole.fields["x"].flatten().tolist())) == 10


def test_class_balanced_buffer_has_equal_shares_in_a_sorted_unbalanced_stream() -> None:
    sizes = [500, 40, 300, 60]
    y = torch.cat([torch.full((n,), c) for c, n in enumerate(sizes)])
    buffer, generator = ClassBalancedBuffer(40), draw(0)
    for part in y.split(7):
        buffer.add(generator, x=torch.rand(len(part), 2), y=part)
    assert torch.bincount(buffer.fields["y"]).tolist() == [10, 10, 10, 10]
    assert sorted(slot for slots in buffer.slots_of.values() for slot in slots) == list(range(40))
    for c, slots in buffer.slots_of.items():
        assert (buffer.fields["y"][slots] == c).all()


@pytest.mark.parametrize("kind", ["reservoir", "class-balanced"])
def test_a_restored_buffer_goes_on_as_the_first(kind: str) -> None:
    first, second = make_buffer(kind, 20), make_buffer(kind, 20)
    x, y = torch.rand(200, 3), torch.arange(200) % 5
    first.add(draw(0), x=x[:120], y=y[:120])
    second.load_state_dict(first.state_dict())
    for buffer in (first, second):
        buffer.add(draw(1), x=x[120:], y=y[120:])
    a, b = first.sample(12, draw(2)), second.sample(12, draw(2))
    assert torch.equal(a["x"], b["x"]) and torch.equal(first.fields["y"], second.fields["y"])


def test_sampling_is_without_replacement_while_there_are_enough() -> None:
    buffer = ReservoirBuffer(30)
    buffer.add(draw(0), x=torch.arange(30.0)[:, None], y=torch.zeros(30, dtype=torch.long))
    assert len(set(buffer.sample(30, draw(1))["x"].flatten().tolist())) == 30
    assert len(buffer.sample(31, draw(1))["x"]) == 31


def test_wrong_use_is_named() -> None:
    with pytest.raises(NeuroclError, match="empty"):
        ReservoirBuffer(3).sample(1, draw(0))
    with pytest.raises(NeuroclError, match="size must be"):
        ReservoirBuffer(0)
    with pytest.raises(NeuroclError, match="kind must be one of"):
        make_buffer("ring", 3)
