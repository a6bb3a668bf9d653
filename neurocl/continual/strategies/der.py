"""Dark experience replay (DER++): stored samples keep their label and the logits of the time when they were seen.

Loss         L = CE(B) + alpha MSE(z(x_M), z_stored) + beta CE(x_M', y_M'),   M and M' two independent draws;
             the mean square is over samples and all units, not only those that compete
Memory       reservoir; logits as they were in the step in which the sample came
Defaults     M 200, alpha 0.5, beta 0.5; DER is beta = 0
Source       Buzzega et al. (2020), NeurIPS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.nn import functional

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.buffers import ReservoirBuffer
from neurocl.continual.strategies.memory import as_batch, as_fields, loss_on_memory, refuse_current_units
from neurocl.core._checks import non_negative_number, whole_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["DERpp"]


class DERpp(Plugin):
    """Dark experience replay; it needs neither boundaries nor task labels.

    Parameters
    ----------
    size : samples in memory, M.
    alpha : weight of the stored logits.
    beta : weight of the stored labels.
    n_replayed : stored samples per draw; None: as many as new ones.
    """

    def __init__(
        self, size: int = 200, alpha: float = 0.5, beta: float = 0.5, n_replayed: int | None = None
    ) -> None:
        self.size = whole_number("DERpp", "size", size, at_least=1)
        self.alpha = non_negative_number("DERpp", "alpha", alpha)
        self.beta = non_negative_number("DERpp", "beta", beta)
        if n_replayed is not None:
            whole_number("DERpp", "n_replayed", n_replayed, at_least=1)
        self.n_replayed = n_replayed

    def before_training(self, strategy: Strategy) -> None:
        """The memory is empty."""
        refuse_current_units("DERpp", strategy)
        self.memory = ReservoirBuffer(self.size)

    def before_backward(self, strategy: Strategy) -> None:
        """Add both terms of the memory."""
        if not len(self.memory):
            return
        n = self.n_replayed or len(strategy.batch.y)
        if self.alpha > 0.0:
            fields = self.memory.sample(n, strategy.generator)
            outputs = strategy.model(as_batch(strategy, fields).x)
            distance = functional.mse_loss(outputs, fields["logits"].to(outputs))
            strategy.loss = strategy.loss + self.alpha * distance
        if self.beta > 0.0:
            batch = as_batch(strategy, self.memory.sample(n, strategy.generator))
            strategy.loss = strategy.loss + self.beta * loss_on_memory(strategy, batch)

    def after_update(self, strategy: Strategy) -> None:
        """Offer the new samples, and what the network answered, to the memory."""
        fields = as_fields(strategy, strategy.batch)
        self.memory.add(strategy.generator, **fields, logits=strategy.outputs.detach())

    def state_dict(self) -> dict[str, Any]:
        """The memory."""
        return {"memory": self.memory.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with a saved memory."""
        self.memory.load_state_dict(state["memory"])
