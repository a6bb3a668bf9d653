"""Strategies and the loop around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from neurocl import continual
from neurocl.continual.checkpoint import load_state, save_state
from neurocl.continual.strategies import ER
from neurocl.core.errors import NeuroclError


class Interruption(BaseException):
    """Stands for a kill."""


class Noisy(continual.Plugin):
    """A plug-in with a state and random numbers."""

    state = ("mean", "count")

    def before_training(self, strategy: continual.Strategy) -> None:
        self.mean, self.count = torch.zeros(10), {"seen": 0}

    def after_backward(self, strategy: continual.Strategy) -> None:
        self.count["seen"] += 1
        self.mean = 0.9 * self.mean + 0.1 * strategy.outputs.detach().mean(0)
        for p in strategy.model.parameters():
            assert p.grad is not None
            p.grad += 0.01 * torch.randn(p.shape, generator=strategy.generator) + 0.001 * self.mean.sum()


def dropout(units: int) -> nn.Module:
    return nn.Sequential(nn.ReLU(), nn.Dropout(0.2))


def learner(**arguments: Any) -> continual.Strategy:
    model = continual.MLP((20,), activation=dropout)
    defaults = {"model": model, "optimizer": "adam", "lr": 0.01, "epochs": 2}
    return continual.Strategy(Noisy(), **{**defaults, **arguments})


@pytest.mark.parametrize("stop", [1, 9, 23, 41])
def test_an_interrupted_run_equals_an_uninterrupted_one(stop: int, tmp_path: Path) -> None:
    benchmark = continual.split("digits")
    options: dict[str, Any] = {"seeds": [0, 1], "evaluate_every": 7, "checkpoint_every": 1}
    whole = continual.run(benchmark, learner(), **options)

    class Stopping(continual.Strategy):
        def steps(self, experience: continual.Experience) -> Iterator[Any]:
            for step in super().steps(experience):
                yield step
                if self.step_count == stop and self.seed == 1:
                    raise Interruption

    Stopping.__name__ = "Strategy"  # as far as the checkpoint knows
    stopping = Stopping(*learner().plugins, model=learner().model_description, optimizer="adam", lr=0.01, epochs=2)
    with pytest.raises(Interruption):
        continual.run(benchmark, stopping, folder=tmp_path, **options)
    resumed = continual.run(benchmark, learner(), folder=tmp_path, **options)
    for name in ("matrix", "baseline", "trace", "ends"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))


@pytest.mark.parametrize("model", [continual.MLP((20,), activation=dropout), continual.CNN((4,), (10,))])
def test_a_loaded_state_gives_the_next_losses_bit_for_bit(model: Any, tmp_path: Path) -> None:
    benchmark = continual.split("digits")
    one = continual.Strategy(Noisy(), model=model, epochs=2, optimizer="adam", lr=0.01).start(benchmark.problem)
    one.train(benchmark.train[0])
    steps = one.steps(benchmark.train[1])
    for _ in range(6):
        next(steps)
    save_state(tmp_path / "state", one.state_dict())
    expected = [next(steps).loss.item() for _ in range(10)]
    other = continual.Strategy(Noisy(), model=model, epochs=2, optimizer="adam", lr=0.01).start(benchmark.problem)
    other.load_state_dict(load_state(tmp_path / "state"))
    steps = other.steps(benchmark.train[1])
    assert [next(steps).loss.item() for _ in range(10)] == expected


def test_training_is_the_loop_that_one_would_write_by_hand() -> None:
    benchmark = continual.permuted("digits", 1)
    one = continual.Strategy(model=continual.MLP((20,)), lr=0.1, epochs=2).start(benchmark.problem, seed=3)
    by_hand = continual.Strategy(model=continual.MLP((20,)), lr=0.1).start(benchmark.problem, seed=3).model
    experience = benchmark.train[0]
    one.train(experience)
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.1)
    for epoch in range(2):
        order = continual.seeding.generator(3, "order", 0, epoch).permutation(len(experience))
        for first in range(0, len(order), 32):
            chosen = torch.from_numpy(order[first : first + 32])
            optimizer.zero_grad()
            nn.functional.cross_entropy(by_hand(experience.x[chosen]), experience.y[chosen]).backward()
            optimizer.step()
    for ours, theirs in zip(one.model.parameters(), by_hand.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_units_that_do_not_compete_are_left_alone() -> None:
    benchmark = continual.split("digits", scenario="task", fixed_class_order=True)
    one = continual.Strategy(lr=0.1).start(benchmark.problem)
    before = one.model.layers[-1].weight.detach().clone()  # type: ignore[union-attr, operator, index]
    one.train(benchmark.train[1])
    moved = (one.model.layers[-1].weight.detach() != before).any(1)  # type: ignore[union-attr, operator, index]
    assert moved.tolist() == [False, False, True, True, *[False] * 6]


@pytest.mark.parametrize("active", ["current", "seen", "all"])
def test_class_scenario_trains_the_units_that_it_says(active: Any) -> None:
    benchmark = continual.split("digits", fixed_class_order=True, active=active)
    one = continual.Strategy(lr=0.1).start(benchmark.problem)
    one.train(benchmark.train[0])
    before = one.model.layers[-1].bias.detach().clone()  # type: ignore[union-attr, operator, index]
    one.train(benchmark.train[1])
    moved = torch.nonzero(one.model.layers[-1].bias.detach() != before).flatten().tolist()  # type: ignore[union-attr, operator, index]
    assert moved == {"current": [2, 3], "seen": [0, 1, 2, 3], "all": list(range(10))}[active]


def test_hooks_are_called_in_the_documented_order() -> None:
    calls: list[str] = []
    hooks = {name: (lambda self, strategy, name=name: calls.append(name)) for name in continual.plugin.HOOKS}
    plugin = type("Watch", (continual.Plugin,), hooks)
    benchmark = continual.split("digits")
    one = continual.Strategy(plugin(), batch_size=10_000).start(benchmark.problem)
    one.train(benchmark.train[0])
    one.predict(benchmark.train[0].x)
    iteration = [
        "before_training_iteration", "before_forward", "after_forward", "before_backward", "after_backward",
        "before_update", "after_update", "after_training_iteration",
    ]  # fmt: skip
    before = ["before_training", "before_training_exp", "before_training_epoch"]
    assert calls == [*before, *iteration, "after_training_epoch", "after_training_exp", "before_eval", "after_eval"]


def test_a_description_serves_many_runs() -> None:
    benchmark = continual.split("digits")
    description = learner()
    first, second = (continual.run(benchmark, description, seeds=[0]) for _ in range(2))
    np.testing.assert_array_equal(first.matrix, second.matrix)
    assert not hasattr(description, "model") and not hasattr(description.plugins[0], "mean")


def test_a_run_does_not_touch_the_random_numbers_of_torch() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    continual.run(continual.split("digits"), learner(), seeds=[0])
    assert torch.equal(torch.random.get_rng_state(), before)


def test_results_are_saved_as_json_csv_and_one_html_file(tmp_path: Path) -> None:
    results = continual.run(continual.split("digits"), learner(), seeds=[0, 1], evaluate_every=10, name="noisy <b>")
    folder = results.save(tmp_path / "out")
    text = json.loads((folder / "results.json").read_text())
    assert text["summary"]["acc"]["mean"] == pytest.approx(results.metrics()["acc"].mean())
    assert len((folder / "accuracy.csv").read_text().splitlines()) == 1 + 2 * 25
    report = (folder / "report.html").read_text()
    assert report.count("<img") == 3 and "noisy &lt;b&gt;" in report and "http" not in report


def test_methods_are_compared_on_the_same_seeds() -> None:
    benchmark = continual.split("digits", scenario="task")
    better, worse = (
        continual.run(benchmark, continual.Strategy(lr=lr, epochs=4), seeds=range(3)) for lr in (0.1, 0.0001)
    )
    assert better.compared_with(worse)["low"] > 0
    with pytest.raises(NeuroclError, match="same seeds"):
        better.compared_with(continual.run(benchmark, continual.Strategy(), seeds=[7]))
    other = continual.run(continual.split("digits", scenario="class"), continual.Strategy(), seeds=range(3))
    with pytest.raises(NeuroclError, match="'class' there, 'task' here"):
        better.compared_with(other)
    same = continual.run(continual.split("digits", scenario="task", seed=9), continual.Strategy(), seeds=range(3))
    assert better.compared_with(same)["difference"] > 0


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.uint8, list])
def test_samples_of_any_numbers_are_learned_and_predicted(kind: Any) -> None:
    x, y = np.random.default_rng(0).integers(0, 9, (40, 4)), np.arange(40) % 4
    given = x.tolist() if kind is list else x.astype(kind)
    benchmark = continual.split((x.astype(np.float32), y, given, y), 2, scenario="task")
    plain = continual.split((x.astype(np.float32), y, x.astype(np.float32), y), 2, scenario="task")
    results, expected = (continual.run(b, continual.Strategy(), seeds=[0]) for b in (benchmark, plain))
    np.testing.assert_array_equal(results.R, expected.R)
    one = continual.Strategy().start(benchmark.problem)
    first = benchmark.train[0]
    one.train(replace(first, x=first.x.double()))
    labels = np.arange(40) % 2
    chosen = one.predict(given, labels)
    assert torch.equal(chosen, one.predict(torch.tensor(x).double(), labels.tolist()))
    assert torch.equal(chosen[labels == 0], one.predict(x[labels == 0], np.int64(0)))


def test_metrics_of_a_run_that_stopped_early_are_those_of_what_was_learned() -> None:
    results = continual.run(continual.split("digits", scenario="task"), learner(), seeds=[0], n_experiences=3)
    assert results.matrix.shape == (1, 3, 5)
    square, b = results.matrix[0, :, :3], results.baseline[0, :3]
    found = results.metrics(joint=np.ones(5))
    expected = continual.metrics.accuracy_matrix_metrics(square, b, np.ones(3))
    assert {name: found[name][0] for name in expected} == pytest.approx(expected)


def test_every_experience_ends_with_a_test_for_each_seed_at_its_own_update() -> None:
    results = continual.run(continual.split("digits"), learner(epochs=1), seeds=range(3), evaluate_every=7)
    assert len({tuple(ends) for ends in results.ends.tolist()}) > 1
    for k, ends in enumerate(results.ends):
        at_end = np.searchsorted(results.trace_steps[k], ends)
        np.testing.assert_array_equal(results.trace[k, at_end], results.matrix[k])
        found, last = results.metrics(), results.matrix[k, -1, -1]
        assert found["wc_acc"][k] == pytest.approx(0.2 * last + 0.8 * found["min_acc"][k])
    results.plot_stability()


@pytest.mark.parametrize(("active", "told"), [("seen", False), ("current", False), ("all", True)])
def test_forward_transfer_to_classes_that_cannot_win_is_not_defined(active: Any, told: bool) -> None:
    results = continual.run(continual.split("digits", active=active), learner(epochs=1), seeds=[0], n_experiences=2)
    assert ("fwt" in results.metrics()) == told


def test_settings_of_numpy_are_saved_as_plain_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark = continual.split(
        "digits", np.int64(5), seed=np.int64(1), fixed_class_order=np.arange(10), normalise=(np.float32(0.5), 1)
    )
    assert continual.rebuild(json.loads(json.dumps(benchmark.spec))).spec == benchmark.spec
    results = continual.run(benchmark, learner(epochs=1), seeds=np.arange(1), n_experiences=np.int64(1))
    text = json.loads((results.save(tmp_path) / "results.json").read_text())
    assert text["spec"]["fixed_class_order"] == list(range(10)) and "torch" in text["versions"]
    monkeypatch.chdir(tmp_path)
    assert results.report() == Path("report.html") and Path("report.html").exists()


def test_recorders_give_one_number_per_experience() -> None:
    recorders = [continual.recorders.Representation(100), continual.recorders.Operations(50)]
    results = continual.run(continual.permuted("digits", 2), continual.Strategy(), seeds=[0], recorders=recorders)
    assert results.records["effective_rank"].shape == (1, 2)
    assert results.records["dense"][0, 0] == 64 * 100 + 100 * 100 + 100 * 10
    replay = continual.Strategy(ER(20), model=continual.MLP(()))
    memory = continual.run(continual.permuted("digits", 1), replay, seeds=[0], recorders=[continual.recorders.Memory()])
    assert memory.records["network_bytes"][0, 0] == 4 * (64 * 10 + 10)
    assert memory.records["method_bytes"][0, 0] >= 20 * 64 * 4
    assert memory.records["peak_bytes"][0, 0] > 1e6


def test_a_damaged_checkpoint_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "seed-0.safetensors").write_bytes(b"nonsense")
    with pytest.raises(NeuroclError, match="damaged"):
        continual.run(continual.split("digits"), learner(), seeds=[0], folder=tmp_path)


def test_a_checkpoint_of_another_run_is_refused_with_what_differs(tmp_path: Path) -> None:
    options: dict[str, Any] = {"seeds": [1], "n_experiences": 1, "folder": tmp_path}
    first = continual.run(continual.split("digits"), learner(), **options)
    same = continual.run(continual.split("digits"), learner(), **options)
    np.testing.assert_array_equal(first.matrix, same.matrix)
    for benchmark, method, changed, words in (
        ({}, learner(lr=0.5), {}, "learner.lr: 0.01 there, 0.5 here"),
        ({}, continual.Strategy(ER(20), lr=0.01), {}, "learner.plugins"),
        ({}, learner(model=continual.MLP((21,), activation=dropout)), {}, r"hidden: \[20\] there, \[21\] here"),
        ({"active": "all"}, learner(), {}, "benchmark.active: 'seen' there, 'all' here"),
        ({"normalise": "half"}, learner(), {}, "benchmark.normalise"),
        ({"fixed_class_order": True}, learner(), {}, "benchmark.fixed_class_order"),
        ({"scenario": "domain"}, learner(), {}, "benchmark.scenario"),
        ({}, learner(), {"evaluate_every": 2}, "evaluate_every: None there, 2 here"),
        ({}, learner(), {"recorders": [continual.recorders.Memory()]}, "recorders"),
        ({}, learner(), {"n_experiences": 2}, "n_experiences: 1 there, 2 here"),
    ):
        with pytest.raises(NeuroclError, match=f"another run .*{words}"):
            continual.run(continual.split("digits", **benchmark), method, **{**options, **changed})


@pytest.mark.parametrize("trains", [False, True])
def test_a_spiking_network_learns_images_and_spike_trains(trains: bool) -> None:
    import neurocl as ncl

    numbers = torch.Generator().manual_seed(0)
    y = torch.arange(120) % 2
    rates = torch.where((torch.arange(8) < 4) == (y[:, None] == 0), 0.8, 0.1)
    x = (torch.rand(6, 120, 8, generator=numbers) < rates).float() if trains else rates
    samples = continual.Samples(x, y, x, y, time_major=trains)
    model = continual.SpikingMLP(ncl.models.Leaky, (20,), n_steps=6)
    strategy = continual.Strategy(model=model, optimizer="adam", lr=0.02, epochs=5)
    results = continual.run(continual.permuted(samples, 1), strategy, seeds=[0])
    assert results.metrics()["acc"][0] > 0.9
