"""Regular lattices that give the neurons of a population positions, for distance-dependent wiring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError


@dataclass(frozen=True)
class Lattice:
    """A line, a rectangle or a box of equally spaced sites, one neuron per site.

    Sites are numbered in C order (the last index runs fastest) and start at the origin: site (i, j, k) lies
    at spacing * (i, j, k). Neuron m sits on site m, or, with `shuffle`, on a site drawn at random without
    replacement, so that slices of a population (excitatory, inhibitory) are mixed in space.

    Parameters
    ----------
    shape : sequence of 1 to 3 int
        Sites along x, y and z; a missing axis has one site, at 0. Default (10, 10, 10).
    spacing : float
        Distance between neighbours, > 0, in any unit of length. Default 1.
    shuffle : bool
        Give sites to neurons in random order. Default False.
    """

    shape: Sequence[int] = (10, 10, 10)
    spacing: float = 1.0
    shuffle: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.shape, (tuple, list)) or not 1 <= len(self.shape) <= 3:
            raise NeuroclError(f"Lattice: shape must be a tuple of 1 to 3 whole numbers, got {self.shape!r}.")
        shape = tuple(whole_number("Lattice", "each entry of shape", side, at_least=1) for side in self.shape)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "spacing", positive_number("Lattice", "spacing", self.spacing))
        flag("Lattice", "shuffle", self.shuffle)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return math.prod(self.shape)

    def positions(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Positions of the first `n` neurons.

        Parameters
        ----------
        n : int
            Number of neurons, at most `n_sites`.
        rng : np.random.Generator
            Used only with `shuffle`.

        Returns
        -------
        array of float64, shape [n, 3]

        Raises
        ------
        NeuroclError
            If there are more neurons than sites.
        """
        if n > self.n_sites:
            raise NeuroclError(
                f"Lattice(shape={self.shape}) has {self.n_sites} sites, too few for {n} neurons; enlarge it."
            )
        sites = rng.permutation(self.n_sites)[:n] if self.shuffle else np.arange(n)
        positions = np.zeros((n, 3))
        for axis, coordinate in enumerate(np.unravel_index(sites, tuple(self.shape))):
            positions[:, axis] = self.spacing * coordinate
        return positions
