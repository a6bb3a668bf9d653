"""How unlikely a recent run of anomaly scores is, given their history.

Average     a = mean of the last `averaging_window` raw scores
History     mean (at least 0.03) and variance (at least 0.0003) of the averages, fitted anew every
            `reestimation_period` scores, without the first `learning_period` ones
Tail        Q = erfc(|z| / sqrt 2) / 2 with z = (a - mean) / sd: far below the mean is as unlikely as far above
Likelihood  1 - Q, from 0.5 to 1; 0.5 before `learning_period` + `estimation_samples` scores have been seen. Where
            Q <= 1e-5 follows on Q <= 1e-5, it counts as 1e-3: only the beginning of an anomaly is news
Log form    ln(1.0000000001 - L) / ln(1e-10)
Source      Ahmad et al. (2017), Neurocomputing 262:134
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import probability, whole_number
from neurocl.sdr._saving import Saved

__all__ = ["AnomalyLikelihood", "log_likelihood"]

_LEAST_MEAN, _LEAST_VARIANCE = 0.03, 0.0003
_RED, _YELLOW = 1e-5, 1e-3


class AnomalyLikelihood(Saved):
    """Turn raw anomaly scores into likelihoods.

    Parameters
    ----------
    learning_period : first scores, which the fit leaves out. Default 288.
    estimation_samples : scores needed after them. Default 100.
    historic_window : averages that are kept. Default 8640.
    reestimation_period : scores between two fits. Default 100.
    averaging_window : scores in an average. Default 10.
    """

    def __init__(
        self, learning_period: int = 288, estimation_samples: int = 100, historic_window: int = 8640,
        reestimation_period: int = 100, averaging_window: int = 10,
    ) -> None:  # fmt: skip
        owner = "AnomalyLikelihood"
        self.learning_period = whole_number(owner, "learning_period", learning_period)
        self.probation = self.learning_period + whole_number(owner, "estimation_samples", estimation_samples, 1)
        self.reestimation_period = whole_number(owner, "reestimation_period", reestimation_period, at_least=1)
        self._recent: deque[float] = deque(maxlen=whole_number(owner, "averaging_window", averaging_window, at_least=1))
        self._history: deque[float] = deque(maxlen=whole_number(owner, "historic_window", historic_window, at_least=1))
        self._n, self._mean, self._variance = 0, _LEAST_MEAN, _LEAST_VARIANCE
        self._was_unlikely, self._is_fitted = False, False

    def compute(self, score: float) -> float:
        """Take the next raw score, 0 to 1, and return the likelihood that something is wrong, 0.5 to 1."""
        self._recent.append(probability("AnomalyLikelihood", "score", score))
        average = math.fsum(self._recent) / len(self._recent)
        self._history.append(average)
        self._n += 1
        if self._n <= self.probation:
            return 0.5
        if not self._is_fitted or self._n % self.reestimation_period == 0:
            self._fit()
        tail = self._tail(average)
        softened = _YELLOW if self._was_unlikely and tail <= _RED else tail
        self._was_unlikely = tail <= _RED
        return 1.0 - softened

    def _fit(self) -> None:
        # Scores of the learning period leave the window by themselves once it is full.
        n_left_out = max(0, self.learning_period - (self._n - len(self._history)))
        values = list(self._history)[n_left_out:] or list(self._history)
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        self._mean, self._variance = max(mean, _LEAST_MEAN), max(variance, _LEAST_VARIANCE)
        self._is_fitted = True

    def _tail(self, average: float) -> float:
        return 0.5 * math.erfc(abs(average - self._mean) / math.sqrt(2.0 * self._variance))


    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        text = {
            "settings": [
                self.learning_period, self.probation - self.learning_period, self._history.maxlen,
                self.reestimation_period, self._recent.maxlen,
            ],
            "n": self._n, "mean": self._mean, "variance": self._variance, "was_unlikely": self._was_unlikely,
            "is_fitted": self._is_fitted,
        }  # fmt: skip
        return text, {"recent": np.array(self._recent), "history": np.array(self._history)}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> AnomalyLikelihood:
        likelihood = cls(*text["settings"])
        likelihood._recent.extend(arrays["recent"].tolist())
        likelihood._history.extend(arrays["history"].tolist())
        likelihood._n, likelihood._mean, likelihood._variance = text["n"], text["mean"], text["variance"]
        likelihood._was_unlikely, likelihood._is_fitted = text["was_unlikely"], text["is_fitted"]
        return likelihood


def log_likelihood(likelihood: float) -> float:
    """The likelihood on a logarithmic scale from 0 to 1, on which values near 1 can be told apart."""
    value = probability("log_likelihood", "likelihood", likelihood)
    return math.log(1.0000000001 - value) / math.log(1e-10)
