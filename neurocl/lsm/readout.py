"""Multinomial logistic regression on the spike counts of a liquid: the readout by default.

Features     shares of counts, `count_shares`, less their mean and divided by their standard deviation over the training
             samples (a neuron whose share never varies is left out); the constant c of `count_features` cancels
Model        softmax(W z + b), sum of cross entropies + ||W||^2 / (2 C), solved by L-BFGS
C            from `strengths`, by the accuracy on the last `validation` of the samples when fitted to the others; the
             smallest of equals. Then the readout is fitted to all samples
Source       Ivanov & Michmizos (2021), NeurIPS 34, for the features; `AdadeltaReadout` is their published training
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core._classes import class_numbers
from neurocl.core.errors import NeuroclError, shown
from neurocl.lsm.count_features import count_shares

__all__ = ["LogisticReadout", "as_classes"]

_OWNER = "LogisticReadout"
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)
VALIDATION = 1 / 6
"""10 000 of the 60 000 training images of MNIST, as published."""


class LogisticReadout(ClassifierMixin, BaseEstimator):
    """Multinomial logistic regression on spike counts.

    Parameters
    ----------
    strengths : sequence of float
        Values of C that are tried; one is taken as it is.
    validation : float
        Share of the samples, the last ones, that C is chosen on.
    max_iter : int
        Iterations of L-BFGS per fit, at most; ending before it has converged is one more regularisation.

    Attributes
    ----------
    classes_ : array [class], labels in rising order.
    strength_ : the chosen C.
    validation_accuracy_ : its accuracy on the validation part; NaN if nothing was chosen.
    coef_, intercept_ : float32 [class, neuron] and [class]; they act on the shares of counts as they are.
    """

    classes_: NDArray[Any]
    strength_: float
    validation_accuracy_: float
    coef_: NDArray[np.float32]
    intercept_: NDArray[np.float32]

    def __init__(
        self, strengths: Sequence[float] = STRENGTHS, validation: float = VALIDATION, max_iter: int = 300
    ) -> None:
        self.strengths = strengths
        self.validation = validation
        self.max_iter = max_iter

    def fit(self, counts: ArrayLike, y: ArrayLike) -> Self:
        """Choose C and fit.

        Parameters
        ----------
        counts : array [sample, neuron], spike counts.
        y : array [sample], labels of two classes or more.

        Raises
        ------
        NeuroclError
            If an argument is out of range, the shapes disagree, or there is a single class.
        """
        if not np.iterable(self.strengths):
            raise NeuroclError(f"{_OWNER}: strengths must be a sequence of numbers, got {shown(self.strengths)}.")
        strengths = sorted(positive_number(_OWNER, "each of strengths", c) for c in self.strengths)
        whole_number(_OWNER, "max_iter", self.max_iter, at_least=1)
        if not strengths or not 0.0 < finite_number(_OWNER, "validation", self.validation) < 1.0:
            raise NeuroclError(f"{_OWNER}: expected at least one strength, and a validation share between 0 and 1.")
        shares = count_shares(counts)
        self.classes_, labels = as_classes(_OWNER, y, len(shares))
        mean, spread = shares.mean(axis=0), shares.std(axis=0)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        features = (shares - mean) * scale
        # One thread: sums are formed in one order, and the result does not depend on the machine.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.strength_, self.validation_accuracy_ = self._choose(strengths, features, labels)
            model = self._model(self.strength_).fit(features, labels)
        coef, intercept = _softmax_weights(model)
        self.coef_ = coef * scale
        self.intercept_ = intercept - self.coef_ @ mean
        return self

    def decision_function(self, counts: ArrayLike) -> NDArray[np.float32]:
        """Return the logits, float32 [sample, class]."""
        if not hasattr(self, "coef_"):
            raise NeuroclError(f"{_OWNER}: it has learned nothing yet; call fit first.")
        shares = count_shares(counts)
        if shares.shape[1] != self.coef_.shape[1]:
            raise NeuroclError(f"{_OWNER}: expected {self.coef_.shape[1]} neurons as in fit, got {shares.shape[1]}.")
        found: NDArray[np.float32] = shares @ self.coef_.T + self.intercept_
        return found

    def predict(self, counts: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each sample."""
        best = self.decision_function(counts).argmax(axis=1)
        found: NDArray[Any] = self.classes_[best]
        return found

    def _choose(
        self, strengths: list[float], features: NDArray[np.float32], labels: NDArray[np.int64]
    ) -> tuple[float, float]:
        """The best C on the validation part, and its accuracy; the middle one if a class is missing before it."""
        first = len(features) - round(self.validation * len(features))
        if len(strengths) == 1 or first == len(features) or len(np.unique(labels[:first])) < len(self.classes_):
            return strengths[len(strengths) // 2], float("nan")
        scores, model = [], self._model(strengths[0])
        for strength in strengths:
            model.set_params(C=strength).fit(features[:first], labels[:first])  # from the weights of the one before
            scores.append(float(model.score(features[first:], labels[first:])))
        best = int(np.argmax(scores))
        return strengths[best], scores[best]

    def _model(self, strength: float) -> LogisticRegression:
        return LogisticRegression(C=strength, max_iter=self.max_iter, warm_start=True)


def as_classes(owner: str, y: ArrayLike, n: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the classes, and the class of each sample as a number; NeuroclError unless `y` labels `n` samples."""
    classes, numbers = class_numbers(owner, y, n)
    if len(classes) < 2:
        found = f"all are of class {shown(classes[0])}" if n else "there are no samples"
        raise NeuroclError(f"{owner}: expected samples of two classes or more, {found}.")
    return classes, numbers


def _softmax_weights(model: LogisticRegression) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights per class; of two classes scikit-learn keeps the difference only."""
    coef, intercept = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(coef) == 1:
        return np.concatenate([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    return coef, intercept
