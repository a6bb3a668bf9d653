"""What every method must do: run on spike trains, leave its description alone, and have a plain state."""

from __future__ import annotations

import json

import pytest
import torch

from neurocl.continual import Experience, Plugin, Problem, SpikingMLP, Strategy
from neurocl.continual.strategies import METHODS
from neurocl.models import Leaky
from tests.continual.learning import saved, split_digits

SCENARIO = {"xdg": "task"}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_spike_trains(method: str) -> None:
    scenario = SCENARIO.get(method, "class")
    static, train, _ = split_digits(scenario, n=2, samples=20)
    problem = Problem((64,), 4, scenario, heads=static.heads, time_major=True)
    draw = torch.Generator().manual_seed(0)
    learner = Strategy(METHODS[method](), model=SpikingMLP(Leaky, (10,)), batch_size=7).start(problem)
    for e in train:
        spikes = (torch.rand((5, *e.x.shape), generator=draw) < e.x).float()
        learner.train(Experience(spikes, e.y, e.task_label, index=e.index, time_major=True))
        task = e.task_label if scenario == "task" else None
        assert learner.predict(spikes, task).shape == e.y.shape
    assert all(torch.isfinite(p).all() for p in learner.model.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_a_description_that_training_does_not_change(method: str) -> None:
    problem, train, _ = split_digits("task", n=2, samples=20)
    description = Strategy(METHODS[method](), batch_size=8)
    weights = []
    for _ in range(2):
        learner = description.start(problem, 3)
        for experience in train:
            learner.train(experience)
        weights.append(learner.model.layers[0].weight.detach().clone())
    assert torch.equal(*weights)
    assert isinstance(description.plugins[0], Plugin) and description.optimizer_description == "sgd"


@pytest.mark.parametrize("method", METHODS)
def test_the_state_of_every_method_is_plain(method: str) -> None:
    problem, train, _ = split_digits("task", n=2, samples=20)
    learner = Strategy(METHODS[method](), batch_size=8).start(problem)
    for experience in train:
        learner.train(experience)
    json.dumps(saved(learner)["plugins"], default=lambda value: value.tolist() if torch.is_tensor(value) else 1 / 0)
