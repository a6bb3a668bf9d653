"""What went into each weight layer in the last forward pass of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.weight_layers import WeightLayer, weight_layers

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["InputWatch"]


class InputWatch(Plugin):
    """Base of plug-ins that need the layers' inputs; ``self.inputs[l]`` is that of layer l, detached.

    Only the pass on the batch is watched: other plug-ins may run the model on other samples before the step.
    """

    def before_training(self, strategy: Strategy) -> None:
        """Find the weight layers and begin to watch."""
        self.layers: list[WeightLayer] = weight_layers(strategy.model, type(self).__name__)
        self.inputs: list[Tensor] = [Tensor() for _ in self.layers]
        self._is_watching = False
        for index, layer in enumerate(self.layers):
            layer.register_forward_pre_hook(self._hook(index))

    def _hook(self, index: int) -> Any:
        def see(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if self._is_watching:
                self.inputs[index] = inputs[0].detach()

        return see

    def before_forward(self, strategy: Strategy) -> None:
        """The batch is coming."""
        self._is_watching = True

    def after_forward(self, strategy: Strategy) -> None:
        """The batch has passed."""
        self._is_watching = False
