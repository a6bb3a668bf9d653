"""Permuted MNIST with Hebbian orthogonal projection, by the published protocol, and other methods beside it.

Data         MNIST, all of it; pixels (p - 0.1307) / 0.3081, then permuted. Task i permutes by NumPy's legacy shuffle of
             0..783 with the seed 100 r_i + i, r = 4, 7, 3, 5, 2, 6, 9, 8, 1, 0
Network      784-800-800-10, no biases, one head for all tasks; T = 20 (dsr) or 6 (bptt, ottt)
Training     one pass for each task, batch 64, SGD 0.1 without momentum
Subspaces    task 0: 80, 200, 100 neurons (input, first, second hidden layer); tasks 1-2: 70 each; 3-5: 50; 6-8: 30;
             9: 10. Hebbian learning rates 0.001, 0.01, 0.01
Strategies   hlop; sequential: the same loop without projection (thresholds stay after task 0, too); naive: with nothing
             frozen; ewc and gpm with thresholds frozen as in the others
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984, and the authors' code.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tqdm import tqdm

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.images import load_images
from neurocl.experiments.run_folder import CHECKPOINT, RunFolder
from neurocl.experiments.with_torch import need_torch, torch_threads

if TYPE_CHECKING:
    from neurocl.continual import Benchmark, Plugin, Results
    from neurocl.hlop import ContinualTrainer

__all__ = ["EXPERIMENT", "NEURONS", "Config", "make_benchmark", "make_learner", "permutation", "run"]

ORDER = (4, 7, 3, 5, 2, 6, 9, 8, 1, 0)
"""r: 0..9, shuffled with the seed 2022."""

NEURONS = ((80, 200, 100), *((70,) * 3,) * 2, *((50,) * 3,) * 3, *((30,) * 3,) * 3, (10,) * 3)
"""Subspace neurons that are added for each task, by layer."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment; the defaults are the published protocol.

    Parameters
    ----------
    method : of training, "dsr", "bptt" or "ottt".
    strategy : "hlop", "sequential", "naive", "ewc" or "gpm".
    tasks : number of tasks, at most 10.
    hidden : neurons of each of the two hidden layers.
    n_train, n_test : images of MNIST, chosen with the seed; none: all 60 000 and 10 000.
    epochs, batch, learning_rate : passes over each task, samples of an update, step of SGD.
    lateral_steps : none: linear subspace neurons; a number: spiking ones with so many steps, range 20.
    growth : "random" (published) or "complement", see `neurocl.hlop.HebbianSubspace`.
    learn_from : "protocol", or "rates": the subspaces of bptt and ottt learn from means over time, which costs less.
    strength : lambda of ewc.
    threads : of PyTorch; none: as many as it takes. The results depend on it in the last digits.
    seed : of weights, order of the images and new subspace neurons.
    """

    method: Literal["dsr", "bptt", "ottt"] = "dsr"
    strategy: Literal["hlop", "sequential", "naive", "ewc", "gpm"] = "hlop"
    tasks: int = 10
    hidden: int = 800
    n_train: int | None = None
    n_test: int | None = None
    epochs: int = 1
    batch: int = 64
    learning_rate: float = 0.1
    lateral_steps: int | None = None
    growth: Literal["random", "complement"] = "random"
    learn_from: Literal["protocol", "rates"] = "protocol"
    strength: float = 30.0
    threads: int | None = 1
    seed: int = 2022

    def __post_init__(self) -> None:
        owner = "hlop-pmnist"
        choices = {
            "method": ("dsr", "bptt", "ottt"), "strategy": ("hlop", "sequential", "naive", "ewc", "gpm"),
            "growth": ("random", "complement"), "learn_from": ("protocol", "rates"),
        }  # fmt: skip
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise NeuroclError(f"{owner}: {name} must be one of {', '.join(known)}, got '{getattr(self, name)}'")
        for name in ("tasks", "hidden", "n_train", "n_test", "epochs", "batch", "lateral_steps", "threads"):
            if getattr(self, name) is not None:
                whole_number(owner, name, getattr(self, name), at_least=1)
        if self.tasks > len(ORDER):
            raise NeuroclError(f"{owner}: tasks must be at most {len(ORDER)}, got {self.tasks}")
        whole_number(owner, "seed", self.seed)
        positive_number(owner, "learning_rate", self.learning_rate)
        non_negative_number(owner, "strength", self.strength)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment.

    Parameters
    ----------
    config : settings.
    folder : where the state after every task, and every 2000 updates, is kept; none: it is not kept.

    Returns
    -------
    Outcome
        The accuracy matrix, ACC, BWT, the subspaces' orthogonality, times.

    Raises
    ------
    NeuroclError
        If PyTorch is not installed, or MNIST is not there.
    """
    from neurocl.experiments.hlop_pmnist_report import describe

    need_torch("hlop-pmnist")
    from neurocl import continual, hlop

    times: dict[str, float] = {}
    with timed(times, "data"):
        benchmark = make_benchmark(config)
    learner = make_learner(config)
    with (
        torch_threads(config.threads),
        warnings.catch_warnings(),
        tqdm(total=config.tasks, desc=f"{config.strategy}, {config.method}", unit="task", disable=None) as bar,
    ):
        # The published learning rates are above the bound in the hidden layers; the report tells how good they are.
        warnings.simplefilter("ignore", hlop.StabilityWarning)
        results: Results = continual.run(
            benchmark, learner, [config.seed], name=config.strategy, recorders=[_orthogonality],
            folder=None if folder is None else folder.path / CHECKPOINT, checkpoint_every=2000,
            progress=lambda seed, done, total: _advance(bar, done),
        )  # fmt: skip
    times["training"] = float(results.train_seconds[0])
    times["test"] = float(results.seconds[0]) - times["training"]
    with timed(times, "figures"):
        return describe(config, results, times)


