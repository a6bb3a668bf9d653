"""What train-snn tells: its table, its numbers and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurocl.data.dataset import Dataset
from neurocl.experiments.classification import chance, confusion
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.readout import wilson_interval
from neurocl.experiments.run_folder import Arrays

if TYPE_CHECKING:
    from neurocl.experiments.train_snn import Config

__all__ = ["describe"]

COLUMNS = ("part", "images", "accuracy", "95 % from", "95 % to")


def describe(config: Config, data: Dataset, epochs: list[Arrays], times: dict[str, float]) -> Outcome:
    """Make the outcome of a run.

    Parameters
    ----------
    config, data : settings and images.
    epochs : for every epoch "loss", "train_accuracy", "answers" to the test images, and "rates" (Hz).
    times : wall seconds by stage.
    """
    last = epochs[-1]
    tests = [float(np.mean(epoch["answers"] == data.y_test)) for epoch in epochs]
    training = float(last["train_accuracy"][0])
    rows = [
        ("training, during the last epoch", len(data.y_train), training, *wilson_interval(training, len(data.y_train))),
        ("test", len(data.y_test), tests[-1], *wilson_interval(tests[-1], len(data.y_test))),
    ]
    results: dict[str, Any] = {
        "n_train": len(data.y_train), "n_test": len(data.y_test), "epochs": len(epochs), "chance": chance(data),
        "test_accuracy": tests[-1], "test_interval": list(rows[1][3:]), "train_accuracy": training,
        "hidden_rate_hz": float(last["rates"][0]), "output_rate_hz": float(last["rates"][1]),
        "course": [
            {"loss": float(e["loss"][0]), "train_accuracy": float(e["train_accuracy"][0]), "test_accuracy": test}
            for e, test in zip(epochs, tests, strict=True)
        ],
    }  # fmt: skip
    pictures = [
        _course(results["course"], results["chance"]),
        confusion(data, last["answers"], "Test images by true and predicted class."),
    ]
    title = f"Spiking network trained by surrogate gradients on {data.name}"
    return Outcome(title, _summary(config, data, results), COLUMNS, rows, results, times, pictures)


def _summary(config: Config, data: Dataset, results: dict[str, Any]) -> list[str]:
    low, high = results["test_interval"]
    return [
        f"{data.x_train.shape[1]} pixels, {config.hidden} leaky neurons and {data.n_classes} neurons for the classes;"
        f" {config.steps} steps of 1 ms per image, {results['epochs']} passes over the {results['n_train']} training"
        " images.",
        f"Test accuracy {results['test_accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f},"
        f" chance {results['chance']:.3f}).",
        f"On the test images a hidden neuron fires at {results['hidden_rate_hz']:.0f} Hz on average, a neuron of a"
        f" class at {results['output_rate_hz']:.0f} Hz.",
    ]


def _course(course: list[dict[str, float]], level: float) -> Picture:
    from matplotlib.figure import Figure

    passes = np.arange(1, len(course) + 1)
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(passes, [epoch["loss"] for epoch in course], "o-", color="#0072B2", markersize=4)
    left.set_ylabel("loss (cross entropy)")
    left.set_ylim(bottom=0)
    for key, label, color in (("train_accuracy", "training", "#0072B2"), ("test_accuracy", "test", "#D55E00")):
        right.plot(passes, [100 * epoch[key] for epoch in course], "o-", color=color, markersize=4, label=label)
    right.axhline(100 * level, color="#595959", linestyle=":", label="chance")
    right.set_ylabel("accuracy (%)")
    right.set_ylim(0, 100)
    right.legend(frameon=False, loc="lower right")
    for ax in (left, right):
        ax.set_xlabel("pass over the training images")
        ax.spines[["top", "right"]].set_visible(False)
    text = (
        "Loss and accuracy on the training images, averaged over each pass while the weights change, and accuracy on"
        " the test images after it. Chance: always answering the most frequent class."
    )
    return Picture("course", figure, text)
