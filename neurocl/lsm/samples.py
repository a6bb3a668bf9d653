"""Samples that a liquid is shown: probabilities of input events, or the events themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = [
    "LazySamples", "Samples", "as_array", "check_samples", "sample_numbers", "samples_per_part", "take"
]  # fmt: skip

LARGEST_PART = 2**26
"""Bytes of input that are read at a time."""


class LazySamples(Protocol):
    """Samples that are made when they are needed: a length, and slices that are arrays."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> NDArray[Any]: ...


Samples: TypeAlias = NDArray[Any] | LazySamples
"""[sample, input] (probabilities of an event per step), or [sample, step, input] (events)."""


def as_array(values: Any) -> NDArray[Any]:
    """`values` as an array, without the gradient of a tensor; TypeError or ValueError if they are no real numbers."""
    array = np.asarray(values.detach() if hasattr(values, "detach") else values)
    if np.iscomplexobj(array):
        raise TypeError("they are complex")
    return array


def sample_numbers(where: str, name: str, numbers: Sequence[int], n_samples: int) -> list[int]:
    """`numbers` as a list; NeuroclError, with `where` and `name`, unless each is the number of a sample."""
    if not np.iterable(numbers):
        raise NeuroclError(f"{where}: {name} must be a sequence of numbers of samples, got {shown(numbers)}")
    found = [whole_number(where, f"each of {name}", number) for number in numbers]
    for number in found:
        if number >= n_samples:
            raise NeuroclError(f"{where}: {name}={number} is no sample; there are {n_samples}, counted from 0")
    return found


def check_samples(where: str, samples: Samples, n_inputs: int, steps: int) -> None:
    """Refuse what has no length, and samples of a wrong shape."""
    if not hasattr(samples, "__len__") or not hasattr(samples, "__getitem__"):
        raise NeuroclError(f"{where}: samples must be an array [sample, {n_inputs}], got {shown(samples)}")
    if len(samples) == 0:
        raise NeuroclError(f"{where}: there are no samples; give an array [sample, {n_inputs}]")
    take(where, samples, 0, 1, n_inputs, steps)


def samples_per_part(samples: Samples) -> int:
    """How many samples to read at a time."""
    return max(1, min(500, LARGEST_PART // max(8 * as_array(samples[0:1]).size, 1)))


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
        part = np.asarray(as_array(samples[first:last]), dtype=np.float64)
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
