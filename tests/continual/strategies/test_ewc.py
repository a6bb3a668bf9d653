"""Penalties on changes of important weights: EWC, online EWC, SI."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
import torch

from neurocl.continual import Experience, Problem, Strategy
from neurocl.continual.strategies import EWC, SI, OnlineEWC
from neurocl.continual.strategies.fisher import diagonal_fisher
from neurocl.continual.strategies.importance import StiffPenaltyWarning
from neurocl.core.errors import NeuroclError
from tests.continual.learning import learn, permuted_digits, split_digits


@pytest.mark.parametrize("method", [EWC(strength=50.0), OnlineEWC(strength=50.0), SI(strength=1.0)], ids=type)
def test_penalty_is_the_loss_without_the_task_loss_and_is_not_zero(method) -> None:
    problem, train, _ = split_digits(n=2, samples=60)
    learner = Strategy(method, epochs=2).start(problem)
    learner.train(train[0])
    later = list(learner.steps(train[1]))
    assert later[0].loss == later[0].task_loss  # no displacement yet
    added = [float(step.loss - step.task_loss) for step in later[1:]]
    assert all(value > 0.0 for value in added)
    plugin = learner.plugins[0]
    penalties = []
    plugin_hook = plugin.before_backward

    def watched(strategy: Strategy) -> None:
        penalties.append(float(plugin.penalty(strategy).detach()))
        plugin_hook(strategy)

    learner._hooks["before_backward"] = [watched]
    step = next(learner.steps(train[1]))
    assert float(step.loss - step.task_loss) == pytest.approx(penalties[0], rel=1e-4)


def test_ewc_importances_do_not_depend_on_the_batch_size() -> None:
    def importance(batch_size: int, estimator: str) -> float:
        stream = split_digits(n=1, samples=64)
        learner = Strategy(EWC(estimator=estimator), lr=1e-12, batch_size=batch_size).start(stream[0])
        learner.train(stream[1][0])
        return sum(float(v.sum()) for v in learner.plugins[0].importances[0].values())

    assert importance(1, "sample") == pytest.approx(importance(64, "sample"), rel=1e-6)
    assert importance(1, "batched") > 5 * importance(64, "batched")


def test_batched_importances_of_an_online_stream_are_of_its_batches() -> None:
    problem, (experience,), _ = split_digits(n=1, samples=64)
    learner = Strategy(EWC(estimator="batched"), lr=1e-12).start(problem)
    learner.train(replace(experience, online=4))
    units = learner.units.at_training(experience.task)
    expected = diagonal_fisher(learner.model, experience.x, experience.y, "batched", active=units, batch_size=4)
    for name, value in learner.plugins[0].importances[0].items():
        assert torch.equal(value, expected[name])


def test_online_ewc_adds_up_importances_and_has_one_anchor() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    online, plain = (
        Strategy(method, lr=1e-12).start(problem)
        for method in (OnlineEWC(gamma=0.5, estimator="exact"), EWC(estimator="exact"))
    )
    for learner in (online, plain):
        for experience in train:
            learner.train(experience)
    first, second = plain.plugins[0].importances
    (found,) = online.plugins[0].importances
    for name, value in found.items():
        assert torch.allclose(value, 0.5 * first[name] + second[name], rtol=1e-5, atol=1e-10)


def test_si_importance_is_the_path_integral_of_the_loss() -> None:
    # Plain descent on one linear layer: omega_i = sum over steps of lr g_i^2, by hand.
    x, y = torch.randn(40, 3, generator=torch.Generator().manual_seed(0)), torch.arange(40) % 2
    problem = Problem((3,), 2, "domain")
    lr, xi = 0.2, 0.1
    learner = Strategy(SI(strength=1.0, xi=xi), model=lambda p: torch.nn.Linear(3, 2), lr=lr, batch_size=40, epochs=6)
    learner = learner.start(problem)
    w, b = (p.detach().clone().requires_grad_() for p in learner.model.parameters())
    start, omega = w.detach().clone(), torch.zeros_like(w)
    for _ in range(6):
        loss = torch.nn.functional.cross_entropy(x @ w.T + b, y)
        gw, gb = torch.autograd.grad(loss, (w, b))
        omega += lr * gw**2
        w, b = ((v - lr * g).detach().requires_grad_() for v, g in ((w, gw), (b, gb)))
    learner.train(Experience(x, y, 0))
    found = learner.plugins[0].importance["weight"]
    assert torch.allclose(found, omega / ((w - start) ** 2 + xi), rtol=1e-5, atol=1e-7)
    assert (found > 0).all()


def test_si_gradient_of_the_task_excludes_the_pull_of_the_penalty() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    learner = Strategy(SI(strength=5.0), lr=0.1, batch_size=40).start(problem)
    learner.train(train[0])
    steps = learner.steps(train[1])
    next(steps)
    plugin = learner.plugins[0]
    original = plugin.before_update

    def check(strategy: Strategy) -> None:
        original(strategy)
        outputs = strategy.model(strategy.batch.x)
        parameters = dict(strategy.model.named_parameters())
        task = torch.autograd.grad(strategy.cross_entropy(outputs, strategy.batch), list(parameters.values()))
        for name, g in zip(parameters, task, strict=True):
            assert torch.allclose(plugin._slope[name], g, atol=1e-5)

    learner._hooks["before_update"] = [check]
    learner.epochs = 2
    list(steps)


def test_snapshots_do_not_follow_the_training() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    for method in (EWC(), SI()):
        learner = Strategy(method, batch_size=8).start(problem)
        learner.train(train[0])
        plugin = learner.plugins[0]
        end = {name: p.detach().clone() for name, p in learner.model.named_parameters()}
        steps = learner.steps(train[1])
        for _ in range(3):
            next(steps)
        anchor = plugin.anchor if isinstance(plugin, SI) else plugin.anchors[0]
        for name, p in learner.model.named_parameters():
            assert torch.equal(anchor[name], end[name]) and not torch.equal(p, end[name])
    # Three updates of SI: displacements are seen, though on the CPU a careless copy would be the weight itself.
    assert all(omega.any() for omega in plugin.path.values())


@pytest.mark.parametrize(
    "method", [EWC(strength=20.0), OnlineEWC(strength=20.0), SI(strength=1.0)], ids=type
)
def test_importance_methods_forget_less_than_naive_on_permuted_digits(method) -> None:
    _, naive = learn(permuted_digits())
    _, kept = learn(permuted_digits(), method)
    assert kept[2, 0] > naive[2, 0] + 0.05
    assert kept[2].mean() > naive[2].mean() + 0.02


def test_ewc_refuses_streams_without_boundaries_and_wrong_settings() -> None:
    with pytest.raises(NeuroclError, match="EWC needs to know where an experience ends"):
        Strategy(EWC()).start(Problem((2,), 2, boundary_known=False))
    with pytest.raises(NeuroclError, match="convention must be one of"):
        EWC(convention="third")
    with pytest.raises(NeuroclError, match="strength must be"):
        SI(strength=-1.0)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize(
    ("make", "factor"),
    [(EWC, 1.0), (lambda s: EWC(s, convention="full"), 2.0), (lambda s: OnlineEWC(s, gamma=0.5), 0.5), (SI, 2.0)],
)
def test_a_penalty_above_the_bound_of_stability_is_told_and_does_diverge(make, factor, momentum) -> None:
    problem, train, _ = split_digits(n=2, samples=60)
    lr, largest_loss = 0.05, []

    def learner(strength: float) -> Strategy:
        optimizer = lambda parameters: torch.optim.SGD(parameters, lr, momentum)  # noqa: E731
        return Strategy(make(strength), optimizer=optimizer, batch_size=20, epochs=20).start(problem)

    first = learner(0.0)
    first.train(train[0])
    plugin = first.plugins[0]
    importance = plugin.importance if isinstance(plugin, SI) else plugin.importances[0]
    bound = 2.0 * (1.0 + momentum) / (lr * factor * float(max(value.max() for value in importance.values())))
    for share, is_told in ((0.7, False), (1.5, True)):
        started = learner(share * bound)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            started.train(train[0])
        assert [w.category for w in caught] == [StiffPenaltyWarning] * is_told
        assert not is_told or "1.5-fold" in str(caught[0].message)
        largest_loss.append(max(float(step.loss) for step in started.steps(train[1])))
    assert largest_loss[0] < 100.0 and not largest_loss[1] < 1e6