def permutation(task: int) -> Any:
    """Place in the original image that each pixel of a task comes from, int64 [784]."""
    order = np.arange(784)
    # The legacy generator is part of the protocol.
    np.random.RandomState(100 * ORDER[task] + task).shuffle(order)
    return order


def make_benchmark(config: Config) -> Benchmark:
    """The tasks, one head for all."""
    import torch

    from neurocl import continual
    from neurocl.continual.samples import as_samples

    full = load_images("mnist", config.n_train, config.n_test, config.seed)
    samples = as_samples(full).normalised("mnist")

    def make(index: int, test: bool) -> continual.Experience:
        x, y = samples.part(test)
        return continual.Experience(x[:, torch.from_numpy(permutation(index))], y, index, index, tuple(range(10)))

    train, test = (continual.Stream(partial(make, test=test), config.tasks) for test in (False, True))
    problem = continual.Problem((784,), 10, "domain")

    def again(seed: int) -> Benchmark:
        spec = {"permutations": "published"}
        return continual.Benchmark("permuted mnist", train, test, problem, seed, spec, again, evaluate="seen")

    return again(config.seed)


def make_learner(config: Config) -> ContinualTrainer:
    """The strategy with its network."""
    from neurocl import hlop
    from neurocl.continual.strategies import EWC, GPM

    make_method: Any = {"dsr": hlop.dsr, "bptt": hlop.bptt, "ottt": hlop.ottt}[config.method]
    method = make_method(learn_from="rates") if config.learn_from == "rates" else make_method()
    # Without neurons, HLOP only freezes what is not trained after the first task.
    spiking = None if config.lateral_steps is None else (20.0, config.lateral_steps)
    makers: dict[str, Callable[[], list[Plugin]]] = {
        "hlop": lambda: [hlop.HLOP(NEURONS, spiking=spiking, growth=config.growth)],
        "sequential": lambda: [hlop.HLOP(0)],
        "naive": lambda: [],
        "ewc": lambda: [hlop.HLOP(0), EWC(config.strength)],
        "gpm": lambda: [hlop.HLOP(0), GPM((0.95, 0.99, 0.99))],
    }
    return hlop.ContinualTrainer(
        *makers[config.strategy](), model=hlop.SpikingMLP((config.hidden,) * 2, method), lr=config.learning_rate,
        epochs=config.epochs, batch_size=config.batch,
    )  # fmt: skip


def _orthogonality(learner: ContinualTrainer, experience: Any) -> dict[str, float]:
    """Rows of each subspace, and how far they are from orthonormal (Frobenius norm)."""
    from neurocl.hlop import hlop_layers

    found = {}
    for index, layer in enumerate(hlop_layers(learner.model)):
        if layer.subspace is not None and len(layer.subspace.H):
            found[f"rows_{index}"] = float(len(layer.subspace.H))
            found[f"orthogonality_{index}"] = layer.subspace.orthogonality_error()
    return found


def _advance(bar: Any, done: int) -> None:
    bar.update(done - bar.n)


EXPERIMENT = Experiment(
    name="hlop-pmnist",
    description="ten permutations of MNIST, one after the other, without forgetting (PyTorch, full MNIST)",
    config=Config,
    run=run,
)
