"""What the NALSM experiment tells: its table, its numbers and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from neurocl.data.dataset import Dataset
from neurocl.experiments.classification import chance, confusion
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.nalsm_config import Config
from neurocl.experiments.readout import wilson_interval
from neurocl.experiments.run_folder import Arrays

if TYPE_CHECKING:
    from neurocl.lsm import Presentation

__all__ = ["describe"]

NAMES = {"lsm": "LSM", "lsm+stdp": "LSM+STDP", "lsm+ap-stdp": "LSM+AP-STDP", "nalsm": "NALSM"}
COLUMNS = ("model", "test accuracy", "95 % from", "95 % to", "train accuracy", "branching factor", "liquid spikes/ms")
PUBLISHED = {
    "mnist": {"lsm": 0.9520, "lsm+stdp": 0.8947, "lsm+ap-stdp": 0.9549, "nalsm": 0.9596},
    "fashion_mnist": {"nalsm": 0.8305},
}
"""Accuracies for 1000 neurons; of LSM, that for weights of 0.8."""
BLUE, RED = "#0072B2", "#D55E00"
COLORS = (BLUE, "#009E73", RED, "#E69F00", "#CC79A7")


def describe(
    config: Config,
    data: Dataset,
    found: Mapping[str, Arrays],
    examples: Mapping[str, Presentation],
    sweep: Mapping[float, Arrays],
    starts: Mapping[float, Arrays],
    times: dict[str, float],
) -> Outcome:
    """Make the outcome of a run from what was found for each model, w_astro and start."""
    rows, models = [], {}
    for name, arrays in found.items():
        accuracy = float(np.mean(arrays["predicted"] == data.y_test))
        low, high = wilson_interval(accuracy, len(data.y_test))
        factor, rate = _number_or_none(arrays["branching_factor"]), _number(arrays["rate"])
        train = _number(arrays["train_accuracy"])
        rows.append((NAMES[name], accuracy, low, high, train, factor, rate))
        models[name] = {
            "test": accuracy, "interval": [low, high], "train": train,
            "C": _number(arrays["strength"]), "branching_factor": factor, "liquid_spikes_per_ms": rate,
            "input_spikes_per_ms": _number(arrays["input_rate"]), "silent_test_images": _number(arrays["silent"]),
            "published": PUBLISHED.get(data.name, {}).get(name),
        }  # fmt: skip
    results = {
        "n_train": len(data.y_train), "n_test": len(data.y_test), "chance": chance(data), "models": models,
        "sweep": [{"w_astro": w, **_numbers(arrays)} for w, arrays in sweep.items()],
        "starts": [{"magnitude": m, **_columns(arrays)} for m, arrays in starts.items()],
    }  # fmt: skip
    pictures = _pictures(config, data, found, examples, sweep, starts, rows)
    title = f"NALSM: an astrocyte tunes a liquid, on {data.name}"
    return Outcome(title, _summary(config, data, results), COLUMNS, rows, results, times, pictures)


def _number(value: Any) -> float:
    """The number in an array, of any shape: one with no axis comes back from a checkpoint with one."""
    return float(np.asarray(value).item())


def _number_or_none(value: Any) -> float | None:
    """A number for JSON, which has no NaN: the branching factor of a silent liquid is none."""
    number = _number(value)
    return number if np.isfinite(number) else None


def _numbers(arrays: Arrays) -> dict[str, float | None]:
    return {key: _number_or_none(value) for key, value in arrays.items()}


def _columns(arrays: Arrays) -> dict[str, list[float | None]]:
    return {key: [_number_or_none(value) for value in column] for key, column in arrays.items()}


def _summary(config: Config, data: Dataset, results: dict[str, Any]) -> list[str]:
    models = results["models"]
    scores = ", ".join(f"{NAMES[name]} {found['test']:.4f}" for name, found in models.items())
    text = [
        f"Liquids of {config.n} neurons; {len(data.y_train)} training and {len(data.y_test)} test images of {data.name}"
        f" for {config.steps} ms each. Test accuracy: {scores}; always answering the most frequent class gives"
        f" {results['chance']:.4f}. Images are encoded by the largest share of the training set (norm 'train')."
    ]
    if "nalsm" in models and models["nalsm"]["branching_factor"] is not None:
        found = models["nalsm"]
        text.append(
            f"With w_astro = {config.w_astro:g} the astrocyte keeps NALSM at {found['liquid_spikes_per_ms']:.1f} liquid"
            f" spikes per ms beside {found['input_spikes_per_ms']:.1f} input spikes, and at a branching factor of"
            f" {found['branching_factor']:.2f}. The factor depends on the rate; 1 alone does not mean critical."
        )
    published = PUBLISHED.get(data.name, {})
    known = [f"{NAMES[name]} {published[name]:.4f}" for name in models if name in published]
    if known:
        text.append(f"Published for 1000 neurons and all images: {', '.join(known)} (Ivanov & Michmizos 2021).")
    return text


def _pictures(
    config: Config, data: Dataset, found: Any, examples: Any, sweep: Any, starts: Any, rows: Any
) -> list[Picture]:
    from matplotlib.figure import Figure

    from neurocl import plots

    scores, low, high = (np.array([row[k] for row in rows]) for k in (1, 2, 3))
    bars = Figure(figsize=(6.0, 1.0 + 0.36 * len(rows)), layout="constrained")
    errors = np.maximum([scores - low, high - scores], 0.0)
    plots.accuracy_bars([row[0] for row in rows], scores, bars.subplots(), errors=errors, chance=chance(data))
    caption = "Test accuracy with 95 % Wilson intervals; chance: always answering the most frequent class."
    pictures = [Picture("accuracy", bars, caption)]
    best = "nalsm" if "nalsm" in found else config.models[-1]
    pictures.append(_raster(config, data, examples[best].recorded[0], NAMES[best]))
    if starts or "a_minus" in found.get("nalsm", {}):
        pictures.append(_over_time(config, found.get("nalsm", {}), starts))
    if sweep:
        pictures.append(_sweep(config, sweep))
    caption = f"Test images by true and predicted class, {NAMES[best]}."
    pictures.append(confusion(data, found[best]["predicted"], caption))
    return pictures


def _raster(config: Config, data: Dataset, sample: Any, name: str) -> Picture:
    from matplotlib.figure import Figure

    from neurocl import plots

    n_exc = round(0.8 * config.n)
    parts = {
        "input": sample.input, "excitatory": sample.liquid.select(slice(None, n_exc)),
        "inhibitory": sample.liquid.select(slice(n_exc, None)),
    }  # fmt: skip
    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    plots.raster(parts, figure.subplots())
    text = f"One presentation of a {data.y_test[0]} to {name}: input, excitatory and inhibitory neurons of the liquid."
    return Picture("raster", figure, text)


def _over_time(config: Config, nalsm: Arrays, starts: Mapping[float, Arrays]) -> Picture:
    """Branching factor over the pre-phase, and the rate of depression over a presentation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    for k, (magnitude, arrays) in enumerate(starts.items()):
        label = f"weights from {magnitude:g}"
        left.plot(arrays["samples"], arrays["branching_factor"], "o-", color=COLORS[k % len(COLORS)], label=label)
    left.set_xscale("symlog", linthresh=100)
    left.set_xlabel("samples of the pre-phase")
    left.set_ylabel("branching factor")
    if starts:
        left.legend(frameon=False)
    time = np.arange(1, config.steps + 1)
    right.plot(time, 0.15 * 0.99**time, color="#595959", linestyle="--", label="potentiation")
    if "a_minus" in nalsm:
        right.plot(time, nalsm["a_minus"], color=BLUE, label="depression (astrocyte)")
    right.set_xlabel("time in a presentation (ms)")
    right.set_ylabel("rate of change")
    right.legend(frameon=False)
    text = (
        f"Left: branching factor of NALSM (w_astro = {config.w_astro:g}, {config.bf_samples} images) after so many"
        " samples of pre-phases that start with weak and with strong weights. Right: rate of depression, which is the"
        " astrocyte's state, beside the rate of potentiation, mean over these images; both decay by 1 % per step."
    )
    return Picture("tuning", figure, text)


def _sweep(config: Config, sweep: Mapping[float, Arrays]) -> Picture:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 3.4), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top"]].set_visible(False)
    values = sorted(sweep)
    ax.plot(values, [_number(sweep[w]["branching_factor"]) for w in values], "o-", color=BLUE)
    ax.axhline(1.0, color="#595959", linestyle="--", linewidth=1.0)
    ax.set_xscale("log" if min(values) > 0 else "linear")
    ax.set_xlabel("w_astro")
    ax.set_ylabel("branching factor", color=BLUE)
    rates = ax.twinx()
    rates.spines[["top"]].set_visible(False)
    rates.plot(values, [_number(sweep[w]["rate"]) for w in values], "s:", color=RED)
    rates.plot(values, [_number(sweep[w]["input_rate"]) for w in values], color=RED, alpha=0.5)
    rates.set_ylim(bottom=0.0)
    rates.set_ylabel("spikes per ms", color=RED)
    text = (
        f"Branching factor (circles) and spikes per ms of the liquid (squares; the line without marks is the input)"
        f" against w_astro, after at most {config.sweep_samples} pre-phase samples; {config.bf_samples} images each."
    )
    return Picture("branching_factor", figure, text)
