"""Concept shift: the meaning of the labels drifts, two of them changing places at a time.

Mapping   pi_s : class -> label, the identity at sample s = 0; event k swaps the labels of two random classes
Events    at the samples where the integral of the rate reaches 1, 2, 3, ...
Rate      constant, or alternating between two values every `season` samples (second-order shift)
Source    after Man, Damasio & Neven (2022), arXiv:2205.08645; the schedule of swaps is ours.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks._constructor import constructor, unfinished
from neurocl.continual.benchmarks._passes import indices_at
from neurocl.continual.experience import Experience, Problem
from neurocl.continual.samples import Samples
from neurocl.continual.seeding import generator
from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["concept_shift", "n_events"]


@constructor
def concept_shift(
    data: Samples,
    rate: float = 1e-3,
    second_rate: float | None = None,
    season: int = 5000,
    n_experiences: int | None = 20,
    samples_per_experience: int = 1000,
    batch: int = 1,
    seed: int = 0,
    normalise: str | tuple[float, float] = "none",
) -> Benchmark:
    """Samples in a single pass whose labels change places at a rate.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test).
    rate : swaps of two labels, per sample.
    second_rate : every second season has this rate instead. Default: the rate is constant.
    season : samples between two changes of the rate.
    n_experiences : number of experiences; None: no end. They have no meaning but to say when to test.
    samples_per_experience : samples of each.
    batch : samples per update.
    seed : draws swaps and the order of the samples.
    normalise : as in `permuted`.

    Notes
    -----
    Test experience i is the whole test set with the labels that hold at the end of experience i.
    """
    for name, value in (("season", season), ("samples_per_experience", samples_per_experience), ("batch", batch)):
        whole_number("concept_shift", name, value, at_least=1)
    rates = [non_negative_number("concept_shift", "rate", rate)]
    if second_rate is not None:
        rates.append(non_negative_number("concept_shift", "second_rate", second_rate))
    samples, size = data.normalised(normalise), samples_per_experience
    if samples.n_classes < 2:
        raise NeuroclError("concept_shift: the data must have at least 2 classes, so that labels can change places")
    mapping, classes = _Swaps(seed, samples.n_classes), tuple(range(samples.n_classes))

    def train(index: int) -> Experience:
        places = np.arange(index * size, (index + 1) * size)
        x, y = samples.take(indices_at(seed, len(samples.y_train), index * size, size))
        events = n_events(places, rates, season)
        moved = torch.stack([mapping[int(k)] for k in np.unique(events)])
        y = moved[torch.from_numpy(events - events[0]), y]
        return Experience(x, y, index, index, classes, False, batch, samples.time_major, {"events": events})

    def test(index: int) -> Experience:
        x, y = samples.part(test=True)
        last = int(n_events(np.array([(index + 1) * size - 1]), rates, season)[0])
        return Experience(x, mapping[last][y], index, index, classes, time_major=samples.time_major)

    problem = Problem(samples.sample_shape, len(classes), "domain", time_major=samples.time_major, boundary_known=False)
    streams = (Stream(train, n_experiences), Stream(test, n_experiences))
    return Benchmark(f"concept shift {samples.name}", *streams, problem, seed, {}, unfinished, "current")


def n_events(places: NDArray[np.int64], rates: list[float], season: int) -> NDArray[np.int64]:
    """How many swaps happened before each of these samples (counted from 0), at rates that take turns."""
    seasons, rest = np.divmod(places, season)
    whole, part = np.divmod(seasons, len(rates))
    before = np.cumsum([0.0, *rates])
    expected = season * (whole * before[-1] + before[part]) + rest * np.asarray(rates)[part]
    # 1e-9: a sum of rates such as 0.001 * 1000 may fall short of 1 by rounding.
    return np.floor(expected + 1e-9).astype(np.int64)


class _Swaps:
    """Mapping number k: after k swaps of the labels of two classes."""

    def __init__(self, seed: int, n: int) -> None:
        self.seed, self.n, self.known = seed, n, [np.arange(n)]

    def __getitem__(self, index: int) -> Tensor:
        while len(self.known) <= index:
            a, b = generator(self.seed, "transforms", len(self.known)).choice(self.n, 2, replace=False)
            swapped = self.known[-1].copy()
            swapped[[a, b]] = swapped[[b, a]]
            self.known.append(swapped)
        return torch.from_numpy(self.known[index])
