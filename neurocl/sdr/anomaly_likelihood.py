"""How unlikely a recent run of anomaly scores is, given their history.

Average     a = mean of the last `averaging_window` raw scores
History     mean (at least 0.03) and variance (at least 0.0003) of the averages, fitted anew every
            `reestimation_period` scores, without the first `learning_period` ones
Tail        Q = erfc(z / sqrt 2) / 2 with z = (a - mean) / sd; 1 - Q of the mirrored value below the mean
Likelihood  1 - Q; 0.5 before `learning_period` + `estimation_samples` scores have been seen. Where Q <= 1e-5 follows on
            Q <= 1e-5, it counts as 1e-3: only the beginning of an anomaly is news
Log form    ln(1.0000000001 - L) / ln(1e-10)
Source      Ahmad et al. (2017), Neurocomputing 262:134
"""

from __future__ import annotations

import math
from collections import deque

from neurocl.core._checks import probability, whole_number

__all__ = ["AnomalyLikelihood", "log_likelihood"]

_LEAST_MEAN, _LEAST_VARIANCE = 0.03, 0.0003
_RED, _YELLOW = 1e-5, 1e-3


class AnomalyLikelihood:
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
        """Take the next raw score, 0 to 1, and return the likelihood that something is wrong, 0 to 1."""
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
        z = (average - self._mean) / math.sqrt(self._variance)
        return 0.5 * math.erfc(z / math.sqrt(2.0)) if z >= 0 else 1.0 - 0.5 * math.erfc(-z / math.sqrt(2.0))


def log_likelihood(likelihood: float) -> float:
    """The likelihood on a logarithmic scale from 0 to 1, on which values near 1 can be told apart."""
    value = probability("log_likelihood", "likelihood", likelihood)
    return math.log(1.0000000001 - value) / math.log(1e-10)
