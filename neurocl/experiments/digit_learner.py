"""Winner-take-all neurons with STDP learn digits without labels, and are labelled afterwards.

Network      `neurocl.networks.diehl_cook`: a pixel x is a Poisson source of rate max_rate x
Training     each image for 350 ms, then 150 ms without input; before it, `normalise`. Fewer than 5 excitatory spikes:
             the image is shown again, brighter by half of max_rate each time
Labels       learning stops and thresholds stay; the last training images label the neurons (`neuron_labels`)
Test         each image from the resting state, as many times as in training; the labelled neurons vote
Progress     during training, each interval is predicted with labels from the responses to the one before
Source       Diehl & Cook (2015), Front. Comput. Neurosci. 9:99. Times, rate, five spikes and three passes are those of
             their published code (peter-u-diehl/stdp-mnist). Chosen here: the order of the images is drawn anew in each
             pass; images for labels and for the test begin from rest; labels come from the last 10 000 images, in the
             paper from all 60 000; at every checkpoint the network returns to rest, but for weights and thresholds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.data.dataset import Dataset
from neurocl.experiments.digit_learner_config import Config
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.images import load_images
from neurocl.experiments.run_folder import Arrays, RunFolder, keep
from neurocl.networks.diehl_cook import diehl_cook, normalise

__all__ = ["EXPERIMENT", "Config", "load", "run", "schedule"]

PRECISION = "float64"
"""In single precision a threshold cannot decay by one part in 10^7 per step."""

ENOUGH = 5
BRIGHTER = 0.5
ATTEMPTS = 20
"""An image that stays below `ENOUGH` spikes is given up after so many presentations."""


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where finished parts are kept, so that an interrupted run can go on; none: they are not kept.

    Returns
    -------
    Outcome
        Accuracy on the test images and on those that labelled the neurons, the course of learning, receptive fields.

    Raises
    ------
    NeuroclError
        If the data are not there, or fewer than asked for.
    """
    from neurocl.experiments.digit_learner_report import describe

    times: dict[str, float] = {}
    with timed(times, "data"):
        data = load(config)
        order = schedule(config, len(data.x_train))
    with timed(times, "training"):
        responses, learned = _train(config, data, order, folder)
    with timed(times, "labels and test"):
        shown_last = _last(order, config.label_images)
        simulator = _frozen(config, data, learned)
        answers = _respond(config, simulator, data.x_train[shown_last], 1, "labels", folder)
        first_trial = 1 + ATTEMPTS * len(shown_last)
        testing = _respond(config, simulator, data.x_test, first_trial, "test", folder)
    with timed(times, "figures"):
        training = (responses, data.y_train[order])
        labelling = (answers, data.y_train[shown_last])
        outcome = describe(config, data, training, labelling, testing, learned, times)
    return outcome


def load(config: Config) -> Dataset:
    """The images with flat pixels, reduced to as many as `config` asks for."""
    return load_images(config.data, config.chosen().n_train, config.n_test, config.seed)


def schedule(config: Config, n_images: int) -> NDArray[np.int64]:
    """Which training image is shown when: every image once per pass, each pass in an order of its own."""
    rng = np.random.default_rng(config.seed)
    return np.concatenate([rng.permutation(n_images) for _ in range(config.chosen().epochs)])


