"""Sparse activations against their formulas, and the pairwise readout against a double loop."""

from __future__ import annotations

import pytest
import torch

from neurocl.continual import CNN, MLP, Problem
from neurocl.continual.models import Activation
from neurocl.continual.strategies.sparse_activations import ASH, Elephant, HardASH, KWinnersTakeAll
from neurocl.continual.strategies.sparse_networks import NormalisedLinear, PairwiseMLP, PairwiseReadout, SparseMLP
from neurocl.core.errors import NeuroclError


def test_elephant_and_its_slope_are_the_closed_forms() -> None:
    a, d = 0.08, 4.0
    x = torch.linspace(-0.5, 0.5, 101, dtype=torch.float64, requires_grad=True)
    y = Elephant(a, d)(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    size = (x / a).abs()
    assert torch.allclose(y, 1 / (1 + size**d))
    assert torch.allclose(slope, -(d / a) * size ** (d - 1) * x.sign() / (1 + size**d) ** 2)
    assert y[0] < 1e-2 and abs(slope[0]) < 1e-1  # nothing passes away from 0


def test_ash_and_hard_ash_are_their_formulas() -> None:
    x = torch.randn(6, 50, dtype=torch.float64)
    drive = 3.0 * (x - x.mean(1, keepdim=True) - 2.3 * x.std(1, unbiased=False, keepdim=True))
    assert torch.allclose(ASH()(x), x * torch.sigmoid(drive))
    assert torch.allclose(HardASH()(x), x.clip(0, 2) * (drive + 3).clip(0, 6) / 6)
    assert (HardASH()(torch.randn(64, 1000)) == 0).float().mean() > 0.8
    flat = torch.zeros(1, 5, requires_grad=True)
    assert torch.isfinite(torch.autograd.grad(HardASH()(flat).sum(), flat)[0]).all()


def test_in_a_convolution_all_channels_at_all_places_are_the_units_of_a_layer() -> None:
    x = torch.randn(3, 4, 6, 5)
    flat = x.flatten(1)
    for activation in (ASH(), HardASH(), KWinnersTakeAll(30), KWinnersTakeAll(0.25)):
        assert torch.equal(activation(x), activation(flat).view(x.shape))
    drive = 3.0 * (flat - flat.mean(1, keepdim=True) - 2.3 * flat.std(1, unbiased=False, keepdim=True))
    assert torch.allclose(HardASH()(x).flatten(1), flat.clip(0, 2) * (drive + 3).clip(0, 6) / 6, atol=1e-6)
    network = CNN((4,), (100,), activation=KWinnersTakeAll(15))(Problem((8, 8), 10))
    maps = network.activations[0][0](network.layers[0](torch.randn(2, 1, 8, 8)))
    assert ((maps > 0).sum((1, 2, 3)) == 14).all()


class Wide(torch.nn.Identity):
    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units


def test_an_activation_is_a_module_a_class_or_a_function_of_the_units() -> None:
    def made(activation: Activation) -> list:
        return list(MLP((20, 30), activation=activation)(Problem((4,), 2)).activations)

    assert [module.alpha for module in made(HardASH)] == [3.0, 3.0]
    assert [module.a for module in made(Elephant)] == [0.08, 0.08]
    winners = zip(made(KWinnersTakeAll), (20, 30), strict=True)
    assert [(module(torch.randn(1, n)) > 0).sum() for module, n in winners] == [2, 3]
    first, second = made(torch.nn.PReLU(init=0.5))
    assert first is not second and first.weight == second.weight == 0.5
    assert [module.units for module in made(Wide)] == [module.units for module in made(lambda n: Wide(n))] == [20, 30]
    assert isinstance(SparseMLP(10, ASH(alpha=2.0))(Problem((4,), 2)).activations[0], ASH)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_k_winners_leave_exactly_k_minus_one_positive_units(k: int) -> None:
    assert ((KWinnersTakeAll(k)(torch.randn(20, 40)) > 0).sum(1) == k - 1).all()
    with pytest.raises(NeuroclError, match="more than the layer's"):
        KWinnersTakeAll(41)(torch.zeros(1, 40))


def test_normalised_rows_are_centred_and_of_norm_one() -> None:
    layer = NormalisedLinear(30, 7)
    used = layer(torch.eye(30)).T
    assert torch.allclose(used.mean(1), torch.zeros(7), atol=1e-6)
    assert torch.allclose(used.norm(dim=1), torch.ones(7))


def test_pairwise_readout_is_the_sum_over_its_pairs() -> None:
    readout = PairwiseReadout(8, n_classes=3, n_weights=60, seed=1)  # 28 pairs, 9 per class: they repeat
    h = torch.rand(4, 8)
    for c in range(3):
        pairs = list(zip(readout.i[c].tolist(), readout.j[c].tolist(), strict=True))
        assert all(i > j for i, j in pairs) and len(set(pairs)) == 9
        expected = sum(w * h[:, i] * h[:, j] for w, (i, j) in zip(readout.weight[c], pairs, strict=True))
        assert torch.allclose(readout(h)[:, c], expected, atol=1e-6)
    owned = [set(zip(readout.i[c].tolist(), readout.j[c].tolist(), strict=True)) for c in range(3)]
    assert not owned[0] & owned[1] and not owned[1] & owned[2]


def test_pairwise_network_has_the_published_sizes() -> None:
    model = PairwiseMLP()(Problem((8, 8), 10))
    assert [tuple(p.shape) for p in model.parameters()] == [(700, 64), (10, 10_000)]
    assert model.activations[0].k == 105
    with pytest.raises(NeuroclError, match="multiple of n_classes"):
        PairwiseReadout(10, 3, 100)
