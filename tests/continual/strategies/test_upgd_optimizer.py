"""UPGD against its equations, step by step."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from neurocl.continual import CNN, MLP, Problem
from neurocl.continual.models import Model
from neurocl.continual.strategies import UPGD
from neurocl.continual.strategies.upgd_optimizer import UPGDOptimizer
from neurocl.continual.strategies.weight_layers import hidden_layers
from neurocl.core.errors import NeuroclError
from tests.continual.learning import learn, saved, split_digits


def test_two_steps_without_noise_are_the_equations() -> None:
    lr, beta, decay = 0.1, 0.9, 0.01
    p = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    optimizer = UPGDOptimizer([p], lr, beta=beta, sigma=0.0, weight_decay=decay)
    theta, u = [1.0, -2.0, 0.5], [0.0, 0.0, 0.0]
    for t, g in enumerate(([0.3, 0.4, -0.1], [-0.2, 0.1, 0.5]), start=1):
        p.grad = torch.tensor(g)
        optimizer.step()
        u = [beta * a - (1 - beta) * b * c for a, b, c in zip(u, g, theta, strict=True)]
        eta = max(u)
        scaled = [1 / (1 + math.exp(-(a / (1 - beta**t)) / eta)) for a in u]
        theta = [(1 - lr * decay) * a - lr * b * (1 - s) for a, b, s in zip(theta, g, scaled, strict=True)]
    assert p.detach().tolist() == pytest.approx(theta, rel=1e-6)


def test_a_weight_of_no_utility_makes_half_a_gradient_step_and_a_whole_one_with_scale_two() -> None:
    for scale in (1.0, 2.0):
        p = torch.nn.Parameter(torch.zeros(4))
        optimizer = UPGDOptimizer([p], 0.1, sigma=0.0, weight_decay=0.0, step_scale=scale)
        p.grad = torch.ones(4)
        optimizer.step()
        assert p.detach().tolist() == pytest.approx([-0.05 * scale] * 4)
        assert optimizer.n_guarded == 1  # utility 0 everywhere: the largest is not positive


def test_negative_utilities_keep_their_sign() -> None:
    p = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    optimizer = UPGDOptimizer([p], 1e-3, sigma=0.0, weight_decay=0.0)
    p.grad = torch.tensor([1.0, 2.0])  # -g theta < 0 for both
    optimizer.step()
    assert optimizer.n_guarded == 1
    assert p.detach().tolist() == pytest.approx([1 - 1e-3, 1 - 2e-3])  # S = 0: whole steps


def test_local_scaling_divides_by_the_norm_of_the_row() -> None:
    p = torch.nn.Parameter(torch.tensor([[3.0, 4.0], [0.3, 0.4]]))
    optimizer = UPGDOptimizer([p], 1.0, sigma=0.0, weight_decay=0.0, scaling="local")
    p.grad = -torch.ones(2, 2)
    optimizer.step()
    free = [1 - 1 / (1 + math.exp(-s)) for s in (0.6, 0.8)]
    assert (p.detach() - torch.tensor([[3.0, 4.0], [0.3, 0.4]])).flatten().tolist() == pytest.approx(free * 2)


def test_not_protecting_scales_the_noise_only() -> None:
    p = torch.nn.Parameter(torch.tensor([2.0]))
    optimizer = UPGDOptimizer([p], 0.1, sigma=0.0, weight_decay=0.0, protecting=False)
    p.grad = torch.tensor([-1.0])
    optimizer.step()
    assert p.item() == pytest.approx(2.1)


@pytest.mark.parametrize("scaling", ["global", "local"])
@pytest.mark.parametrize("model", [MLP((7, 5)), CNN((3,), (5,))], ids=["mlp", "cnn"])
def test_feature_wise_utility_is_the_slope_of_a_gate_on_each_unit(model: Model, scaling: str) -> None:
    torch.manual_seed(0)
    network = model(Problem((4, 4), 2))
    x, y, gates = torch.rand(6, 4, 4), torch.tensor([0, 1, 1, 0, 1, 0]), []

    def gate(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> torch.Tensor:
        gates.append(torch.ones(1, output.shape[1], *[1] * (output.ndim - 2), requires_grad=True))
        return output * gates[-1]

    for activation in network.activations:
        activation.register_forward_hook(gate)
    functional.cross_entropy(network(x), y).backward()
    utility = [-g.grad.flatten() for g in gates]
    before = [p.detach().clone() for p in network.parameters()]
    lr, decay = 0.1, 0.01
    features = hidden_layers(network)
    UPGDOptimizer(
        network.parameters(), lr, beta=0.0, sigma=0.0, weight_decay=decay, scaling=scaling, features=features
    ).step()
    eta = torch.cat(utility).max()
    scaled = [torch.sigmoid(u / (eta if scaling == "global" else u.norm())) for u in utility]
    for k, (p, old) in enumerate(zip(network.parameters(), before, strict=True)):
        free = 1.0 - scaled[k // 2] if k // 2 < len(scaled) else torch.ones(len(p))  # the outputs have no utility
        expected = (1 - lr * decay) * old - lr * p.grad * free.view(-1, *[1] * (p.ndim - 1))
        torch.testing.assert_close(p.detach(), expected)


def test_restored_optimiser_draws_the_same_noise() -> None:
    torch.manual_seed(0)
    models = [torch.nn.Linear(4, 3) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    draws = [torch.Generator().manual_seed(k) for k in range(2)]
    first, second = (
        UPGDOptimizer(m.parameters(), sigma=0.1, generator=g) for m, g in zip(models, draws, strict=True)
    )

    def step(model: torch.nn.Linear, optimizer: UPGDOptimizer) -> None:
        for p in model.parameters():
            p.grad = torch.full_like(p, 0.1)
        optimizer.step()

    step(models[0], first)
    models[1].load_state_dict(models[0].state_dict())
    second.load_state_dict(first.state_dict())
    step(models[0], first)
    step(models[1], second)
    assert torch.equal(models[0].weight, models[1].weight)


def test_wrong_values_are_named() -> None:
    with pytest.raises(NeuroclError, match="scaling must be"):
        UPGDOptimizer([torch.zeros(1)], scaling="row")
    with pytest.raises(NeuroclError, match="lr must be > 0"):
        UPGDOptimizer([torch.zeros(1)], -1.0)


def test_feature_wise_training_learns_digits_and_can_be_resumed() -> None:
    stream = split_digits("class", n=2, samples=100)
    learner, accuracies = learn(stream, UPGD(0.2, feature_wise=True, sigma=0.01))
    assert accuracies[0, 0] > 0.95
    again, _ = learn((stream[0], [], []), UPGD(0.2, feature_wise=True, sigma=0.01))
    again.load_state_dict(saved(learner))
    for one in (learner, again):
        one.train(stream[1][0])
    assert torch.equal(learner.model.layers[0].weight, again.model.layers[0].weight)
