"""The published settings of active dendrites and of context-dependent gating on permuted MNIST.

Network    hidden 2 x 2048 (2 x 2000 with SI), 5 % winners, half of the feed-forward weights absent, Adam, batches of
           256, a fresh optimizer in each task (with SI the optimizer goes on)
XdG        2 x 2000 rectified units of which 80 % are silent in a task; dropout of 20 % of the inputs and half of the
           hidden units; 3906 updates of 256 samples per task, that is 16.7 epochs, of which 17 are run
Source     Iyer et al. (2022), Front. Neurorobotics 16:846219; Masse, Grant & Freedman (2018), PNAS 115:E10467
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from neurocl.continual import Plugin, Problem, Strategy
    from neurocl.dendrites import Context

__all__ = ["METHODS", "Method", "published"]

TRAINING: dict[str, dict[int, tuple[int, float]]] = {
    "prototype": {2: (1, 5e-4), 5: (1, 5e-4), 10: (3, 5e-4), 25: (5, 3e-4), 50: (3, 3e-4), 100: (3, 1e-4)},
    "10 segments": {2: (5, 1e-3), 5: (5, 7e-4), 10: (3, 5e-4), 25: (5, 3e-4), 50: (5, 7e-5), 100: (3, 7e-5)},
    "inferred": {2: (5, 1e-3), 5: (5, 1e-3), 10: (3, 1e-3), 25: (1, 3e-4), 50: (3, 1e-4), 100: (3, 1e-4)},
    "sparse": {2: (3, 1e-3), 5: (10, 5e-5), 10: (5, 1e-4), 25: (10, 1e-5), 50: (10, 1e-5), 100: (5, 1e-4)},
}
"""Epochs and learning rate by the number of tasks; between two, those of the smaller. "10 segments": each unit has ten,
whatever the number of tasks."""

ACCURACY: dict[str, dict[int, float]] = {
    "prototype": {2: 0.97474, 5: 0.96363, 10: 0.94551, 25: 0.92095, 50: 0.87048, 100: 0.81421},
    "10 segments": {2: 0.97528, 5: 0.96470, 10: 0.94551, 25: 0.91311, 50: 0.86282, 100: 0.78475},
    "inferred": {2: 0.97553, 5: 0.96004, 10: 0.94320, 25: 0.88642, 50: 0.85342, 100: 0.76912},
    "sparse": {2: 0.96568, 5: 0.93892, 10: 0.91333, 25: 0.84592, 50: 0.75560, 100: 0.65613},
    "dendrites+si": {2: 0.97651, 5: 0.97470, 10: 0.97231, 25: 0.96456, 50: 0.94449, 100: 0.91593},
    "xdg": {2: 0.980, 5: 0.978, 10: 0.972, 25: 0.903, 50: 0.790, 100: 0.620},
    "xdg+si": {2: 0.985, 5: 0.982, 10: 0.9795, 25: 0.975, 50: 0.962, 100: 0.955},
}
"""Mean test accuracy after the last task; those of XdG are quoted in the source, not measured there."""

POINT = 0.01
"""How far from the published accuracy a run may be."""


@dataclass(frozen=True)
class Method:
    """A method with its settings.

    Parameters
    ----------
    gating : "dendrites", "random" (XdG) or "none".
    si : whether feed-forward weights are protected by synaptic intelligence.
    context, n_tasks, n_segments, hidden, epochs, lr, batch_size : as in the settings of the experiment.
    context_density : of the segments' initial weights; 0.05 where the number of segments is fixed at ten.
    """

    gating: str
    si: bool = False
    context: str = "prototype"
    n_tasks: int = 10
    n_segments: int = 10
    hidden: int = 2048
    epochs: int = 3
    lr: float = 5e-4
    batch_size: int = 256
    context_density: float = 0.1

    @property
    def is_told(self) -> bool:
        """Whether it must be told the task at test."""
        return self.gating == "random" or (self.gating == "dendrites" and self.context == "one-hot")

    def chosen(self, config: Any) -> Method:
        """This method with the settings of an experiment, and the published values for those that are None."""
        small = config.data == "digits"
        wide = 2000 if self.si or self.gating == "random" else 2048
        epochs, lr = (20, 5e-3) if small else self._training(_table(config), config.n_tasks)
        return Method(
            self.gating, self.si, config.context, config.n_tasks, _or(config.n_segments, config.n_tasks),
            _or(config.hidden, 256 if small else wide), _or(config.epochs, epochs), _or(config.lr, lr),
            config.batch_size, 0.05 if _table(config) == "10 segments" else 0.1,
        )  # fmt: skip

    def _training(self, name: str, n_tasks: int) -> tuple[int, float]:
        if self.gating == "random":
            return 17, 1e-3
        if self.si:
            return 20, 5e-4
        table = TRAINING["sparse" if self.gating == "none" else name]
        return table[max((n for n in table if n <= n_tasks), default=2)]

    def described(self) -> dict[str, Any]:
        """The settings, for results.json."""
        shown = ["hidden", "epochs", "lr", "batch_size"]
        if self.gating == "dendrites":
            shown += ["context", "n_segments"]
        return {name: getattr(self, name) for name in shown}

    def strategy(self, data: str) -> Strategy:
        """The learner."""
        from neurocl import continual, dendrites
        from neurocl.continual.strategies import SI, XdG

        common = {
            "optimizer": partial(dendrites.RowAdam, lr=self.lr), "epochs": self.epochs, "batch_size": self.batch_size,
            "reset_optimizer": not (self.si and self.gating != "random"),
        }  # fmt: skip
        if self.gating == "random":
            plugins: list[Plugin] = [XdG(0.8), SI(0.035, xi=0.01)] if self.si else [XdG(0.8)]
            return continual.Strategy(*plugins, model=partial(_dropout_mlp, hidden=self.hidden), **common)  # type: ignore[arg-type]
        context = self._context(data)
        model = dendrites.DendriticModel(
            self.n_segments if self.gating == "dendrites" else 0, context, (self.hidden, self.hidden),
            context_density=self.context_density, sparse_gradient=True,
        )  # fmt: skip
        plugins = [dendrites.ActiveDendrites(context)]
        if self.si:
            plugins.append(dendrites.FeedForwardSI())
        return continual.Strategy(*plugins, model=model, **common)  # type: ignore[arg-type]

    def _context(self, data: str) -> Context:
        from neurocl import dendrites

        if self.context == "one-hot" and self.gating == "dendrites":
            return dendrites.OneHotContext(self.n_tasks)
        if self.context == "inferred":
            return dendrites.ClusterContext(32 if data == "digits" else 256)
        return dendrites.PrototypeContext()


METHODS = {
    "sparse": Method("none"),
    "dendrites": Method("dendrites"),
    "dendrites+si": Method("dendrites", si=True),
    "xdg": Method("random"),
    "xdg+si": Method("random", si=True),
}
"""Methods by the names that a user types."""


def published(config: Any, name: str) -> tuple[float, float] | None:
    """The range around the published accuracy, where the settings are the published ones."""
    changed = (config.hidden, config.epochs, config.lr) != (None,) * 3 or config.n_segments not in (None, 10)
    if config.data != "mnist" or changed or config.batch_size != 256 or config.context == "one-hot":
        return None
    table = _table(config)
    known = ACCURACY[table if name == "dendrites" else name].get(config.n_tasks)
    if known is None or (name == "dendrites+si" and table != "prototype"):
        return None
    return known - POINT, known + POINT


def _table(config: Any) -> str:
    """Which column of the published table a configuration belongs to."""
    if config.context == "inferred":
        return "inferred"
    return "10 segments" if config.n_segments == 10 and config.context == "prototype" else "prototype"


def _dropout_mlp(problem: Problem, hidden: int) -> nn.Module:
    """784-2000-2000-10 with dropout, for context-dependent gating."""
    from torch import nn

    n = math.prod(problem.sample_shape)
    return nn.Sequential(
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(n, hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, hidden),
        nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, problem.n_units),
    )  # fmt: skip


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
