"""A number as a run of neighbouring active bits, on a line or a ring; a category as a run of its own.

Start       round((x - minimum) / resolution), halves away from zero; bits start ... start + w - 1
Size given  resolution = extent / size (ring) or extent / (size - w) (line)
Otherwise   resolution = radius / w, radius 1 for categories; size = ceil(extent / resolution), on a line w - 1 more
Source      steps as in the library htm.core
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neurocl.core._checks import finite_number, flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import half_away, sparsity_of
from neurocl.sdr._saving import SavedSettings
from neurocl.sdr.sdr import SDR

__all__ = ["CategoryEncoder", "ScalarEncoder"]


class ScalarEncoder(SavedSettings):
    """Encode numbers of a range.

    Parameters
    ----------
    minimum, maximum : of the range.
    active_bits, sparsity : w, or the fraction w / size; give one. `sparsity` needs `size`.
    size, radius, resolution, category : bits; or the distance from which on two numbers share no bit; or the distance
        between two codes; or True for whole numbers that share none; give one.
    clip : put numbers outside the range to its ends, instead of an error. Default False.
    periodic : the range is a ring, its ends are one. Default False.

    Attributes
    ----------
    size, active_bits, resolution, radius : as they follow.

    Examples
    --------
    >>> ScalarEncoder(0, 10, active_bits=3, size=13).encode(5)
    SDR( 13 ) 5, 6, 7
    """

    def __init__(
        self, minimum: float, maximum: float, *, active_bits: int | None = None, sparsity: float | None = None,
        size: int | None = None, radius: float | None = None, resolution: float | None = None,
        category: bool | None = None, clip: bool = False, periodic: bool = False,
    ) -> None:  # fmt: skip
        owner = "ScalarEncoder"
        self.minimum, self.maximum = (
            finite_number(owner, "minimum", minimum),
            finite_number(owner, "maximum", maximum),
        )
        self.clip, self.periodic = flag(owner, "clip", clip), flag(owner, "periodic", periodic)
        if self.minimum >= self.maximum:
            raise NeuroclError(f"{owner}: minimum must be below maximum, got {minimum!r} and {maximum!r}.")
        if self.clip and self.periodic:
            raise NeuroclError(f"{owner}: a periodic range has no ends to clip to; give one of clip and periodic.")
        given = check_one(owner, size=size, radius=radius, resolution=resolution, category=category)
        self.category = given == "category"
        self.active_bits = active_bits_of(owner, active_bits, sparsity, size)
        # The maximum itself belongs to a line, but on a ring it is the minimum.
        extent = (self.maximum if self.periodic else math.nextafter(self.maximum, math.inf)) - self.minimum
        w = self.active_bits
        if given == "size":
            self.size = whole_number(owner, "size", size, at_least=1)
            bands = self.size if self.periodic else self.size - w
            if bands < 1 or w > self.size:
                raise NeuroclError(f"{owner}: size must be above the {w} active bits, got {size}.")
            self.resolution = extent / bands
        else:
            self.resolution = resolution_of(owner, w, radius, resolution, category)
            self.size = math.ceil(extent / self.resolution) + (0 if self.periodic else w - 1)
            if w > self.size:
                raise NeuroclError(
                    f"{owner}: {given} makes {self.size} bits, fewer than the {w} active ones; use a longer range or a"
                    " finer code."
                )
        self.radius = w * self.resolution
        lengths = {"size": size, "radius": radius, "resolution": resolution, "category": category}
        self._settings = {
            "minimum": self.minimum, "maximum": self.maximum, "active_bits": w, given: plain(lengths[given]),
            "clip": self.clip, "periodic": self.periodic,
        }  # fmt: skip

    def encode(self, value: float) -> SDR:
        """The SDR of a number; NaN has no active bit. NeuroclError for a number outside the range."""
        number = number_or_nan("ScalarEncoder", value)
        if math.isnan(number):
            return SDR(self.size)
        if self.category and number % 1.0 != 0.0:
            raise NeuroclError(f"ScalarEncoder: value must be a whole number, as category=True says, got {value!r}.")
        if self.clip:
            number = min(max(number, self.minimum), self.maximum)
        if not self.minimum <= number <= self.maximum:
            hint = "" if self.periodic else "; clip=True takes the nearer end"
            raise NeuroclError(
                f"ScalarEncoder: value must lie between {self.minimum:g} and {self.maximum:g}, got {number!r}{hint}."
            )
        start = half_away((number - self.minimum) / self.resolution)
        if self.periodic:
            return SDR(self.size, (start + np.arange(self.active_bits)) % self.size)
        return SDR(self.size, min(start, self.size - self.active_bits) + np.arange(self.active_bits))


class CategoryEncoder(SavedSettings):
    """Encode whole numbers as runs of bits that do not overlap.

    ``ScalarEncoder(0, n_categories - 1, active_bits=..., category=True)`` gives the same codes by the reference's
    formula, whose rounding takes away the last bit in some cases (5 active bits and 8 categories are one); the last two
    categories then share a bit.

    Parameters
    ----------
    n_categories : they are numbered from 0.
    active_bits : of each.
    """

    def __init__(self, n_categories: int, active_bits: int) -> None:
        self.n_categories = whole_number("CategoryEncoder", "n_categories", n_categories, at_least=1)
        self.active_bits = whole_number("CategoryEncoder", "active_bits", active_bits, at_least=1)
        self.size = self.n_categories * self.active_bits
        self._settings = {"n_categories": self.n_categories, "active_bits": self.active_bits}

    def encode(self, category: int) -> SDR:
        """The SDR of a category; NeuroclError for an unknown one."""
        number = whole_number("CategoryEncoder", "category", category)
        if number >= self.n_categories:
            raise NeuroclError(
                f"CategoryEncoder: there is no category {number}; there are {self.n_categories}, numbered from 0."
            )
        return SDR(self.size, number * self.active_bits + np.arange(self.active_bits))


def check_one(owner: str, **options: Any) -> str:
    """Return the name of the one option that is given; NeuroclError for none or several."""
    given = [name for name, value in options.items() if value is not None]
    if len(given) != 1:
        raise NeuroclError(f"{owner}: give one of {', '.join(options)}, got {' and '.join(given) or 'none'}.")
    return given[0]


def active_bits_of(owner: str, active_bits: int | None, sparsity: float | None, size: int | None) -> int:
    """Return w from itself or from the sparsity."""
    if check_one(owner, active_bits=active_bits, sparsity=sparsity) == "active_bits":
        return whole_number(owner, "active_bits", active_bits, at_least=1)
    fraction = sparsity_of(owner, sparsity)
    if size is None:
        raise NeuroclError(f"{owner}: sparsity needs size; give size, or active_bits instead.")
    return max(1, half_away(whole_number(owner, "size", size, at_least=1) * fraction))


def resolution_of(
    owner: str, w: int, radius: float | None, resolution: float | None, category: bool | None
) -> float:  # fmt: skip
    """Return the distance between two codes from the one option that is given."""
    if resolution is not None:
        return positive_number(owner, "resolution", resolution)
    if radius is not None:
        return positive_number(owner, "radius", radius) / w
    if not flag(owner, "category", category):
        raise NeuroclError(f"{owner}: category can only be True; give radius or resolution instead.")
    return 1.0 / w


def plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def number_or_nan(owner: str, value: Any) -> float:
    """Return a float that may be NaN; NeuroclError for anything but a number that a float can hold."""
    try:
        if not isinstance(value, bool) and isinstance(value, int | float | np.integer | np.floating):
            return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        pass
    raise NeuroclError(f"{owner}: value must be a number that a float can hold, got {shown(value)}.")
