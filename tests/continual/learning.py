"""Small streams and runs on them, for the tests of strategies."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

from neurocl.continual import MLP, Experience, Plugin, Problem, Strategy


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    data = load_digits()
    return torch.tensor(data.data / 16.0, dtype=torch.float32), torch.tensor(data.target)


def split_digits(scenario: str = "class", n: int = 5, samples: int = 10_000) -> tuple[Problem, list, list]:
    """Problem, training and test experiences of `n` pairs of digits."""
    x, y = digits()
    heads = {t: (2 * t, 2 * t + 1) for t in range(n)} if scenario == "task" else {}
    problem = Problem((64,), 2 if scenario == "domain" else 2 * n, scenario, heads=heads)
    train, test = [], []
    for t in range(n):
        rows = torch.nonzero((y // 2) == t).flatten()
        labels = y % 2 if scenario == "domain" else y
        cut = min(samples, int(0.8 * len(rows)))
        train.append(Experience(x[rows[:cut]], labels[rows[:cut]], t, index=t))
        test.append(Experience(x[rows[-60:]], labels[rows[-60:]], t, index=t))
    return problem, train, test


def permuted_digits(n: int = 3, samples: int = 1000) -> tuple[Problem, list, list]:
    """Problem, training and test experiences: the same digits, pixels permuted anew in each."""
    x, y = digits()
    train, test = [], []
    for t in range(n):
        order = torch.from_numpy(np.random.default_rng(t).permutation(64))
        train.append(Experience(x[:samples, order], y[:samples], t, index=t))
        test.append(Experience(x[-400:, order], y[-400:], t, index=t))
    return Problem((64,), 10, "domain"), train, test


def learn(stream: tuple, *plugins: Plugin, seed: int = 0, **settings: Any) -> tuple[Strategy, np.ndarray]:
    """The learner after the stream, and the accuracy matrix R[i, j]."""
    problem, train, test = stream
    settings = {"model": MLP((100,)), "lr": 0.1, "epochs": 5, "batch_size": 16, **settings}
    learner = Strategy(*plugins, **settings).start(problem, seed)
    R = np.full((len(train), len(test)), np.nan)
    for i, experience in enumerate(train):
        learner.train(experience)
        for j, held_out in enumerate(test[: i + 1]):
            R[i, j] = accuracy(learner, held_out)
    return learner, R


def accuracy(learner: Strategy, experience: Experience) -> float:
    task = experience.task_label if learner.problem.scenario == "task" else None
    return float((learner.predict(experience.x, task) == experience.y).float().mean())


def saved(learner: Strategy) -> dict[str, Any]:
    """The state as a file would hold it: nothing is shared with the learner."""
    return copy.deepcopy(learner.state_dict())
