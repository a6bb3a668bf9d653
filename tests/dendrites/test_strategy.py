"""Active dendrites in `continual`: they remember, save and load exactly, and protect what SI should protect."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch

from neurocl import continual
from neurocl.core.errors import NeuroclError
from neurocl.dendrites import (
    ActiveDendrites,
    ClusterContext,
    Context,
    DendriticModel,
    FeedForwardSI,
    InputContext,
    OneHotContext,
    PrototypeContext,
    RowAdam,
)

BENCHMARK = continual.permuted("digits", n_experiences=3, first_identity=True, normalise=(0.3053, 0.376))


def learner_of(context: Context, *more: continual.Plugin, n_segments: int = 3, **settings: Any) -> continual.Strategy:
    model = DendriticModel(n_segments, context, (128, 128), sparse_gradient=True)
    options = {"optimizer": partial(RowAdam, lr=2e-3), "epochs": 5, "batch_size": 128, "reset_optimizer": True}
    return continual.Strategy(ActiveDendrites(context), *more, **{"model": model, **options, **settings})


def told() -> continual.Benchmark:
    return replace(BENCHMARK, problem=replace(BENCHMARK.problem, scenario="task", heads={}))


def test_dendrites_remember_what_a_network_without_them_forgets() -> None:
    five = continual.permuted("digits", n_experiences=5, first_identity=True, normalise=(0.3053, 0.376))
    kept, lost = (
        continual.run(
            five, learner_of(PrototypeContext(), n_segments=n, optimizer=partial(RowAdam, lr=0.01)), [0]
        ).matrix[0, -1].mean()
        for n in (5, 0)
    )  # fmt: skip
    assert kept > lost + 0.05


@pytest.mark.parametrize("context", [PrototypeContext(), ClusterContext(16), OneHotContext(3), InputContext()])
def test_a_run_that_was_interrupted_goes_on_exactly(context: Context) -> None:
    benchmark = told() if context.needs_task_label else BENCHMARK
    whole = learner_of(context, FeedForwardSI(), epochs=1).start(benchmark.problem, 1)
    for k in range(2):
        steps = whole.steps(benchmark.train[k])
        for number, _ in enumerate(steps):
            if k == 1 and number == 3:
                state = copy.deepcopy(whole.state_dict())
    again = learner_of(context, FeedForwardSI(), epochs=1).start(benchmark.problem, 1)
    again.load_state_dict(state)
    again.train(benchmark.train[1])
    for a, b in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(a, b)
    task = 1 if context.needs_task_label else None
    x = benchmark.test[1].x
    assert torch.equal(whole.predict(x, task), again.predict(x, task))


def test_absent_weights_stay_absent() -> None:
    learner = learner_of(PrototypeContext(), epochs=1).start(BENCHMARK.problem)
    learner.train(BENCHMARK.train[0])
    for layer in (*learner.model.layers, learner.model.output):
        assert not layer.weight[~layer.mask].any()


def test_si_protects_feed_forward_weights_and_not_segments() -> None:
    learner = learner_of(PrototypeContext(), FeedForwardSI(), epochs=2).start(BENCHMARK.problem)
    si = learner.plugins[1]
    assert not any("segments" in name for name in si.importance)
    assert len(si.importance) == 6
    learner.train(BENCHMARK.train[0])
    assert all(bool((importance >= 0).all()) for importance in si.importance.values())
    assert all(torch.equal(si.anchor[name], p) for name, p in learner.model.named_parameters() if name in si.anchor)
    both = FeedForwardSI(with_segments=True)
    assert len(learner_of(PrototypeContext(), both).start(BENCHMARK.problem).plugins[1].importance) == 8


def test_si_of_segments_does_the_same_with_sparse_and_with_dense_gradients() -> None:
    found = []
    for sparse_gradient in (True, False):
        context = PrototypeContext()
        model = DendriticModel(3, context, (64, 64), sparse_gradient=sparse_gradient)
        learner = learner_of(context, FeedForwardSI(with_segments=True), model=model, epochs=1)
        learner = learner.start(BENCHMARK.problem)
        for k in range(2):
            learner.train(BENCHMARK.train[k])
        found.append(learner)
    for a, b in zip(*(learner.model.parameters() for learner in found), strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    segments = found[0].plugins[1].importance["layers.0.segments.weight"]
    assert segments.any() and bool((segments >= 0).all())


def test_the_path_of_si_is_the_loss_that_was_lost_by_small_steps() -> None:
    settings = {"optimizer": "sgd", "lr": 1e-2, "epochs": 3, "reset_optimizer": False}
    context = PrototypeContext()
    model = DendriticModel(1, context, (64, 64), weight_sparsity=0.0, percent_on=1.0)
    learner = continual.Strategy(ActiveDendrites(context), FeedForwardSI(with_segments=True), model=model,
                                 batch_size=2000, **settings).start(BENCHMARK.problem)  # fmt: skip
    losses = []
    for step in learner.steps(BENCHMARK.train[0]):
        losses.append(float(step.loss))
        if len(losses) == 3:
            break
    # each update of full batches lowers the loss by sum_i -g_i dtheta_i to first order
    path = sum(float(part.sum()) for part in learner.plugins[1].path.values())
    assert path == pytest.approx(1.5 * (losses[0] - losses[2]), rel=0.02)


@pytest.mark.parametrize("first_task", [1, 2])
def test_the_penalty_of_si_begins_in_the_task_that_was_chosen(first_task: int) -> None:
    def trained(strength: float) -> torch.Tensor:
        plugin = FeedForwardSI(strength, first_task=first_task)
        learner = learner_of(PrototypeContext(), plugin, epochs=1).start(BENCHMARK.problem)
        for k in range(2):
            learner.train(BENCHMARK.train[k])
        return learner.model.layers[0].weight

    assert torch.equal(trained(0.0), trained(100.0)) == (first_task == 2)


def test_a_told_context_takes_one_task_at_a_time() -> None:
    learner = learner_of(OneHotContext(3)).start(told().problem)
    x = BENCHMARK.test[0].x[:6]
    one = learner.predict(x, torch.full((6,), 2))
    assert torch.equal(one, learner.predict(x, 2))
    with pytest.raises(NeuroclError, match="one task at a time"):
        learner.predict(x, torch.arange(6) % 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ActiveDendrites("prototype"), "must be a Context"),
        (lambda: continual.Strategy(ActiveDendrites(PrototypeContext())).start(BENCHMARK.problem), "DendriticModel"),
        (lambda: learner_of(OneHotContext(3)).start(BENCHMARK.problem), "scenario='task'"),
        (
            lambda: continual.Strategy(
                ActiveDendrites(ClusterContext(8)), model=DendriticModel(context=ClusterContext(9), hidden=(5,))
            ).start(BENCHMARK.problem),
            "contexts have 8 elements",
        ),
        (lambda: FeedForwardSI(damping=0.0), "damping"),
        (lambda: learner_of(PrototypeContext(), optimizer="adam").start(BENCHMARK.problem), "Adam takes no sparse"),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(call: Any, words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        call()
