"""What experiments that compare methods of continual learning report alike: the table and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from neurocl.experiments.experiment import Picture

if TYPE_CHECKING:
    from neurocl.continual import Results

__all__ = ["COLUMNS", "best_of", "comparison_pictures", "comparison_rows", "describe_seeds"]

COLUMNS = ("strategy", "accuracy", "95 % from", "95 % to", "BWT", "forgetting", "to the first", "from", "to", "s/run")
"""Mean final accuracy with its interval, backward transfer, forgetting, the paired difference of the accuracy to the
first method with its interval, and the wall time of a run."""


def comparison_rows(found: Mapping[str, Results]) -> list[tuple[Any, ...]]:
    """Rows for `COLUMNS`, one per method; where nothing was tested, the accuracy is the online one."""
    first, rows = next(iter(found)), []
    for name, results in found.items():
        summary, metric = results.summary(), _metric(results)
        score = summary[metric]
        others = [summary[key].mean if key in summary else None for key in ("bwt", "forgetting")]
        paired = results.compared_with(found[first], metric) if name != first else None
        difference = [None] * 3 if paired is None else [_known(paired[key]) for key in ("difference", "low", "high")]
        seconds = summary["seconds"].mean
        rows.append((name, score.mean, _known(score.low), _known(score.high), *others, *difference, seconds))
    return rows


def describe_seeds(n_seeds: int) -> str:
    """The sentence that says what the intervals are."""
    return (
        f"Mean over {n_seeds} seeds with 95 % intervals (Student's t); every method saw the same streams and began with"
        " the same weights."
    )


def best_of(found: Mapping[str, Results]) -> str:
    """The sentence that names the best method."""
    accuracy = {name: results.summary()[_metric(results)].mean for name, results in found.items()}
    best = max(accuracy, key=lambda name: accuracy[name])
    return f"Highest mean accuracy: {best}, {100 * accuracy[best]:.1f} %."


def comparison_pictures(found: Mapping[str, Results]) -> list[Picture]:
    """Learning curves of all methods, and the accuracy matrix of each."""
    from matplotlib.figure import Figure

    from neurocl import plots

    curves = {text: results.matrix if results.matrix.size else results.online for text, results in found.items()}
    figure = Figure(figsize=(7.0, 3.6), layout="constrained")
    plots.learning_curves({text: _seen(values) for text, values in curves.items()}, figure.subplots())
    caption = "Mean accuracy on the tasks learned so far, with 95 % intervals over seeds."
    pictures = [Picture("curves", figure, caption)]
    tested = {text: results for text, results in found.items() if results.matrix.size}
    if tested:
        grid = Figure(figsize=(4.6 * len(tested), 3.8), layout="constrained")
        for ax, (text, results) in zip(grid.subplots(1, len(tested), squeeze=False)[0], tested.items(), strict=True):
            results.plot(ax).set_title(text)
        caption = "Accuracy on each task (column) after each experience (row), mean over seeds."
        pictures.append(Picture("matrices", grid, caption))
    return pictures


def _metric(results: Results) -> str:
    return "acc" if results.matrix.size else "online_accuracy"


def _seen(values: Any) -> Any:
    """Mean accuracy over the tasks seen so far [seed, experience]; online accuracies as they are."""
    if values.ndim == 2:
        return values
    return np.stack([np.nanmean(values[:, i, : i + 1], axis=1) for i in range(values.shape[1])], axis=1)


def _known(value: float) -> float | None:
    return None if value != value else value
