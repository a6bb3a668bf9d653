"""Permuted: one permutation of the features per task (Goodfellow et al. 2013, arXiv:1312.6211)."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from neurocl.continual.benchmark import Benchmark
from neurocl.continual.benchmarks._constructor import constructor
from neurocl.continual.benchmarks._tasks import transformed
from neurocl.continual.experience import Active, Scenario
from neurocl.continual.samples import Samples
from neurocl.continual.seeding import generator

__all__ = ["permute", "permuted"]


@constructor
def permuted(
    data: Samples,
    n_experiences: int | None = 10,
    scenario: Scenario = "domain",
    seed: int = 0,
    first_identity: bool = False,
    active: Active = "seen",
    normalise: str | tuple[float, float] = "none",
    pad: int = 0,
) -> Benchmark:
    """Every task permutes the features of all samples in its own way, the same for training and test.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test).
    n_experiences : number of tasks; None, in the scenario "domain" alone: no end.
    scenario : "domain" (default), "task" or "class"; in the last two, each task has its own outputs.
    seed : draws the permutations.
    first_identity : whether task 0 is left as it is.
    active : units that compete in the scenario "class".
    normalise : "none", "mnist", "half", or (mean, deviation).
    pad : border of black pixels around images [..., height, width], permuted with them; 2 makes 32 x 32 of MNIST
        (van de Ven, Tuytelaars & Tolias 2022).
    """
    samples = data.padded(pad).normalised(normalise)
    n = torch.Size(samples.sample_shape).numel()

    @lru_cache(maxsize=64)
    def permutation(index: int) -> Tensor:
        if first_identity and index == 0:
            return torch.arange(n)
        return torch.from_numpy(generator(seed, "transforms", index).permutation(n))

    return transformed(
        "permuted", samples, n_experiences, scenario, active, seed,
        transform=lambda index, x: permute(x, permutation(index), 1 + samples.time_major),
        describe=lambda index: {"permutation": permutation(index)},
    )  # fmt: skip


def permute(x: Tensor, permutation: Tensor, first_axis: int) -> Tensor:
    """Features (the axes from `first_axis`) in another order: number k is what was number ``permutation[k]``."""
    return x.flatten(first_axis).index_select(first_axis, permutation).view(x.shape)
