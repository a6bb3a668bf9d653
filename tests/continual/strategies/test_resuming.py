"""A strategy that is saved in the middle of an experience and loaded goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from neurocl.continual import CNN, MLP, Problem, SpikingMLP, Strategy
from neurocl.continual.strategies import METHODS
from neurocl.models import Leaky
from tests.continual.learning import saved, split_digits

SETTINGS: dict[str, dict] = {
    "er": {"size": 30},
    "derpp": {"size": 30},
    "agem": {"per_experience": 20},
    "redo": {"threshold": 0.5, "every": 3},
    "continual-backprop": {"rate": 0.1, "maturity": 3},
}


def run(method: str, model: Callable, pause: int | None) -> list[float]:
    """Losses of all updates; with `pause`, a new learner takes over after so many."""
    problem, train, _ = split_digits("task", n=3, samples=24)
    if isinstance(model, CNN):
        problem = Problem((8, 8), problem.n_units, "task", heads=problem.heads)
        train = [type(e)(e.x.reshape(-1, 8, 8), e.y, e.task_label, index=e.index) for e in train]
    description = Strategy(METHODS[method](**SETTINGS.get(method, {})), model=model, lr=0.05, batch_size=8, epochs=2)
    learner, losses, number = description.start(problem, 1), [], 0
    while number < len(train):
        for step in learner.steps(train[number]):
            losses.append(float(step.loss))
            if len(losses) == pause:
                state = saved(learner)
                torch.manual_seed(99)
                learner = description.start(problem, 1)
                for experience in train[:number]:
                    learner.revisit(experience)
                learner.load_state_dict(state)
                break
        else:
            number += 1
    return losses


MODELS = {"mlp": MLP((12,)), "cnn": CNN((4,), (12,)), "spiking": SpikingMLP(Leaky, (12,), n_steps=4)}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_interrupted_training_equals_uninterrupted_training(method: str, model: str) -> None:
    whole = run(method, MODELS[model], pause=None)
    # In the first, in the second and in the last experience; each run is short, and goes on for more than 10 updates.
    for pause in (2, 8, 15) if model == "mlp" else (8,):
        assert run(method, MODELS[model], pause) == whole
