"""An astrocyte tunes a liquid to the edge of chaos: NALSM beside a static liquid and two with other plasticity.

Models       static (LSM), STDP in a pre-phase (LSM+STDP), calcium-gated STDP in a pre-phase (LSM+AP-STDP), STDP whose
             rate of depression is an astrocyte (NALSM); wired alike, with the same input spikes and the same readout
Protocol     pre-phase: every training image once for 20 ms, in random order, without labels. Then every image is
             presented once for 250 ms from the weights that the pre-phase left; a readout learns the spike counts
Sweep        branching factor against w_astro, after a pre-phase of at most `sweep_samples`
Starts       branching factor during pre-phases that start with weak and with strong weights
Source       Ivanov & Michmizos (2021), NeurIPS 34; see `neurocl.lsm`
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl import lsm
from neurocl.data.dataset import Dataset
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.images import load_images
from neurocl.experiments.nalsm_config import Config
from neurocl.experiments.run_folder import Arrays, RunFolder, keep

__all__ = ["EXPERIMENT", "Config", "load", "make_model", "run"]

CHECKPOINTS = (0, 100, 300, 1000, 3000, 10_000)
"""Samples of a pre-phase after which the branching factor is measured."""


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where finished parts are kept, so that an interrupted run can go on; none: they are not kept.

    Returns
    -------
    Outcome
        Accuracy, branching factor and activity of each model.

    Raises
    ------
    NeuroclError
        If the data are not there, or fewer than asked for.
    """
    from neurocl.experiments.nalsm_report import describe

    times: dict[str, float] = {}
    with timed(times, "data"):
        data = load(config)
    found, examples = {}, {}
    for name in config.models:
        model = make_model(config, name)
        with timed(times, f"{name}: pre-phase"):
            _prepare(model, data.x_train, folder, f"{name}-weights")
        with timed(times, f"{name}: presentations"):
            counts = {part: _counts(config, model, data, part, folder, name) for part in ("train", "test")}
        with timed(times, f"{name}: readout"):
            found[name] = keep(folder, f"{name}-readout", partial(_read_out, data, config.steps, counts))
        with timed(times, "measures"):
            found[name] |= keep(folder, f"{name}-measures", partial(_measures, config, model, data))
            examples[name] = model.present(data.x_test[:1], record=[0], first_sample=lsm.LATER)
        if folder is not None and config.save_counts:
            _save_counts(folder, name, counts)
    with timed(times, "sweep"):
        sweep = {w: keep(folder, f"sweep-{w:g}", partial(_sweep, config, data, w)) for w in config.sweep}
    with timed(times, "starts"):
        starts = {m: keep(folder, f"start-{m:g}", partial(_approach, config, data, m)) for m in config.starts}
    with timed(times, "figures"):
        outcome = describe(config, data, found, examples, sweep, starts, times)
    return outcome


def load(config: Config) -> Dataset:
    """The images with flat pixels, reduced to as many as `config` asks for."""
    return load_images(config.data, config.n_train, config.n_test, config.seed)


def make_model(config: Config, name: str, **changes: Any) -> Any:
    """A model as the settings say, not prepared; `changes` of its arguments."""
    common = {"n": config.n, "steps": config.steps, "threads": config.threads, "seed": config.seed}
    if name == "lsm":
        return lsm.LSM(**{**common, "magnitude": config.magnitude, **changes})
    common |= {"pre_steps": config.pre_steps, "pre_samples": config.pre_samples}
    if name == "lsm+stdp":
        return lsm.LSMSTDP(**{**common, "plastic_at_presentation": config.plastic_stdp, **changes})
    if name == "lsm+ap-stdp":
        return lsm.LSMAPSTDP(**{**common, "c_th": config.c_th, "c_width": config.c_width, **changes})
    return lsm.NALSM(**{**common, "w_astro": config.w_astro, "density": config.density, **changes})


