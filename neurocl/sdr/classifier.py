"""A softmax classifier on the active bits of an SDR.

Infer   p = softmax(sum over active bits of W[bit])
Learn   W[bit] += alpha (target - p) for active bits; target = 1 / |labels| on each label
Source  as in the library htm.core
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr._checks import sdr_of_size
from neurocl.sdr._saving import Saved
from neurocl.sdr.sdr import SDR

__all__ = ["SDRClassifier"]


class SDRClassifier(Saved):
    """Learn which category an SDR belongs to.

    Parameters
    ----------
    size : bits.
    alpha : learning rate. Default 0.001.

    Attributes
    ----------
    weights : float64 [bit, category]; a new category adds a column of zeros.
    """

    def __init__(self, size: int, alpha: float = 0.001) -> None:
        self.size = whole_number("SDRClassifier", "size", size, at_least=1)
        self.alpha = positive_number("SDRClassifier", "alpha", alpha)
        self.weights: NDArray[np.float64] = np.zeros((self.size, 0))

    def infer(self, sdr: SDR) -> NDArray[np.float64]:
        """Probability of each category seen so far; empty if none was."""
        given = sdr_of_size("SDRClassifier.infer", "sdr", sdr, self.size)
        evidence = self.weights[given.indices].sum(axis=0)
        if not evidence.size:
            return evidence
        raised = np.exp(evidence - evidence.max())
        return raised / raised.sum()

    def learn(self, sdr: SDR, labels: int | Sequence[int]) -> None:
        """Learn that an SDR belongs to one category, or to each of several."""
        listed = list(labels) if np.iterable(labels) else [labels]
        chosen = sorted({whole_number("SDRClassifier.learn", "each label", label) for label in listed})
        if not chosen:
            raise NeuroclError("SDRClassifier.learn: give at least one label.")
        if chosen[-1] >= self.weights.shape[1]:
            more = chosen[-1] + 1 - self.weights.shape[1]
            self.weights = np.pad(self.weights, ((0, 0), (0, more)))
        error = -self.infer(sdr)
        error[chosen] += 1.0 / len(chosen)
        self.weights[sdr.indices] += self.alpha * error

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"size": self.size, "alpha": self.alpha}, {"weights": self.weights}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> SDRClassifier:
        classifier = cls(text["size"], text["alpha"])
        classifier.weights = arrays["weights"]
        if classifier.weights.ndim != 2 or classifier.weights.shape[0] != classifier.size:
            raise ValueError("the weights do not fit the size")
        return classifier
