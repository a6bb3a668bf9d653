"""What the digit learner tells: its table, its numbers and its figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.data.dataset import Dataset
from neurocl.experiments.classification import chance, confusion
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.neuron_labels import label_neurons, predict
from neurocl.experiments.readout import wilson_interval
from neurocl.experiments.run_folder import Arrays

if TYPE_CHECKING:
    from neurocl.experiments.digit_learner_config import Config

__all__ = ["describe", "progress"]

COLUMNS = ("part", "images", "accuracy", "95 % from", "95 % to")
INTERVALS = 15
"""Points of the learning curve, as far as an interval has between 200 and 10 000 presentations."""

SHOWN = 400
"""Receptive fields that are drawn, at most."""

Labelled = tuple[NDArray[np.uint16], NDArray[np.int64]]


def describe(
    config: Config, data: Dataset, training: Labelled, labelling: Labelled, testing: NDArray[np.uint16],
    learned: Arrays, times: dict[str, float],
) -> Outcome:  # fmt: skip
    """Make the outcome of a run.

    Parameters
    ----------
    config, data : settings and images.
    training, labelling : responses [image, neuron] and classes during training and of the images that label neurons.
    testing : responses to the test images.
    learned : weights "w" and thresholds "theta".
    times : wall seconds by stage.
    """
    labels = label_neurons(*labelling, data.n_classes)
    predicted = predict(testing, labels, data.n_classes)
    scores = {
        "images that label": (predict(labelling[0], labels, data.n_classes) == labelling[1]),
        "test": predicted == data.y_test,
    }
    rows = []
    for name, right in scores.items():
        rows.append((name, len(right), float(right.mean()), *wilson_interval(float(right.mean()), len(right))))
    curve = progress(*training, data.n_classes)
    results = {
        "n_train": len(data.y_train), "n_test": len(data.y_test), "presentations": len(training[1]),
        "chance": chance(data), "test_accuracy": rows[1][2], "test_interval": list(rows[1][3:]),
        "labelling_accuracy": rows[0][2],
        "progress": [{"presentations": k, "accuracy": score} for k, score, _ in curve],
        **_activity(testing, labels, learned, data.n_classes),
    }  # fmt: skip
    pictures = [
        _learning(curve, rows[1], data),
        _fields(data, learned["w"].reshape(data.x_train.shape[1], -1), labels),
        confusion(data, predicted, "Test images by true and predicted class."),
    ]
    title = f"Unsupervised digit learner (Diehl & Cook 2015) on {data.name}"
    return Outcome(title, _summary(config, data, results), COLUMNS, rows, results, times, pictures)


def _activity(
    testing: NDArray[np.uint16], labels: NDArray[np.int64], learned: Arrays, n_classes: int
) -> dict[str, Any]:
    """How the test images are answered, and what the neurons have become."""
    return {
        "neurons_by_class": [int(np.sum(labels == c)) for c in range(n_classes)],
        "neurons_without_label": int(np.sum(labels < 0)),
        "spikes_per_test_image": float(testing.sum(axis=1).mean()),
        "share_of_most_active_neuron": float(testing.max(axis=1).sum() / max(testing.sum(), 1)),
        "theta": {"mean": float(learned["theta"].mean()), "highest": float(learned["theta"].max())},
    }


def progress(responses: NDArray[np.uint16], classes: NDArray[np.int64], n_classes: int) -> list[tuple[int, float, int]]:
    """Accuracy during training: (presentations so far, accuracy, images) for each interval but the first.

    An interval is predicted with labels from the responses to the interval before it.
    """
    length = int(np.clip(math.ceil(len(classes) / INTERVALS), 200, 10_000))
    found = []
    for k in range(length, len(classes) - length // 2, length):
        labels = label_neurons(responses[k - length : k], classes[k - length : k], n_classes)
        right = predict(responses[k : k + length], labels, n_classes) == classes[k : k + length]
        found.append((k + len(right), float(right.mean()), len(right)))
    return found


def _summary(config: Config, data: Dataset, results: dict[str, Any]) -> list[str]:
    low, high = results["test_interval"]
    passes = config.chosen().epochs
    epochs = "one pass" if passes == 1 else f"{passes} passes"
    share, theta = 100 * results["share_of_most_active_neuron"], results["theta"]
    return [
        f"{config.n} excitatory neurons saw {len(data.y_train)} images of {data.name} in {epochs}, without"
        f" labels. Then each neuron was labelled by the class that it answers most. Accuracy on {len(data.y_test)} test"
        f" images: {results['test_accuracy']:.4f} (95 % interval {low:.4f} to {high:.4f}); always answering the most"
        f" frequent class gives {results['chance']:.4f}.",
        f"A test image evokes {results['spikes_per_test_image']:.1f} spikes, {share:.0f} % of them from the most"
        f" active neuron. The mean of theta went from 20 to {theta['mean']:.1f} mV, the highest is"
        f" {theta['highest']:.1f} mV; {results['neurons_without_label']} neurons never answer.",
        "Reported by Diehl & Cook (2015) for MNIST with 400 neurons: 87.0 % after three passes (unverified here).",
    ]


def _learning(curve: list[tuple[int, float, int]], test: Any, data: Dataset) -> Picture:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 3.6), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    if curve:
        shown, scores, sizes = (np.array(column) for column in zip(*curve, strict=True))
        low, high = np.array([wilson_interval(score, n) for score, n in zip(scores, sizes, strict=True)]).T
        ax.fill_between(shown, 100 * low, 100 * high, color="#0072B2", alpha=0.2, linewidth=0)
        ax.plot(shown, 100 * scores, "o-", color="#0072B2", markersize=4, label="during training")
    ax.axhline(100 * test[2], color="#D55E00", linestyle="--", label=f"test ({100 * test[2]:.1f} %)")
    ax.axhline(100 * chance(data), color="#595959", linestyle=":", label="chance")
    ax.set_ylim(0, 100)
    ax.set_xlim(left=0)
    ax.set_xlabel("presentations")
    ax.set_ylabel("accuracy (%)")
    ax.legend(frameon=False, loc="lower right")
    text = (
        "Accuracy during training, each interval predicted with labels from the one before (band: 95 % interval), and"
        " on the test images after it. Chance: always answering the most frequent class."
    )
    return Picture("learning", figure, text)


def _fields(data: Dataset, weights: NDArray[Any], labels: NDArray[np.int64]) -> Picture:
    """Input weights of each neuron as an image, neurons in the order of their labels."""
    from matplotlib.figure import Figure

    order = np.argsort(labels, kind="stable")
    order = order[np.linspace(0, len(order) - 1, min(len(order), SHOWN)).round().astype(int)]
    columns = math.ceil(math.sqrt(len(order)))
    rows, side = math.ceil(len(order) / columns), math.isqrt(len(weights))
    tiles = np.full((rows * columns, side + 1, side + 1), np.nan)
    tiles[: len(order), :side, :side] = weights[:, order].T.reshape(-1, side, side)
    picture = tiles.reshape(rows, columns, side + 1, side + 1).swapaxes(1, 2).reshape(rows * (side + 1), -1)
    figure = Figure(figsize=(7.5, 6.4 * rows / columns + 0.2), layout="constrained")
    ax = figure.subplots()
    drawn = ax.imshow(picture[:-1, :-1], cmap="magma", interpolation="nearest", vmin=0.0)
    figure.colorbar(drawn, ax=ax, shrink=0.8, label="weight (units of the leak)")
    ax.set_axis_off()
    counts = ", ".join(f"{c}: {int(np.sum(labels == c))}" for c in range(data.n_classes))
    text = (
        f"Input weights of {len(order)} excitatory neurons in the order of their labels, row by row. Neurons by class:"
        f" {counts}."
    )
    return Picture("receptive_fields", figure, text)
