"""The published training of the readout: soft targets and Adadelta from zero, kept for conformance.

Features     z / largest z of the batch (`features_by_batch`)
Model        softmax(W z + b), W = 0 and b = 0 at the start
Targets      softmax(t), t = +1 for the class and -1 for each other: 0.45085 and 0.06102 for ten classes
Loss         mean over the batch of -sum_k target_k log softmax_k, + l2 ||W||^2 / 2
Update       G <- rho G + (1 - rho) g^2;  d = sqrt(D + eps) / sqrt(G + eps) g;  D <- rho D + (1 - rho) d^2;
             W <- W - lr d:  the unscaled d enters D
Order        batches of consecutive samples, the same in every epoch; the validation part has batches of its own
Chosen       the weights after the epoch with the highest accuracy on the validation part, the first of equals; the last
             epoch is left out
Source       published code of Ivanov & Michmizos (2021), combra-lab/NALSM: batch 250, 5000 epochs, lr = 0.1,
             rho = 0.95, eps = 1e-8, l2 = 5e-10, and the last 10 000 of 60 000 images for validation
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.lsm.count_features import count_array, features_by_batch
from neurocl.lsm.readout import VALIDATION, as_classes

__all__ = ["AdadeltaReadout", "soft_targets"]

_OWNER = "AdadeltaReadout"
LR, RHO, EPSILON, L2 = 0.1, 0.95, 1e-8, 5e-10

Floats = NDArray[np.float32]


def soft_targets(labels: NDArray[np.int64], n_classes: int) -> Floats:
    """Return softmax of +1 for the class of each sample and -1 for the others, float32 [sample, class]."""
    targets = np.where(np.arange(n_classes) == labels[:, None], np.exp(1.0), np.exp(-1.0))
    return (targets / targets.sum(axis=1, keepdims=True)).astype(np.float32)


class AdadeltaReadout(ClassifierMixin, BaseEstimator):
    """Linear readout trained by Adadelta on soft targets.

    Parameters
    ----------
    epochs : int
        At least 2, as the last is left out. Learning is slow: the largest weight is 0.06 after 800 updates.
    batch_size : int
        Samples per update, and per batch of the features.
    validation : float
        Share of the samples, the last ones, that chooses the epoch.

    Attributes
    ----------
    classes_ : array [class], labels in rising order.
    coef_, intercept_ : float32 [class, neuron] and [class].
    best_epoch_ : number of the chosen epoch, from 0.
    losses_ : float64 [epoch], mean loss of the batches, each before its update.
    validation_accuracies_ : float64 [epoch], after each epoch.
    """

    classes_: NDArray[Any]
    coef_: Floats
    intercept_: Floats
    best_epoch_: int
    losses_: NDArray[np.float64]
    validation_accuracies_: NDArray[np.float64]

    def __init__(self, epochs: int = 5000, batch_size: int = 250, validation: float = VALIDATION) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation

    def fit(self, counts: ArrayLike, y: ArrayLike) -> Self:
        """Train, and keep the weights of the best epoch.

        Parameters
        ----------
        counts : array [sample, neuron], spike counts.
        y : array [sample], labels of two classes or more.

        Raises
        ------
        NeuroclError
            If an argument is out of range, the shapes disagree, there is a single class or no sample to validate on.
        """
        whole_number(_OWNER, "epochs", self.epochs, at_least=2)
        size = whole_number(_OWNER, "batch_size", self.batch_size, at_least=1)
        counts = count_array(counts)
        self.classes_, labels = as_classes(_OWNER, y, len(counts))
        n = len(counts) - round(finite_number(_OWNER, "validation", self.validation) * len(counts))
        if not 0 < n < len(counts):
            raise NeuroclError(f"{_OWNER}: validation must leave samples on both sides, got {self.validation!r}.")
        # The validation part has batches of its own.
        features = np.concatenate([features_by_batch(part, size) for part in (counts[:n], counts[n:])])
        targets = soft_targets(labels, len(self.classes_))
        batches = [slice(first, min(first + size, n)) for first in range(0, n, size)]
        weights = _Adadelta(features.shape[1], len(self.classes_))
        losses, scores, best = [], [], -1.0
        with threadpool_limits(limits=1):
            for epoch in range(self.epochs):
                losses.append(float(np.mean([weights.update(features[batch], targets[batch]) for batch in batches])))
                scores.append(float(np.mean(weights.logits(features[n:]).argmax(axis=1) == labels[n:])))
                if scores[-1] > best and epoch < self.epochs - 1:
                    best, self.best_epoch_ = scores[-1], epoch
                    self.coef_, self.intercept_ = weights.values[:-1].T.copy(), weights.values[-1].copy()
        self.losses_, self.validation_accuracies_ = np.array(losses), np.array(scores)
        return self

    def decision_function(self, counts: ArrayLike) -> Floats:
        """Return the logits, float32 [sample, class]."""
        if not hasattr(self, "coef_"):
            raise NeuroclError(f"{_OWNER}: it has learned nothing yet; call fit first.")
        features = features_by_batch(counts, self.batch_size)
        if features.shape[1] != self.coef_.shape[1]:
            raise NeuroclError(f"{_OWNER}: expected {self.coef_.shape[1]} neurons as in fit, got {features.shape[1]}.")
        return features @ self.coef_.T + self.intercept_

    def predict(self, counts: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each sample."""
        best = self.decision_function(counts).argmax(axis=1)
        found: NDArray[Any] = self.classes_[best]
        return found


class _Adadelta:
    """Weights [neuron + 1, class], the last row of them the intercepts, and their two running means of squares."""

    def __init__(self, n: int, n_classes: int) -> None:
        self.values = np.zeros((n + 1, n_classes), dtype=np.float32)
        self.squares, self.changes = np.zeros_like(self.values), np.zeros_like(self.values)

    def logits(self, features: Floats) -> Floats:
        return features @ self.values[:-1] + self.values[-1]

    def update(self, features: Floats, targets: Floats) -> float:
        """Descend once, and return the loss before."""
        logits = self.logits(features)
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        total = exponentials.sum(axis=1, keepdims=True)
        # The targets add up to 1.
        loss = float(np.mean(np.log(total[:, 0]) - (targets * logits).sum(axis=1)))
        loss += 0.5 * L2 * float((self.values[:-1] ** 2).sum())
        error = (exponentials / total - targets) / np.float32(len(features))
        gradient = np.empty_like(self.values)
        gradient[:-1] = features.T @ error + np.float32(L2) * self.values[:-1]
        gradient[-1] = error.sum(axis=0)
        self.squares += np.float32(1 - RHO) * (gradient**2 - self.squares)
        change = np.sqrt((self.changes + np.float32(EPSILON)) / (self.squares + np.float32(EPSILON))) * gradient
        self.changes += np.float32(1 - RHO) * (change**2 - self.changes)
        self.values -= np.float32(LR) * change
        return loss
