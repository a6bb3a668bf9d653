"""What hlop-pmnist tells: the accuracy matrix, ACC and BWT, and its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurocl.experiments.experiment import Outcome, Picture

if TYPE_CHECKING:
    from neurocl.continual import Results
    from neurocl.experiments.hlop_pmnist import Config

__all__ = ["describe"]

COLUMNS = ("task", "after learning it", "at the end", "change")


def describe(config: Config, results: Results, times: dict[str, float]) -> Outcome:
    """Make the outcome of a run.

    Parameters
    ----------
    config : settings.
    results : of one seed.
    times : wall seconds by stage.
    """
    matrix = results.matrix[0]
    learned, final = np.diag(matrix), matrix[-1]
    acc, change = float(final.mean()), final - learned
    bwt = float(change[:-1].mean()) if len(matrix) > 1 else None
    rows = [(f"{k}", float(a), float(b), float(b - a)) for k, (a, b) in enumerate(zip(learned, final, strict=True))]
    rows.append(("mean", float(learned.mean()), acc, float(change.mean())))
    found: dict[str, Any] = {
        "acc": acc, "bwt": bwt, "learning_accuracy": float(learned.mean()),
        "accuracy": [[None if math.isnan(value) else value for value in row] for row in matrix.tolist()],
        "subspaces": {key: value[0].tolist() for key, value in results.records.items()},
    }  # fmt: skip
    title = f"Permuted MNIST: {config.strategy}, {config.method}"
    return Outcome(title, _summary(config, found), COLUMNS, rows, found, times, _pictures(results))


def _summary(config: Config, found: dict[str, Any]) -> list[str]:
    about = (
        f"784-{config.hidden}-{config.hidden}-10 spiking neurons, trained by {config.method} on {config.tasks} tasks"
        f" one after the other ({config.strategy}); one head, the task is not told at the test."
    )
    told = f"Mean accuracy over all tasks at the end (ACC): {100 * found['acc']:.2f} %."
    if found["bwt"] is not None:
        told += f" What the tasks lost since they were learned (BWT): {100 * found['bwt']:+.2f} points."
    lines = [about, told]
    errors = [v[-1] for k, v in found["subspaces"].items() if k.startswith("orthogonality")]
    if errors:
        layers = ", ".join(f"{error:.2g}" for error in errors)
        lines.append(f"Distance of the subspaces' rows from orthonormal at the end, by layer: {layers}.")
    return lines


def _pictures(results: Results) -> list[Picture]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    results.plot(left)
    results.plot_curves(right)
    return [Picture("accuracy", figure, "Accuracy on every task after learning each, and its course.")]
