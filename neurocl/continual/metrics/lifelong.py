"""L2Metrics: a domain-agnostic description of lifelong learning (New et al. 2022, arXiv:2201.08278).

Input is a log of blocks in the order of time: (task, "train" or "test", performances). Performances are normalised per
task to [1, 101], (p - min) / (max - min) 100 + 1, over all blocks of the task and its single-task expert's.

performance maintenance   mean of p_test - p_ref over the tests of a task after the first that follows its most recent
                          training; p_ref: that first test ("mrlep") or the terminal training performance ("mrtlp")
forward, backward transfer    contrast (p2 - p1) / (p1 + p2), or ratio p2 / p1, of consecutive tests of B before and
                          after training on A, B not yet, or already, trained
relative performance      sum of the first n performances / the same sum of the single-task expert
sample efficiency         (sat_LL / sat_STE) (exp_STE / exp_LL): maximum of the smoothed curve, and where it is reached
performance recovery      minus the Theil-Sen slope of successive recovery times
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["Block", "lifelong_metrics", "recovery_times", "smoothed"]

Values = NDArray[np.float64]


class Block(NamedTuple):
    """A stretch of training or testing on one task, with its performances in the order of time."""

    task: str
    kind: Literal["train", "test"]
    performance: ArrayLike


def lifelong_metrics(
    blocks: Sequence[Block],
    experts: Mapping[str, ArrayLike] | None = None,
    reference: Literal["mrlep", "mrtlp"] = "mrlep",
    normalise: bool = True,
    transfer: Literal["contrast", "ratio"] = "contrast",
    smooth: bool = False,
) -> dict[str, float]:
    """All metrics of a log; NaN where one is not defined.

    Parameters
    ----------
    blocks : in the order of time.
    experts : training performances of a single-task expert by task, for the last two metrics.
    reference : of performance maintenance.
    normalise : whether performances are brought to [1, 101] per task.
    transfer : how two tests are compared.
    smooth : whether training performances and those of experts are replaced by their moving averages (`smoothed`).

    Returns
    -------
    dict
        "performance_maintenance", "forward_transfer", "backward_transfer", "relative_performance",
        "sample_efficiency", "performance_recovery".
    """
    for name, value, known in (
        ("reference", reference, ("mrlep", "mrtlp")),
        ("transfer", transfer, ("contrast", "ratio")),
    ):
        if value not in known:
            raise NeuroclError(f"lifelong_metrics: {name} must be one of {', '.join(known)}, got {value!r}")
    log: list[tuple[str, str, Values]] = [
        (block.task, block.kind, np.atleast_1d(np.asarray(block.performance, dtype=np.float64))) for block in blocks
    ]
    for task, kind, values in log:
        if kind not in ("train", "test") or not values.size:
            raise NeuroclError(
                f"lifelong_metrics: a block must be 'train' or 'test' and not empty, got {kind!r} of {task!r}"
            )
    alone = {task: np.asarray(values, dtype=np.float64) for task, values in (experts or {}).items()}
    if smooth:
        log = [(task, kind, smoothed(values) if kind == "train" else values) for task, kind, values in log]
        alone = {task: smoothed(values) for task, values in alone.items()}
    if normalise:
        log, alone = _normalised(log, alone)
    forward, backward = _transfer(log, transfer == "ratio")
    return {
        "performance_maintenance": _mean([_maintenance(log, task, reference) for task in _tasks(log)]),
        "forward_transfer": _mean(forward),
        "backward_transfer": _mean(backward),
        "relative_performance": _mean([_relative(_training(log, task), alone[task]) for task in alone]),
        "sample_efficiency": _mean([_efficiency(_training(log, task), alone[task]) for task in alone]),
        "performance_recovery": _mean([_recovery(log, task) for task in _tasks(log)]),
    }


def smoothed(values: ArrayLike) -> Values:
    """Flat moving average over min(int(0.2 n), 100) values, mirrored at the ends; windows below 3 do nothing."""
    x = np.asarray(values, dtype=np.float64)
    window = min(int(0.2 * len(x)), 100)
    if window < 3:
        return x
    padded = np.r_[x[window - 1 : 0 : -1], x, x[-2 : -window - 1 : -1]]
    average = np.convolve(padded, np.full(window, 1.0 / window), mode="valid")
    first = (len(average) - len(x)) // 2
    return average[first : first + len(x)]


def recovery_times(log: Sequence[tuple[str, str, Values]], task: str) -> list[int]:
    """Samples that each training block after the first needs to reach the terminal performance of the one before."""
    curves = [values for name, kind, values in log if name == task and kind == "train"]
    times = []
    for before, after in pairwise(curves):
        reached = np.flatnonzero(smoothed(after) >= _terminal(before))
        if reached.size:
            times.append(int(reached[0]))
    return times


def _tasks(log: Sequence[tuple[str, str, Values]]) -> list[str]:
    return list(dict.fromkeys(task for task, _, _ in log))


def _training(log: Sequence[tuple[str, str, Values]], task: str) -> Values:
    parts = [values for name, kind, values in log if name == task and kind == "train"]
    return np.concatenate(parts) if parts else np.zeros(0)


def _terminal(values: Values) -> float:
    """Mean of the last 10 % of a training block."""
    return float(values[-max(1, int(0.1 * len(values))) :].mean())


def _normalised(
    log: list[tuple[str, str, Values]], alone: dict[str, Values]
) -> tuple[list[tuple[str, str, Values]], dict[str, Values]]:
    ranges = {}
    for task in _tasks(log):
        every = np.concatenate([*(v for name, _, v in log if name == task), alone.get(task, np.zeros(0))])
        ranges[task] = (every.min(), (every.max() - every.min()) or 1.0)

    def scaled(task: str, values: Values) -> Values:
        low, width = ranges[task]
        return (values - low) / width * 100.0 + 1.0

    for task in alone:
        if task not in ranges:
            raise NeuroclError(f"lifelong_metrics: there is an expert for {task!r}, but no block; name the tasks alike")
    return [(t, k, scaled(t, v)) for t, k, v in log], {t: scaled(t, v) for t, v in alone.items()}


def _maintenance(log: Sequence[tuple[str, str, Values]], task: str, reference: str) -> float:
    """Mean difference to the reference over the tests of one task."""
    found, terminal, first = [], math.nan, math.nan
    for name, kind, values in log:
        if name != task:
            continue
        if kind == "train":
            terminal, first = _terminal(values), math.nan
        elif not math.isnan(terminal):
            if math.isnan(first):
                first = float(values.mean())
            else:
                found.append(float(values.mean()) - (first if reference == "mrlep" else terminal))
    return _mean(found)


def _transfer(log: Sequence[tuple[str, str, Values]], ratio: bool) -> tuple[list[float], list[float]]:
    """Forward and backward transfer of every pair of consecutive tests with one other task trained between them."""
    forward: list[float] = []
    backward: list[float] = []
    for task in _tasks(log):
        before, between, trained = math.nan, set[str](), False
        for name, kind, values in log:
            if kind == "train":
                between.add(name)
                trained |= name == task
            elif name == task:
                now = float(values.mean())
                base = before if ratio else before + now
                if not math.isnan(before) and len(between) == 1 and task not in between and base != 0:
                    (backward if trained else forward).append((now if ratio else now - before) / base)
                before, between = now, set()
    return forward, backward


def _relative(ours: Values, alone: Values) -> float:
    n = min(len(ours), len(alone))
    return float(ours[:n].sum() / alone[:n].sum()) if n and alone[:n].sum() else math.nan


def _efficiency(ours: Values, alone: Values) -> float:
    if not len(ours) or not len(alone):
        return math.nan
    a, b = smoothed(ours), smoothed(alone)
    at, expert_at = int(a.argmax()), int(b.argmax())
    if at == 0 or expert_at == 0 or b.max() == 0:
        return math.nan
    slope = np.polyfit(np.arange(len(a)), a, 1)[0] if len(a) > 1 else 0.0
    if a.max() < 0.2 * b.max() or slope < 0:
        return 0.0
    return float(a.max() / b.max() * expert_at / at)


def _recovery(log: Sequence[tuple[str, str, Values]], task: str) -> float:
    times = recovery_times(log, task)
    if len(times) < 2:
        return math.nan
    pairs = [(times[j] - times[i]) / (j - i) for i in range(len(times)) for j in range(i + 1, len(times))]
    return -float(np.median(pairs))


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan
