"""A linear readout: multinomial logistic regression on standardised features.

The inverse strength C of its L2 penalty is chosen from `STRENGTHS` by five-fold cross-validation on the training part;
then the readout is fitted to the whole training part. The test part is used once, to count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["STRENGTHS", "Readout", "fit_readout", "wilson_interval"]

STRENGTHS = (0.01, 0.1, 1.0)
"""Values of C that are tried; the first of equals is taken."""

FOLDS = 5
ITERATIONS = 1000


@dataclass(frozen=True, eq=False)
class Readout:
    """What `fit_readout` found: C, accuracies (fractions) and the predicted labels of the test part."""

    strength: float
    train_accuracy: float
    test_accuracy: float
    predicted: NDArray[np.int64]


def fit_readout(
    x_train: NDArray[np.float32],
    y_train: NDArray[np.int64],
    x_test: NDArray[np.float32],
    y_test: NDArray[np.int64],
    seed: int = 0,
) -> Readout:
    """Choose C, fit, and test.

    Parameters
    ----------
    x_train, x_test : features, [sample, feature].
    y_train, y_test : labels.
    seed : chooses the folds.
    """
    from sklearn.model_selection import KFold
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    folds = list(KFold(FOLDS, shuffle=True, random_state=seed).split(x_train))
    # One thread, so that sums are formed in one order and the result does not depend on the machine's load.
    with threadpool_limits(limits=1):
        scores = [
            np.mean([_fit(x_train[fit], y_train[fit], c).score(x_train[rest], y_train[rest]) for fit, rest in folds])
            for c in STRENGTHS
        ]
        strength = STRENGTHS[int(np.argmax(scores))]
        model = _fit(x_train, y_train, strength)
        predicted = model.predict(x_test)
        train_accuracy = float(model.score(x_train, y_train))
    return Readout(strength, train_accuracy, float(np.mean(predicted == y_test)), predicted)


def _fit(x: NDArray[np.float32], y: NDArray[np.int64], strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=ITERATIONS)).fit(x, y)


def wilson_interval(accuracy: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a fraction that was counted in `n` cases (Wilson 1927).

    Examples
    --------
    >>> low, high = wilson_interval(0.5, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    z = 1.959964
    centre = (accuracy + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(accuracy * (1 - accuracy) / n + (z / (2 * n)) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)
