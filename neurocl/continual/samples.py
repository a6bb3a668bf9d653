"""Labelled samples to make benchmarks of: a data set of neurocl, its name, or your own tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from neurocl import data as sets
from neurocl.continual.experience import Experience
from neurocl.continual.tensors import as_features, as_tensor
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest

__all__ = ["Samples", "as_samples"]

LOADERS: dict[str, Callable[[], sets.Dataset]] = {
    "digits": sets.digits, "mnist": sets.mnist, "fashion_mnist": sets.fashion_mnist
}  # fmt: skip
NORMALISATIONS = {"none": (0.0, 1.0), "mnist": (0.1307, 0.3081), "half": (0.5, 0.5)}


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples for training and for testing.

    Parameters
    ----------
    x_train, x_test : tensors, arrays or lists [sample, ...], kept as float32; with ``time_major=True`` spikes
        [time, sample, ...].
    y_train, y_test : labels, whole numbers from 0 [sample].
    name : shown in tables and plots.
    time_major : whether time is the first axis of x.

    Raises
    ------
    NeuroclError
        If features are not finite, lengths differ, a label is negative, or a class is missing in either part.
    """

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor
    name: str = "tensors"
    time_major: bool = False

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            x = as_features(f"{self.name}, x_{part}", getattr(self, f"x_{part}"))
            y = as_tensor(f"{self.name}, y_{part}", getattr(self, f"y_{part}"))
            y = y if y.is_floating_point() else y.long()
            try:
                Experience(x, y, 0, time_major=self.time_major)
            except NeuroclError as error:
                text = str(error).removeprefix("experience 0: ")
                raise NeuroclError(f"{self.name}, {part} samples: {text}") from None
            object.__setattr__(self, f"x_{part}", x)
            object.__setattr__(self, f"y_{part}", y)
        if self.sample_shape != tuple(self.x_test.shape[1 + self.time_major :]):
            raise NeuroclError(f"{self.name}: samples for training and for testing must have one shape")
        every = set(range(self.n_classes))
        for part, y in (("training", self.y_train), ("test", self.y_test)):
            if missing := every - set(torch.unique(y).tolist()):
                raise NeuroclError(
                    f"{self.name}: class {min(missing)} is missing in the {part} samples; labels must be counted from 0"
                    " without gaps, each with samples for training and for testing"
                )

    @property
    def n_classes(self) -> int:
        """Largest label plus one."""
        return int(max(self.y_train.max(), self.y_test.max())) + 1

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one sample, without time."""
        return tuple(self.x_train.shape[1 + self.time_major :])

    def part(self, test: bool) -> tuple[Tensor, Tensor]:
        """x and y for testing or for training."""
        return (self.x_test, self.y_test) if test else (self.x_train, self.y_train)

    def take(self, indices: Tensor, test: bool = False) -> tuple[Tensor, Tensor]:
        """x and y of the samples at `indices`."""
        x, y = self.part(test)
        return x.index_select(int(self.time_major), indices), y[indices]

    def normalised(self, normalise: str | Sequence[float]) -> Samples:
        """(x - mean) / deviation: "none", "mnist" (0.1307, 0.3081), "half" (0.5, 0.5), or a pair of numbers."""
        mean, deviation = scale(normalise)
        if (mean, deviation) == (0.0, 1.0):
            return self
        return replace(self, x_train=(self.x_train - mean) / deviation, x_test=(self.x_test - mean) / deviation)

    def padded(self, pad: int) -> Samples:
        """Images [..., height, width] with a border of `pad` zeros on each side."""
        if whole_number(self.name, "pad", pad, at_least=0) == 0:
            return self
        if len(self.sample_shape) < 2:
            raise NeuroclError(f"{self.name}: pad={pad} needs images [height, width], got {self.sample_shape}")
        x_train, x_test = (functional.pad(x, (pad, pad, pad, pad)) for x in (self.x_train, self.x_test))
        return replace(self, x_train=x_train, x_test=x_test)


def scale(normalise: str | Sequence[float]) -> tuple[float, float]:
    """Mean and deviation of a normalisation; NeuroclError if there is none of that name."""
    if isinstance(normalise, str):
        if normalise not in NORMALISATIONS:
            known = ", ".join(NORMALISATIONS)
            raise NeuroclError(f"normalise must be one of {known}, or (mean, deviation), got {normalise!r}")
        return NORMALISATIONS[normalise]
    if not isinstance(normalise, tuple | list) or len(normalise) != 2 or not normalise[1] > 0:
        raise NeuroclError(f"normalise: expected (mean, deviation) with deviation > 0, got {shown(normalise)}")
    return float(normalise[0]), float(normalise[1])


def as_samples(data: Any) -> Samples:
    """Samples from "digits", "mnist", "fashion_mnist", a `neurocl.data.Dataset`, a `Samples`, or four tensors
    (x_train, y_train, x_test, y_test).

    Raises
    ------
    NeuroclError
        If it is none of these, or the samples are not as `Samples` wants them.
    """
    if isinstance(data, Samples):
        return data
    if isinstance(data, str):
        if data not in LOADERS:
            raise NeuroclError(f"there is no data set {data!r}{suggest(data, LOADERS)}")
        data = LOADERS[data]()
    if isinstance(data, sets.Dataset):
        return Samples(data.x_train, data.y_train, data.x_test, data.y_test, data.name)  # type: ignore[arg-type]
    if isinstance(data, tuple | list) and len(data) == 4:
        return Samples(*data)
    raise NeuroclError(
        "data must be the name of a data set, a Dataset, Samples, or four tensors (x_train, y_train, x_test, y_test),"
        f" got {shown(data)}"
    )
