"""CIFAR-100 in ten tasks of ten classes, learned one after the other by a spiking convolutional network with HLOP.

Data         CIFAR-100, classes 10 i to 10 i + 9 in task i; (x - mean) / deviation per colour, mean (125.3, 123.0,
             113.9) / 255, deviation (63.0, 62.1, 66.7) / 255; no augmentation
Network      three blocks of convolution (64, 128, 256), batch norm, DSR neurons (T = 20) and average pooling; a head of
             ten units for each task, the task being known at test
Training     200 passes for each task, batch 64, SGD 0.01 with momentum 0.9; the rate rises over 5 passes, then falls
             along half a cosine
Subspaces    of patches: 6, 100, 200 neurons for task 0, and 2, 20, 40 for each further one; Hebbian rate 0.01
Strategies   hlop; sequential: the same loop without projection; naive: with nothing frozen
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984, and the authors' code. At full size it needs a
             GPU.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.experiments.comparison import COLUMNS, comparison_pictures, comparison_rows
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.run_folder import CHECKPOINT, RunFolder
from neurocl.experiments.with_torch import need_torch

if TYPE_CHECKING:
    from neurocl.continual import Benchmark, Results
    from neurocl.hlop import ContinualTrainer

__all__ = ["EXPERIMENT", "Config", "learning_rate_factor", "make_benchmark", "make_learner", "run"]

STRATEGIES = ("hlop", "sequential", "naive")
MEAN = np.array([125.3, 123.0, 113.9], np.float32) / 255
DEVIATION = np.array([63.0, 62.1, 66.7], np.float32) / 255
MOMENTUM = 0.9
WARM_UP = 5


@dataclass(frozen=True)
class Config:
    """Settings of the experiment; the defaults are the published protocol.

    Parameters
    ----------
    strategies : among hlop, sequential, naive; differences are told to the first.
    tasks : number of tasks; it divides 100.
    channels : of each convolution.
    first, further : subspace neurons of each convolution for the first task, and for each further one.
    n_steps : time steps.
    epochs, batch, learning_rate : passes over each task, samples of an update, largest step of SGD.
    hebbian_lr : learning rate of the subspaces.
    device : of PyTorch; none: "cuda" where there is one, else "cpu".
    n_seeds : runs of each strategy, with the seeds `seed`, `seed` + 1, ...
    seed : first seed.
    """

    strategies: tuple[str, ...] = ("sequential", "hlop")
    tasks: int = 10
    channels: tuple[int, ...] = (64, 128, 256)
    first: tuple[int, ...] = (6, 100, 200)
    further: tuple[int, ...] = (2, 20, 40)
    n_steps: int = 20
    epochs: int = 200
    batch: int = 64
    learning_rate: float = 0.01
    hebbian_lr: float = 0.01
    device: str | None = None
    n_seeds: int = 1
    seed: int = 2022

    def __post_init__(self) -> None:
        owner = "hlop-cifar100"
        for name in ("tasks", "n_steps", "epochs", "batch", "n_seeds"):
            whole_number(owner, name, getattr(self, name), at_least=1)
        whole_number(owner, "seed", self.seed)
        for name in ("learning_rate", "hebbian_lr"):
            positive_number(owner, name, getattr(self, name))
        chosen = self.strategies
        if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(STRATEGIES):
            raise NeuroclError(
                f"{owner}: strategies must be different ones of {', '.join(STRATEGIES)}, got"
                f" {','.join(chosen) or 'none'}"
            )


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where the state after every task, and every 2000 updates, is kept; none: it is not kept.

    Raises
    ------
    NeuroclError
        If PyTorch is not installed, the device or CIFAR-100 is not there, or the tasks do not divide the classes.
    """
    need_torch("hlop-cifar100")
    from neurocl import continual, hlop

    times: dict[str, float] = {}
    with timed(times, "data"):
        benchmark = make_benchmark(config)
    found: dict[str, Results] = {}
    seeds = range(config.seed, config.seed + config.n_seeds)
    total = len(config.strategies) * len(seeds) * config.tasks
    with tqdm(total=total, desc="tasks", unit="task", disable=None, leave=False) as bar, warnings.catch_warnings():
        # The published learning rates are above the bound in some layers.
        warnings.simplefilter("ignore", hlop.StabilityWarning)
        for name in config.strategies:
            with timed(times, name):
                found[name] = continual.run(
                    benchmark, make_learner(config, name), seeds, name=name, checkpoint_every=2000,
                    folder=None if folder is None else Path(folder.path) / CHECKPOINT / name,
                    progress=lambda *_: bar.update(),
                )  # fmt: skip
    with timed(times, "figures"):
        pictures = comparison_pictures(found)
    results = {"strategies": {name: method.to_json() for name, method in found.items()}}
    title = f"CIFAR-100 in {config.tasks} tasks: HLOP of a spiking convolutional network"
    return Outcome(title, _summary(config, found), COLUMNS, comparison_rows(found), results, times, pictures)


