"""Recognition by labelled neurons: the readout of networks that learned without labels.

Label        of neuron j: the class c with the highest mean response m_jc over the images of class c; none (-1) for a
             neuron that never responded
Prediction   the class with the highest mean response over the neurons that carry its label; of equals the lowest class
Source       Diehl & Cook (2015), Front. Comput. Neurosci. 9:99, section 2.6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["label_neurons", "predict"]


def label_neurons(responses: NDArray[Any], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Label of each neuron, -1 for a silent one.

    Parameters
    ----------
    responses : spike counts, [image, neuron].
    classes : class of each image.
    n_classes : number of classes; a class without images labels no neuron.
    """
    means = np.full((n_classes, responses.shape[1]), -1.0)
    for c in np.unique(classes):
        means[c] = responses[classes == c].mean(axis=0, dtype=np.float64)
    labels = np.argmax(means, axis=0)
    labels[means.max(axis=0) <= 0] = -1
    return labels


def predict(responses: NDArray[Any], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Predicted class of each image.

    Parameters
    ----------
    responses : spike counts, [image, neuron].
    labels : of the neurons, from `label_neurons`.
    n_classes : number of classes; one that labels no neuron is never predicted, unless no neuron has any label.
    """
    votes = np.full((len(responses), n_classes), -1.0)
    for c in range(n_classes):
        if np.any(labels == c):
            votes[:, c] = responses[:, labels == c].mean(axis=1, dtype=np.float64)
    return np.argmax(votes, axis=1)
