"""Samples that a liquid is shown: probabilities of input events, or the events themselves."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown

__all__ = ["LazySamples", "Samples", "check_samples", "samples_per_part", "take"]

LARGEST_PART = 2**26
"""Bytes of input that are read at a time."""


class LazySamples(Protocol):
    """Samples that are made when they are needed: a length, and slices that are arrays."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> NDArray[Any]: ...


Samples: TypeAlias = NDArray[Any] | LazySamples
"""[sample, input] (probabilities of an event per step), or [sample, step, input] (events)."""


def check_samples(where: str, samples: Samples, n_inputs: int, steps: int) -> None:
    """Refuse what has no length, and samples of a wrong shape."""
    if not hasattr(samples, "__len__") or not hasattr(samples, "__getitem__"):
        raise NeuroclError(f"{where}: samples must be an array [sample, {n_inputs}], got {shown(samples)}")
    if len(samples) == 0:
        raise NeuroclError(f"{where}: there are no samples; give an array [sample, {n_inputs}]")
    take(where, samples, 0, 1, n_inputs, steps)


def samples_per_part(samples: Samples) -> int:
    """How many samples to read at a time."""
    return max(1, min(500, LARGEST_PART // max(8 * np.asarray(samples[0:1]).size, 1)))


def take(where: str, samples: Samples, first: int, last: int, n_inputs: int, steps: int) -> NDArray[np.float64]:
    """Samples `first` to `last` - 1 as checked numbers.

    Parameters
    ----------
    where : the caller, for errors.
    samples, n_inputs, steps : as in `Liquid.present`.

    Returns
    -------
    float64 [sample, n_inputs] or [sample, steps, n_inputs]
    """
    try:
        part = np.asarray(samples[first:last], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NeuroclError(f"{where}: samples must be an array [sample, {n_inputs}] of numbers ({error})") from None
    if part.ndim not in (2, 3) or part.shape[-1] != n_inputs or len(part) != last - first:
        raise NeuroclError(
            f"{where}: expected samples [sample, {n_inputs}] or events [sample, {steps}, {n_inputs}], got"
            f" {['sample', *part.shape[1:]]}; flatten images with x.reshape(len(x), -1)"
        )
    if part.ndim == 3 and part.shape[1] != steps:
        raise NeuroclError(f"{where}: events have {part.shape[1]} steps, expected {steps}; give steps={part.shape[1]}")
    if not ((part >= 0) & (part <= 1)).all():
        raise NeuroclError(
            f"{where}: samples must be probabilities of an event per step, from 0 to 1, got {part.min():g} to"
            f" {part.max():g}; encode the images first"
        )
    if part.ndim == 3 and not ((part == 0) | (part == 1)).all():
        raise NeuroclError(f"{where}: events [sample, step, {n_inputs}] must be 0 or 1")
    return part
