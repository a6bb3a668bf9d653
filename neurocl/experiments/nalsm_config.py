"""Settings of the NALSM experiment, and what suits each set of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurocl.core._checks import finite_number, flag, non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.lsm.network import LARGEST_WEIGHT

__all__ = ["DATA", "MODELS", "Config"]

DATA = ("digits", "mnist", "fashion_mnist")
MODELS = ("lsm", "lsm+stdp", "lsm+ap-stdp", "nalsm")
SMALLEST = (60, 10)
"""Images for training and testing."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    data : "digits", "mnist" or "fashion_mnist".
    n : neurons of the liquids, at least 20.
    models : which of "lsm", "lsm+stdp", "lsm+ap-stdp" and "nalsm".
    n_train, n_test : images; none: all.
    steps : of a presentation, ms.
    magnitude : of the weights of the static liquid.
    w_astro : change of the rate of depression per spike; published: 0.015 for 1000 neurons, 0.0075 for 8000.
    density : share of the neurons and of the inputs of NALSM whose spikes reach its astrocyte.
    c_th, c_width : calcium window of AP-STDP, Hz.
    plastic_stdp : whether the synapses of LSM+STDP change while samples are presented; published runs: not.
    pre_steps, pre_samples : ms of each sample of the pre-phase, and how many; none: all training images.
    sweep : values of w_astro whose branching factor is measured; may be empty.
    starts : magnitudes, at most 3, from which the approach to the operating point is shown; may be empty.
    sweep_samples : samples of the pre-phase for `sweep` and `starts`, at most.
    bf_samples : images over which a branching factor is averaged.
    save_counts : whether the spike counts are written beside the results, n bytes per image and model or twice as many.
    chunk : presentations between two checkpoints.
    threads : none: all cores. The results do not depend on it.
    seed : of everything random, except the split of the digits, which is fixed.
    """

    data: Literal["digits", "mnist", "fashion_mnist"] = "digits"
    n: int = 500
    models: tuple[str, ...] = MODELS
    n_train: int | None = None
    n_test: int | None = None
    steps: int = 250
    magnitude: float = 0.8
    w_astro: float = 0.015
    density: float = 1.0
    c_th: float = 37.0
    c_width: float = 22.0
    plastic_stdp: bool = False
    pre_steps: int = 20
    pre_samples: int | None = None
    sweep: tuple[float, ...] = (0.002, 0.0075, 0.015, 0.025, 0.05, 0.1, 0.2)
    starts: tuple[float, ...] = (0.5, 1.0, 3.0)
    sweep_samples: int = 3000
    bf_samples: int = 20
    save_counts: bool = False
    chunk: int = 2000
    threads: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.data not in DATA:
            raise NeuroclError(f"nalsm: data must be one of {', '.join(DATA)}, got {self.data!r}")
        for name in ("models", "sweep", "starts"):
            if not isinstance(getattr(self, name), tuple | list):
                raise NeuroclError(f"nalsm: {name} must be a tuple, got {shown(getattr(self, name))}")
        models = list(self.models)
        if not models or any(name not in MODELS or models.count(name) > 1 for name in models):
            raise NeuroclError(f"nalsm: models must name some of {', '.join(MODELS)}, each once, got {self.models!r}")
        # A branching factor needs 59 steps.
        least = {"n": 20, "steps": 60, "pre_steps": 1, "sweep_samples": 1, "bf_samples": 1, "chunk": 1, "seed": 0}
        for name, smallest in least.items():
            whole_number("nalsm", name, getattr(self, name), at_least=smallest)
        for name, smallest in {"n_train": SMALLEST[0], "n_test": SMALLEST[1], "pre_samples": 0, "threads": 1}.items():
            if getattr(self, name) is not None:
                whole_number("nalsm", name, getattr(self, name), at_least=smallest)
        for name in ("magnitude", "w_astro"):
            non_negative_number("nalsm", name, getattr(self, name))
        if positive_number("nalsm", "density", self.density) > 1.0:
            raise NeuroclError(f"nalsm: density must lie in (0, 1], got {self.density!r}")
        finite_number("nalsm", "c_th", self.c_th)
        positive_number("nalsm", "c_width", self.c_width)
        for name in ("plastic_stdp", "save_counts"):
            flag("nalsm", name, getattr(self, name))
        for name in ("sweep", "starts"):
            for value in getattr(self, name):
                non_negative_number("nalsm", name, value)
        if max(self.starts, default=0.0) > LARGEST_WEIGHT:
            raise NeuroclError(f"nalsm: starts must be at most {LARGEST_WEIGHT:g}, got {max(self.starts):g}")
