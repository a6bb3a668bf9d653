"""Strategies and the loop around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from neurocl import continual
from neurocl.continual.checkpoint import load_state, save_state
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
    return continual.Strategy(Noisy(), model=model, **{"optimizer": "adam", "lr": 0.01, "epochs": 2, **arguments})


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


def test_recorders_give_one_number_per_experience() -> None:
    recorders = [continual.recorders.Representation(100), continual.recorders.Operations(50)]
    results = continual.run(continual.permuted("digits", 2), continual.Strategy(), seeds=[0], recorders=recorders)
    assert results.records["effective_rank"].shape == (1, 2)
    assert results.records["dense"][0, 0] == 64 * 100 + 100 * 100 + 100 * 10


def test_a_damaged_or_foreign_checkpoint_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "seed-0.safetensors").write_bytes(b"nonsense")
    with pytest.raises(NeuroclError, match="damaged"):
        continual.run(continual.split("digits"), learner(), seeds=[0], folder=tmp_path)
    continual.run(continual.permuted("digits", 2), learner(), seeds=[1], folder=tmp_path)
    with pytest.raises(NeuroclError, match="another run"):
        continual.run(continual.split("digits"), learner(), seeds=[1], folder=tmp_path)


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
