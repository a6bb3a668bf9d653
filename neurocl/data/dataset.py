"""A labelled data set with a fixed training and test part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, split into a training and a test part.

    Parameters
    ----------
    name : str
        Name shown in tables and plots.
    x_train, x_test : array of float32, shape [sample, height, width]
        Intensities in [0, 1]. After :meth:`flat` the shape is [sample, pixel].
    y_train, y_test : array of int64, shape [sample]
        Class labels, counted from 0.

    Raises
    ------
    NeuroclError
        If a shape, a type, an intensity or a label is not as described.
    """

    name: str
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]

    def __post_init__(self) -> None:
        for part, x, y in (("train", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            _check_part(self.name, part, x, y)
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            raise NeuroclError(
                f"{self.name}: x_train and x_test must hold samples of one shape, "
                f"got {self.x_train.shape[1:]} and {self.x_test.shape[1:]}."
            )

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of one sample: (height, width), or (pixel,) after :meth:`flat`."""
        return self.x_train.shape[1:]

    @property
    def n_classes(self) -> int:
        """Largest label plus one."""
        return int(max(self.y_train.max(), self.y_test.max())) + 1

    def flat(self) -> Dataset:
        """The same data with x of shape [sample, pixel] (rows of an image one after the other).

        The arrays are views where memory allows; nothing is shuffled.
        """
        return replace(
            self,
            x_train=self.x_train.reshape(len(self.x_train), -1),
            x_test=self.x_test.reshape(len(self.x_test), -1),
        )

    def subset(self, n_train: int, n_test: int, seed: int = 0) -> Dataset:
        """A smaller data set with the class proportions of this one.

        Parameters
        ----------
        n_train, n_test : int
            Number of samples to keep, at least 1 and at most as many as there are.
        seed : int, default 0
            Chooses the samples; those kept stay in their original order.

        Returns
        -------
        Dataset
            Each class gets its proportional share of the samples, rounded by largest remainder.

        Raises
        ------
        NeuroclError
            If more samples are asked for than there are, or fewer than one.
        """
        rng = np.random.default_rng(whole_number(self.name, "seed", seed))
        for name, wanted, y in (("n_train", n_train, self.y_train), ("n_test", n_test, self.y_test)):
            if whole_number(self.name, name, wanted, at_least=1) > len(y):
                raise NeuroclError(f"{self.name}: {name} must lie in 1..{len(y)}, got {wanted!r}.")
        train = stratified_choice(self.y_train, n_train, rng)
        test = stratified_choice(self.y_test, n_test, rng)
        return Dataset(
            self.name, self.x_train[train], self.y_train[train], self.x_test[test], self.y_test[test]
        )


def stratified_choice(y: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Choose n samples so that each class keeps its proportion.

    Class c of N_c among N samples gets floor(n N_c / N) samples; what is left over goes one each to the
    classes with the largest remainders (the lower label first where they tie).

    Parameters
    ----------
    y : array of int, shape [sample]
        Labels.
    n : int
        How many samples to choose, 0 <= n <= N.
    rng : numpy.random.Generator
        Chooses the samples within each class.

    Returns
    -------
    array of int, shape [n]
        Indices in rising order, none twice.
    """
    labels, sizes = np.unique(y, return_counts=True)
    quota, remainder = np.divmod(n * sizes, len(y))
    quota[np.argsort(-remainder, kind="stable")[: n - quota.sum()]] += 1
    chosen = [
        rng.permutation(np.flatnonzero(y == label))[:k] for label, k in zip(labels, quota, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def _check_part(name: str, part: str, x: NDArray[np.float32], y: NDArray[np.int64]) -> None:
    if x.dtype != np.float32 or x.ndim < 2 or x.size == 0:
        raise NeuroclError(
            f"{name}: x_{part} must be a float32 array [sample, height, width] that is not empty, "
            f"got {x.dtype} of shape {x.shape}."
        )
    if y.dtype != np.int64 or y.shape != x.shape[:1]:
        raise NeuroclError(
            f"{name}: y_{part} must be an int64 array with one label for each of the {len(x)} samples, "
            f"got {y.dtype} of shape {y.shape}."
        )
    if not (x.min() >= 0 and x.max() <= 1):  # written so that NaN fails too
        raise NeuroclError(
            f"{name}: x_{part} must lie in [0, 1] without NaN, got values from {x.min()} to {x.max()}."
        )
    if y.min() < 0:
        raise NeuroclError(f"{name}: y_{part} must hold labels counted from 0, got {y.min()}.")
