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
from neurocl.core._checks import finite_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["rotate", "rotated"]

ORDER = {"nearest": 0, "bilinear": 1}
RIGHT_ANGLES = (0.0, 90.0, 180.0, 270.0)


@constructor
def rotated(
    data: Samples,
    n_experiences: int | None = None,
    scenario: Scenario = "domain",
    seed: int = 0,
    angles: Literal["stratified", "uniform"] | tuple[float, ...] | None = None,
    interpolation: Literal["bilinear", "nearest"] | None = None,
    active: Active = "seen",
    normalise: str | tuple[float, float] = "none",
) -> Benchmark:
    """Every task rotates all images by its own angle, counter-clockwise, with zeros where nothing was.

    Parameters
    ----------
    data : name of a data set, `Dataset`, `Samples`, or (x_train, y_train, x_test, y_test); images [sample, height,
        width] or [sample, channel, height, width].
    n_experiences : number of tasks. Default: one per angle if they are given, otherwise 20.
    scenario, active, normalise : as in `permuted`.
    seed : draws the angles.
    angles : degrees. "stratified" (default): task t of T draws from [180 t / T, 180 (t + 1) / T) (GEM); "uniform": each
        from [0, 180) (DER); or one per task. Multiples of 90 of square images are exact.
    interpolation : "bilinear" (default), or "nearest" (GEM, DER, Avalanche).

    Notes
    -----
    The images of "digits" are too small to be turned by any angle without loss: if neither `n_experiences` nor `angles`
    nor `interpolation` is given, their tasks are four, at exactly 0, 90, 180 and 270 degrees.
    """
    given = any(argument is not None for argument in (n_experiences, angles, interpolation))
    chosen = angles if angles is not None else "stratified" if given or data.name != "digits" else RIGHT_ANGLES
    method = "bilinear" if interpolation is None else interpolation
    _check(data, n_experiences, chosen, method)
    n = n_experiences or (20 if isinstance(chosen, str) else len(chosen))
    mean, deviation = scale(normalise)

    @lru_cache(maxsize=1024)
    def angle(index: int) -> float:
        if not isinstance(chosen, str):
            return float(chosen[index])
        low, width = (180 * index / n, 180 / n) if chosen == "stratified" else (0.0, 180.0)
        return float(low + width * generator(seed, "transforms", index).random())

    return transformed(
        "rotated", data, n, scenario, active, seed,
        transform=lambda index, x: (rotate(x, angle(index), method) - mean) / deviation,
        describe=lambda index: {"angle": angle(index)},
    )  # fmt: skip


def rotate(x: Tensor, angle: float, interpolation: str = "bilinear") -> Tensor:
    """Images rotated by `angle` degrees counter-clockwise about their centre."""
    if angle % 90 == 0 and x.shape[-1] == x.shape[-2]:
        return torch.rot90(x, int(angle // 90) % 4, (-2, -1))
    from scipy import ndimage

    # Axes (-1, -2): SciPy turns from the first axis to the second, and rows count downwards. Mode "constant" would see
    # nothing beyond the centres of the border pixels, and lose them.
    turned = ndimage.rotate(
        np.asarray(x), angle, (-1, -2), reshape=False, order=ORDER[interpolation], mode="grid-constant"
    )
    return torch.from_numpy(turned)


def _check(data: Samples, n: int | None, angles: str | tuple[float, ...], interpolation: str) -> None:
    if data.time_major or len(data.sample_shape) not in (2, 3):
        raise NeuroclError(f"rotated: samples must be images [height, width], got {data.sample_shape}")
    if interpolation not in ORDER:
        raise NeuroclError(f"rotated: interpolation must be 'bilinear' or 'nearest', got {interpolation!r}")
    if angles in ("stratified", "uniform"):
        return
    if not isinstance(angles, tuple | list) or len(angles) == 0:
        raise NeuroclError(
            f"rotated: angles must be 'stratified', 'uniform' or one number per task, got {shown(angles)}"
        )
    if len(angles) != (n or len(angles)):
        raise NeuroclError(f"rotated: angles must be one for each of {n} experiences, got {shown(angles)}")
    for angle in angles:
        finite_number("rotated", "angles", angle)
