"""Active dendrites on permuted images: one network, one output layer, one task after the other.

Task 0 shows the images as they are, every other task permutes the pixels in its own way. All tasks share the outputs.
Methods    "dendrites"       active dendrites and k winners
           "dendrites+si"    the same, with synaptic intelligence on the feed-forward weights
           "sparse"          k winners and sparse weights, no dendrites
           "xdg", "xdg+si"   a network of rectified units, gated at random for each task; it is told the task at test
Measure    mean test accuracy over all tasks after the last
Source     Iyer et al. (2022), Front. Neurorobotics 16:846219; Masse, Grant & Freedman (2018), PNAS 115:E10467
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tqdm import tqdm

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.experiments.dendrites_protocol import METHODS, Method, published
from neurocl.experiments.experiment import Experiment, Outcome, Picture, timed
from neurocl.experiments.network_run import Comparison, compared
from neurocl.experiments.run_folder import CHECKPOINT, RunFolder
from neurocl.experiments.with_torch import need_torch, torch_threads

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from neurocl.continual import Benchmark

__all__ = ["EXPERIMENT", "Config", "run"]

NORMALISATION = {"mnist": (0.13062755, 0.30810780), "fashion_mnist": (0.2860, 0.3530), "digits": (0.3053, 0.3760)}
"""Mean and standard deviation of all training pixels; those of MNIST as published."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment; None stands for the published value.

    Parameters
    ----------
    data : "digits", "mnist" or "fashion_mnist".
    n_tasks : permutations.
    methods : which to run, see above.
    context : "prototype" (mean input of a task; at test the nearest), "inferred" (clusters found during training) or
        "one-hot" (the task is told at test).
    n_segments : of each hidden unit. Published: one per task.
    hidden : units of the two hidden layers. Published: 2048, and 2000 with SI or XdG; of digits 256.
    epochs, lr : of each task. Published values depend on the method, the context and the number of tasks; digits get
        20 epochs at 0.005.
    batch_size : samples per update.
    evaluate : "last": test once, after the last task; "each": test all tasks after each.
    n_seeds : runs, with the seeds `seed`, `seed` + 1, ...
    threads : of PyTorch. The results depend on it in the last digits.
    seed : of the permutations, the initial weights and the order of the samples.
    """

    data: Literal["digits", "mnist", "fashion_mnist"] = "digits"
    n_tasks: int = 10
    methods: tuple[str, ...] = ("sparse", "dendrites", "dendrites+si", "xdg")
    context: Literal["prototype", "inferred", "one-hot"] = "prototype"
    n_segments: int | None = None
    hidden: int | None = None
    epochs: int | None = None
    lr: float | None = None
    batch_size: int = 256
    evaluate: Literal["last", "each"] = "each"
    n_seeds: int = 1
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        owner = "dendrites-pmnist"
        for name, least in {"n_tasks": 1, "batch_size": 1, "n_seeds": 1, "threads": 1, "seed": 0}.items():
            whole_number(owner, name, getattr(self, name), at_least=least)
        for name in ("n_segments", "hidden", "epochs"):
            if getattr(self, name) is not None:
                whole_number(owner, name, getattr(self, name), at_least=1)
        if self.lr is not None:
            positive_number(owner, "lr", self.lr)
        contexts = ("prototype", "inferred", "one-hot")
        choices = {"data": NORMALISATION, "context": contexts, "evaluate": ("last", "each")}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise NeuroclError(f"{owner}: {name} must be one of {', '.join(known)}, got {getattr(self, name)!r}")
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise NeuroclError(f"{owner}: methods must be different names, at least one, such as dendrites,xdg")
        for name in self.methods:
            if name not in METHODS:
                raise NeuroclError(f"{owner}: there is no method {name!r}{suggest(name, METHODS)}")


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run every method on the same permutations.

    Parameters
    ----------
    config : settings.
    folder : where checkpoints are kept, so that an interrupted run can go on; none: they are not kept.
    """
    need_torch("dendrites-pmnist")
    times: dict[str, float] = {}
    seeds = range(config.seed, config.seed + config.n_seeds)
    found: dict[str, NDArray[np.float64]] = {}
    total = len(config.methods) * len(seeds) * config.n_tasks
    with (
        torch_threads(config.threads),
        tqdm(total=total, desc="tasks", unit="task", disable=None, leave=False) as bar,
    ):
        for name in config.methods:
            method = METHODS[name].chosen(config)
            with timed(times, name):
                place = None if folder is None else Path(folder.path) / CHECKPOINT / name
                found[name] = np.stack([_matrix(config, method, seed, place, bar) for seed in seeds])
    lines = []
    for name, matrix in found.items():
        last = matrix[:, -1].mean()
        lines.append(Comparison(name, "mean accuracy after the last task", float(last), published(config, name)))
        if config.evaluate == "each" and config.n_tasks > 1:
            then = np.diagonal(matrix, axis1=1, axis2=2).mean()
            lines.append(Comparison(name, "accuracy right after learning", float(then)))
    with timed(times, "figures"):
        pictures = [Picture("accuracy", _figure(found), "Accuracy on each task after the last one was learned.")]
        if config.evaluate == "each":
            pictures.append(Picture("curves", _curves(found), "Mean accuracy on the tasks learned so far."))
    results = {
        "accuracy_after_the_last_task": {name: matrix[:, -1].tolist() for name, matrix in found.items()},
        "settings": {name: METHODS[name].chosen(config).described() for name in config.methods},
    }
    title = f"Active dendrites on {config.n_tasks} tasks of permuted {config.data}"
    return compared(title, lines, times, pictures=pictures, summary=_summary(config), results=results)


