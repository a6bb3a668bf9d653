"""Experience replay: every step also trains on a few stored samples.

Memory       M samples: a reservoir over the stream, or equal shares for all classes seen (`buffers`)
Batch        as many stored samples as new ones, drawn uniformly
Loss         "samples": mean over new and stored samples together;
             "tasks": 1 / t of the new samples' mean and 1 - 1 / t of the stored ones', in the t-th experience
Defaults     M 200, reservoir, "samples"; stored after the step
Source       Chaudhry et al. (2019), arXiv:1902.10486.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurocl.continual.experience import Batch
from neurocl.continual.plugin import Plugin, need_boundaries
from neurocl.continual.strategies.buffers import make_buffer
from neurocl.continual.strategies.memory import as_batch, as_fields, join, refuse_current_units
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["ER"]


class ER(Plugin):
    """Experience replay; it needs neither task labels nor, balanced by "samples", boundaries.

    Parameters
    ----------
    size : samples in memory, M.
    buffer : "reservoir" or "class-balanced".
    balance : "samples" or "tasks".
    n_replayed : stored samples per update; None: as many as new ones.

    Attributes
    ----------
    memory : the buffer; ``memory.fields`` holds x, y and task.
    """

    def __init__(
        self, size: int = 200, buffer: str = "reservoir", balance: str = "samples", n_replayed: int | None = None
    ) -> None:
        self.size, self.buffer, self.balance, self.n_replayed = size, buffer, balance, n_replayed
        make_buffer(buffer, size)
        if balance not in ("samples", "tasks"):
            raise NeuroclError(f"ER: balance must be 'samples' or 'tasks', got {shown(balance)}.")
        if n_replayed is not None:
            whole_number("ER", "n_replayed", n_replayed, at_least=1)

    def before_training(self, strategy: Strategy) -> None:
        """The memory is empty."""
        refuse_current_units("ER", strategy)
        if self.balance == "tasks":
            need_boundaries("ER(balance='tasks')", strategy.problem)
        self.memory = make_buffer(self.buffer, self.size)

    def before_training_iteration(self, strategy: Strategy) -> None:
        """Add stored samples to the batch."""
        self._new = strategy.batch
        if len(self.memory):
            n = self.n_replayed or len(self._new.y)
            stored = as_batch(strategy, self.memory.sample(n, strategy.generator))
            strategy.batch = join(strategy, self._new, stored)

    def before_backward(self, strategy: Strategy) -> None:
        """Weigh new and stored samples."""
        n, batch = len(self._new.y), strategy.batch
        if self.balance == "samples" or len(batch.y) == n:
            return
        stored = Batch(batch.x, batch.y[n:], batch.task[n:])
        new = strategy.cross_entropy(strategy.outputs[:n], self._new)
        old = strategy.cross_entropy(strategy.outputs[n:], stored)
        share = 1.0 / (strategy.n_trained + 1)
        # Other plug-ins may have added to the loss: only the task's part is weighed anew.
        strategy.loss = strategy.loss - strategy.task_loss + share * new + (1.0 - share) * old

    def after_update(self, strategy: Strategy) -> None:
        """Offer the new samples to the memory."""
        self.memory.add(strategy.generator, **as_fields(strategy, self._new))

    def state_dict(self) -> dict[str, Any]:
        """The memory."""
        return {"memory": self.memory.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with a saved memory."""
        self.memory.load_state_dict(state["memory"])
