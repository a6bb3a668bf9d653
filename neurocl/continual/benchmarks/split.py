"""Split: every task has its own classes (Zenke, Poole & Ganguli 2017; van de Ven, Tuytelaars & Tolias 2022)."""

from __future__ import annotations

from functools import partial

import torch

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import constructor, unfinished
from neurocl.continual.experience import Active, Experience, Problem, Scenario
from neurocl.continual.samples import Samples
from neurocl.continual.seeding import generator
from neurocl.core.errors import NeuroclError, shown

__all__ = ["split"]


@constructor
def split(
    data: Samples,
    n_experiences: int = 5,
    scenario: Scenario = "class",
    seed: int = 0,
    fixed_class_order: bool | tuple[int, ...] = False,
    multi_head: bool = True,
    active: Active = "seen",
    normalise: str | tuple[float, float] = "none",
) -> Benchmark:
    """Task t shows the classes order[t c], ..., order[(t + 1) c - 1], c = classes / n_experiences.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test).
    n_experiences : number of tasks; it divides the number of classes.
    scenario : "class" (default): all classes compete, the task is unknown at test. "task": only the task's own
        classes compete. "domain": the label is the place of the class in its task, the task is unknown at test.
    seed : draws the order of the classes.
    fixed_class_order : True: 0, 1, 2, ...; or the order itself. False: from the seed.
    multi_head : in the scenario "task", whether each class has its own output; if not, tasks share as many outputs as
        each has classes.
    active : units that compete in the scenario "class".
    normalise : as in `permuted`.
    """
    samples, n_classes = data.normalised(normalise), data.n_classes
    if n_classes % n_experiences:
        raise NeuroclError(
            f"split: {n_classes} classes cannot be dealt evenly to n_experiences={n_experiences}; give a divisor of"
            f" {n_classes}"
        )
    order, per_task = _order(n_classes, fixed_class_order, seed), n_classes // n_experiences
    own = scenario == "class" or (scenario == "task" and multi_head)
    units = [tuple(order[t * per_task : (t + 1) * per_task]) for t in range(n_experiences)]

    def make(index: int, test: bool) -> Experience:
        classes = torch.tensor(units[index])
        x, y = samples.take(torch.isin(samples.part(test)[1], classes).nonzero().flatten(), test)
        if not own:
            y = (y[:, None] == classes).int().argmax(1)
        known = tuple(sorted(units[index])) if own else tuple(range(per_task))
        meta = {"classes": units[index]}
        return Experience(x, y, index, index, known, time_major=samples.time_major, meta=meta)

    heads = {t: tuple(sorted(units[t])) for t in range(n_experiences)} if scenario == "task" and own else {}
    n_units = n_classes if own else per_task
    labels = tuple(range(n_experiences)) if scenario == "task" else ()
    problem = Problem(samples.sample_shape, n_units, scenario, active, heads, samples.time_major, labels=labels)
    streams = [Stream(partial(make, test=test), n_experiences) for test in (False, True)]
    return Benchmark(f"split {samples.name}", streams[0], streams[1], problem, seed, {}, unfinished)


def _order(n: int, fixed: bool | tuple[int, ...], seed: int) -> list[int]:
    if isinstance(fixed, bool):
        return list(range(n)) if fixed else generator(seed, "classes").permutation(n).tolist()
    if not isinstance(fixed, tuple | list) or set(fixed) != set(range(n)) or len(fixed) != n:
        raise NeuroclError(
            f"split: fixed_class_order must be True, False, or hold each of 0 to {n - 1} once, got {shown(fixed)}"
        )
    return list(fixed)
