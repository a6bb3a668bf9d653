"""A number of any range as hashed bits: near numbers share bits, far ones only by chance.

Index   floor(x / resolution)
Bits    MurmurHash3(index + k, seed) mod size, k = 0 ... w - 1; where bits coincide there are fewer than w
Note    the reference casts to an unsigned number, which is not defined below 0; here the floor is signed and hashed in
        two's complement, which is the same for x >= 0
Source  steps as in the library htm.core
"""

from __future__ import annotations

import math

import numpy as np

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr._saving import SavedSettings
from neurocl.sdr.encoders.hashing import murmur3
from neurocl.sdr.encoders.scalar import active_bits_of, check_one, number_or_nan, plain, resolution_of
from neurocl.sdr.sdr import SDR

__all__ = ["RandomDistributedScalarEncoder"]


class RandomDistributedScalarEncoder(SavedSettings):
    """Encode any number.

    Parameters
    ----------
    size : bits.
    active_bits, sparsity : w, or the fraction w / size; give one.
    radius, resolution, category : the distance from which on two numbers share bits only by chance; or the distance
        between two codes; or True for whole numbers that share none; give one.
    seed : of the hash.

    Raises
    ------
    NeuroclError
        Also if, with fewer than 1000 bits or 10 active ones, any of 1000 random pairs of numbers shares more than 33 %
        of its bits.
    """

    def __init__(
        self, size: int, *, active_bits: int | None = None, sparsity: float | None = None,
        radius: float | None = None, resolution: float | None = None, category: bool | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        owner = "RandomDistributedScalarEncoder"
        self.size = whole_number(owner, "size", size, at_least=1)
        self.seed = whole_number(owner, "seed", seed)
        self.active_bits = active_bits_of(owner, active_bits, sparsity, size)
        if self.active_bits > self.size:
            raise NeuroclError(f"{owner}: size must be at least the {self.active_bits} active bits, got {size}.")
        given = check_one(owner, radius=radius, resolution=resolution, category=category)
        self.category = given == "category"
        self.resolution = resolution_of(owner, self.active_bits, radius, resolution, category)
        self.radius = self.resolution * self.active_bits
        lengths = {"radius": radius, "resolution": resolution, "category": category}
        self._settings = {
            "size": self.size, "active_bits": self.active_bits, given: plain(lengths[given]), "seed": self.seed,
        }  # fmt: skip
        if self.size < 1000 or self.active_bits < 10:
            self._check_collisions()

    def encode(self, value: float) -> SDR:
        """The SDR of a number; NaN has no active bit."""
        number = number_or_nan("RandomDistributedScalarEncoder", value)
        if math.isnan(number):
            return SDR(self.size)
        if math.isinf(number / self.resolution) or (self.category and number != math.floor(number)):
            expected = "a whole number" if self.category else f"finite, also in steps of {self.resolution:g}"
            raise NeuroclError(f"RandomDistributedScalarEncoder: value must be {expected}, got {value!r}.")
        # A category is a whole number of `active_bits` steps of 1 / active_bits, which rounding must not spoil.
        index = int(number) * self.active_bits if self.category else math.floor(number / self.resolution)
        return SDR(self.size, sorted(self._bits(index)))

    def _check_collisions(self) -> None:
        rng = np.random.default_rng(self.seed)
        for first, second in rng.integers(0, 2**31, (1000, 2)):
            shared = self._bits(int(first)) & self._bits(int(second))
            if len(shared) > 0.33 * self.active_bits:
                raise NeuroclError(
                    f"RandomDistributedScalarEncoder: size and active_bits are too small, unlike numbers share"
                    f" {len(shared)} of {self.active_bits} bits; take more bits, or more active ones."
                )

    def _bits(self, index: int) -> set[int]:
        return {murmur3([index + k], self.seed) % self.size for k in range(self.active_bits)}
