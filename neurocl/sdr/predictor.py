"""Predicting the category of a later step: one classifier per look-ahead.

Learn   the classifier of look-ahead k learns that the pattern of k steps ago goes with the present label
Infer   from the present pattern, the probabilities of each category k steps from now
Source  as in the library htm.core
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import sdr_of_size
from neurocl.sdr._saving import Saved
from neurocl.sdr.classifier import SDRClassifier
from neurocl.sdr.sdr import SDR

__all__ = ["Predictor"]


class Predictor(Saved):
    """Learn which categories follow an SDR, and how many steps later.

    Parameters
    ----------
    size : bits.
    steps : look-aheads, different whole numbers from 0; 0 classifies the pattern itself.
    alpha : learning rate. Default 0.001.

    Attributes
    ----------
    classifiers : an `SDRClassifier` for each look-ahead.

    Examples
    --------
    >>> predictor = Predictor(10, steps=[1], alpha=1.0)
    >>> for label in (0, 1, 0, 1, 0, 1):
    ...     predictor.learn(SDR(10, [label]), label)
    >>> predictor.infer(SDR(10, [0]))[1].round(1)
    array([0.1, 0.9])
    """

    def __init__(self, size: int, steps: Sequence[int], alpha: float = 0.001) -> None:
        self.size = whole_number("Predictor", "size", size, at_least=1)
        if not np.iterable(steps):
            raise NeuroclError(f"Predictor: steps must be a list of whole numbers, got {shown(steps)}.")
        chosen = [whole_number("Predictor", "each of steps", step) for step in steps]
        if not chosen or len(set(chosen)) < len(chosen):
            raise NeuroclError(f"Predictor: steps must be different whole numbers, at least one, got {chosen}.")
        self.classifiers = {step: SDRClassifier(size, alpha) for step in sorted(chosen)}
        self._past: list[SDR] = []

    def infer(self, sdr: SDR) -> dict[int, NDArray[np.float64]]:
        """For each look-ahead, the probability of each category seen so far; empty if none was."""
        return {step: classifier.infer(sdr) for step, classifier in self.classifiers.items()}

    def learn(self, sdr: SDR, labels: int | Sequence[int]) -> None:
        """Take the next pattern of a sequence, with its category or categories."""
        given = sdr_of_size("Predictor.learn", "sdr", sdr, self.size)
        past = [*self._past, given]
        for step, classifier in self.classifiers.items():
            if step < len(past):
                classifier.learn(past[-1 - step], labels)
        self._past = past[-max(self.classifiers) :] if max(self.classifiers) else []

    def reset(self) -> None:
        """Forget the patterns of the latest steps, as before a new sequence; what was learned stays."""
        self._past = []

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        arrays: dict[str, NDArray[Any]] = {f"weights_{k}": c.weights for k, c in self.classifiers.items()}
        arrays |= {f"past_{k}": np.asarray(sdr.indices, dtype=np.int64) for k, sdr in enumerate(self._past)}
        alpha = next(iter(self.classifiers.values())).alpha
        text = {"size": self.size, "steps": list(self.classifiers), "alpha": alpha, "past": len(self._past)}
        return text, arrays

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Predictor:
        predictor = cls(text["size"], text["steps"], text["alpha"])
        for step, classifier in predictor.classifiers.items():
            classifier.weights = arrays[f"weights_{step}"]
            if classifier.weights.ndim != 2 or classifier.weights.shape[0] != predictor.size:
                raise ValueError("the weights do not fit the size")
        predictor._past = [SDR(predictor.size, arrays[f"past_{k}"]) for k in range(text["past"])]
        return predictor
