"""Running statistics of a stream of SDRs: sparsity, activation frequency of each bit, overlap of consecutive ones.

Weight      alpha = 1 / min(period, t) for the t-th value: a plain mean at first, an exponential one later
Mean        m <- m + alpha (x - m)
Variance    v <- (1 - alpha) (v + alpha (x - m_before)^2)
Frequency   f <- (1 - alpha) f, then + alpha for active bits; with an initial value alpha = 1 / period always
Overlap     |x_t and x_(t-1)| / max(|x_t|, |x_(t-1)|), 1 where both are empty
Entropy     mean binary entropy of f over that of mean f: 1 where all bits are used alike
Source      as in the library htm.core
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import probability, whole_number
from neurocl.sdr._checks import sdr_of_size
from neurocl.sdr._saving import Saved
from neurocl.sdr.algebra import overlap
from neurocl.sdr.sdr import SDR

__all__ = ["ActivationFrequency", "Metrics", "OverlapStatistics", "RunningStatistics", "SparsityStatistics"]


_FIELDS = ("n", "mean", "variance", "minimum", "maximum")


class RunningStatistics:
    """Minimum, maximum, mean and standard deviation of a stream of numbers; `period` is that of the mean."""

    def __init__(self, period: int) -> None:
        self.period = whole_number("metrics", "period", period, at_least=1)
        self.n, self.mean, self.variance = 0, 0.0, 0.0
        self.minimum, self.maximum = math.inf, -math.inf

    def update(self, value: float) -> None:
        """Take the next number."""
        self.n += 1
        alpha = 1.0 / min(self.period, self.n)
        difference = value - self.mean
        self.mean += alpha * difference
        self.variance = (1.0 - alpha) * (self.variance + alpha * difference**2)
        self.minimum, self.maximum = min(self.minimum, value), max(self.maximum, value)

    @property
    def std(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.variance)


class SparsityStatistics(RunningStatistics):
    """Statistics of the fraction of active bits."""

    def add(self, sdr: SDR) -> None:
        """Take the next SDR."""
        self.update(sdr.sparsity)


class OverlapStatistics(RunningStatistics):
    """Statistics of the overlap of consecutive SDRs, as a fraction of the larger one."""

    def __init__(self, period: int) -> None:
        super().__init__(period)
        self._previous: SDR | None = None

    def add(self, sdr: SDR) -> None:
        """Take the next SDR; the first one has no overlap."""
        if self._previous is not None:
            larger = max(sdr.n_active, self._previous.n_active)
            self.update(overlap(sdr, self._previous) / larger if larger else 1.0)
        self._previous = sdr

    def reset(self) -> None:
        """Forget the previous SDR."""
        self._previous = None


class ActivationFrequency:
    """Running frequency of each bit.

    Parameters
    ----------
    size : bits.
    period : of the mean.
    initial : frequency to begin with; default none, so that the first values count as in a plain mean.
    """

    def __init__(self, size: int, period: int, initial: float | None = None) -> None:
        self.period = whole_number("metrics", "period", period, at_least=1)
        size = whole_number("metrics", "size", size, at_least=1)
        start = 0.0 if initial is None else probability("metrics", "initial", initial)
        self.frequency: NDArray[np.float64] = np.full(size, start)
        self.n = self.period if initial is not None else 0

    def add(self, sdr: SDR) -> None:
        """Take the next SDR."""
        sdr_of_size("ActivationFrequency", "sdr", sdr, self.frequency.size)
        self.n += 1
        alpha = 1.0 / min(self.period, self.n)
        self.frequency *= 1.0 - alpha
        self.frequency[sdr.indices] += alpha

    @property
    def minimum(self) -> float:
        """Frequency of the bit that is used least."""
        return float(self.frequency.min())

    @property
    def maximum(self) -> float:
        """Frequency of the bit that is used most."""
        return float(self.frequency.max())

    @property
    def mean(self) -> float:
        """Mean frequency of the bits."""
        return float(self.frequency.mean())

    @property
    def std(self) -> float:
        """Standard deviation of the frequency over the bits."""
        return float(self.frequency.std())

    @property
    def entropy(self) -> float:
        """Entropy of the bits relative to that of bits that are all used alike; 0 if none is used."""
        most = _binary_entropy(np.array([self.frequency.mean()]))
        return float(_binary_entropy(self.frequency) / most) if most > 0 else 0.0


class Metrics(Saved):
    """All three of a stream: attributes `sparsity`, `frequency` and `overlap`."""

    def __init__(self, size: int, period: int = 1000) -> None:
        self.sparsity = SparsityStatistics(period)
        self.frequency = ActivationFrequency(size, period)
        self.overlap = OverlapStatistics(period)

    def add(self, sdr: SDR) -> None:
        """Take the next SDR."""
        for part in (self.frequency, self.sparsity, self.overlap):
            part.add(sdr)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        previous = self.overlap._previous
        text = {"size": self.frequency.frequency.size, "period": self.frequency.period, "n": self.frequency.n,
                "dimensions": None if previous is None else list(previous.dimensions)}  # fmt: skip
        arrays: dict[str, NDArray[Any]] = {"frequency": self.frequency.frequency}
        for name in ("sparsity", "overlap"):
            part = vars(getattr(self, name))
            arrays[name] = np.array([part[field] for field in _FIELDS])
        return text, arrays if previous is None else {**arrays, "previous": previous.indices}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Metrics:
        metrics = cls(text["size"], text["period"])
        metrics.frequency.frequency[:], metrics.frequency.n = arrays["frequency"], text["n"]
        for part, values in ((metrics.sparsity, arrays["sparsity"]), (metrics.overlap, arrays["overlap"])):
            vars(part).update(zip(_FIELDS, values.tolist(), strict=True))
            part.n = int(part.n)
        if text["dimensions"] is not None:
            metrics.overlap._previous = SDR(text["dimensions"], arrays["previous"])
        return metrics


def _binary_entropy(p: NDArray[np.float64]) -> float:
    inside = p[(p > 0.0) & (p < 1.0)]
    return float(-(inside * np.log2(inside) + (1 - inside) * np.log2(1 - inside)).sum() / p.size)
