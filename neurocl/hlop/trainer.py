"""The published task loop: a `Strategy` with its defaults, which also trains online (OTTT).

For each experience: a new SGD without weight decay; shuffled mini-batches, the last may be short; after the experience
all seen ones are tested (`continual.run`), ACC and BWT as there. The subspaces are the business of the plug-in `HLOP`;
without it this is the sequential baseline, and any other method may stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neurocl.continual import Plugin, Strategy
from neurocl.continual.models import Model
from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.network import SpikingMLP, SpikingNetwork

__all__ = ["ContinualTrainer"]


class ContinualTrainer(Strategy):
    """Training of spiking networks on one experience after the other.

    Parameters
    ----------
    *plugins : `HLOP`, or any other method.
    model : description of the network; default `SpikingMLP()`.
    optimizer, lr, epochs, batch_size, device : as of `Strategy`; the optimiser is made anew for each experience.
    schedule : factor of the learning rate from the number of the epoch (from 0) and the number of epochs; none: 1.

    Raises
    ------
    NeuroclError
        For an argument out of range.

    Examples
    --------
    >>> from neurocl import continual
    >>> benchmark = continual.permuted("digits", n_experiences=2)
    >>> model = SpikingMLP((30,), method="bptt")
    >>> results = continual.run(benchmark, ContinualTrainer(model=model), seeds=[0])
    """

    steps_through_time = True

    def __init__(
        self,
        *plugins: Plugin,
        model: Model | None = None,
        optimizer: Any = "sgd",
        lr: float = 0.1,
        epochs: int = 1,
        batch_size: int = 64,
        schedule: Callable[[int, int], float] | None = None,
        device: str = "cpu",
    ) -> None:
        if schedule is not None and not callable(schedule):
            raise NeuroclError(f"ContinualTrainer: schedule must be a function or None, got {shown(schedule)}.")
        super().__init__(
            *plugins,
            model=SpikingMLP() if model is None else model,
            optimizer=optimizer,
            lr=lr,
            epochs=epochs,
            batch_size=batch_size,
            reset_optimizer=True,
            device=device,
        )
        self.schedule = schedule

    def _update(self) -> None:
        """One mini-batch: one step of the optimiser, or, online, one for every time step."""
        model = self.model
        if self.schedule is not None and self.iteration == 0:
            for group in self.optimizer.param_groups:
                group["lr"] = self.lr * self.schedule(self.epoch, self.epochs)
        if not isinstance(model, SpikingNetwork) or model.method.name != "ottt":
            super()._update()
            return
        self._call("before_training_iteration")
        self.units.meet(self.batch)
        self._call("before_forward")
        if not model.method.online:
            self._descend(model.training_logits(self.batch.x), 1.0)
        else:
            total = torch.zeros_like(self.batch.y[0], dtype=torch.float32)
            for logits in model.time_steps(self.batch.x):
                self._descend(logits, 1.0 / model.method.n_steps)
                total += self.loss.detach()
            self.loss = total
        self.step_count += 1
        self._call("after_training_iteration")

    def _descend(self, logits: Tensor, share: float) -> None:
        """One step of the optimiser on the mean of CE(logits[t]) over the time steps given, times `share`."""
        self.outputs = logits.mean(0)
        self._call("after_forward")
        losses = [self.cross_entropy(step, self.batch) for step in logits]
        self.loss = self.task_loss = torch.stack(losses).mean() * share
        self._call("before_backward")
        self.optimizer.zero_grad()
        self.loss.backward()
        self._call("after_backward")
        self._call("before_update")
        self.optimizer.step()
        self._call("after_update")
