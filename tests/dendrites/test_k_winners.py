"""k winners take all in torch, against the NumPy version and by its own rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from neurocl import sdr
from neurocl.core.errors import NeuroclError
from neurocl.dendrites import KWinners, KWinners2d


def test_ties_win_together_unless_they_are_broken() -> None:
    row = torch.tensor([[1.0, 1.0, 1.0, 0.0, -1.0]])
    plain, broken = (KWinners(5, 0.4, boost_strength=0.0, break_ties=ties) for ties in (False, True))
    assert (plain(row) > 0).sum() == 3
    assert (broken(row) > 0).sum() == 2


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("break_ties", [False, True])
def test_agrees_with_numpy_in_training_and_outside(relu: bool, break_ties: bool) -> None:
    options: dict[str, Any] = {"boost_strength": 1.5, "duty_cycle_period": 40, "relu": relu, "break_ties": break_ties}
    layer, twin = KWinners(20, 0.2, **options), sdr.KWinners(20, 0.2, **options)
    rng = np.random.default_rng(0)
    for _ in range(8):
        x = rng.standard_normal((16, 20)).astype(np.float32)
        assert np.array_equal(layer(torch.tensor(x)).numpy(), twin(x, training=True).astype(np.float32))
        layer.end_epoch()
        twin.end_epoch()
    assert np.allclose(layer.duty_cycle.numpy(), twin.duty_cycle, atol=1e-6)
    assert layer.entropy == pytest.approx(twin.entropy, rel=1e-5)
    assert np.array_equal(layer.eval()(torch.tensor(x)).numpy(), twin(x).astype(np.float32))


def test_the_gradient_is_that_of_the_winners() -> None:
    x = torch.tensor([[3.0, -1.0, 2.0, 0.5]], requires_grad=True)
    KWinners(4, 0.5)(x).sum().backward()
    assert x.grad.tolist() == [[1.0, 0.0, 1.0, 0.0]]


@pytest.mark.parametrize("local", [False, True])
def test_maps_have_winners_over_the_sample_or_at_each_place(local: bool) -> None:
    layer = KWinners2d(8, 0.25, local=local)
    y = layer(torch.randn(5, 8, 3, 3)) != 0
    counts = y.sum(1) if local else y.flatten(1).sum(1)
    assert (counts == (2 if local else 18)).all()
    assert layer.duty_cycle.sum() <= 2.0 + 1e-6


def test_no_winner_gives_zeros() -> None:
    x = torch.tensor([[1.0, -1.0, torch.inf, torch.nan, 0.0]], requires_grad=True)
    y = KWinners(5, 0.0)(x)
    y.sum().backward()
    assert not y.any() and not x.grad.any()


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("break_ties", [False, True])
def test_nan_is_seen_behind_the_layer(relu: bool, break_ties: bool) -> None:
    layer = KWinners(4, 0.5, relu=relu, break_ties=break_ties)
    y = layer(torch.tensor([[1.0, torch.nan, 2.0, 3.0], [1.0, 0.0, 2.0, 3.0]]))
    assert y.isnan().any(1).tolist() == [True, False] and y[1].tolist() == [0.0, 0.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: KWinners(5, 1.2), "percent_on"),
        (lambda: KWinners(4, 0.9), "more than the 4 *units"),
        (lambda: KWinners(4, 0.5)(torch.zeros(2, 3)), r"expected \[batch, 4\]"),
        (lambda: KWinners(4, 0.5, duty_cycle_period=10)(torch.zeros(11, 4)), "longer than duty_cycle_period"),
        (lambda: KWinners2d(4, 0.5)(torch.zeros(2, 4)), "height"),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(call: Any, words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        call()
