"""The handwritten digits that ship with scikit-learn: always there, no download.

1797 images of 8 x 8 pixels with 17 grey levels, the test part of UCI's "Optical Recognition of Handwritten
Digits" (Alpaydin and Kaynak, 1998).
"""

from __future__ import annotations

import math

import numpy as np

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset, stratified_choice


def digits(test_fraction: float = 0.2, seed: int = 0) -> Dataset:
    """Handwritten digits 0..9, 8 x 8 pixels, intensities = grey level / 16.

    These 1797 images have no official split, so one is drawn here: stratified (each digit has the same
    share in both parts, up to one sample) and a function of `test_fraction` and `seed` alone. Samples stay
    in scikit-learn's order within each part.

    Parameters
    ----------
    test_fraction : float, default 0.2
        Share of the samples in the test part, rounded up (360 of 1797 by default, 1437 are left for training).
    seed : int, default 0
        Chooses the test samples.

    Returns
    -------
    Dataset
        x of shape [sample, 8, 8].

    Raises
    ------
    NeuroclError
        If a part would be empty.
    """
    from sklearn.datasets import load_digits  # here, so that `import neurocl` stays light

    images, labels = load_digits(return_X_y=True)
    x = (images / 16).astype(np.float32).reshape(-1, 8, 8)
    y = labels.astype(np.int64)
    n_test = math.ceil(finite_number("digits", "test_fraction", test_fraction) * len(y))
    if not 0 < n_test < len(y):
        raise NeuroclError(
            f"digits: test_fraction must lie between 0 and 1 and leave samples in both parts, "
            f"got {test_fraction!r}."
        )
    rng = np.random.default_rng(whole_number("digits", "seed", seed))
    is_test = np.zeros(len(y), dtype=bool)
    is_test[stratified_choice(y, n_test, rng)] = True
    return Dataset("digits", x[~is_test], y[~is_test], x[is_test], y[is_test])
