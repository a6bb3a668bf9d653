"""Settings of the digit learner, and what suits each set of images."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["DEFAULTS", "Config", "Defaults"]


@dataclass(frozen=True)
class Defaults:
    """What suits one set of images: training images (None: all), passes, sum of weights, rate of a white pixel (Hz)."""

    n_train: int | None
    epochs: int
    weight_total: float
    max_rate: float


# MNIST: the paper's weights and rate. Other data: all pixels together fire as often as those of MNIST. The weights of
# the digits, which have few and large pixels, were chosen by hand, with the test part in sight.
DEFAULTS = {
    "digits": Defaults(None, 2, 15.0, 330.0),
    "mnist": Defaults(10_000, 1, 78.0, 63.75),
    "fashion_mnist": Defaults(10_000, 1, 78.0, 29.0),
}


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    data : "digits", "mnist" or "fashion_mnist".
    n : excitatory neurons, at least 10.
    n_train, n_test : images; none: all of the digits, 10 000 training images of the others and all test images.
    epochs : how often the training images are shown; none: twice the digits, once the others (paper: three times).
    label_images : training images that label the neurons, at most; those shown last are taken.
    weight_total : sum of the input weights of a neuron; none: 78, for the digits 15.
    max_rate : of a white pixel's source, Hz; none: 63.75 for MNIST, for other data so that all pixels fire as often.
    duration, rest : time with and without an image, ms.
    dt : time step, ms.
    theta_plus : growth of the threshold per spike, mV.
    delay : longest delay of the input, ms.
    chunk : images between two checkpoints.
    threads : for labels and test; none: all cores. The results do not depend on it.
    seed : of everything random, except the split of the digits, which is fixed.
    """

    data: Literal["digits", "mnist", "fashion_mnist"] = "digits"
    n: int = 200
    n_train: int | None = None
    n_test: int | None = None
    epochs: int | None = None
    label_images: int = 10_000
    weight_total: float | None = None
    max_rate: float | None = None
    duration: float = 350.0
    rest: float = 150.0
    dt: float = 0.5
    theta_plus: float = 0.05
    delay: float = 0.0
    chunk: int = 2000
    threads: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        owner = "digit-learner"
        if self.data not in DEFAULTS:
            raise NeuroclError(f"{owner}: data must be one of {', '.join(DEFAULTS)}, got {self.data!r}")
        for name, least in {"n": 10, "label_images": 10, "chunk": 1, "seed": 0}.items():
            whole_number(owner, name, getattr(self, name), at_least=least)
        for name, least in {"n_train": 10, "n_test": 10, "epochs": 1, "threads": 1}.items():
            if getattr(self, name) is not None:
                whole_number(owner, name, getattr(self, name), at_least=least)
        for name in ("duration", "rest", "dt"):
            positive_number(owner, name, getattr(self, name))
        for name in ("theta_plus", "delay"):
            non_negative_number(owner, name, getattr(self, name))
        for name in ("weight_total", "max_rate"):
            if getattr(self, name) is not None:
                positive_number(owner, name, getattr(self, name))
        for name in ("duration", "rest", "delay"):
            steps = getattr(self, name) / self.dt
            if not math.isclose(steps, round(steps), rel_tol=1e-9):
                raise NeuroclError(
                    f"{owner}: {name} must be a whole number of steps of dt = {self.dt:g} ms,"
                    f" got {getattr(self, name):g}"
                )

    def chosen(self) -> Defaults:
        """The settings that may be none, with their defaults for the data."""
        names = ("n_train", "epochs", "weight_total", "max_rate")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return replace(DEFAULTS[self.data], **given)
