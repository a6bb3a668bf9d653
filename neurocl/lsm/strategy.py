"""A liquid as a continual learner: the liquid is frozen, and its linear readout learns one experience after the other.

    nalsm = lsm.NALSM(n=250).prepare(images)                          # no labels
    continual.run(benchmark, continual.Strategy(model=lsm.LiquidReadout(nalsm)))

The readout is an ordinary network of one layer, so every plug-in of `continual` works on it. It forgets as any linear
classifier of these features does; the liquid, which nothing trains, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from neurocl.continual.experience import Problem
from neurocl.continual.models import FeedForward
from neurocl.core.errors import NeuroclError, shown
from neurocl.lsm.classifier import LiquidClassifier, need_prepared
from neurocl.lsm.count_features import count_shares

__all__ = ["LiquidReadout"]


@dataclass(frozen=True, eq=False)
class LiquidReadout:
    """Description of a network for `continual.Strategy`: a prepared liquid, and a linear layer on its spike counts.

    A sample is presented when it is first met, and its counts are kept: n bytes, or 2 n, for each different sample. Its
    input spikes depend on its content alone; neither the order of samples nor an interruption changes anything.

    Parameters
    ----------
    liquid : a model such as `NALSM` after `prepare` or `fit`; its own readout is not used. What it was prepared with is
        the user's choice; the samples of the first experience are a fair one.

    Raises
    ------
    NeuroclError
        If the liquid is not prepared, takes events, or has parity, which depends on the set that a sample is presented
        in; when called, if the problem's samples are spike trains or of another size.
    """

    liquid: LiquidClassifier

    def __post_init__(self) -> None:
        need_prepared("LiquidReadout", self.liquid)
        if self.liquid.parity or self.liquid.encoding != "image":
            raise NeuroclError(
                "LiquidReadout: it presents one image at a time; give a liquid with parity=False and encoding='image',"
                f" got {shown(self.liquid)}."
            )

    def __call__(self, problem: Problem) -> FeedForward:
        """The network for a problem."""
        size, expected = int(np.prod(problem.sample_shape)), self.liquid.n_features_in_
        if problem.time_major or size != expected:
            raise NeuroclError(
                f"LiquidReadout: the liquid was prepared with images of {expected} pixels, and the samples of this"
                f" problem have the shape {problem.sample_shape}; prepare it with such samples."
            )
        return _ReadoutOfCounts(self.liquid, problem.n_units)


class _ReadoutOfCounts(FeedForward):
    """A linear layer on n times the share of each neuron in the spikes of a presentation."""

    def __init__(self, liquid: LiquidClassifier, n_units: int) -> None:
        super().__init__([nn.Linear(liquid.n, n_units)], [])
        self.liquid = liquid
        self.known: dict[bytes, Any] = {}

    def forward(self, x: Tensor) -> Tensor:
        flat = x.detach().cpu().reshape(len(x), -1).numpy()
        counts = np.stack([self._counts(sample) for sample in flat])
        # The shares of n neurons add up to 1, so the features have the mean 1 whatever n is.
        features = torch.from_numpy(self.liquid.n * count_shares(counts))
        return super().forward(features.to(x.device))

    def _counts(self, sample: Any) -> Any:
        key = blake2b(sample.tobytes(), digest_size=16).digest()
        if key not in self.known:
            number = int.from_bytes(key[:4], "big")
            self.known[key] = self.liquid.present(sample[None], first_sample=number).counts[0]
        return self.known[key]