def _benchmark(config: Config, method: Method, seed: int) -> Benchmark:
    """Permuted images; where the method is told the task, the scenario is "task", still with one output layer."""
    from neurocl import continual

    made = continual.permuted(
        config.data, n_experiences=config.n_tasks, seed=seed, first_identity=True, normalise=NORMALISATION[config.data]
    )
    if not method.is_told:
        return made
    return replace(made, problem=replace(made.problem, scenario="task", heads={}))


def _matrix(config: Config, method: Method, seed: int, folder: Path | None, bar: Any) -> NDArray[np.float64]:
    """Accuracy on task j after task i; with ``evaluate="last"`` only the last row is there, the others are NaN."""
    from neurocl import continual
    from neurocl.continual.evaluation import accuracies

    benchmark, n = _benchmark(config, method, seed), config.n_tasks

    def last_row(learner: Any, experience: Any) -> dict[str, float]:
        if experience.index < n - 1:
            return {}
        return {f"task {j}": value for j, value in enumerate(accuracies(learner, benchmark, n, n))}

    once = config.evaluate == "last"
    results = continual.run(
        replace(benchmark, evaluate="none") if once else benchmark, method.strategy(config.data), [seed],
        recorders=(last_row,) if once else (), folder=folder, checkpoint_every=2000, progress=lambda *_: bar.update(),
    )  # fmt: skip
    matrix: NDArray[np.float64] = results.matrix[0].copy()
    if once:
        matrix[-1] = [results.records[f"task {j}"][0, 0] for j in range(n)]
    return matrix


def _summary(config: Config) -> list[str]:
    text = [
        f"{config.n_tasks} tasks, {config.n_seeds} seed{'s' if config.n_seeds > 1 else ''}; one output layer for all"
        " tasks. Chance is 10 %."
    ]
    told = [name for name in config.methods if METHODS[name].chosen(config).is_told]
    if told:
        text.append(f"Told the task at test: {', '.join(told)}. The others find it out, or do without.")
    return text


def _figure(found: dict[str, NDArray[np.float64]]) -> Figure:
    from matplotlib.figure import Figure

    from neurocl.plots._style import colors_for, legend_beside

    figure = Figure(figsize=(6.5, 3.6), layout="constrained")
    ax = figure.subplots()
    for (name, matrix), color in zip(found.items(), colors_for(len(found), None), strict=True):
        ax.plot(100.0 * matrix[:, -1].mean(0), "o-", label=name, markersize=4, color=color)
    ax.set_xlabel("task")
    ax.set_ylabel("accuracy (%)")
    ax.set_xticks(range(next(iter(found.values())).shape[2]))
    ax.spines[["top", "right"]].set_visible(False)
    legend_beside(ax)
    return figure


def _curves(found: dict[str, NDArray[np.float64]]) -> Figure:
    from matplotlib.figure import Figure

    from neurocl import plots

    figure = Figure(figsize=(6.5, 3.6), layout="constrained")
    seen = {
        name: np.stack([matrix[:, i, : i + 1].mean(1) for i in range(matrix.shape[1])], 1)
        for name, matrix in found.items()
    }
    plots.learning_curves(seen, figure.subplots())
    return figure


EXPERIMENT = Experiment(
    name="dendrites-pmnist",
    description="active dendrites learn permuted images one task after the other; SI and XdG beside",
    config=Config,
    run=run,
)
