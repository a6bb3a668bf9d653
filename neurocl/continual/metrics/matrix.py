"""Metrics of the accuracy matrix R[i, j]: accuracy on task j after learning task i; T tasks, b[j] before learning.

ACC                 1/T sum_j R[T-1, j]
BWT                 1/(T-1) sum_{i<T-1} (R[T-1, i] - R[i, i])
FWT                 1/(T-1) sum_{i>=1} (R[i-1, i] - b[i])
forgetting          1/(T-1) sum_{j<T-1} (max_{j<=l<T-1} R[l, j] - R[T-1, j])
learning accuracy   1/T sum_i R[i, i]
average incremental accuracy    1/T sum_i mean_{j<=i} R[i, j]
intransigence       mean_k (a[k] - R[k, k]), a[k]: accuracy on task k of a model trained jointly on tasks 0 ... k
Sources   ACC, BWT, FWT: Lopez-Paz & Ranzato (2017), NeurIPS 30. Forgetting, intransigence: Chaudhry et al. (2018),
          ECCV. A, BWT, FWT over all pairs: Diaz-Rodriguez et al. (2018), arXiv:1810.13166.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError

__all__ = ["accuracy_matrix_metrics"]


def accuracy_matrix_metrics(
    matrix: ArrayLike,
    baseline: ArrayLike | None = None,
    joint: ArrayLike | None = None,
    denominator: Literal["T-1", "T"] = "T-1",
    forgetting_from: Literal["own", "first"] = "own",
) -> dict[str, float]:
    """All metrics of a matrix.

    Parameters
    ----------
    matrix : R [T, T]; entries above the diagonal may be NaN.
    baseline : b [T], for forward transfer. Default: NaN.
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
        If a shape is wrong.
    """
    r = np.asarray(matrix, dtype=np.float64)
    if r.ndim != 2 or r.shape[0] != r.shape[1] or not r.size:
        raise NeuroclError(f"accuracy_matrix_metrics: matrix must be [T, T], got shape {r.shape}")
    n = len(r)
    b, a = (_row(name, values, n) for name, values in (("baseline", baseline), ("joint", joint)))
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
    first = np.arange(n - 1) if forgetting_from == "own" else np.zeros(n - 1, dtype=int)
    best = np.array([r[first[j] : n - 1, j].max() for j in range(n - 1)])
    below = np.tril_indices(n, -1)
    found |= {
        "bwt": (last - diagonal)[:-1].sum() / pairs,
        "fwt": (np.diag(r, 1) - b[1:]).sum() / pairs,
        "forgetting": (best - last[:-1]).sum() / pairs,
        "bwt_all": (r[below] - diagonal[below[1]]).mean(),
        "fwt_all": r[upper].mean(),
    }
    found["forgetting_first"] = -found["bwt"]
    found["remembering"] = 1.0 - abs(min(found["bwt_all"], 0.0))
    found["positive_bwt"] = max(found["bwt_all"], 0.0)
    return {key: float(value) for key, value in found.items()}


def _row(name: str, values: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if values is None:
        return np.full(n, np.nan)
    row = np.asarray(values, dtype=np.float64)
    if row.shape != (n,):
        raise NeuroclError(f"accuracy_matrix_metrics: {name} must have the shape ({n},), one per task, got {row.shape}")
    return row