def _last(order: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The last `n` different images of the schedule, in the order of their last presentation."""
    _, places = np.unique(order[::-1], return_index=True)
    return order[::-1][np.sort(places)[:n]][::-1]


def _train(
    config: Config, data: Dataset, order: NDArray[np.int64], folder: RunFolder | None
) -> tuple[NDArray[np.uint16], Arrays]:
    """Responses [presentation, neuron] during training, and what was learned: weights and thresholds."""
    network = diehl_cook(
        config.n, data.x_train.shape[1], dt=config.dt, delay=config.delay, theta_plus=config.theta_plus
    )
    simulator: Any = network.build(seed=config.seed, dtype=PRECISION)
    learned: Arrays = {"w": simulator.state["input.w"].copy(), "theta": simulator.state["exc.theta"].copy()}
    responses = []
    with tqdm(total=len(order), desc="training", unit="image", disable=None, leave=False) as bar:
        for k in range(0, len(order), config.chunk):
            images = data.x_train[order[k : k + config.chunk]]

            def learn(images: NDArray[np.float32] = images, trial: int = k, before: Arrays = learned) -> Arrays:
                simulator.reset(trial=trial)
                simulator.set("input", w=before["w"])
                simulator.set("exc", theta=before["theta"])
                counts = np.array([_present(config, simulator, image, bar) for image in images], dtype=np.uint16)
                state = simulator.state
                return {"counts": counts, "w": state["input.w"].copy(), "theta": state["exc.theta"].copy()}

            kept = keep(folder, f"train-{k:07d}", learn)
            bar.update(k + len(images) - bar.n)  # what was read from the checkpoint
            responses.append(kept["counts"])
            learned = {"w": kept["w"], "theta": kept["theta"]}
    return np.concatenate(responses), learned


def _present(config: Config, simulator: Any, image: NDArray[np.float32], bar: Any) -> NDArray[np.int64]:
    """Show an image until the excitatory neurons respond, and return their spike counts."""
    rates = config.chosen().max_rate * image.astype(np.float64)
    for attempt in range(ATTEMPTS):
        normalise(simulator, config.chosen().weight_total)
        simulator.set("inp", rate=(1 + BRIGHTER * attempt) * rates)
        counts: NDArray[np.int64] = simulator.run(config.duration, record={"exc": "counts"})["exc"].counts()
        simulator.set("inp", rate=0.0)
        simulator.run(config.rest)
        if counts.sum() >= ENOUGH:
            break
    bar.update(1)
    return counts


def _frozen(config: Config, data: Dataset, learned: Arrays) -> Any:
    """A simulator with what was learned, that learns no more."""
    network = diehl_cook(
        config.n, data.x_train.shape[1], dt=config.dt, plastic=False, delay=config.delay, theta_plus=0.0
    )
    simulator: Any = network.build(seed=config.seed, dtype=PRECISION)
    simulator.set("input", w=learned["w"])
    simulator.set("exc", theta=learned["theta"])
    normalise(simulator, config.chosen().weight_total)  # else the winners of the last image would respond too much
    return simulator


def _respond(
    config: Config, simulator: Any, images: NDArray[np.float32], first_trial: int, name: str, folder: RunFolder | None
) -> NDArray[np.uint16]:
    """Responses [image, neuron] of the network as it is; the images are numbered on from `first_trial`."""
    found = []
    with tqdm(total=len(images), desc=name, unit="image", disable=None, leave=False) as bar:
        for k in range(0, len(images), config.chunk):
            chunk = images[k : k + config.chunk]

            def respond(chunk: NDArray[np.float32] = chunk, k: int = k) -> Arrays:
                return {"counts": _responses(config, simulator, chunk, first_trial + k, len(images))}

            found.append(keep(folder, f"{name}-{k:07d}", respond)["counts"])
            bar.update(len(chunk))
    return np.concatenate(found)


def _responses(
    config: Config, simulator: Any, images: NDArray[np.float32], trial: int, stride: int
) -> NDArray[np.uint16]:
    """Responses to consecutive images, of which those that do not suffice are shown again `stride` trials later."""
    counts = np.zeros((len(images), config.n), dtype=np.uint16)
    weak = np.arange(len(images))
    for attempt in range(ATTEMPTS):
        rates = config.chosen().max_rate * (1 + BRIGHTER * attempt) * images[weak]
        recordings = simulator.run_batch(
            config.duration, len(weak), values={"inp": {"rate": rates}}, record={"exc": "counts"},
            first_trial=trial + attempt * stride, threads=config.threads,
        )  # fmt: skip
        counts[weak] = [recording["exc"].counts() for recording in recordings]
        weak = weak[counts[weak].sum(axis=1) < ENOUGH]
        if not weak.size:
            break
    return counts


EXPERIMENT = Experiment(
    name="digit-learner",
    description="spiking neurons with STDP learn digits without labels (Diehl & Cook 2015)",
    config=Config,
    run=run,
)
