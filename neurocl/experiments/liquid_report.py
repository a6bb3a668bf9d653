"""What the liquid experiment tells: its table, its numbers and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.recording import Spikes
from neurocl.data.dataset import Dataset
from neurocl.experiments.classification import chance, confusion
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.readout import Readout, wilson_interval
from neurocl.experiments.run_folder import Arrays

if TYPE_CHECKING:
    from neurocl.experiments.liquid import Config

__all__ = ["describe"]

NAMES = {"pixels": "raw pixels", "static": "static liquid", "plastic": "liquid with STDP"}
COLUMNS = ("readout on", "features", "C", "train accuracy", "test accuracy", "95 % from", "95 % to")
HEALTHY = (1.0, 100.0)
"""Mean rates (Hz) outside which a liquid counts as silent or saturated."""


def describe(
    config: Config,
    data: Dataset,
    counts: Mapping[str, Arrays],
    weights: Arrays,
    readouts: Mapping[str, Readout],
    example: Mapping[str, Spikes],
    times: dict[str, float],
) -> Outcome:
    """Make the outcome of a run from its spike counts, weights, readouts and one example."""
    activity = {name: _activity(config, parts["test"]) for name, parts in counts.items()}
    rows, accuracy = [], {}
    for name, readout in readouts.items():
        low, high = wilson_interval(readout.test_accuracy, len(data.y_test))
        size = config.n if name in counts else data.x_train.shape[1]
        rows.append((NAMES[name], size, readout.strength, readout.train_accuracy, readout.test_accuracy, low, high))
        accuracy[name] = {
            "train": readout.train_accuracy, "test": readout.test_accuracy, "interval": [low, high],
            "C": readout.strength,
        }  # fmt: skip
    results = {
        "seed": config.seed, "n_train": len(data.y_train), "n_test": len(data.y_test),
        "chance": chance(data), "accuracy": accuracy, "activity": activity, "weights": _weights(config, weights),
    }  # fmt: skip
    pictures = _pictures(config, data, weights, readouts, example)
    results["only_right"] = _only_right(data, readouts)
    summary = _summary(data, results)
    return Outcome(f"Liquid state machine with STDP on {data.name}", summary, COLUMNS, rows, results, times, pictures)


def _activity(config: Config, counts: NDArray[np.float32]) -> dict[str, float]:
    """Rates in Hz over the test images, and how many neurons or images stayed without a spike."""
    rates = counts / config.duration * 1000.0
    return {
        "excitatory_rate": float(rates[:, : config.n_exc].mean()),
        "inhibitory_rate": float(rates[:, config.n_exc :].mean()),
        "highest_neuron_rate": float(rates.mean(axis=0).max()),
        "silent_neurons": float((counts.max(axis=0) == 0).mean()),
        "silent_images": float((counts.max(axis=1) == 0).mean()),
    }


def _weights(config: Config, weights: Arrays) -> dict[str, float]:
    found: dict[str, float] = {"n": int(weights["after"].size)}
    for name, values in weights.items():
        if values.size:
            found[f"mean_{name}"] = float(values.mean())
    if weights["after"].size:
        found["at_zero"] = float((weights["after"] < 0.02 * config.weight).mean())
        found["at_maximum"] = float((weights["after"] > 1.98 * config.weight).mean())
    return found


def _only_right(data: Dataset, readouts: Mapping[str, Readout]) -> dict[str, float]:
    """Test images that only one of the two liquids gets right, and the exact two-sided sign test of these numbers."""
    from scipy.stats import binomtest

    right = {name: readouts[name].predicted == data.y_test for name in ("static", "plastic")}
    static = int(np.sum(right["static"] & ~right["plastic"]))
    plastic = int(np.sum(right["plastic"] & ~right["static"]))
    p_value = float(binomtest(plastic, plastic + static).pvalue) if plastic + static else 1.0
    return {"static": static, "plastic": plastic, "p_value": p_value}


def _summary(data: Dataset, results: dict[str, Any]) -> list[str]:
    test = {name: found["test"] for name, found in results["accuracy"].items()}
    highest = max(test.values())
    best = " and ".join(NAMES[name] for name, score in test.items() if score == highest)
    only = results["only_right"]
    return [
        f"Trained on {len(data.y_train)} and tested on {len(data.y_test)} images of {data.name}. Test accuracy:"
        f" raw pixels {test['pixels']:.4f}, static liquid {test['static']:.4f}, liquid with STDP {test['plastic']:.4f};"
        f" highest: {best}. Always answering the most frequent class gives {results['chance']:.4f}.",
        f"STDP changes the liquid's accuracy by {100 * (test['plastic'] - test['static']):+.2f} percentage points:"
        f" {only['plastic']} images are right only with STDP, {only['static']} only without (sign test, p ="
        f" {only['p_value']:.2g}). Each readout's C is chosen from the same values by cross-validation on the training"
        " part.",
        _regime([results["activity"][name]["excitatory_rate"] for name in ("static", "plastic")]),
    ]


def _regime(rates: list[float]) -> str:
    if all(HEALTHY[0] <= rate <= HEALTHY[1] for rate in rates):
        return f"The excitatory neurons fire at {rates[0]:.1f} Hz before and {rates[1]:.1f} Hz after STDP."
    return (
        f"The excitatory neurons fire at {rates[0]:.3g} Hz before and {rates[1]:.3g} Hz after STDP, outside"
        f" {HEALTHY[0]:g} to {HEALTHY[1]:g} Hz: change input_current or weight before reading much into this."
    )


def _pictures(
    config: Config, data: Dataset, weights: Arrays, readouts: Mapping[str, Readout], example: Mapping[str, Spikes]
) -> list[Picture]:
    from matplotlib.figure import Figure

    from neurocl import plots

    raster = Figure(figsize=(7.5, 4.8), layout="constrained")
    plots.raster(example, raster.subplots())
    scores = np.array([readout.test_accuracy for readout in readouts.values()])
    low, high = np.array([wilson_interval(score, len(data.y_test)) for score in scores]).T
    bars = Figure(figsize=(6.0, 2.2), layout="constrained")
    labels = [NAMES[name] for name in readouts]
    errors = np.maximum([scores - low, high - scores], 0.0)
    plots.accuracy_bars(labels, scores, bars.subplots(), errors=errors, chance=chance(data))
    found = [
        Picture("accuracy", bars, "Test accuracy of the three readouts with 95 % Wilson intervals; chance: always"
                " answering the most frequent class."),
        Picture("raster", raster, f"One presentation of a {data.y_test[0]} ({config.duration:g} ms) to the liquid"
                " with STDP: its Poisson input, excitatory and inhibitory neurons."),
    ]  # fmt: skip
    if weights["after"].size:
        histogram = Figure(figsize=(5.5, 3.4), layout="constrained")
        named = {"before STDP": weights["before"], "after STDP": weights["after"]}
        plots.weights(named, histogram.subplots(), unit="pA")
        text = f"Weights of the {weights['after'].size} excitatory synapses onto excitatory neurons."
        found.append(Picture("weights", histogram, text))
    found.append(
        confusion(
            data,
            readouts["plastic"].predicted,
            "Test images by true and predicted class, readout on the liquid with STDP.",
        )
    )
    return found
