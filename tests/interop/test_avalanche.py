"""Benchmarks go to Avalanche and come back the same; a scenario of Avalanche runs here."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.interop import from_avalanche, to_avalanche

torch = pytest.importorskip("torch")

from neurocl import continual  # noqa: E402


class Samples(torch.utils.data.Dataset):
    """What a data set of Avalanche has: samples with targets and, if they are told, task labels."""

    def __init__(self, x: Any, targets: Any, task: int | None = None) -> None:
        self.x, self.targets = x, targets
        if task is not None:
            self.targets_task_labels = [task] * len(targets)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.x[index], self.targets[index]


def scenario_of(parts: list[tuple[list[int], int | None]], n_tests: int | None = None) -> Any:
    """Experiences with these targets and task labels; the features of a sample tell its experience and place."""

    def stream(n: int) -> list[Any]:
        made = []
        for index, (targets, task) in enumerate(parts[:n]):
            x = torch.tensor([[float(index), float(place)] for place in range(len(targets))])
            made.append(SimpleNamespace(dataset=Samples(x, targets, task)))
        return made

    return SimpleNamespace(train_stream=stream(len(parts)), test_stream=stream(n_tests or len(parts)))


def tensors(n_steps: int | None = None) -> tuple[Any, ...]:
    """Samples of four classes, or spikes [time, sample, 3]."""
    shape, draw = (40, 3) if n_steps is None else (n_steps, 40, 3), torch.Generator().manual_seed(0)
    y = torch.arange(40) % 4
    return torch.rand(shape, generator=draw).round(), y, torch.rand(shape, generator=draw).round(), y


@pytest.mark.parametrize("n_steps", [None, 7])
@pytest.mark.parametrize("scenario", ["task", "domain", "class"])
@pytest.mark.parametrize("kind", ["split", "permuted"])
def test_there_and_back_nothing_changes(kind: str, scenario: str, n_steps: int | None) -> None:
    pytest.importorskip("avalanche.benchmarks")
    samples = continual.Samples(*tensors(n_steps), time_major=n_steps is not None)
    ours = getattr(continual, kind)(samples, n_experiences=2, scenario=scenario, seed=3)
    given = to_avalanche(ours)
    assert [e.task_label for e in given.train_stream] == ([0, 1] if scenario == "task" else [0, 0])
    assert [set(e.classes_in_this_experience) for e in given.test_stream] == [set(e.classes) for e in ours.test]
    inferred = None if scenario != "domain" or kind == "permuted" else "domain"
    back = from_avalanche(given, inferred, time_major=n_steps is not None)
    expected = "domain" if (kind, scenario) == ("split", "domain") else scenario
    assert back.problem.scenario == expected
    assert (back.problem.n_units, back.problem.heads) == (ours.problem.n_units, ours.problem.heads)
    assert back.problem.sample_shape == ours.problem.sample_shape
    for old, new in zip([*ours.train, *ours.test], [*back.train, *back.test], strict=True):
        assert torch.equal(old.x, new.x) and torch.equal(old.y, new.y) and torch.equal(old.task, new.task)
        assert old.classes == new.classes


def test_a_strategy_of_avalanche_learns_a_benchmark() -> None:
    training = pytest.importorskip("avalanche.training.supervised")
    given = to_avalanche(continual.permuted("digits", n_experiences=2, seed=0))
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    strategy = training.Naive(model=model, optimizer=optimizer, train_mb_size=16, train_epochs=5, eval_mb_size=64)
    strategy.train(given.train_stream[0])
    test = given.test_stream[0].dataset
    x = torch.stack([test[i][0] for i in range(len(test))])
    right = model(x).argmax(1) == torch.tensor(list(test.targets))
    assert right.float().mean() > 0.85


@pytest.mark.parametrize(
    ("parts", "kind", "heads", "n_units"),
    [
        ([([0, 1, 0], None), ([3, 2], None)], "class", {}, 4),
        ([([0, 1, 0], 0), ([1, 0], 0)], "domain", {}, 2),
        ([([0, 1], 0), ([2, 3], 1)], "task", {0: (0, 1), 1: (2, 3)}, 4),
        ([([0, 1], 0), ([0, 1], 1)], "task", {0: (0, 1), 1: (2, 3)}, 4),
    ],
)
def test_the_scenario_is_seen_from_classes_and_task_labels(parts: Any, kind: str, heads: Any, n_units: int) -> None:
    found = from_avalanche(scenario_of(parts))
    assert (found.problem.scenario, found.problem.heads, found.problem.n_units) == (kind, heads, n_units)
    second = found.train[1]
    assert torch.equal(second.x, torch.tensor([[1.0, 0.0], [1.0, 1.0]]))
    shared = kind == "task" and parts[0][0] == parts[1][0]
    assert second.y.tolist() == [target + 2 * shared for target in parts[1][0]]


def test_a_scenario_runs_with_several_seeds() -> None:
    benchmark = from_avalanche(scenario_of([([0, 1] * 10, None), ([2, 3] * 10, None)]))
    results = continual.run(benchmark, continual.Strategy(model=continual.MLP((5,)), lr=0.1, epochs=1), [0, 1])
    assert results.matrix.shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("scenario", "kind", "message"),
    [
        (SimpleNamespace(), None, "expected a scenario with a train_stream"),
        (scenario_of([([0, 1], None)] * 2, n_tests=1), None, "2 experiences and test_stream 1"),
        (scenario_of([([0, 1], None)] * 2), "task", "kind='task' needs task labels"),
        (SimpleNamespace(train_stream=[SimpleNamespace(dataset=[1, 2])]), None, "experience 0 has no targets"),
    ],
)
def test_what_is_no_scenario_is_refused(scenario: Any, kind: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        from_avalanche(scenario, kind)


def test_what_is_no_benchmark_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NeuroclError, match="expected a benchmark"):
        to_avalanche([1, 2])  # type: ignore[arg-type]
    endless = continual.permuted("digits", n_experiences=None)
    with pytest.raises(NeuroclError, match="no end"):
        to_avalanche(endless)
    with pytest.raises(NeuroclError, match="the benchmark has 5"):
        to_avalanche(continual.split("digits"), n_experiences=6)
    monkeypatch.setitem(sys.modules, "avalanche.benchmarks", None)
    with pytest.raises(NeuroclError, match="pip install avalanche-lib"):
        to_avalanche(endless, n_experiences=1)
