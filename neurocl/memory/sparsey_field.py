"""Sparsey on images: many small macrocolumns, each with a patch, and classes read from their codes by counting.

Features     of a patch: its bright pixels and its dark ones, so that equally many are active in each
Learning     as in `Sparsey`, with V = U^exponent; a column learns from patches of which more than `band` is bright and
             dark, and stops for good when a share `freeze` of its weights is set. After that it only recognises
Classes      log p(class) + sum over all modules of log p(winner | class), from counts with 1 added; each image once
Source       Rinkus (2014), Front. Comput. Neurosci. 8:160, for the columns; the readout is the naive Bayes rule
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import stream_key, uniform
from neurocl.memory._sparsey_kernels import add_evidence, code_images, count_classes

__all__ = ["SparseyField"]

GAMMA, CHI, G_MIN = 1.0, 2.0, 0.5
"""Of the expansivity: columns of 64 cells keep patches apart with less of it than the columns of `Sparsey`."""


class SparseyField:
    """Columns over the patches of square images, and counts of classes.

    Parameters
    ----------
    side : pixels of a side of the image.
    n_classes : classes.
    patch, stride : side of a patch, and steps between patches, in pixels. Default 7 and 2.
    n_modules, n_cells : Q and K of each column. Default 4 and 64.
    exponent : of the support. Default 20.
    freeze : share of set weights at which a column stops learning. Default 0.12.
    band : share of a patch that must be bright, and dark, to be learned. Default 0.1.
    seed : of the winners that are drawn.

    Attributes
    ----------
    weights : uint8 [column, feature, Q K]. counts : int64 [column Q, K, class]. n_set, n_seen : int64 [column], [1].
    """

    def __init__(
        self, side: int, n_classes: int, patch: int = 7, stride: int = 2, n_modules: int = 4, n_cells: int = 64, *,
        exponent: float = 20.0, freeze: float = 0.12, band: float = 0.1, seed: int = 0,
    ) -> None:  # fmt: skip
        owner = "SparseyField"
        self.side = whole_number(owner, "side", side, at_least=2)
        self.patch = whole_number(owner, "patch", patch, at_least=2)
        if patch > side:
            raise NeuroclError(f"{owner}: patch must be at most the {side} pixels of the image's side, got {patch}.")
        self.stride = whole_number(owner, "stride", stride, at_least=1)
        self.n_modules = whole_number(owner, "n_modules", n_modules, at_least=1)
        self.n_cells = whole_number(owner, "n_cells", n_cells, at_least=2)
        self.exponent = positive_number(owner, "exponent", exponent)
        self.freeze, self.band = finite_number(owner, "freeze", freeze), finite_number(owner, "band", band)
        if not (0.0 <= self.band < 0.5 and 0.0 < self.freeze <= 1.0):
            raise NeuroclError(
                f"{owner}: band must lie in [0, 0.5) and freeze in (0, 1], got {self.band:g} and {self.freeze:g}."
            )
        self.seed = whole_number(owner, "seed", seed)
        starts = range(0, side - patch + 1, stride)
        pixels = np.arange(side * side).reshape(side, side)
        found = [pixels[i : i + patch, j : j + patch].ravel() for i in starts for j in starts]
        self.patches: NDArray[np.int64] = np.array(found)
        columns = len(self.patches)
        self.weights = np.zeros((columns, 2 * patch**2, n_modules * n_cells), dtype=np.uint8)
        self.n_set, self.n_seen = np.zeros(columns, dtype=np.int64), np.zeros(1, dtype=np.int64)
        classes = whole_number(owner, "n_classes", n_classes, at_least=1)
        self.counts = np.zeros((columns * n_modules, n_cells, classes), dtype=np.int64)

    def learn(self, images: NDArray[np.bool_], labels: NDArray[np.int64]) -> None:
        """Learn images [row, pixel] and their classes, each in a single trial, in order."""
        count_classes(self._codes(images, learn=True), labels, self.counts)
        self.n_seen += len(images)

    def codes(self, images: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Winners of all modules of all columns as images are recognised, int64 [row, column Q]."""
        return self._codes(images, learn=False)

    def scores(self, images: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Logarithm of the joint probability of each class and the codes, float64 [row, class]."""
        per_class = self.counts[0].sum(axis=0)
        evidence = np.log((self.counts + 1.0) / (per_class + self.n_cells))
        scores = np.tile(np.log((per_class + 1.0) / (per_class + 1.0).sum()), (len(images), 1))
        add_evidence(self.codes(images), evidence, scores)
        return scores

    def _codes(self, images: NDArray[np.bool_], learn: bool) -> NDArray[np.int64]:
        rows = np.ascontiguousarray(images, dtype=np.uint8)
        codes = np.empty((len(rows), len(self.patches), self.n_modules), dtype=np.int64)
        key, index = stream_key(self.seed, "sparsey field"), np.arange(codes[:1].size, dtype=np.uint32)
        first = int(self.n_seen[0]) if learn else 0
        lots = np.array([uniform(index, key, first + k, int(not learn)) for k in range(len(rows))])
        table = (np.arange(self.patch**2 + 1, dtype=np.float32) / self.patch**2) ** np.float32(self.exponent)
        limits = (self.band, self.freeze, G_MIN, CHI, GAMMA)
        code_images(
            rows, self.patches, self.weights, self.n_set, table, lots.reshape(len(rows), -1), limits, learn, codes
        )
        return codes.reshape(len(rows), -1)


def image_side(owner: str, sample_shape: tuple[int, ...]) -> int:
    """Side of square images of this shape; NeuroclError if they are not square images."""
    side = math.isqrt(math.prod(sample_shape))
    if side**2 != math.prod(sample_shape) or side < 2:
        raise NeuroclError(f"{owner}: samples must be square images of one channel, got shape {sample_shape}.")
    return side
