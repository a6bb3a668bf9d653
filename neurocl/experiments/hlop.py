"""Forgetting, and how Hebbian orthogonal projection stops it: the embedded digits, with permuted pixels.

Tasks        the digits 8 x 8, every pixel repeated 3 x 3, (x - 0.1307) / 0.3081, under a permutation of the 576 pixels
             per task; one head for all tasks, no task label at test
Network      576-100-100-10 spiking neurons without biases; SGD, whose rate falls linearly over the passes of each task
Methods      naive (nothing against forgetting), ewc (elastic weight consolidation), hlop (subspace neurons of every
             layer learn where old activity lies, and weights learn outside of it), joint (anew on all tasks so far: the
             upper bound)
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984. Why pixels are repeated: five tasks must have
             directions of their own, and each fills nearly all of 64.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tqdm import tqdm

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.experiments.comparison import COLUMNS, comparison_pictures, comparison_rows, describe_seeds
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.run_folder import CHECKPOINT, RunFolder
from neurocl.experiments.with_torch import need_torch, torch_threads

if TYPE_CHECKING:
    from neurocl.continual import Benchmark, Experience, Results
    from neurocl.hlop import ContinualTrainer

__all__ = ["EXPERIMENT", "Config", "make_benchmark", "make_learner", "run"]

METHODS = ("naive", "ewc", "hlop", "joint")
REPEATS = 3
PIXELS = 64 * REPEATS**2
MEAN, DEVIATION = 0.1307, 0.3081


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    n_experiences : tasks.
    methods : among naive, ewc, hlop, joint; differences are told to the first.
    training : of the spiking network, "bptt" (backpropagation through time), "dsr" (spike representation) or "ottt"
        (online through time).
    hidden : neurons of the hidden layers.
    first, further : subspace neurons of each layer for the first task, and for each further one.
    hebbian_lr : learning rate of the subspace of the first layer, and of the others.
    ewc_strength : lambda.
    lr : learning rate of the first pass over each task.
    epochs, batch_size : of the training.
    n_seeds : runs of each method, with the seeds `seed`, `seed` + 1, ...
    threads : of PyTorch. The results depend on it in the last digits.
    seed : first seed.
    """

    n_experiences: int = 5
    methods: tuple[str, ...] = METHODS
    training: Literal["bptt", "dsr", "ottt"] = "bptt"
    hidden: tuple[int, ...] = (100, 100)
    first: tuple[int, ...] = (40, 30, 20)
    further: tuple[int, ...] = (30, 15, 15)
    hebbian_lr: tuple[float, ...] = (0.001, 0.01)
    ewc_strength: float = 30.0
    lr: float = 0.2
    epochs: int = 6
    batch_size: int = 64
    n_seeds: int = 3
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("n_experiences", "epochs", "batch_size", "n_seeds", "threads"):
            whole_number("hlop", name, getattr(self, name), at_least=1)
        whole_number("hlop", "seed", self.seed)
        positive_number("hlop", "lr", self.lr)
        non_negative_number("hlop", "ewc_strength", self.ewc_strength)
        if self.training not in ("bptt", "dsr", "ottt"):
            raise NeuroclError(f"hlop: training must be one of bptt, dsr, ottt, got {self.training!r}")
        if not self.methods or len(set(self.methods)) < len(self.methods) or not set(self.methods) <= set(METHODS):
            raise NeuroclError(
                f"hlop: methods must be different ones of {', '.join(METHODS)}, got {','.join(self.methods) or 'none'}"
            )
        if "hlop" in self.methods:
            self._check_subspaces()

    def _check_subspaces(self) -> None:
        """NeuroclError if a layer has fewer inputs than subspace neurons after the last task."""
        for name in ("first", "further"):
            for k in getattr(self, name) or (None,):
                whole_number("hlop", name, k)
        for layer, inputs in enumerate((PIXELS, *self.hidden)):
            first, further = (counts[min(layer, len(counts) - 1)] for counts in (self.first, self.further))
            total = first + (self.n_experiences - 1) * further
            if total > inputs:
                raise NeuroclError(
                    f"hlop: first and further give layer {layer} {total} subspace neurons in {self.n_experiences} tasks"
                    f" where it has {inputs} inputs; lower them"
                )


