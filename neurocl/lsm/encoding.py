"""How the samples of a user become input of a liquid: images as probabilities of events, or events as they are.

Either way samples are encoded a few at a time, when the liquid asks for them: memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.data.encoders import ImageEncoder, noisy_images, noisy_probabilities, shift_events
from neurocl.lsm.samples import LazySamples, as_array, sample_numbers

__all__ = ["Encoding", "EventEncoding", "ImageEncoding", "encoding"]

KINDS = ("image", "events")
PIXEL_NOISE, STEP_NOISE, TIME_NOISE = 125 / 255, 0.025, 10.0
"""Standard deviations: of pixels, in the largest one; of probabilities in a step; of event times, ms."""


class Encoding(Protocol):
    """What a classifier asks of an encoding."""

    n_inputs: int

    def fit(self, X: Any) -> Self:
        """Learn the scale of the training samples."""
        ...

    def samples(self, X: Any, steps: int, chosen: Sequence[int] | None = None) -> LazySamples:
        """The samples as a liquid takes them, for presentations of `steps` ms: all, or those with numbers `chosen`."""
        ...

    def noisy_samples(self, X: Any, steps: int, rng: np.random.Generator) -> LazySamples:
        """All samples with the noise of the published measure of kernel quality; see `neurocl.lsm.kernel`."""
        ...

    def pre_phase(self, X: Any, order: NDArray[np.int64], steps: int, rng: np.random.Generator) -> LazySamples:
        """The samples with the numbers `order`, for `steps` ms each."""
        ...


def encoding(kind: str, norm: str) -> Encoding:
    """Return the encoding called `kind`, "image" or "events"; `norm` as in `ImageEncoder`."""
    if kind not in KINDS:
        raise NeuroclError(f"encoding must be 'image' or 'events', got {shown(kind)}.")
    return ImageEncoding(norm) if kind == "image" else EventEncoding()


class ImageEncoding:
    """Images, [sample, pixel] or [sample, height, width], of any scale.

    Parameters
    ----------
    norm : as in `ImageEncoder`: whose largest share scales the probabilities.
    """

    n_inputs: int

    def __init__(self, norm: str) -> None:
        self.norm = norm

    def fit(self, X: Any) -> Self:
        images = _images(X)
        self.encoder = ImageEncoder().fit(images)
        self.n_inputs = int(np.prod(images.shape[1:]))
        return self

    def samples(self, X: Any, steps: int, chosen: Sequence[int] | None = None) -> LazySamples:
        images = _images(X)
        if int(np.prod(images.shape[1:])) != self.n_inputs or images.ndim < 2:
            raise NeuroclError(
                f"expected images of {self.n_inputs} pixels as in fit, [sample, ...], got shape {list(images.shape)}."
            )
        encoder = ImageEncoder().fit(images) if self.norm == "split" else self.encoder
        return _Encoded(encoder, images, _numbers(images, chosen))

    def noisy_samples(self, X: Any, steps: int, rng: np.random.Generator) -> LazySamples:
        return _Noisy(self.samples(noisy_images(_images(X), PIXEL_NOISE, rng), steps))

    def pre_phase(self, X: Any, order: NDArray[np.int64], steps: int, rng: np.random.Generator) -> LazySamples:
        return _Encoded(self.encoder, _images(X), order)


class EventEncoding:
    """Events [sample, step, channel] of 0 and 1: an array, or anything with a length whose slices are such arrays.

    A presentation takes the first steps of a sample; the pre-phase a window that begins at a random step from 1 on.
    """

    n_inputs: int

    def fit(self, X: Any) -> Self:
        self.n_inputs = _events(X[0:1]).shape[2]
        return self

    def samples(self, X: Any, steps: int, chosen: Sequence[int] | None = None) -> LazySamples:
        found = _events(X[0:1]).shape
        if found[1] < steps or found[2] != self.n_inputs:
            raise NeuroclError(
                f"expected events of at least {steps} steps and {self.n_inputs} channels, [sample, step, channel], got"
                f" {found[1]} and {found[2]}."
            )
        order = _numbers(X, chosen)
        return _Windows(X, order, np.zeros_like(order), steps)

    def noisy_samples(self, X: Any, steps: int, rng: np.random.Generator) -> LazySamples:
        last = _events(X[0:1]).shape[1] - 1
        shifts = np.clip(np.rint(TIME_NOISE * rng.standard_normal(len(X))), -last, last).astype(np.int64)
        return self.samples(_Shifted(X, shifts), steps)

    def pre_phase(self, X: Any, order: NDArray[np.int64], steps: int, rng: np.random.Generator) -> LazySamples:
        last = _events(X[0:1]).shape[1] - steps
        if last < 0:
            raise NeuroclError(f"expected events of at least pre_steps = {steps} steps, got {last + steps}.")
        # 1 to 278 for 20 of 300 steps, as published
        first = min(1, last)
        starts = rng.integers(first, max(last - 1, first + 1), size=len(order))
        return _Windows(X, order, starts, steps)


class _Encoded:
    """Images by their numbers, encoded when they are asked for."""

    def __init__(self, encoder: ImageEncoder, images: NDArray[Any], order: NDArray[np.int64]) -> None:
        self.encoder, self.images, self.order = encoder, images, order

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, part: slice) -> NDArray[np.float64]:
        return self.encoder.probabilities(self.images[self.order[part]])


class _Noisy:
    """Probabilities with noise in every step."""

    def __init__(self, samples: LazySamples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, part: slice) -> NDArray[np.float64]:
        return noisy_probabilities(self.samples[part], STEP_NOISE)


class _Shifted:
    """Events of which each sample is shifted in time, when they are asked for."""

    def __init__(self, X: Any, shifts: NDArray[np.int64]) -> None:
        self.events, self.shifts = X, shifts

    def __len__(self) -> int:
        return len(self.shifts)

    def __getitem__(self, part: slice) -> NDArray[np.bool_]:
        return shift_events(_events(self.events[part]), self.shifts[part])


class _Windows:
    """Windows of events by the number of the sample, read when they are asked for."""

    def __init__(self, X: Any, order: NDArray[np.int64], starts: NDArray[np.int64], steps: int) -> None:
        self.events, self.order, self.starts, self.steps = X, order, starts, steps

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, part: slice) -> NDArray[Any]:
        pairs = zip(self.order[part].tolist(), self.starts[part].tolist(), strict=True)
        return np.stack([_events(self.events[k : k + 1])[0, begin : begin + self.steps] for k, begin in pairs])


def _numbers(X: Any, chosen: Sequence[int] | None) -> NDArray[np.int64]:
    if chosen is None:
        return np.arange(len(X))
    return np.array(sample_numbers("present", "chosen", chosen, len(X)), dtype=np.int64)


def _images(X: Any) -> NDArray[Any]:
    try:
        return as_array(X)
    except (TypeError, ValueError) as error:
        raise NeuroclError(f"images must be an array [sample, ...] of numbers ({error}).") from None


def _events(part: Any) -> NDArray[Any]:
    array = as_array(part)
    if array.ndim != 3 or array.size == 0:
        raise NeuroclError(f"expected events [sample, step, channel], at least one, got shape {list(array.shape)}.")
    return array
