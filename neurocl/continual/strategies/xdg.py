"""Context-dependent gating: each task may use only its own random part of the hidden units.

Gate         per task and hidden layer a fixed binary gate; each unit is kept with probability 1 - g, for each task
             anew. Task label t has the t-th gates that the run's seed draws, whenever the task is met first
Defaults     g 0.8; often with SI (``Strategy(XdG(), SI(0.035, xi=0.01), ...)``)
Note         the gate is on what the next layer reads: for a Linear after convolutions, on each of its inputs
Source       Masse, Grant & Freedman (2018), PNAS 115:E10467.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neurocl.continual.plugin import Plugin
from neurocl.continual.seeding import torch_seed
from neurocl.continual.strategies.weight_layers import WeightLayer, weight_layers
from neurocl.core._checks import probability
from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["XdG"]


class XdG(Plugin):
    """Context-dependent gating; it needs the task label, also at test.

    Parameters
    ----------
    gated : fraction g of the hidden units that is silent in a task, in [0, 1).

    Attributes
    ----------
    gates : for each task label from 0 to the largest one met, the gates of the hidden layers: [unit], or
        [channel, 1, 1].
    """

    needs_task_label = True

    def __init__(self, gated: float = 0.8) -> None:
        self.gated = probability("XdG", "gated", gated)
        if self.gated == 1.0:
            raise NeuroclError("XdG: gated must be < 1, got 1; no unit would be left.")

    def before_training(self, strategy: Strategy) -> None:
        """No task was met; the gates are hung before all weight layers but the first."""
        self.gates: list[list[Tensor]] = []
        # Not the strategy's generator: a task may be tested before it is trained, and a test must change nothing.
        self._generator = torch.Generator().manual_seed(torch_seed(strategy.seed, "noise"))
        self._open: list[Tensor] | None = None
        self._readers: list[WeightLayer] = weight_layers(strategy.model, "XdG")[1:]
        for index, layer in enumerate(self._readers):
            layer.register_forward_pre_hook(self._hook(index))

    def _hook(self, index: int) -> Any:
        def gate(module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
            return None if self._open is None else (inputs[0] * self._open[index],)

        return gate

    def _gates_of(self, task: int) -> list[Tensor]:
        while len(self.gates) <= task:
            self.gates.append([self._draw(layer) for layer in self._readers])
        return self.gates[task]

    def _draw(self, layer: WeightLayer) -> Tensor:
        shape = (layer.in_features,) if isinstance(layer, nn.Linear) else (layer.in_channels, 1, 1)
        kept = torch.rand(shape, generator=self._generator) >= self.gated
        return kept.to(layer.weight)

    def before_forward(self, strategy: Strategy) -> None:
        """Open the gates of the batch's tasks."""
        tasks = strategy.batch.task.tolist()
        if len(set(tasks)) == 1:
            self._open = self._gates_of(tasks[0])
        else:
            rows = [self._gates_of(task) for task in tasks]
            self._open = [torch.stack(parts) for parts in zip(*rows, strict=True)]

    def before_eval(self, strategy: Strategy) -> None:
        """Open the gates of the task in test."""
        task = strategy.evaluated_task
        self._before_eval = self._open
        if isinstance(task, Tensor):
            labels = torch.unique(task).tolist()
            if len(labels) > 1:
                raise NeuroclError(f"XdG: predict the samples of one task at a time, got task labels {labels}.")
            task = labels[0]
        self._open = None if task is None else self._gates_of(task)

    def after_eval(self, strategy: Strategy) -> None:
        """Back to the gates of the training."""
        self._open = self._before_eval
