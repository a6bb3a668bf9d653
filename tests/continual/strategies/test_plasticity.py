"""Methods that keep units useful: continual backprop, ReDo, UPGD; and EMA, rehearsal, homeostasis, sparse networks."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from neurocl.continual import CNN, MLP, Experience, Problem, SpikingMLP, Strategy
from neurocl.continual.strategies import (
    EMA,
    UPGD,
    ContinualBackprop,
    ElephantMLP,
    Homeostatic,
    PairwiseMLP,
    PowerLawRehearsal,
    ReDo,
    SparseMLP,
)
from neurocl.continual.strategies.continual_backprop import n_to_replace
from neurocl.continual.strategies.elementwise_adam import ElementwiseAdam
from neurocl.continual.strategies.unit_utility import contribution, dormancy, recycle
from neurocl.continual.strategies.weight_layers import hidden_layers
from neurocl.core.errors import NeuroclError
from neurocl.models import Leaky
from tests.continual.learning import accuracy, learn, permuted_digits, split_digits

MODELS = {"mlp": MLP((30, 20)), "cnn": CNN((4, 6), (20,)), "spiking": SpikingMLP(Leaky, (30,), n_steps=4)}


def image_experience(n: int = 200) -> tuple[Problem, Experience]:
    _, train, _ = split_digits("class", n=1)
    x, y = train[0].x[:n], train[0].y[:n]
    return Problem((8, 8), 2, "class"), Experience(x.reshape(-1, 8, 8), y, 0)


@pytest.mark.parametrize("fractions", ["accumulate", "bernoulli"])
def test_replacement_rate_is_what_was_asked_for(fractions: str) -> None:
    rate, n, steps = 1e-4, 157, 100_000
    draw, carried, total = torch.Generator().manual_seed(0), 0.0, 0
    for _ in range(steps):
        now, carried = n_to_replace(rate, n, carried, fractions, draw)
        total += now
    p = rate * n
    assert abs(total - p * steps) < (5 * np.sqrt(steps * p * (1 - p)) if fractions == "bernoulli" else 1.5)


def replaced(mean: torch.Tensor | None) -> tuple[nn.Sequential, nn.Sequential, torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    old, units = copy.deepcopy(model), torch.tensor([1, 6])
    recycle(hidden_layers(model)[0], units, torch.Generator().manual_seed(0), mean=mean)
    return old, model, units


def test_replacement_changes_the_function_as_removing_the_unit_would() -> None:
    x = torch.randn(50, 5)
    for mean in (None, torch.rand(8)):
        old, new, units = replaced(mean)
        h = old[1](old[0](x)).detach()
        h[:, units] = 0.0 if mean is None else mean[units]
        assert torch.allclose(new(x), old[2](h), atol=1e-6)
        assert not torch.equal(new[0].weight[units], old[0].weight[units])
        assert (new[0].bias[units] == 0).all()
        assert new[0].weight[units].abs().max() <= (6 / 5) ** 0.5


def test_contribution_is_its_formula() -> None:
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    layer, h, mean = hidden_layers(model)[0], torch.rand(20, 8), torch.rand(8)
    y = model[2].weight.abs().mean(0) * (h - mean).abs().mean(0)
    assert torch.allclose(contribution(layer, h[..., None], mean, adaptable=False), y)
    assert torch.allclose(contribution(layer, h[..., None], mean), y / model[0].weight.abs().mean(1))


@pytest.mark.parametrize("model", MODELS)
def test_continual_backprop_replaces_old_units_of_low_utility(model: str) -> None:
    problem, experience = image_experience()
    method = ContinualBackprop(rate=0.02, maturity=10)
    learner = Strategy(method, model=MODELS[model], lr=0.1, batch_size=4, epochs=4).start(problem)
    n_young = 0
    for number, _ in enumerate(learner.steps(experience)):
        if number == 9:
            n_young = learner.plugins[0].n_replaced
    plugin = learner.plugins[0]
    assert n_young == 0 and plugin.n_replaced > 0
    assert all(age.min() < age.max() for age, layer in zip(plugin.age, plugin.hidden, strict=True) if layer.n > 10)
    assert accuracy(learner, experience) > 0.9  # replacing does not disturb


def test_the_reference_leaves_the_next_bias_alone() -> None:
    problem, experience = image_experience()
    for bug in (False, True):
        method = ContinualBackprop(rate=0.5, maturity=0, reference_bias_bug=bug)
        learner = Strategy(method, model=MLP((30,)), lr=1e-12, batch_size=100).start(problem)
        bias = learner.model.layers[1].bias.detach().clone()
        learner.train(experience)
        assert torch.allclose(learner.model.layers[1].bias, bias, atol=1e-6) == bug


def test_redo_at_threshold_zero_leaves_the_function_unchanged() -> None:
    problem, experience = image_experience()
    learner = Strategy(ReDo(0.0, every=1), model=MLP((30,)), lr=1e-12, batch_size=200).start(problem)
    with torch.no_grad():
        learner.model.layers[0].bias[:7] = -100.0  # dead units
    before = learner.logits(experience.x)
    learner.train(experience)
    assert learner.plugins[0].n_recycled >= 7
    assert (learner.model.layers[0].bias[:7].abs() < 1e-6).all()
    assert torch.allclose(learner.logits(experience.x), before, atol=1e-5)


def test_dormancy_is_relative_to_the_layer() -> None:
    activity = torch.tensor([[1.0, 0.0, 3.0], [-1.0, 0.0, 1.0]])[..., None]
    assert dormancy(activity).tolist() == pytest.approx([1.0, 0.0, 2.0])


@pytest.mark.parametrize("model", ["cnn", "spiking"])
def test_redo_recycles_in_every_kind_of_network(model: str) -> None:
    problem, experience = image_experience()
    learner = Strategy(ReDo(0.3, every=5), model=MODELS[model], optimizer="adam", lr=0.01).start(problem)
    learner.train(experience)
    assert isinstance(learner.optimizer, ElementwiseAdam) and learner.plugins[0].n_recycled > 0


def test_elementwise_adam_is_adam_and_forgets_single_units() -> None:
    torch.manual_seed(0)
    models = [nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    optimizers = [torch.optim.Adam(models[0].parameters(), 0.01), ElementwiseAdam(models[1].parameters(), 0.01)]
    x = torch.randn(30, 4)
    for _ in range(20):
        for model, optimizer in zip(models, optimizers, strict=True):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
    assert torch.allclose(models[0][0].weight, models[1][0].weight, atol=1e-6)
    recycle(hidden_layers(models[1])[0], torch.tensor([2]), torch.Generator().manual_seed(0), optimizers[1])
    steps = optimizers[1].state[models[1][0].weight]["steps"]
    assert steps[2].tolist() == [0.0] * 4 and steps[0].tolist() == [20.0] * 4
    assert (optimizers[1].state[models[1][2].weight]["exp_avg"][:, 2] == 0).all()


def test_mean_of_the_weights_with_decay_zero_is_the_model() -> None:
    stream = split_digits("class", n=2, samples=60)
    plain, _ = learn(stream)
    averaged, _ = learn(stream, EMA(0.0))
    assert torch.equal(plain.logits(stream[2][0].x), averaged.logits(stream[2][0].x))


def test_an_error_in_a_test_leaves_the_weights_and_the_mode_of_the_training() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    learner = Strategy(EMA(0.9), model=MLP((10,)), lr=0.1, batch_size=10).start(problem)
    learner.train(train[0])
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    hook = learner.model.register_forward_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        learner.predict(train[0].x)
    hook.remove()
    assert learner.model.training
    assert all(torch.equal(value, before[name]) for name, value in learner.model.state_dict().items())


def test_mean_of_the_weights_follows_its_formula_and_is_used_only_at_evaluation() -> None:
    problem, experience = image_experience(40)
    learner = Strategy(EMA(0.9), model=MLP((10,)), lr=0.1, batch_size=10).start(problem)
    expected = learner.model.layers[0].weight.detach().clone()
    for _ in learner.steps(experience):
        expected = 0.9 * expected + 0.1 * learner.model.layers[0].weight.detach()
    live = learner.model.layers[0].weight.detach().clone()
    assert torch.allclose(learner.plugins[0].mean["layers.0.weight"], expected, atol=1e-6)
    found = learner.logits(experience.x)
    assert torch.equal(learner.model.layers[0].weight, live)
    learner.plugins[0].evaluate = False
    assert not torch.equal(found, learner.logits(experience.x))


def test_upgd_uses_its_own_optimiser_and_learns() -> None:
    stream = permuted_digits(n=2)
    learner, R = learn(stream, UPGD(0.1, step_scale=2.0), reset_optimizer=True)
    assert type(learner.optimizer).__name__ == "UPGDOptimizer" and learner.optimizer.generator is learner.generator
    assert R[1, 1] > 0.6


def test_power_law_rehearsal_offers_the_scheduled_shares() -> None:
    problem, train, _ = split_digits(n=4, samples=100)
    learner = Strategy(PowerLawRehearsal(1.3), batch_size=50).start(problem)
    for experience in train:
        learner.train(experience)
    labels = torch.bincount(learner.experience.task)
    assert labels.tolist() == [30, 40, 60, 100]  # ages 3, 2, 1


def test_power_law_rehearsal_forgets_less_than_naive() -> None:
    stream = split_digits("class")
    _, naive = learn(stream)
    _, rehearsed = learn(stream, PowerLawRehearsal(0.5))
    assert rehearsed[-1].mean() > naive[-1].mean() + 0.3


def test_homeostatic_variable_follows_the_mistakes_and_sets_the_rate() -> None:
    problem, experience = image_experience(60)
    learner = Strategy(Homeostatic(kappa=0.5, limit=1.0, relaxation=0.1), lr=0.2, batch_size=1).start(problem)
    v, plugin = 0.0, learner.plugins[0]
    order = learner._order(experience)
    for row, _ in zip(order.tolist(), learner.steps(experience), strict=True):
        wrong = int(learner.outputs.argmax()) != int(experience.y[row])
        v = min(max(v + 0.5 * wrong * (1.0, -1.0)[int(experience.y[row])], -1.0), 1.0) * 0.9
        assert plugin.v == pytest.approx(v)
        assert learner.optimizer.param_groups[0]["lr"] == pytest.approx(0.2 * 2**v)
    assert len(set(plugin.rates)) > 3


def test_controls_of_the_homeostatic_learner() -> None:
    problem, experience = image_experience(60)
    rates = [0.5, 1.0, 4.0]
    for control, allowed in (("constant", {1.0}), ("random", set(rates))):
        given = rates if control == "random" else None
        learner = Strategy(Homeostatic(control=control, rates=given), batch_size=2).start(problem)
        learner.train(experience)
        assert set(learner.plugins[0].rates) == allowed
    with pytest.raises(NeuroclError, match="rates of another run"):
        Homeostatic(control="random")
    with pytest.raises(NeuroclError, match="must be \\+1 or -1"):
        Homeostatic(valence=[0.5])


def standardised_digits() -> tuple:
    problem, *parts = split_digits("class")
    return problem, *([replace(e, x=(e.x - 0.3) / 0.376) for e in part] for part in parts)


@pytest.mark.parametrize(
    ("model", "lr"), [(SparseMLP(300), 0.01), (PairwiseMLP(), 0.003)], ids=["hard-ash", "pairwise"]
)
def test_sparse_networks_forget_less_than_a_dense_one_in_one_pass(model, lr: float) -> None:
    def adagrad(parameters):
        return torch.optim.Adagrad(parameters, lr, initial_accumulator_value=0.1)

    stream = standardised_digits()
    _, dense = learn(stream, model=MLP((300,)), optimizer=adagrad, epochs=1)
    learner, sparse = learn(stream, model=model, optimizer=adagrad, epochs=1)
    assert sparse[-1].mean() > dense[-1].mean() + 0.1
    hidden = learner.model.activations[0](learner.model.layers[0](stream[2][0].x))
    assert (hidden == 0).float().mean() > 0.8


def test_elephant_network_learns_one_sample_without_touching_another() -> None:
    problem, train, _ = standardised_digits()
    x = torch.stack([train[k].x[n] for k in range(5) for n in range(4)])
    overlaps = []
    for description in (MLP((1000,)), ElephantMLP(1000)):
        torch.manual_seed(0)
        model = description(problem)
        gradients = []
        for sample in x:
            found = torch.autograd.grad(model(sample[None])[0, 0], model.parameters())
            gradients.append(torch.cat([g.flatten() for g in found]))
        rows = nn.functional.normalize(torch.stack(gradients), dim=1)
        overlaps.append(float((rows @ rows.T - torch.eye(len(x))).abs().mean()))
    assert overlaps[1] < 0.5 * overlaps[0]


def test_wrong_settings_are_named() -> None:
    for make, words in (
        (lambda: ContinualBackprop(fractions="x"), "fractions must be"), (lambda: ReDo(every=0), "every must be"),
        (lambda: EMA(1.5), "decay"), (lambda: UPGD(sigma=-1.0), "sigma must be"),
        (lambda: PowerLawRehearsal(schedule="x"), "schedule must be one of"),
    ):  # fmt: skip
        with pytest.raises(NeuroclError, match=words):
            make()
