"""What experiments that classify images report alike: the level of chance, and the confusion matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.data.dataset import Dataset
from neurocl.experiments.experiment import Picture

__all__ = ["chance", "confusion"]


def chance(data: Dataset) -> float:
    """Accuracy on the test images of always answering the class that is most frequent in training."""
    return float(np.mean(data.y_test == np.argmax(np.bincount(data.y_train))))


def confusion(data: Dataset, predicted: NDArray[np.int64], caption: str) -> Picture:
    """Confusion matrix: rows are true classes, the numbers count test images.

    Parameters
    ----------
    data : its test classes are the true ones.
    predicted : class of each test image, [image].
    caption : of the picture.
    """
    from matplotlib.figure import Figure

    k = data.n_classes
    matrix = np.zeros((k, k), dtype=np.int64)
    np.add.at(matrix, (data.y_test, predicted), 1)
    figure = Figure(figsize=(5.0, 4.6), layout="constrained")
    ax = figure.subplots()
    ax.imshow(matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0.0, vmax=1.0)
    for (true, answer), count in np.ndenumerate(matrix):
        if count:
            color = "white" if count > 0.5 * matrix[true].sum() else "black"
            ax.text(answer, true, str(count), ha="center", va="center", color=color, fontsize=8)
    ax.set_xticks(range(k))
    ax.set_yticks(range(k))
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    return Picture("confusion", figure, caption)