def make_benchmark(config: Config) -> Benchmark:
    """The tasks, each with a head of its own."""
    import torch

    from neurocl import continual, data

    full = data.cifar100()
    arrays = (normalised(full.x_train), full.y_train, normalised(full.x_test), full.y_test)
    x_train, y_train, x_test, y_test = (torch.from_numpy(array) for array in arrays)
    samples = continual.Samples(x_train, y_train, x_test, y_test, full.name)
    return continual.split(
        samples, n_experiences=config.tasks, scenario="task", seed=config.seed, fixed_class_order=True
    )  # fmt: skip


def normalised(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Images [sample, colour, height, width] with the colours' mean 0 and deviation 1."""
    return np.divide(x - MEAN[:, None, None], DEVIATION[:, None, None], dtype=np.float32)


def make_learner(config: Config, strategy: str) -> ContinualTrainer:
    """The strategy with its network."""
    import torch

    from neurocl import hlop

    # Without neurons, HLOP only freezes what is not trained after the first task.
    plugins = {
        "hlop": lambda: [hlop.HLOP((config.first, config.further), lr=config.hebbian_lr)],
        "sequential": lambda: [hlop.HLOP(0)],
        "naive": list,
    }[strategy]()
    return hlop.ContinualTrainer(
        *plugins, model=hlop.SpikingCNN(config.channels, hlop.dsr(config.n_steps)),
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=config.learning_rate, momentum=MOMENTUM),
        lr=config.learning_rate, epochs=config.epochs, batch_size=config.batch, schedule=learning_rate_factor,
        device=_device(config.device),
    )  # fmt: skip


def learning_rate_factor(epoch: int, epochs: int) -> float:
    """(e + 1) / 5 in the first five passes, then half a cosine from 1 to 0."""
    if epoch < WARM_UP:
        return (epoch + 1) / WARM_UP
    return 0.5 * (1.0 + math.cos(math.pi * (epoch - WARM_UP) / (epochs - WARM_UP)))


def _device(wanted: str | None) -> str:
    import torch

    if wanted is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=wanted)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise NeuroclError(f"hlop-cifar100: device '{wanted}' cannot be used ({reason}); leave it out") from None
    return wanted


def _summary(config: Config, found: Mapping[str, Results]) -> list[str]:
    lines = [f"Mean over {config.n_seeds} seeds; {config.epochs} passes over each task."]
    for name, results in found.items():
        summary = results.summary()
        backward = f", BWT {100 * summary['bwt'].mean:+.2f} points" if "bwt" in summary else ""
        lines.append(f"{name}: ACC {100 * summary['acc'].mean:.2f} %{backward}.")
    return lines


EXPERIMENT = Experiment(
    name="hlop-cifar100",
    description="CIFAR-100 in ten tasks, a spiking convolutional network with HLOP (PyTorch; full size on a GPU)",
    config=Config,
    run=run,
)
