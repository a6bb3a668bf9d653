"""A spiking network learns to recognise images by surrogate gradients.

Network      pixels -> linear -> leaky neurons -> linear -> leaky neurons, one per class; the image is a constant input
             current for `steps` steps of 1 ms, and the class that fires most is the answer
Neurons      u_t = beta u_{t-1} + i_t - s_{t-1}, s_t = [u_t > 1], beta = exp(-dt / tau_mem) (`neurocl.models.Leaky`)
Training     cross entropy of the spike counts; Adam, whose step falls along half a cosine to zero; gradient of a spike
             1 / (1 + scale |u - 1|)^2
Test         after each epoch; the last one is the result, none is chosen
Source       Zenke & Ganguli (2018), Neural Comput. 30:1514 (surrogate); Neftci, Mostafa & Zenke (2019), IEEE Signal
             Process. Mag. 36:51.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tqdm import tqdm

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.images import load_images
from neurocl.experiments.run_folder import Arrays, RunFolder, keep
from neurocl.experiments.with_torch import need_torch, torch_threads

if TYPE_CHECKING:
    import torch

    from neurocl.nn import SpikingSequential

__all__ = ["EXPERIMENT", "Config", "make_model", "run"]

EPOCHS = {"digits": 30, "mnist": 5, "fashion_mnist": 5}
"""Passes over the training images unless the user says it."""
TEST_BATCH = 500


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    data : "digits", "mnist" or "fashion_mnist".
    hidden : neurons between pixels and classes.
    n_train, n_test : images; none: all.
    epochs : passes over the training images; none: 30 for the digits, 5 for the others.
    steps : time steps of 1 ms per image.
    batch : images per gradient step.
    learning_rate : first step size of Adam.
    tau_mem : membrane time constant, ms.
    scale : of the surrogate gradient.
    threads : of PyTorch; none: as many as it takes. The results depend on it in the last digits.
    seed : of the weights and of the order of the images.
    """

    data: Literal["digits", "mnist", "fashion_mnist"] = "digits"
    hidden: int = 1000
    n_train: int | None = None
    n_test: int | None = None
    epochs: int | None = None
    steps: int = 25
    batch: int = 128
    learning_rate: float = 1e-3
    tau_mem: float = 20.0
    scale: float = 10.0
    threads: int | None = 1
    seed: int = 0

    def __post_init__(self) -> None:
        owner = "train-snn"
        if self.data not in EPOCHS:
            raise NeuroclError(f"{owner}: data must be one of {', '.join(EPOCHS)}, got '{self.data}'")
        for name in ("hidden", "steps", "batch", "n_train", "n_test", "epochs", "threads"):
            if getattr(self, name) is not None:
                whole_number(owner, name, getattr(self, name), at_least=1)
        whole_number(owner, "seed", self.seed)
        for name in ("learning_rate", "tau_mem", "scale"):
            positive_number(owner, name, getattr(self, name))

    @property
    def n_epochs(self) -> int:
        """Passes over the training images."""
        return self.epochs or EPOCHS[self.data]


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where finished epochs are kept, so that an interrupted run can go on; none: they are not kept.

    Returns
    -------
    Outcome
        Accuracy on the test images after every epoch, the course of the loss, the activity of the neurons.

    Raises
    ------
    NeuroclError
        If PyTorch is not installed, or the data are not there, or fewer than asked for.
    """
    from neurocl.experiments.train_snn_report import describe

    need_torch("train-snn")
    times: dict[str, float] = {}
    with timed(times, "data"):
        data = load(config)
    with torch_threads(config.threads), timed(times, "training and test"):
        epochs = _train(config, data, folder)
    with timed(times, "figures"):
        outcome = describe(config, data, epochs, times)
    return outcome


def load(config: Config) -> Dataset:
    """The images with flat pixels, reduced to as many as `config` asks for."""
    return load_images(config.data, config.n_train, config.n_test, config.seed)


def make_model(config: Config, n_pixels: int, n_classes: int) -> SpikingSequential:
    """The network, with weights drawn from the seed."""
    import torch

    from neurocl import models, nn

    generator = torch.Generator().manual_seed(config.seed)
    sizes = (n_pixels, config.hidden, n_classes)
    layers: list[torch.nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        linear = torch.nn.Linear(n_in, n_out)
        for parameter in linear.parameters():
            torch.nn.init.uniform_(parameter, -1 / math.sqrt(n_in), 1 / math.sqrt(n_in), generator=generator)
        surrogate = nn.Surrogate("fast_sigmoid", config.scale)
        layers += [linear, nn.Spiking(models.Leaky, n_out, surrogate=surrogate, tau_mem=config.tau_mem)]
    return nn.SpikingSequential(*layers)


def _train(config: Config, data: Dataset, folder: RunFolder | None) -> list[Arrays]:
    """What `_epoch` returns, for every epoch."""
    import torch

    model = make_model(config, data.x_train.shape[1], data.n_classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    found: list[Arrays] = []
    total = config.n_epochs * len(data.y_train)
    with tqdm(total=total, desc="training", unit="image", disable=None, leave=False) as bar:
        for epoch in range(config.n_epochs):

            def compute(epoch: int = epoch) -> Arrays:
                if found:
                    _restore(model, optimizer, found[-1])
                return _epoch(config, data, model, optimizer, epoch, bar)

            found.append(keep(folder, f"epoch-{epoch:04d}", compute))
            bar.update((epoch + 1) * len(data.y_train) - bar.n)  # what was read from the checkpoint
            for earlier in found[:-1]:  # only the last weights are needed again
                for name in [name for name in earlier if name.startswith("state.")]:
                    del earlier[name]
    return found


def _epoch(
    config: Config, data: Dataset, model: SpikingSequential, optimizer: torch.optim.Adam, epoch: int, bar: Any
) -> Arrays:
    """Train for one pass and test; the numbers of the pass, the answers to the test images, and what was learned."""
    import torch

    from neurocl.nn import rate_cross_entropy

    order = np.random.default_rng([config.seed, epoch]).permutation(len(data.y_train))
    starts = range(0, len(order), config.batch)
    losses, right = [], 0
    for k, start in enumerate(starts):
        progress = (epoch + k / len(starts)) / config.n_epochs
        optimizer.param_groups[0]["lr"] = config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
        chosen = order[start : start + config.batch]
        x, y = torch.from_numpy(data.x_train[chosen]), torch.from_numpy(data.y_train[chosen])
        spikes, _ = model(x, n_steps=config.steps)
        loss = rate_cross_entropy(spikes, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        right += int((spikes.detach().sum(0).argmax(1) == y).sum())
        bar.update(len(chosen))
    answers, activity = _test(config, data, model)
    return {
        "loss": np.array([np.mean(losses)]), "train_accuracy": np.array([right / len(order)]), "answers": answers,
        "rates": activity, **_learned(model, optimizer),
    }  # fmt: skip


def _test(config: Config, data: Dataset, model: SpikingSequential) -> tuple[Any, Any]:
    """Answers to the test images, and the mean rates (Hz) of the hidden neurons and of the classes' neurons."""
    import torch

    answers, activity = [], []
    with torch.no_grad():
        for start in range(0, len(data.y_test), TEST_BATCH):
            x = torch.from_numpy(data.x_test[start : start + TEST_BATCH])
            hidden, _ = model.layers[1](model.layers[0](x), n_steps=config.steps)
            spikes, _ = model.layers[3](model.layers[2](hidden))
            answers.append(spikes.sum(0).argmax(1).numpy())
            activity.append([len(x) * float(hidden.mean()), len(x) * float(spikes.mean())])
    return np.concatenate(answers), 1000.0 * np.sum(activity, axis=0) / len(data.y_test)


def _learned(model: SpikingSequential, optimizer: torch.optim.Adam) -> Arrays:
    """The weights and Adam's moments as arrays, copied."""
    arrays: Arrays = {}
    for name, parameter in model.named_parameters():
        arrays[f"state.{name}"] = parameter.detach().numpy().copy()
        for key, value in optimizer.state[parameter].items():
            arrays[f"state.{name}.{key}"] = value.numpy().copy()
    return arrays


def _restore(model: SpikingSequential, optimizer: torch.optim.Adam, arrays: Arrays) -> None:
    """Put back what `_learned` returned."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(arrays[f"state.{name}"]))
            moments = {key: torch.tensor(arrays[f"state.{name}.{key}"]) for key in ("exp_avg", "exp_avg_sq")}
            step = torch.tensor(arrays[f"state.{name}.step"]).reshape(())
            optimizer.state[parameter] = {"step": step, **moments}


EXPERIMENT = Experiment(
    name="train-snn",
    description="a spiking network learns digits by surrogate gradients (PyTorch)",
    config=Config,
    run=run,
)
