"""Environments that bring old tasks back: how often falls with the time since they were introduced.

Phase p brings B samples of task p and a rehearsal budget rho B, divided over the tasks j < p in proportion to
    power         (Delta_j + 1)^-a          Delta_j = p - j, phases since task j was introduced
    exponential   exp(-lambda Delta_j)
    uniform       1
Source: after "Catastrophic Interference is Mitigated in Naturalistic Power-Law Learning Environments" (2024); exponent
and budget are ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import modifier
from neurocl.continual.benchmarks._mixture import mixed
from neurocl.continual.experience import Experience
from neurocl.continual.rehearsal_shares import SCHEDULES, rehearsal_shares
from neurocl.continual.seeding import generator
from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["power_law"]


@modifier
def power_law(
    benchmark: Benchmark,
    rho: float = 0.5,
    schedule: Literal["power", "exponential", "uniform", "none"] = "power",
    decay: float = 1.0,
    budget: int | None = None,
    batch: int | None = None,
) -> Benchmark:
    """Every experience also brings back samples of earlier ones.

    Parameters
    ----------
    benchmark : for instance ``permuted("digits")``.
    rho : rehearsal budget, as a share of the new samples.
    schedule : how the budget is divided; "none": nothing comes back.
    decay : the exponent a of "power", or lambda of "exponential".
    budget : B, new samples of each experience. Default: all.
    batch : of a single pass. Default: passes and batches are the strategy's.
    """
    if schedule not in SCHEDULES:
        raise NeuroclError(f"power_law: schedule must be one of {', '.join(SCHEDULES)}, got {schedule!r}")
    for name, value in (("rho", rho), ("decay", decay)):
        non_negative_number("power_law", name, value)
    if budget is not None:
        whole_number("power_law", "budget", budget, at_least=1)

    def make(index: int) -> Experience:
        new = benchmark.train[index]
        n_new = len(new) if budget is None else min(budget, len(new))
        old = rehearsal_shares(index, round(rho * n_new), schedule, decay)
        numbers = generator(benchmark.seed, "order", index)
        places = np.split(numbers.permutation(n_new + old.sum()), np.cumsum([n_new, *old])[:-1])
        parts = [(new, numbers.permutation(len(new))[:n_new], places[0])]
        for task, count in enumerate(old.tolist()):
            if count:
                source = benchmark.train[task]
                chosen = numbers.choice(len(source), count, replace=count > len(source))
                parts.append((source, chosen, places[task + 1]))
        return replace(mixed(parts, index), online=batch)

    train = Stream(make, benchmark.train.length)
    return replace(benchmark, name=f"{schedule} rehearsal, {benchmark.name}", train=train)