def _prepare(model: Any, images: NDArray[np.float32], folder: RunFolder | None, name: str) -> None:
    """Prepare the model, with the weights of the checkpoint if they are there."""

    def compute() -> Arrays:
        weights = model.prepare(images).liquid_.weights
        return {"recurrent": weights.recurrent, "input": weights.input}

    kept = keep(folder, name, compute)
    model.prepare(images, weights=lsm.Weights(kept["recurrent"], kept["input"]))


def _counts(
    config: Config, model: Any, data: Dataset, part: str, folder: RunFolder | None, name: str
) -> NDArray[Any]:
    """Spike counts [image, neuron] of one part of the data, chunk by chunk."""
    images, first = (data.x_train, 0) if part == "train" else (data.x_test, lsm.LATER)
    found = []
    with tqdm(total=len(images), desc=f"{name}, {part}", unit="image", disable=None, leave=False) as bar:
        for k in range(0, len(images), config.chunk):
            chunk = images[k : k + config.chunk]
            present = partial(_present, model, chunk, first + k)
            found.append(keep(folder, f"{name}-{part}-{k:06d}", present)["counts"])
            bar.update(len(chunk))
    return np.concatenate(found)


def _present(model: Any, images: NDArray[np.float32], first_sample: int) -> Arrays:
    return {"counts": model.present(images, first_sample=first_sample).counts}


def _read_out(data: Dataset, steps: int, counts: dict[str, NDArray[Any]]) -> Arrays:
    """What the readout predicts for the test images, and its accuracy on the training images."""
    readout = lsm.LogisticReadout().fit(counts["train"], data.y_train)
    return {
        "predicted": readout.predict(counts["test"]),
        "train_accuracy": np.array(readout.score(counts["train"], data.y_train)),
        "strength": np.array(readout.strength_),
        "rate": np.array(counts["test"].sum(dtype=np.int64) / (len(counts["test"]) * steps)),
        "silent": np.array((counts["test"].max(axis=1) == 0).mean()),
    }


def _measures(config: Config, model: Any, data: Dataset) -> Arrays:
    recorded = lsm.record_samples(model, data.x_train, config.bf_samples)
    found = _factor_and_rate(recorded)
    if recorded.a_minus is not None:
        found["a_minus"] = recorded.a_minus.mean(axis=0)
    return found


def _sweep(config: Config, data: Dataset, w_astro: float) -> Arrays:
    """Branching factor and activity of a NALSM with this w_astro."""
    model = make_model(config, "nalsm", w_astro=w_astro, pre_samples=min(config.sweep_samples, len(data.x_train)))
    return _factor_and_rate(lsm.record_samples(model.prepare(data.x_train), data.x_train, config.bf_samples))


def _approach(config: Config, data: Dataset, magnitude: float) -> Arrays:
    """Branching factor after so many samples of a pre-phase that starts with weights of this magnitude."""
    shown = min(config.sweep_samples, len(data.x_train))
    points = sorted({*(k for k in CHECKPOINTS if k < shown), shown})
    found = []
    for samples in points:
        model = make_model(config, "nalsm", magnitude=magnitude, pre_samples=samples)
        recorded = lsm.record_samples(model.prepare(data.x_train), data.x_train, config.bf_samples)
        found.append(_factor_and_rate(recorded))
    columns = {key: np.array([point[key] for point in found]) for key in found[0]}
    return {"samples": np.array(points), **columns}


def _factor_and_rate(recorded: lsm.RecordedSamples) -> Arrays:
    return {
        "branching_factor": np.array(recorded.branching_factor()), "rate": np.array(recorded.liquid_rate),
        "input_rate": np.array(recorded.input_rate),
    }  # fmt: skip


def _save_counts(folder: RunFolder, name: str, counts: dict[str, NDArray[Any]]) -> None:
    from safetensors.numpy import save

    folder.write(f"counts-{name}.safetensors", save({part: np.ascontiguousarray(c) for part, c in counts.items()}))


EXPERIMENT = Experiment(
    name="nalsm",
    description="an astrocyte tunes a liquid to the edge of chaos, beside three other liquids (NALSM, 2021)",
    config=Config,
    run=run,
)
