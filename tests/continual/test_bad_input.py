"""Wrong input ends in one sentence that says what was wrong."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

pytest.importorskip("torch")
import torch

from neurocl import continual
from neurocl.continual import metrics
from neurocl.continual.strategies import ER, METHODS, UPGD, ElephantMLP, KWinnersTakeAll, SparseMLP
from tests import bad_input
from tests.bad_input import Mistake

X, Y = torch.rand(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
DATA = (X, Y, X, Y)
R = [[0.9, 0.2, 0.1], [0.6, 0.8, 0.3], [0.5, 0.7, 0.95]]
FUZZY = lambda: continual.fuzzy(continual.split("digits"))  # noqa: E731


class Bounded(continual.Plugin):
    needs_boundaries: ClassVar[bool] = True


class Labelled(continual.Plugin):
    needs_task_label: ClassVar[bool] = True


def nan() -> torch.Tensor:
    x = X.clone()
    x[2, 1] = torch.nan
    return x


SPLIT = lambda **arguments: continual.split("digits", **arguments)  # noqa: E731
RUN = lambda *arguments, **named: continual.run(SPLIT(), *(arguments or (continual.Strategy(),)), **named)  # noqa: E731


def started(scenario: Any, **arguments: Any) -> continual.Strategy:
    return continual.Strategy().start(continual.split("digits", scenario=scenario, **arguments).problem)


@bad_input.cases(
    [
        (lambda: continual.Experience(X[:0], Y[:0], 0), "empty", "at least one"),
        (lambda: continual.Experience(nan(), Y, 0), "NaN"),
        (lambda: continual.Experience(X, Y - 1, 0), "counted from 0", "-1"),
        (lambda: continual.Experience(X, Y[:5], 0), "(6, 4)", "5 labels"),
        (lambda: continual.Experience(X.int(), Y, 0), "float tensor", "int32"),
        (lambda: continual.Experience(X, Y.float(), 0), "int64", "float32"),
        (lambda: continual.Experience(X, Y, 0, classes=(0, 1)), "classes (0, 1)"),
        (lambda: continual.Experience(X, Y, torch.zeros(2)), "task_label", "int64"),
        (lambda: continual.split((X, Y * 2, X, Y * 2), 5), "class 1", "missing", "training"),
        (lambda: continual.split((X, Y, X[:1], Y[:1]), 3), "class 1", "missing", "test"),
        (lambda: continual.split(DATA, 2), "3 classes", "n_experiences=2"),
        (lambda: continual.split("digit"), "no data set", "digits"),
        (lambda: continual.split((X, Y)), "four tensors"),
        (lambda: continual.split("digits", scenario="tasks"), "scenario", "tasks"),
        (lambda: continual.split("digits", fixed_class_order=(0, 1)), "fixed_class_order", "(0, 1)"),
        (lambda: continual.split("digits", n_tasks=5), "n_tasks"),
        (lambda: continual.split("digits", normalise="imagenet"), "normalise", "imagenet"),
        (lambda: continual.permuted("digits", None, scenario="class"), "n_experiences=None", "domain"),
        (lambda: continual.rotated(DATA), "images", "(4,)"),
        (lambda: continual.rotated("digits", 3, angles=(0.0,)), "angles", "3"),
        (lambda: continual.rotated("digits", angles=(0, float("nan"))), "angles", "finite", "nan"),
        (lambda: continual.rotated("digits", angles=30), "angles", "30"),  # type: ignore[arg-type]
        (lambda: continual.split("digits", fixed_class_order=None), "fixed_class_order", "None"),  # type: ignore[arg-type]
        (lambda: continual.split("digits", normalise=None), "normalise", "None"),  # type: ignore[arg-type]
        (lambda: continual.split("digits", multi_head="no"), "split", "multi_head", "'no'"),  # type: ignore[arg-type]
        (lambda: continual.permuted("digits", first_identity=1), "first_identity", "True or False"),
        (lambda: continual.concept_shift("digits", n_experiences=-1), "n_experiences", "-1"),
        (lambda: continual.Experience(X, Y, 0, classes=("a",)), "classes", "'a'"),  # type: ignore[arg-type]
        (lambda: continual.fuzzy(continual.split("digits", active="current")), "'current'", "boundaries"),
        (lambda: continual.online("digits"), "expected a benchmark", "digits"),
        (lambda: continual.online(continual.split("digits"), samples_per_task=10_000).train[0], "10000"),
        (lambda: continual.fuzzy(continual.split("digits"), iterations=10, half_width=6), "half_width", "6"),
        (lambda: continual.blurry(continual.split("digits"), 1.5), "share", "1.5"),
        (lambda: continual.power_law(continual.split("digits"), schedule="linear"), "schedule", "linear"),
        (lambda: continual.concept_shift("digits", rate=-1.0), "rate", "-1.0"),
        (lambda: continual.make("spilt-digits"), "spilt-digits", "split"),
        (lambda: len(continual.permuted("digits", None).train), "no end", "n_experiences"),
        (lambda: started("task").predict(torch.rand(2, 8, 8)), "task_label"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), 7), "task label 7", "0 to 4"),
        (lambda: started("task", multi_head=False).predict(torch.rand(2, 8, 8), 7), "task label 7", "0 to 4"),
        (lambda: started("domain").train(continual.split("digits").train[1]), "out of range", "2 outputs"),
        (lambda: started("class").train(continual.Experience(X, Y, 0)), "shape (4,)", "(8, 8)"),
        (lambda: continual.run(FUZZY(), continual.Strategy(Bounded())), "Bounded", "boundaries"),
        (lambda: continual.run(FUZZY(), continual.Strategy(ER(balance="tasks"))), "balance='tasks'", "boundaries"),
        (lambda: continual.run(FUZZY(), continual.Strategy(reset_optimizer=True)), "reset_optimizer", "boundaries"),
        (lambda: continual.run(continual.split("digits"), continual.Strategy(Labelled())), "Labelled", "task"),
        (lambda: continual.run(continual.split("digits"), continual.Plugin()), "expected a learner"),  # type: ignore[arg-type]
        (lambda: continual.run(continual.split("digits"), continual.Strategy(), seeds=[1, 1]), "seeds", "[1, 1]"),
        (lambda: continual.run(continual.split("digits"), continual.Strategy(), n_experiences=9), "9", "5"),
        (lambda: continual.Strategy(optimizer="adamm"), "optimizer", "adamm"),
        (lambda: continual.Strategy(lr=0.0), "lr", "0.0"),
        (lambda: continual.Strategy(continual.MLP()), "plug-ins", "MLP"),  # type: ignore[arg-type]
        (lambda: continual.MLP(100), "hidden", "100"),  # type: ignore[arg-type]
        (lambda: continual.MLP(activation="relus"), "activation", "relus"),
        (lambda: SparseMLP((100,)), "SparseMLP", "hidden", "(100,)"),  # type: ignore[arg-type]
        (lambda: SparseMLP(activation=0.5), "activation", "0.5"),  # type: ignore[arg-type]
        (lambda: ElephantMLP(-1), "ElephantMLP", "hidden", "-1"),
        (lambda: KWinnersTakeAll(1.5), "KWinnersTakeAll", "1.5"),
        (lambda: UPGD(protecting="x"), "UPGD", "protecting", "'x'"),  # type: ignore[arg-type]
        (lambda: continual.run(continual.permuted(DATA, 2), continual.Strategy(model=continual.CNN())), "CNN", "(4,)"),
        (lambda: continual.split((X.to(torch.complex64), Y, X, Y), 3), "x_train", "complex64"),
        (lambda: continual.split(([[1.0], [1.0, 2.0]], Y, X, Y), 3), "x_train", "[1.0, 2.0]"),
        (lambda: continual.run("split-digits", continual.Strategy()), "expected a benchmark", "split-digits"),  # type: ignore[arg-type]
        (lambda: RUN(continual.Strategy), "expected a learner", "Strategy"),
        (lambda: RUN(seeds=3), "seeds", "3"),
        (lambda: RUN(recorders=continual.recorders.Operations()), "recorders", "list", "Operations"),
        (lambda: continual.Strategy().train(SPLIT().train[0]), "start(benchmark.problem)"),
        (lambda: continual.Strategy().predict(X), "start(benchmark.problem)"),
        (lambda: continual.Strategy().start(SPLIT()), "Problem", "benchmark.problem"),  # type: ignore[arg-type]
        (lambda: continual.Strategy(device="gpu").start(SPLIT().problem), "device", "gpu", "cuda"),
        (lambda: started("class").train((X, Y)), "expected an Experience"),  # type: ignore[arg-type]
        (lambda: started("class").predict(X), "[sample, 8, 8]", "(6, 4)"),
        (lambda: started("class").predict(torch.rand(8, 8)), "[sample, 8, 8]", "x[None]"),
        (lambda: started("class").predict(torch.full((2, 8, 8), torch.nan)), "predict", "NaN"),
        (lambda: started("class").predict(["a"]), "predict", "numbers"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), 0.0), "task_label", "whole number", "0.0"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), True), "task_label", "True"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), "0"), "task_label", "'0'"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), [0]), "task_label", "2 samples", "(1,)"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), torch.zeros(2)), "task_label", "float32"),
        (lambda: started("task").predict(torch.rand(2, 8, 8), [0, 7]), "task label 7"),
        (lambda: started("task", multi_head=False).predict(torch.rand(2, 8, 8), "x"), "task_label", "'x'"),
        (lambda: metrics.accuracy_matrix_metrics(R, denominator="t"), "denominator", "T-1", "'t'"),  # type: ignore[arg-type]
        (lambda: metrics.accuracy_matrix_metrics(R, forgetting_from="all"), "forgetting_from", "all"),  # type: ignore[arg-type]
        (lambda: metrics.accuracy_matrix_metrics(R, b=[0.1]), "b must", "(3,)"),
        (lambda: metrics.lifelong_metrics([], reference="first"), "reference", "first"),  # type: ignore[arg-type]
        (lambda: metrics.lifelong_metrics([], transfer="sum"), "transfer", "sum"),  # type: ignore[arg-type]
        (lambda: metrics.paired([1, 2, 3], [1, 2]), "paired", "(3,)", "(2,)"),
        (lambda: metrics.paired([1, 2, 3], [1]), "paired", "(1,)"),
        (lambda: metrics.dormancy([]), "at least one"),
        (lambda: metrics.dead_units([torch.ones(0, 3)]), "not empty", "(0, 3)"),
        (lambda: metrics.activation_sparsity([]), "at least one"),
        (lambda: metrics.membrane_updates([1.0, 2.0]), "[time, sample, neuron]", "(2,)"),
        (lambda: metrics.sample_plasticity([1.0, 2.0], [1.0]), "two losses", "(1,)"),
        (lambda: metrics.parameter_distance([X], [Y]), "the same parameters"),
    ]
)
def test_a_mistake_gives_one_clear_sentence(mistake: Mistake, words: tuple[str, ...]) -> None:
    bad_input.check(mistake, *words)


def test_an_mlp_refuses_spike_trains() -> None:
    x = torch.zeros(3, 6, 4)
    samples = continual.Samples(x, Y, x, Y, time_major=True)
    bad_input.check(lambda: continual.run(continual.permuted(samples, 2), continual.Strategy()), "SpikingMLP")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_without_boundaries_or_says_that_it_cannot(method: str) -> None:
    plugin, benchmark = METHODS[method](), FUZZY()
    start = continual.Strategy(plugin).start
    if plugin.needs_task_label:
        bad_input.check(lambda: start(benchmark.problem), type(plugin).__name__, "task")
    elif plugin.needs_boundaries:
        bad_input.check(lambda: start(benchmark.problem), type(plugin).__name__, "boundaries")
    else:
        learner, experience = start(benchmark.problem), benchmark.train[0]
        next(learner.steps(experience))
        assert learner.step_count == 1