def make_benchmark(config: Config) -> Benchmark:
    """Digits with repeated pixels, permuted anew for each task."""
    import torch

    from neurocl import continual, data

    digits = data.digits()
    block = np.ones((1, REPEATS, REPEATS), np.float32)
    images = ((np.kron(x, block) - MEAN) / DEVIATION for x in (digits.x_train, digits.x_test))
    x_train, x_test = (torch.from_numpy(x) for x in images)
    y_train, y_test = (torch.from_numpy(y) for y in (digits.y_train, digits.y_test))
    samples = continual.Samples(x_train, y_train, x_test, y_test, "digits")
    return continual.permuted(samples, n_experiences=config.n_experiences, seed=config.seed)


def make_learner(config: Config, name: str) -> ContinualTrainer:
    """The learner of one of the methods."""
    from neurocl import hlop
    from neurocl.continual.strategies import METHODS as STRATEGIES

    plugins: list[Any] = []
    if name == "hlop":
        plugins = [hlop.HLOP(neurons=(config.first, config.further), lr=config.hebbian_lr)]
    elif name == "ewc":
        plugins = [STRATEGIES["ewc"](strength=config.ewc_strength, n_samples=300)]
    elif name == "joint":
        plugins = [STRATEGIES["joint"]()]
    model = hlop.SpikingMLP(config.hidden, method=config.training)
    return hlop.ContinualTrainer(
        *plugins, model=model, lr=config.lr, epochs=config.epochs, batch_size=config.batch_size,
        schedule=lambda epoch, epochs: 1.0 - epoch / epochs,
    )  # fmt: skip


def captured(learner: Any, experience: Experience) -> dict[str, float]:
    """Fraction of the input's second moment that lies in the subspace of the first layer, after the experience."""
    subspace = getattr(learner.model.layers[0], "subspace", None)
    return {} if subspace is None else {"captured": subspace.capture(experience.x.flatten(1))}


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run every method on the same tasks.

    Parameters
    ----------
    config : settings.
    folder : where checkpoints are kept, so that an interrupted run can go on; none: they are not kept.

    Raises
    ------
    NeuroclError
        If PyTorch is not installed, or a layer has too few inputs for its subspace neurons.
    """
    need_torch("hlop")
    from neurocl import continual

    times: dict[str, float] = {}
    with timed(times, "data"):
        benchmark = make_benchmark(config)
        learners = {name: make_learner(config, name) for name in config.methods}
    found: dict[str, Results] = {}
    seeds = range(config.seed, config.seed + config.n_seeds)
    total = len(learners) * len(seeds) * config.n_experiences
    with (
        torch_threads(config.threads),
        tqdm(total=total, desc="tasks", unit="task", disable=None, leave=False) as bar,
    ):
        for name, learner in learners.items():
            place = None if folder is None else Path(folder.path) / CHECKPOINT / name
            with timed(times, name):
                found[name] = continual.run(
                    benchmark, learner, seeds, name=name, folder=place, recorders=[captured],
                    progress=lambda *_: bar.update(),
                )  # fmt: skip
    with timed(times, "figures"):
        pictures = comparison_pictures(found)
    results = {"methods": {name: method.to_json() for name, method in found.items()}}
    title = f"Forgetting on {config.n_experiences} tasks of permuted digits, and how Hebbian projection stops it"
    return Outcome(title, _summary(config, found), COLUMNS, comparison_rows(found), results, times, pictures)


def _summary(config: Config, found: Mapping[str, Results]) -> list[str]:
    """What was seen, in sentences; BWT in percentage points."""
    lines = [describe_seeds(config.n_seeds)]
    for name, results in found.items():
        summary = results.summary()
        text = f"{name}: {100 * summary['acc'].mean:.1f} % right on all tasks after the last"
        if "bwt" in summary:
            text += f", {100 * summary['bwt'].mean:+.1f} points since each was learned (BWT)"
        lines.append(f"{text}.")
    if "hlop" in found:
        share = found["hlop"].records["captured"].mean()
        lines.append(f"The subspace neurons of the first layer captured {100 * share:.1f} % of each task's input.")
    return lines


EXPERIMENT = Experiment(
    name="hlop",
    description="forgetting of permuted digits, and how Hebbian orthogonal projection stops it",
    config=Config,
    run=run,
)
