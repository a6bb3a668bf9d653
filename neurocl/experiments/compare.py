"""Methods of continual learning side by side: one benchmark, the same network, the same seeds.

Benchmark    constructor and data set, for instance split-digits, permuted-mnist, rotated-fashion_mnist; what modifies
             it comes first: fuzzy-split-digits, blurry-split-mnist, power_law-permuted-digits, online-split-digits
Strategies   names of `continual.strategies.METHODS`, each with its own settings after colons: ewc:strength=1000; or of
             `continual.strategies.NETWORKS`: a network of its own with a sparse activation, without a method
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tqdm import tqdm

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.experiments.comparison import COLUMNS, best_of, comparison_pictures, comparison_rows, describe_seeds
from neurocl.experiments.experiment import Experiment, Outcome, timed
from neurocl.experiments.run_folder import CHECKPOINT, RunFolder
from neurocl.experiments.with_torch import need_torch, torch_threads

if TYPE_CHECKING:
    from neurocl.continual import Benchmark, Results, Strategy

__all__ = ["EXPERIMENT", "Config", "make_benchmark", "make_strategy", "run"]

@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    benchmark : constructor and data set, joined by a hyphen; a modifier may come first, as in fuzzy-split-digits.
    scenario : "task", "domain" or "class"; of split, permuted and rotated benchmarks.
    strategies : methods and sparse networks, separated by commas; their settings follow after colons: er:size=500.
    n_experiences : none: the benchmark's default.
    fixed_class_order : whether a split benchmark takes the classes in the order 0, 1, 2, ...
    online : samples per update of a single pass; none: `epochs` passes in batches of `batch_size`, where a modifier has
        no default of its own.
    model, hidden : "mlp" or "cnn", and units of its hidden layers; sparse networks have their own.
    optimizer, lr, epochs, batch_size : of the training.
    n_seeds : runs of each method, with the seeds `seed`, `seed` + 1, ...
    threads : of PyTorch. The results depend on it in the last digits.
    seed : first seed.
    """

    benchmark: str = "split-digits"
    scenario: Literal["task", "domain", "class"] = "class"
    strategies: tuple[str, ...] = ("naive", "ewc", "si", "er", "joint")
    n_experiences: int | None = None
    fixed_class_order: bool = True
    online: int | None = None
    model: Literal["mlp", "cnn"] = "mlp"
    hidden: tuple[int, ...] = (100, 100)
    optimizer: Literal["sgd", "adam", "adagrad", "rmsprop"] = "adam"
    lr: float = 0.001
    epochs: int = 10
    batch_size: int = 32
    n_seeds: int = 5
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in {"epochs": 1, "batch_size": 1, "n_seeds": 1, "threads": 1, "seed": 0}.items():
            whole_number("compare", name, getattr(self, name), at_least=least)
        positive_number("compare", "lr", self.lr)
        if not self.strategies or len(set(self.strategies)) < len(self.strategies):
            raise NeuroclError("compare: strategies must be different names, at least one, such as naive,ewc,er")


def make_benchmark(config: Config) -> Benchmark:
    """The benchmark that the settings describe."""
    from neurocl import continual
    from neurocl.continual.benchmarks import MODIFIERS

    parts = config.benchmark.split("-")
    kind = next((part for part in parts if part not in MODIFIERS), "")
    arguments: dict[str, Any] = {"seed": config.seed}
    if kind in ("split", "permuted", "rotated"):
        arguments["scenario"] = config.scenario
    if kind == "split":
        arguments["fixed_class_order"] = config.fixed_class_order
    if config.n_experiences is not None:
        arguments["n_experiences"] = config.n_experiences
    if config.online is None:
        return continual.make(config.benchmark, **arguments)
    if parts[0] in MODIFIERS:
        return continual.make(config.benchmark, **arguments, batch=config.online)
    return continual.online(continual.make(config.benchmark, **arguments), config.online)


def make_strategy(config: Config, text: str) -> Strategy:
    """The strategy that one entry of `strategies` describes; NeuroclError for an unknown method or setting."""
    from neurocl import continual
    from neurocl.continual.strategies import METHODS, NETWORKS

    name, *settings = text.split(":")
    makers: dict[str, Callable[..., Any]] = {**METHODS, **NETWORKS}
    if name not in makers:
        raise NeuroclError(f"compare: there is no strategy {name!r}{suggest(name, makers)}")
    known = inspect.signature(makers[name]).parameters
    arguments = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or key not in known:
            raise NeuroclError(f"compare: strategy {name!r} has no setting {setting!r}{suggest(key, known)}")
        arguments[key] = _value(value)
    made, hidden = makers[name](**arguments), config.hidden
    model = continual.MLP(hidden) if config.model == "mlp" else continual.CNN(hidden=hidden)
    plugins, model = ([], made) if name in NETWORKS else ([made], model)
    return continual.Strategy(
        *plugins, model=model, optimizer=config.optimizer, lr=config.lr, epochs=config.epochs,
        batch_size=config.batch_size,
    )  # fmt: skip


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run every method on the same streams.

    Parameters
    ----------
    config : settings.
    folder : where checkpoints are kept, so that an interrupted run can go on; none: they are not kept.

    Raises
    ------
    NeuroclError
        If PyTorch is not installed, a benchmark, data set or strategy is unknown, or a strategy cannot learn the
        benchmark.
    """
    need_torch("compare")
    from neurocl import continual

    times: dict[str, float] = {}
    with timed(times, "data"):
        benchmark = make_benchmark(config)
        learners = {text: make_strategy(config, text) for text in config.strategies}
        for learner in learners.values():
            learner.start(benchmark.problem)  # what is not possible is said before hours are spent
    found: dict[str, Results] = {}
    seeds = range(config.seed, config.seed + config.n_seeds)
    total = len(learners) * len(seeds) * len(benchmark.train)
    with (
        torch_threads(config.threads),
        tqdm(total=total, desc="experiences", unit="experience", disable=None, leave=False) as bar,
    ):
        for k, (text, learner) in enumerate(learners.items()):
            place = None if folder is None else Path(folder.path) / CHECKPOINT / f"{k}-{text.partition(':')[0]}"
            with timed(times, text):
                found[text] = continual.run(
                    benchmark, learner, seeds, name=text, folder=place,
                    progress=lambda *_: bar.update(),
                )  # fmt: skip
    with timed(times, "figures"):
        pictures = comparison_pictures(found)
    summary = [describe_seeds(config.n_seeds), best_of(found)]
    title = f"{benchmark.name}, scenario {benchmark.problem.scenario}: strategies compared"
    results = {"strategies": {text: method.to_json() for text, method in found.items()}}
    return Outcome(title, summary, COLUMNS, comparison_rows(found), results, times, pictures)


def _value(text: str) -> Any:
    """A setting's value: a whole number, a number, true, false, none, or text."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


EXPERIMENT = Experiment(
    name="compare",
    description="strategies of continual learning on one benchmark, with the same network and seeds",
    config=Config,
    run=run,
)
