"""Separation and approximation of a liquid, from which `analysis.kernel_quality` compares liquids.

Separation     SP = rank of the spike counts of `per_class` samples of each class, mean over draws of the samples
Approximation  AP = the same for the same samples with noise: of images, N(0, 125 of 255) in each pixel and N(0, 0.025)
               in the probability of each step; of events, one shift N(0, 10) ms per sample, reflected at the ends
Quality        SP and AP are rescaled over all liquids compared: quality = SP - AP, rescaled again
Scale          noisy images are scaled as the model scales all images. With parity it is by the largest share of the
               noisy set, as published: noise flattens images, so that those of MNIST drive seven times as hard
Source         Ivanov & Michmizos (2021), NeurIPS 34, and its published code (combra-lab/NALSM): 100 test samples of
               each class, 1000 draws
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurocl.analysis.kernel_quality import separation_rank
from neurocl.core._checks import whole_number
from neurocl.core._classes import class_numbers
from neurocl.lsm.classifier import LATER, LiquidClassifier, need_prepared, need_samples

__all__ = ["KernelRanks", "liquid_ranks"]


@dataclass(frozen=True)
class KernelRanks:
    """What `liquid_ranks` measured.

    Attributes
    ----------
    separation : mean rank of the counts of the samples; the more, the better different inputs are told apart.
    approximation : mean rank of the counts of the noisy samples; the fewer, the better noise is ignored.
    """

    separation: float
    approximation: float


def liquid_ranks(
    model: LiquidClassifier, X: Any, y: ArrayLike, *, per_class: int = 100, draws: int = 1000, seed: int = 0
) -> KernelRanks:
    """Present samples without and with noise, and return the ranks of the spike counts.

    Parameters
    ----------
    model : after `prepare` or `fit`.
    X : samples.
    y : array [sample], labels.
    per_class, draws : see `analysis.separation_rank`.
    seed : of the noise and of the draws.

    Examples
    --------
    >>> from neurocl.analysis import kernel_quality
    >>> from neurocl.lsm import LSM
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> liquids = [LSM(n=30, steps=50, magnitude=w).prepare(X) for w in (0.01, 2.0)]
    >>> found = [liquid_ranks(liquid, X[:100], y[:100], per_class=5, draws=10) for liquid in liquids]
    >>> kernel_quality([ranks.separation for ranks in found], [ranks.approximation for ranks in found]).shape
    (2,)
    """
    owner = "liquid_ranks"
    need_prepared(owner, model)
    class_numbers(owner, y, need_samples(owner, X))  # before the samples are presented
    rng = np.random.default_rng([whole_number(owner, "seed", seed), 1])
    separation = separation_rank(model.present(X).counts, y, per_class=per_class, draws=draws, rng=seed)
    noisy = model.encoding_.noisy_samples(X, model.steps, rng)
    counts = model.liquid_.present(
        noisy, model.steps, first_sample=LATER, threads=model.threads, batch=model.batch
    ).counts
    return KernelRanks(separation, separation_rank(counts, y, per_class=per_class, draws=draws, rng=seed))
