"""The Fisher information against closed forms, and its independence of the batch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from neurocl.continual import CNN, MLP, Problem, SpikingMLP
from neurocl.continual.strategies.fisher import diagonal_fisher
from neurocl.core.errors import NeuroclError
from neurocl.models import Leaky


@pytest.fixture
def problem() -> tuple[nn.Linear, torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    model = nn.Linear(5, 3)
    with torch.no_grad():
        model.weight.copy_(torch.randn(3, 5, generator=draw))
        model.bias.copy_(torch.randn(3, generator=draw))
    return model, torch.randn(70, 5, generator=draw), torch.randint(3, (70,), generator=draw)


def closed_form(model: nn.Linear, x: torch.Tensor, labels: torch.Tensor | None) -> torch.Tensor:
    """d log p_y / d W_ck = (1[c = y] - p_c) x_k, squared and averaged; labels None: over the softmax."""
    p = model(x).softmax(1).detach()
    total = torch.zeros_like(model.weight)
    for c in range(3):
        part = p[:, c] if labels is None else (labels == c).float()
        score = torch.eye(3)[c] - p
        total += torch.einsum("b,bc,bk->ck", part, score**2, x**2)
    return total / len(x)


def test_exact_and_empirical_fisher_of_a_softmax_layer_are_the_closed_forms(problem) -> None:
    model, x, y = problem
    assert torch.allclose(diagonal_fisher(model, x, y, "exact")["weight"], closed_form(model, x, None), rtol=1e-5)
    assert torch.allclose(diagonal_fisher(model, x, y, "empirical")["weight"], closed_form(model, x, y), rtol=1e-5)
    guess = model(x).argmax(1)
    assert torch.allclose(diagonal_fisher(model, x, y, "predicted")["weight"], closed_form(model, x, guess), rtol=1e-5)


def test_sampled_fisher_has_the_exact_one_as_its_mean(problem) -> None:
    model, x, y = problem
    draw = torch.Generator().manual_seed(1)
    many = torch.stack([diagonal_fisher(model, x, y, "sample", draw)["weight"] for _ in range(40)])
    error = many.std(0) / 40**0.5
    assert ((many.mean(0) - closed_form(model, x, None)).abs() < 5 * error + 1e-6).all()


def test_only_the_batched_estimator_depends_on_the_batch(problem) -> None:
    model, x, y = problem
    for estimator in ("exact", "empirical", "predicted"):
        one, four = (diagonal_fisher(model, x, y, estimator, batch_size=b) for b in (1, 4))
        assert torch.equal(one["weight"], four["weight"])
    one, all_ = (diagonal_fisher(model, x, y, "batched", batch_size=b)["weight"] for b in (1, 70))
    assert torch.allclose(one, closed_form(model, x, y), rtol=1e-4)
    assert float(all_.sum()) < 0.2 * float(one.sum())


def test_a_model_that_cannot_be_vectorised_has_the_same_importances() -> None:
    class Stubborn(nn.Module):
        def __init__(self, inside: nn.Module) -> None:
            super().__init__()
            self.inside = inside

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if not bool(torch.isfinite(x).all()):  # a test on values, which vmap refuses
                raise ValueError
            return self.inside(x)

    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    x, y = torch.randn(9, 4), torch.arange(9) % 3
    active = torch.tensor([True, True, False])
    for estimator in ("exact", "predicted"):
        a = diagonal_fisher(plain, x, y, estimator, active=active)
        b = diagonal_fisher(Stubborn(plain), x, y, estimator, active=active)
        for name, value in a.items():
            assert torch.allclose(value, b[f"inside.{name}"], rtol=1e-4, atol=1e-9)
            assert torch.isfinite(value).all()
        assert not a["2.weight"][2].any()  # an inactive unit has no importance


@pytest.mark.parametrize("kind", ["mlp", "cnn", "spiking", "spike trains"])
def test_the_fast_way_through_layers_gives_the_sum_over_single_samples(kind: str) -> None:
    torch.manual_seed(0)
    model: dict = {"mlp": MLP((9,)), "cnn": CNN((3,), (9,))}
    is_timed = kind == "spike trains"
    problem = Problem((8, 8), 4, time_major=is_timed)
    net = model.get(kind, SpikingMLP(Leaky, (9,), n_steps=4))(problem)
    x = (2.0 * torch.rand(5, 7, 8, 8) > 1).float() if is_timed else 2.0 * torch.rand(7, 8, 8)
    y, active = torch.arange(7) % 3, torch.tensor([True, True, True, False])
    axis = int(is_timed)
    found = diagonal_fisher(net, x, y, "empirical", active=active, sample_axis=axis)
    single = diagonal_fisher(net, x, y, "batched", active=active, batch_size=1, sample_axis=axis)
    assert set(found) == set(dict(net.named_parameters()))
    for name, value in found.items():
        assert torch.allclose(value, single[name], rtol=1e-4, atol=1e-9)
    assert found["layers.0.weight"].sum() > 0


def test_importances_are_measured_in_evaluation_mode() -> None:
    model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 2))
    before = model[1].running_mean.clone()
    x, y = torch.randn(8, 4), torch.zeros(8, dtype=torch.long)
    first, second = (diagonal_fisher(model, x, y, "empirical") for _ in range(2))
    assert model.training and torch.equal(model[1].running_mean, before)
    assert torch.equal(first["0.weight"], second["0.weight"])


def test_wrong_estimator_is_named() -> None:
    with pytest.raises(NeuroclError, match="estimator must be one of"):
        diagonal_fisher(nn.Linear(2, 2), torch.zeros(1, 2), torch.zeros(1).long(), "mean")
