"""Methods that keep tasks apart by subspaces or units: GPM, OWM, XdG."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocl.continual import CNN, MLP, Experience, Problem, SpikingMLP, Strategy
from neurocl.continual.strategies import GPM, OWM, SI, XdG
from neurocl.continual.strategies.weight_layers import hidden_layers, input_rows, weight_layers
from neurocl.core.errors import NeuroclError
from neurocl.models import Leaky
from tests.continual.learning import learn, permuted_digits, split_digits

MODELS = {"mlp": MLP((30, 20)), "cnn": CNN((4, 6), (20,)), "spiking": SpikingMLP(Leaky, (30,), n_steps=4)}


def as_images(stream: tuple) -> tuple:
    problem, *parts = stream
    problem = Problem((8, 8), problem.n_units, problem.scenario, heads=problem.heads)
    parts = [[type(e)(e.x.reshape(-1, 8, 8), e.y, e.task_label, index=e.index) for e in part] for part in parts]
    return problem, *parts


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_gpm_updates_are_orthogonal_to_the_stored_subspace(model: str, optimizer: str) -> None:
    problem, train, _ = as_images(split_digits("task", n=3, samples=60))
    learner = Strategy(GPM(), model=MODELS[model], optimizer=optimizer, lr=0.01, epochs=2).start(problem)
    learner.train(train[0])
    plugin = learner.plugins[0]
    before = [layer.weight.detach().clone() for layer in plugin.layers]
    basis = list(plugin.bases)
    learner.train(train[1])
    moved = 0.0
    for layer, old, M in zip(plugin.layers, before, basis, strict=True):
        change = (layer.weight.detach() - old).flatten(1).double()
        assert float((change @ M).abs().max()) < 1e-6
        assert torch.allclose(M.T @ M, torch.eye(M.shape[1], dtype=torch.float64), atol=1e-10)
        moved += float(change.norm())
    assert moved > 1e-3  # there was room to learn


def test_one_threshold_may_be_a_number_of_numpy() -> None:
    assert GPM(np.float32(0.5)).threshold == [0.5]


def test_gpm_with_a_full_threshold_keeps_old_outputs() -> None:
    problem, train, _ = split_digits("task", n=2, samples=40)
    learner = Strategy(GPM(1.0, 100), model=MLP((200,)), lr=0.01, epochs=2).start(problem)
    learner.train(train[0])
    before = learner.logits(train[0].x)[:, :2]  # those of the first task's head
    learner.train(train[1])
    assert torch.allclose(learner.logits(train[0].x)[:, :2], before, atol=1e-5)


@pytest.mark.parametrize(("first_basis", "rank"), [("reaches", 2), ("below", 1)])
def test_the_first_basis_of_gpm_reaches_its_threshold_or_stays_below_it(first_basis, rank) -> None:
    x = torch.zeros(100, 5)
    for index, n in enumerate((50, 30, 20)):  # shares of the power: 0.5, 0.3, 0.2
        x[10 * index : 10 * index + 10, index] = (n / 10) ** 0.5
    first, second = (Experience(x.roll(k, 1), torch.arange(100) % 2, 0) for k in (0, 3))
    learner = Strategy(GPM(0.6, 100, first_basis), model=MLP(())).start(Problem((5,), 2, "domain"))
    learner.train(first)
    assert learner.plugins[0].bases[0].shape == (5, rank)
    learner.train(second)
    held = learner.plugins[0].bases[0]
    assert float((second.x.double() @ held).square().sum() / second.x.square().sum()) >= 0.6 - 1e-9
    with pytest.raises(NeuroclError, match="first_basis must be 'reaches' or 'below'"):
        GPM(first_basis="crosses")


def test_gpm_projects_a_shared_head_and_not_several() -> None:
    for scenario, n_projected in (("task", 1), ("domain", 2)):
        problem, train, _ = split_digits(scenario, n=2, samples=60)
        learner = Strategy(GPM(), model=MLP((20,)), lr=0.1).start(problem)
        learner.train(train[0])
        biases, head = [layer.bias.detach().clone() for layer in learner.model.layers], learner.model.layers[-1]
        before = head.weight.detach().clone()
        learner.train(train[1])
        assert len(learner.plugins[0].bases) == n_projected
        assert not torch.equal(head.weight, before)
        assert all(torch.equal(a, layer.bias) for a, layer in zip(biases, learner.model.layers, strict=True))


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        (GPM(), {"model": MLP((100,), bias=False), "lr": 0.1}),
        (OWM(), {"model": MLP((100,), bias=False), "lr": 1.0}),
    ],
    ids=["gpm", "owm"],
)
def test_projection_methods_forget_less_than_naive_on_permuted_digits(method, settings) -> None:
    _, naive = learn(permuted_digits())
    _, kept = learn(permuted_digits(), method, **settings)
    assert kept[2, 0] > naive[2, 0] + 0.1
    assert kept[2].mean() > naive[2].mean() + 0.05


def test_owm_projects_each_gradient_and_trains_no_bias() -> None:
    problem, train, _ = split_digits("domain", n=2, samples=60)
    learner = Strategy(OWM(norm_penalty=0.0), model=MLP((20,)), lr=0.5).start(problem)
    biases = [layer.bias.detach().clone() for layer in learner.model.layers]
    plugin, original = learner.plugins[0], learner.plugins[0].after_backward

    def check(strategy: Strategy) -> None:
        raw = [layer.weight.grad.clone() for layer in plugin.layers]
        original(strategy)
        for layer, grad, P in zip(plugin.layers, raw, plugin.projectors, strict=True):
            assert torch.allclose(layer.weight.grad, grad @ P, atol=1e-6)

    learner._hooks["after_backward"] = [check]
    for experience in train:
        learner.train(experience)
    for P in plugin.projectors:
        assert torch.equal(P, P.T) and torch.linalg.eigvalsh(P.double()).min() > 0
        assert torch.linalg.eigvalsh(P.double()).max() <= 1 + 1e-5
    assert all(torch.equal(a, layer.bias) for a, layer in zip(biases, learner.model.layers, strict=True))


def test_rows_of_a_convolution_are_its_patches() -> None:
    layer = torch.nn.Conv2d(3, 5, 3, stride=2, padding=1, bias=False)
    x = torch.randn(2, 3, 9, 7)
    rows = input_rows(layer, x) @ layer.weight.flatten(1).T
    assert torch.allclose(rows, layer(x).flatten(2).transpose(1, 2).reshape(-1, 5), atol=1e-5)


def test_hidden_layers_know_their_units_also_between_convolution_and_linear() -> None:
    model = CNN((4, 6), (20,))(Problem((8, 8), 10))
    assert [layer.n for layer in hidden_layers(model)] == [4, 6, 20]
    between = hidden_layers(model)[1]
    assert between.activity(torch.zeros(7, 24)).shape == (7, 6, 4)
    assert between.outgoing_weights().shape == (20, 6, 4)
    with pytest.raises(NeuroclError, match="must be a chain"):
        hidden_layers(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(4, 2)))
    with pytest.raises(NeuroclError, match="at least one Linear"):
        weight_layers(torch.nn.ReLU())


@pytest.mark.parametrize("model", MODELS)
def test_gated_units_are_silent_and_their_weights_do_not_change(model: str) -> None:
    problem, train, test = as_images(split_digits("task", n=3, samples=60))
    learner = Strategy(XdG(0.6), model=MODELS[model], lr=0.1).start(problem)
    plugin = learner.plugins[0]
    learner.train(train[0])
    last = plugin._readers[-1]
    before = last.weight.detach().clone()
    learner.train(train[1])
    gate = plugin.gates[1][-1].bool()
    assert 0.1 < gate.float().mean() < 0.8
    assert torch.equal(last.weight[:, ~gate], before[:, ~gate])
    assert not torch.equal(plugin.gates[0][-1], plugin.gates[1][-1])
    alone = learner.logits(test[0].x, 0)
    assert not torch.equal(alone, learner.logits(test[0].x, 1))
    assert torch.equal(alone, learner.logits(test[0].x, torch.zeros(len(test[0]), dtype=torch.long)))


def test_a_task_has_the_same_gates_before_it_is_trained_and_in_any_order_of_tasks() -> None:
    problem, train, test = split_digits("task", n=3, samples=60)
    forwards, backwards = (Strategy(XdG(0.6), lr=0.1).start(problem) for _ in range(2))
    early = forwards.logits(test[2].x, 2)
    assert torch.equal(early, backwards.logits(test[2].x, 2))
    for experience in train[::-1]:
        backwards.train(experience)
    for experience in train:
        forwards.train(experience)
    for one, other in zip(forwards.plugins[0].gates, backwards.plugins[0].gates, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert 0.2 < forwards.plugins[0].gates[2][0].mean() < 0.6


def test_gating_with_si_forgets_less_than_si_alone_on_permuted_digits() -> None:
    _, train, test = permuted_digits(n=4)
    stream = Problem((64,), 10, "task"), train, test
    settings = {"model": MLP((200,)), "lr": 0.1}
    _, alone = learn(stream, **settings)
    _, gated = learn(stream, XdG(0.7), **settings)
    _, both = learn(stream, XdG(0.7), SI(strength=0.5), **settings)
    assert gated[-1].mean() > alone[-1].mean() + 0.1
    assert both[-1].mean() > gated[-1].mean() - 0.02


def test_gating_needs_the_task() -> None:
    with pytest.raises(NeuroclError, match="XdG needs the task label at test"):
        Strategy(XdG()).start(Problem((2,), 4, "class"))
    with pytest.raises(NeuroclError, match="no unit would be left"):
        XdG(1.0)
    problem, train, _ = split_digits("task", n=2, samples=20)
    learner = Strategy(XdG()).start(problem)
    learner.train(train[0])
    with pytest.raises(NeuroclError, match="one task at a time"):
        learner.predict(train[0].x[:2], torch.tensor([0, 1]))
