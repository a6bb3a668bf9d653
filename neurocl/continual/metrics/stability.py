"""The stability gap: accuracy on old tasks during the training of a new one (De Lange, van de Ven & Tuytelaars 2023).

A(E_j, n): accuracy on task j after update n; t_k: the update that ends task k (tasks counted from 1 here)
    min-ACC_k = 1/(k-1) sum_{j<k} min_{t_j < n <= t_k} A(E_j, n)
    WC-ACC_k  = 1/k A(E_k, t_k) + (1 - 1/k) min-ACC_k
    WF^w      = mean over tasks of the largest A(n1) - A(n2), n1 < n2 among w consecutive evaluations
    WP^w      the same with A(n2) - A(n1)
An accuracy that is NaN was not measured, and takes no part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["stability_metrics", "windowed_forgetting", "windowed_plasticity"]


def stability_metrics(
    trace: ArrayLike,
    steps: ArrayLike,
    ends: ArrayLike,
    windows: tuple[int, ...] = (10, 100),
    count_future: bool = False,
) -> dict[str, float]:
    """Worst-case metrics after the last task that the trace covers.

    Parameters
    ----------
    trace : accuracy [evaluation, task].
    steps : update after which each evaluation was made, rising [evaluation].
    ends : update that ends each task, rising [task].
    windows : w, in evaluations.
    count_future : whether the minimum of a task is over all evaluations in which it is not the one in training, also
        before it was learned, as in the public class of Soutif-Cormerais, Carta & van de Weijer (2023).

    Returns
    -------
    dict
        "min_acc" (NaN for one task, and if an old task was never tested after its end), "wc_acc" (also NaN if there
        is no evaluation at the end of the last task), and "wf_10", "wp_10", ... for each window.

    Raises
    ------
    NeuroclError
        If the lengths do not fit.
    """
    a, n, t = (np.asarray(values, dtype=np.float64) for values in (trace, steps, ends))
    if a.ndim != 2 or n.shape != a.shape[:1] or t.shape != a.shape[1:] or not a.size:
        raise NeuroclError(
            "stability_metrics: expected trace [evaluation, task] with steps [evaluation] and ends [task], got"
            f" {a.shape}, {n.shape} and {t.shape}"
        )
    last = len(t) - 1
    minima = []
    for j in range(last):
        begin = t[j - 1] if j else -np.inf
        counted = (n > t[j]) | ((n <= begin) & count_future)
        minima.append(np.fmin.reduce(a[counted & (n <= t[last]), j], initial=np.nan))
    min_acc = float(np.mean(minima)) if minima else np.nan
    current = float(np.fmax.reduce(a[n == t[last], last], initial=np.nan))
    found = {"min_acc": min_acc, "wc_acc": current if last == 0 else current / (last + 1) + last / (last + 1) * min_acc}
    for window in windows:
        found[f"wf_{window}"] = windowed_forgetting(a, window)
        found[f"wp_{window}"] = windowed_plasticity(a, window)
    return found


def windowed_forgetting(trace: ArrayLike, window: int) -> float:
    """Largest loss of accuracy within `window` consecutive evaluations, mean over tasks; trace [evaluation, task]."""
    return windowed_plasticity(-np.asarray(trace, dtype=np.float64), window)


def windowed_plasticity(trace: ArrayLike, window: int) -> float:
    """Largest gain of accuracy within `window` consecutive evaluations, mean over tasks; trace [evaluation, task]."""
    a = np.asarray(trace, dtype=np.float64)
    a = a[:, None] if a.ndim == 1 else a
    whole_number("windowed_plasticity", "window", window, at_least=2)
    gain: NDArray[np.float64] = np.zeros(a.shape[1])
    for lag in range(1, min(window, len(a))):
        gain = np.fmax(gain, np.fmax.reduce(a[lag:] - a[:-lag], axis=0))
    measured = ~np.isnan(a).all(0)
    return float(gain[measured].mean()) if measured.any() else np.nan
