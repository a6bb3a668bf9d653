"""Continual-learning benchmarks to and from Avalanche, where it is installed (pip install avalanche-lib).

    scenario = to_avalanche(continual.split("mnist"))      # for the strategies of Avalanche
    benchmark = from_avalanche(SplitMNIST(5))              # for `continual.run`

Streams      train_stream and test_stream; experience j of the test stream holds the test samples of task j
Labels       as they are: output units in neurocl, targets in Avalanche
Task labels  of the experiences in the scenario "task". In the others a learner is not told the task: Avalanche gets 0
Time         is the first axis of spikes in neurocl, the second one in Avalanche, behind the sample
Not taken    what is no data: a benchmark's `active` units, `online` mini-batches and unknown boundaries
Source       Lomonaco et al. (2021), CVPR Workshops, 3600
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from torch import Tensor

    from neurocl.continual import Benchmark, Experience
    from neurocl.continual.experience import Scenario

__all__ = ["from_avalanche", "to_avalanche"]

AT_ONCE = 1024
"""Samples that are read from a data set of Avalanche at a time."""


def to_avalanche(benchmark: Benchmark, n_experiences: int | None = None) -> Any:
    """A benchmark as a scenario of Avalanche.

    Parameters
    ----------
    benchmark : of `neurocl.continual`.
    n_experiences : how many experiences to take. Default: all; a stream without end needs a number.

    Returns
    -------
    avalanche.benchmarks.CLScenario with ``train_stream`` and, where there is one, ``test_stream``. Experiences have
    ``classes_in_this_experience``, ``task_label`` and the other attributes of a benchmark of Avalanche.

    Raises
    ------
    NeuroclError
        If Avalanche is not installed, it is no benchmark, or there are fewer experiences.
    """
    from neurocl.continual import Benchmark

    if not isinstance(benchmark, Benchmark):
        raise NeuroclError(f"to_avalanche: expected a benchmark such as continual.split('digits'), got {benchmark!r}")
    length = benchmark.train.length
    if n_experiences is None:
        if length is None:
            raise NeuroclError("to_avalanche: this stream has no end; say how many to take (n_experiences=...)")
        n_experiences = length
    whole_number("to_avalanche", "n_experiences", n_experiences, at_least=1)
    if length is not None and n_experiences > length:
        raise NeuroclError(f"to_avalanche: n_experiences={n_experiences}, but the benchmark has {length}")
    told = benchmark.problem.scenario == "task"
    streams = {"train": [_written(benchmark.train[index], told) for index in range(n_experiences)]}
    if benchmark.test is not None:
        streams["test"] = [_written(benchmark.test[index], told) for index in range(n_experiences)]
    made = _package()
    return made.with_task_labels(made.with_classes_timeline(made.benchmark_from_datasets(**streams)))


def from_avalanche(
    scenario: Any, kind: Scenario | None = None, *, name: str = "avalanche", time_major: bool = False
) -> Benchmark:
    """A scenario of Avalanche as a benchmark.

    Samples are read when an experience is asked for, as its transforms for evaluation leave them.

    Parameters
    ----------
    scenario : with ``train_stream`` and, for accuracies, ``test_stream`` of as many experiences.
    kind : "task", "domain" or "class". Default: "task" if there are several task labels; without them "domain" if all
        experiences have the same classes, otherwise "class".
    name : for tables and plots.
    time_major : whether samples are spikes [time, ...], so that a batch of them is to be [time, sample, ...].

    Notes
    -----
    In the scenario "task" every task has its own outputs. They are Avalanche's targets; if tasks share targets, those
    of the first task come first, then those of the second, and so on. The samples are the same for all seeds of a run.

    Raises
    ------
    NeuroclError
        If it has no such streams, they differ in length, or targets or task labels are missing.
    """
    from neurocl.continual import Benchmark, Problem, Stream

    train, test = _experiences(scenario, "train_stream"), _experiences(scenario, "test_stream")
    if not train:
        raise NeuroclError(f"from_avalanche: expected a scenario with a train_stream, got {shown(scenario)}")
    if test and len(test) != len(train):
        raise NeuroclError(
            f"from_avalanche: train_stream has {len(train)} experiences and test_stream {len(test)}; experience j of"
            " the test stream must hold the test samples of task j"
        )
    found = [_labels(experience, place) for place, experience in enumerate(train)]
    checks = [_labels(experience, place) for place, experience in enumerate(test)]
    kind = kind or _kind(found)
    heads = _heads(found + checks) if kind == "task" else {}
    classes = {target for targets, _ in found + checks for target in targets}
    n_units = 1 + max((unit for head in heads.values() for unit in head.values()), default=max(classes))

    def read(experiences: Sequence[Any], index: int) -> Experience:
        return _read(experiences[index], index, heads, time_major)

    shape = tuple(train[0].dataset[0][0].shape)[int(time_major) :]
    units = {label: tuple(head.values()) for label, head in heads.items()}
    problem = Problem(shape, n_units, kind, heads=units, time_major=time_major)
    streams = [Stream(lambda index, these=these: read(these, index), len(these)) for these in (train, test)]  # type: ignore[misc]

    def same(seed: int) -> Benchmark:
        return replace(made, seed=seed)

    spec = {"benchmark": "from_avalanche", "name": name}
    evaluate: Any = "all" if test else "none"
    made = Benchmark(name, streams[0], streams[1] if test else None, problem, 0, spec, same, evaluate)
    return made


def _written(experience: Experience, told: bool) -> Any:
    """A data set of Avalanche with the samples of an experience."""
    from torch.utils.data import TensorDataset

    made = _package()
    attribute = made.utils.DataAttribute
    x = experience.x.movedim(0, 1) if experience.time_major else experience.x
    task = experience.task if told else experience.y.new_zeros(len(experience))
    return made.utils.TaskAwareSupervisedClassificationDataset(
        [TensorDataset(x, experience.y)],
        data_attributes=[
            attribute(experience.y.tolist(), "targets"),
            attribute(task.tolist(), "targets_task_labels", use_in_getitem=True),
        ],
    )


def _read(experience: Any, index: int, heads: Mapping[int, Mapping[int, int]], time_major: bool) -> Experience:
    """All samples of an experience of Avalanche; task labels count where tasks have heads."""
    import torch
    from torch.utils.data import DataLoader

    from neurocl.continual import Experience

    data = experience.dataset.eval() if hasattr(experience.dataset, "eval") else experience.dataset
    parts: list[Tensor] = [torch.as_tensor(batch[0]) for batch in DataLoader(data, AT_ONCE)]
    x, targets = torch.cat(parts), torch.tensor([int(target) for target in data.targets])
    if time_major:
        x = x.movedim(1, 0).contiguous()
    if not heads:
        return Experience(x, targets, index, index, time_major=time_major)
    tasks = torch.tensor([int(task) for task in data.targets_task_labels])
    y = torch.tensor([heads[task][target] for task, target in zip(tasks.tolist(), targets.tolist(), strict=True)])
    labels = set(tasks.tolist())
    classes = tuple(sorted(unit for label in labels for unit in heads[label].values()))
    label = tasks if len(labels) > 1 else next(iter(labels))
    return Experience(x, y, label, index, classes, time_major=time_major)


def _experiences(scenario: Any, stream: str) -> list[Any]:
    return list(getattr(scenario, stream, ()))


def _labels(experience: Any, place: int) -> tuple[set[int], set[tuple[int, int]]]:
    """Targets of an experience, and its pairs of task label and target."""
    data: Any = getattr(experience, "dataset", None)
    if not hasattr(data, "targets"):
        raise NeuroclError(f"from_avalanche: the data set of experience {place} has no targets")
    targets = [int(target) for target in data.targets]
    tasks = [int(task) for task in getattr(data, "targets_task_labels", ())]
    return set(targets), set(zip(tasks, targets, strict=True)) if tasks else set()


def _kind(found: Sequence[tuple[set[int], set[tuple[int, int]]]]) -> Scenario:
    if len({task for _, pairs in found for task, _ in pairs}) > 1:
        return "task"
    return "domain" if all(targets == found[0][0] for targets, _ in found) else "class"


def _heads(found: Sequence[tuple[set[int], set[tuple[int, int]]]]) -> dict[int, dict[int, int]]:
    """Output unit of each target, for each task label."""
    if not all(pairs for _, pairs in found):
        raise NeuroclError("from_avalanche: kind='task' needs task labels (targets_task_labels) in every data set")
    pairs = sorted(set().union(*(pairs for _, pairs in found)))
    shared = len({target for _, target in pairs}) < len(pairs)
    heads: dict[int, dict[int, int]] = {}
    for unit, (task, target) in enumerate(pairs):
        heads.setdefault(task, {})[target] = unit if shared else target
    return heads


def _package() -> Any:
    try:
        return importlib.import_module("avalanche.benchmarks")
    except ImportError:
        raise NeuroclError("to_avalanche needs Avalanche: pip install avalanche-lib") from None
