"""Temporal ensemble: predictions come from a running mean of the weights.

Mean         theta^ <- m theta^ + (1 - m) theta after every update, from the initial weights on; over the whole
             state of the network, whole-number buffers are copied
Defaults     m 0.99
Source       Soutif-Cormerais, Carta & van de Weijer (2023), CoLLAs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.plugin import Plugin
from neurocl.core._checks import flag, probability

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["EMA"]


class EMA(Plugin):
    """Running mean of the weights for evaluation; it goes with any other plug-in.

    Parameters
    ----------
    decay : m, in [0, 1]; 0: the weights themselves.
    evaluate : whether predictions come from the mean. Set it to False on a learner (``learner.plugins[k].evaluate``) to
        see the present weights' predictions.

    Attributes
    ----------
    mean : state of the averaged network, by name.
    """

    state = ("mean",)

    def __init__(self, decay: float = 0.99, evaluate: bool = True) -> None:
        self.decay = probability("EMA", "decay", decay)
        self.evaluate = flag("EMA", "evaluate", evaluate)

    def before_training(self, strategy: Strategy) -> None:
        """The mean begins at the initial weights."""
        self.mean = _copy(strategy)

    @torch.no_grad()
    def after_update(self, strategy: Strategy) -> None:
        """Move the mean; what is new, or has grown, begins at its present value."""
        for name, value in strategy.model.state_dict().items():
            before = self.mean.get(name)
            if before is not None and before.shape == value.shape and value.is_floating_point():
                self.mean[name] = self.decay * before + (1.0 - self.decay) * value
            else:
                self.mean[name] = value.clone()

    def before_eval(self, strategy: Strategy) -> None:
        """Put the mean into the network."""
        if self.evaluate:
            self._present = _copy(strategy)
            strategy.model.load_state_dict(self._present | self.mean)

    def after_eval(self, strategy: Strategy) -> None:
        """Put the present weights back."""
        if self.evaluate:
            strategy.model.load_state_dict(self._present)


def _copy(strategy: Strategy) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in strategy.model.state_dict().items()}
