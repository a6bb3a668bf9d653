"""Online: every sample is seen once, in small batches (Lopez-Paz & Ranzato 2017; Chaudhry et al. 2019)."""

from __future__ import annotations

from dataclasses import replace

import torch

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import modifier
from neurocl.continual.experience import Experience
from neurocl.continual.seeding import generator
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["online"]


@modifier
def online(
    benchmark: Benchmark, batch: int = 10, samples_per_task: int | None = None, boundary_known: bool = True
) -> Benchmark:
    """The same benchmark in a single pass.

    Parameters
    ----------
    benchmark : whose experiences are shown in a random order of the seed.
    batch : samples per update (10: GEM, A-GEM, ER; 1: continual backpropagation, UPGD).
    samples_per_task : so many of each experience (GEM: 1000). Default: all.
    boundary_known : whether the learner may know that a new experience began.
    """
    whole_number("online", "batch", batch, at_least=1)
    if samples_per_task is not None:
        whole_number("online", "samples_per_task", samples_per_task, at_least=1)

    def make(index: int) -> Experience:
        experience = benchmark.train[index]
        if samples_per_task is not None and samples_per_task > len(experience):
            raise NeuroclError(
                f"online: samples_per_task={samples_per_task}, but experience {index} has {len(experience)} samples"
            )
        order = generator(benchmark.seed, "order", index).permutation(len(experience))[:samples_per_task]
        chosen = experience.subset(torch.from_numpy(order))
        return replace(chosen, online=batch, boundary_known=boundary_known)

    problem = replace(benchmark.problem, boundary_known=boundary_known)
    name = f"online {benchmark.name}"
    return replace(benchmark, name=name, train=Stream(make, benchmark.train.length), problem=problem)
