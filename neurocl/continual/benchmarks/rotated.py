"""Rotated: one angle per task (Lopez-Paz & Ranzato 2017, NeurIPS 30)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from neurocl.continual.benchmark import Benchmark
from neurocl.continual.benchmarks._constructor import constructor
from neurocl.continual.benchmarks._tasks import transformed
from neurocl.continual.experience import Active, Scenario
from neurocl.continual.samples import Samples, scale
from neurocl.continual.seeding import generator
from neurocl.core.errors import NeuroclError, shown

__all__ = ["rotate", "rotated"]

ORDER = {"nearest": 0, "bilinear": 1}


@constructor
def rotated(
    data: Samples,
    n_experiences: int = 10,
    scenario: Scenario = "domain",
    seed: int = 0,
    angles: Literal["stratified", "uniform"] | tuple[float, ...] = "stratified",
    interpolation: Literal["bilinear", "nearest"] = "bilinear",
    active: Active = "seen",
    normalise: str | tuple[float, float] = "none",
) -> Benchmark:
    """Every task rotates all images by its own angle, counter-clockwise, with zeros where nothing was.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test); images [sample, height,
        width] or [sample, channel, height, width].
    n_experiences : number of tasks.
    scenario, active, normalise : as in `permuted`.
    seed : draws the angles.
    angles : degrees. "stratified": task t of T draws from [180 t / T, 180 (t + 1) / T) (GEM); "uniform": each from
        [0, 180) (DER); or one per task. Multiples of 90 of square images are exact.
    interpolation : "bilinear", or "nearest" (GEM, DER).
    """
    _check(data, n_experiences, angles, interpolation)
    mean, deviation = scale(normalise)

    @lru_cache(maxsize=1024)
    def angle(index: int) -> float:
        if not isinstance(angles, str):
            return float(angles[index])
        low, width = (180 * index / n_experiences, 180 / n_experiences) if angles == "stratified" else (0.0, 180.0)
        return float(low + width * generator(seed, "transforms", index).random())

    return transformed(
        "rotated", data, n_experiences, scenario, active, seed,
        transform=lambda index, x: (rotate(x, angle(index), interpolation) - mean) / deviation,
        describe=lambda index: {"angle": angle(index)},
    )  # fmt: skip


def rotate(x: Tensor, angle: float, interpolation: str = "bilinear") -> Tensor:
    """Images rotated by `angle` degrees counter-clockwise about their centre."""
    if angle % 90 == 0 and x.shape[-1] == x.shape[-2]:
        return torch.rot90(x, int(angle // 90) % 4, (-2, -1))
    from scipy import ndimage

    # Axes (-1, -2): SciPy turns from the first axis to the second, and rows count downwards.
    turned = ndimage.rotate(np.asarray(x), angle, (-1, -2), reshape=False, order=ORDER[interpolation])
    return torch.from_numpy(turned)


def _check(data: Samples, n_experiences: int, angles: object, interpolation: str) -> None:
    if data.time_major or len(data.sample_shape) not in (2, 3):
        raise NeuroclError(f"rotated: samples must be images [height, width], got {data.sample_shape}")
    if interpolation not in ORDER:
        raise NeuroclError(f"rotated: interpolation must be 'bilinear' or 'nearest', got {interpolation!r}")
    if isinstance(angles, str) and angles not in ("stratified", "uniform"):
        raise NeuroclError(f"rotated: angles must be 'stratified', 'uniform' or one number per task, got {angles!r}")
    if isinstance(angles, tuple | list) and len(angles) != n_experiences:
        raise NeuroclError(f"rotated: angles must be one for each of {n_experiences} experiences, got {shown(angles)}")
