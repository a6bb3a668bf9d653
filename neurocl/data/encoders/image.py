"""Images as input events of the same total rate: each pixel fires with a probability that is its share of the image.

Share        s = pixel / sum of the pixels of its image;  0 for an image that is black all over
Probability  p = s / M, M = largest share of any pixel of any image of the reference set
Step         an event with probability p, independent of all others (Bernoulli)
Rate         the probabilities of every image that is not black add up to 1 / M events per step: 19.9 for the training
             images of MNIST, 22.0 for its test images with an M of their own
Norm         "train": M of the training images, also for other images, whose p is cut off at 1 (the default);
             "split": M of the images at hand, so that a set for testing is driven harder than that for training (as
             published)
Source       Ivanov & Michmizos (2021), NeurIPS 34, and its published code (combra-lab/NALSM)
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.data.encoders._arrays import real_array

__all__ = ["ImageEncoder"]

_OWNER = "image encoder"
NORMS = ("train", "split")


class ImageEncoder:
    """Encoder of images as events of the same expected number per step.

    Parameters
    ----------
    norm : "train" (default) or "split"
        Whose largest share scales the probabilities; see the module.

    Attributes
    ----------
    largest_ : float
        M of the images given to `fit`.

    Examples
    --------
    >>> encoder = ImageEncoder().fit([[0.0, 1.0, 3.0], [2.0, 2.0, 0.0]])
    >>> encoder.probabilities([[0.0, 1.0, 3.0], [0.0, 0.0, 0.0]])
    array([[0.        , 0.33333333, 1.        ],
           [0.        , 0.        , 0.        ]])
    """

    largest_: float

    def __init__(self, norm: str = "train") -> None:
        if norm not in NORMS:
            raise NeuroclError(f"{_OWNER}: norm must be 'train' or 'split', got {shown(norm)}.")
        self.norm = norm

    def fit(self, images: ArrayLike) -> Self:
        """Find the largest share of the training images.

        Parameters
        ----------
        images : array [image, ...]
            Intensities >= 0, of any scale.

        Raises
        ------
        NeuroclError
            If there is no image, an intensity is negative or not finite, or all images are black.
        """
        self.largest_ = _largest_share(_flat(images))
        return self

    def probabilities(self, images: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of an event per step, float64 [image, pixel].

        Raises
        ------
        NeuroclError
            If the encoder was not fitted (norm="train"), or the images are not as for `fit`; with norm="split", if all
            are black.
        """
        flat = _flat(images)
        if self.norm == "split":
            return _shares(flat) / _largest_share(flat)
        if not hasattr(self, "largest_"):
            raise NeuroclError(f"{_OWNER}: norm='train' needs the training images; call fit first.")
        return np.minimum(_shares(flat) / self.largest_, 1.0)

    def encode(self, images: ArrayLike, n_steps: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Draw events, bool [time, image, pixel].

        Parameters
        ----------
        images : as for `probabilities`.
        n_steps : number of steps.
        rng : source of the randomness.
        """
        steps = whole_number(_OWNER, "n_steps", n_steps, at_least=1)
        if not isinstance(rng, np.random.Generator):
            raise NeuroclError(f"{_OWNER}: rng must be np.random.default_rng(seed) or the like, got {shown(rng)}.")
        p = self.probabilities(images)
        events = np.empty((steps, *p.shape), dtype=bool)
        for step in range(steps):  # row by row: all random numbers at once would need eight times the memory
            events[step] = rng.random(p.shape) < p
        return events


def _flat(images: Any) -> NDArray[Any]:
    """Images as float32 or float64 [image, pixel]."""
    array = real_array(_OWNER, "images", images)
    if array.ndim < 2 or array.size == 0:
        raise NeuroclError(f"{_OWNER}: expected images [image, ...], at least one, got shape {list(array.shape)}.")
    if array.min() < 0:
        raise NeuroclError(f"{_OWNER}: intensities must be >= 0, got {array.min():g}; rescale the images first.")
    return array.reshape(len(array), -1)


def _shares(flat: NDArray[Any]) -> NDArray[np.float64]:
    total = flat.sum(axis=1, keepdims=True, dtype=np.float64)
    return np.divide(flat, total, out=np.zeros(flat.shape), where=total > 0)


def _largest_share(flat: NDArray[Any]) -> float:
    total = flat.sum(axis=1, dtype=np.float64)
    if not total.any():
        raise NeuroclError(f"{_OWNER}: all images are black; there is nothing to encode.")
    return float((flat.max(axis=1)[total > 0] / total[total > 0]).max())
