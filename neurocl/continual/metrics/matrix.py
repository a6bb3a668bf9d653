"""Metrics of the accuracy matrix R[i, j]: accuracy on task j after learning task i; T tasks, b[j] before learning.

ACC                 1/T sum_j R[T-1, j]
BWT                 1/(T-1) sum_{i<T-1} (R[T-1, i] - R[i, i])
FWT                 1/(T-1) sum_{i>=1} (R[i-1, i] - b[i])
forgetting          1/(T-1) sum_{j<T-1} (max_{j<=l<T-1} R[l, j] - R[T-1, j])
learning accuracy   1/T sum_i R[i, i]
average incremental accuracy    1/T sum_i mean_{j<=i} R[i, j]
intransigence       I_k = a[k] - R[k, k], and its mean; a[k]: accuracy on task k after joint training on tasks 0 ... k
Sources   ACC, BWT, FWT: Lopez-Paz & Ranzato (2017), NeurIPS 30. Forgetting, intransigence: Chaudhry et al. (2018),
          ECCV. A, BWT, FWT over all pairs: Diaz-Rodriguez et al. (2018), arXiv:1810.13166.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["accuracy_matrix_metrics", "intransigence"]


def accuracy_matrix_metrics(
    R: ArrayLike,
    b: ArrayLike | None = None,
    joint: ArrayLike | None = None,
    denominator: Literal["T-1", "T"] = "T-1",
    forgetting_from: Literal["own", "first"] = "own",
) -> dict[str, float]:
    """All metrics of a matrix.

    Parameters
    ----------
    R : accuracies [T, T]; entries above the diagonal may be NaN.
    b : accuracies before learning [T], for forward transfer. Default: NaN.
    joint : a [T], for intransigence. Default: NaN.
    denominator : of BWT, FWT and forgetting; "T" is that of GEM's own code.
    forgetting_from : whether the maximum begins after the task's "own" training or after the "first" task's.

    Returns
    -------
    dict
        "acc", "bwt", "fwt", "forgetting", "forgetting_first" (= -bwt), "learning_accuracy",
        "average_incremental_accuracy", "intransigence", and over all pairs of tasks "a_all", "bwt_all", "fwt_all",
        "remembering" (REM), "positive_bwt". NaN where it is not defined, as all transfer for T = 1.

    Raises
    ------
    NeuroclError
        If a shape is wrong, or there is no such option.
    """
    for name, value, known in (
        ("denominator", denominator, ("T-1", "T")),
        ("forgetting_from", forgetting_from, ("own", "first")),
    ):
        if value not in known:
            raise NeuroclError(f"accuracy_matrix_metrics: {name} must be one of {', '.join(known)}, got {value!r}")
    r = _square(R)
    n = len(r)
    before, a = (_row(name, values, n) for name, values in (("b", b), ("joint", joint)))
    diagonal, last = np.diag(r), r[-1]
    pairs = n - 1 if denominator == "T-1" else n
    lower, upper = np.tril_indices(n), np.triu_indices(n, 1)
    found = {
        "acc": last.mean(),
        "learning_accuracy": diagonal.mean(),
        "average_incremental_accuracy": np.mean([r[i, : i + 1].mean() for i in range(n)]),
        "intransigence": (a - diagonal).mean(),
        "a_all": r[lower].mean(),
    }
    names = ("bwt", "fwt", "forgetting", "forgetting_first", "bwt_all", "fwt_all", "remembering", "positive_bwt")
    if n == 1:
        return {key: float(value) for key, value in found.items()} | dict.fromkeys(names, math.nan)
    # What is not known, or comes before the task's own training, is no candidate for the maximum.
    early = np.triu(np.full((n, n), forgetting_from == "own") | np.isnan(r), 1)
    best = np.where(early, -np.inf, r)[:-1, :-1].max(0)
    below = np.tril_indices(n, -1)
    found |= {
        "bwt": (last - diagonal)[:-1].sum() / pairs,
        "fwt": (np.diag(r, 1) - before[1:]).sum() / pairs,
        "forgetting": (best - last[:-1]).sum() / pairs,
        "bwt_all": (r[below] - diagonal[below[1]]).mean(),
        "fwt_all": r[upper].mean(),
    }
    found["forgetting_first"] = -found["bwt"]
    found["remembering"] = 1.0 - abs(min(found["bwt_all"], 0.0))
    found["positive_bwt"] = max(found["bwt_all"], 0.0)
    return {key: float(value) for key, value in found.items()}


def intransigence(R: ArrayLike, joint: ArrayLike) -> NDArray[np.float64]:
    """I_k = a[k] - R[k, k] of each task, [T]; arguments as in `accuracy_matrix_metrics`."""
    r = _square(R)
    lost: NDArray[np.float64] = _row("joint", joint, len(r)) - np.diag(r)
    return lost


def _square(R: ArrayLike) -> NDArray[np.float64]:
    r = np.asarray(R, dtype=np.float64)
    if r.ndim != 2 or r.shape[0] != r.shape[1] or not r.size:
        raise NeuroclError(f"accuracy_matrix_metrics: R must be [T, T], got shape {r.shape}")
    return r


def _row(name: str, values: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if values is None:
        return np.full(n, np.nan)
    row = np.asarray(values, dtype=np.float64)
    if row.shape != (n,):
        raise NeuroclError(f"accuracy_matrix_metrics: {name} must have the shape ({n},), one per task, got {row.shape}")
    return row
