"""A place on a grid as hashed bits: near places share bits, the more so the larger the radius.

Of all grid points within the (Chebyshev) radius, the w with the largest hashed order are kept, and each is one hashed
bit. Points keep their order wherever the centre is, so two overlapping squares choose largely the same.

Source  Purdy (2016), arXiv:1602.05925, section on geospatial encoders
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._saving import SavedSettings
from neurocl.sdr.encoders.hashing import murmur3
from neurocl.sdr.sdr import SDR

__all__ = ["CoordinateEncoder"]

_BIT, _ORDER = 0, 1


class CoordinateEncoder(SavedSettings):
    """Encode grid coordinates with a radius.

    Parameters
    ----------
    active_bits : w, at most as many as the square has points. Default 21.
    size : bits. Default 1000.
    seed : of the hash.
    """

    def __init__(self, active_bits: int = 21, size: int = 1000, seed: int = 0) -> None:
        self.active_bits = whole_number("CoordinateEncoder", "active_bits", active_bits, at_least=1)
        self.size = whole_number("CoordinateEncoder", "size", size, at_least=1)
        self.seed = whole_number("CoordinateEncoder", "seed", seed)
        self._settings = {"active_bits": self.active_bits, "size": self.size, "seed": self.seed}
        if self.active_bits > self.size:
            raise NeuroclError(f"CoordinateEncoder: active_bits must be at most the {size} bits, got {active_bits}.")

    def encode(self, coordinate: Sequence[int], radius: int) -> SDR:
        """The SDR of whole-number coordinates; fewer than `active_bits` bits where hashed ones coincide."""
        place = np.asarray(coordinate)
        if place.ndim != 1 or not place.size or place.dtype.kind not in "iu":
            raise NeuroclError(
                f"CoordinateEncoder: coordinate must be a list of whole numbers, got {shown(coordinate)}."
            )
        radius = whole_number("CoordinateEncoder", "radius", radius)
        points = list(itertools.product(*(range(int(c) - radius, int(c) + radius + 1) for c in place)))
        if len(points) < self.active_bits:
            raise NeuroclError(
                f"CoordinateEncoder: radius {radius} holds {len(points)} points, fewer than the {self.active_bits}"
                " active bits; take a larger radius."
            )
        points.sort(key=lambda point: (-murmur3([_ORDER, *point], self.seed), point))
        return SDR(self.size, sorted({murmur3([_BIT, *p], self.seed) % self.size for p in points[: self.active_bits]}))
