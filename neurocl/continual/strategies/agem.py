"""Averaged gradient episodic memory: a step may not raise the loss on stored samples, to first order.

Projection   if g . g_ref < 0:  g <- g - (g . g_ref) / (g_ref . g_ref) g_ref;   g_ref the gradient on stored samples
Defaults     250 samples of each experience, 256 drawn per step
Source       Chaudhry et al. (2019), ICLR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.experience import Batch
from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.distinct import distinct
from neurocl.continual.strategies.gradient import gradient_of, gradient_vector, set_gradient
from neurocl.continual.strategies.memory import as_batch, as_fields, loss_on_memory, random_batch, refuse_current_units
from neurocl.core._checks import whole_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["AGEM", "project_onto_half_space"]


def project_onto_half_space(g: Tensor, g_ref: Tensor) -> Tensor:
    """The vector nearest to `g` that has no negative product with `g_ref`."""
    g, g_ref = g.double(), g_ref.double()
    product = g @ g_ref
    return g - product / (g_ref @ g_ref) * g_ref if product < 0 else g


class AGEM(Plugin):
    """Averaged gradient episodic memory.

    Parameters
    ----------
    per_experience : samples stored of each experience.
    n_drawn : stored samples per update.

    Attributes
    ----------
    memory : fields x, y, task of the stored samples, [sample, ...]; empty before the end of the first experience.
    """

    state = ("memory",)
    needs_boundaries = True

    def __init__(self, per_experience: int = 250, n_drawn: int = 256) -> None:
        self.per_experience = whole_number("AGEM", "per_experience", per_experience, at_least=1)
        self.n_drawn = whole_number("AGEM", "n_drawn", n_drawn, at_least=1)

    def before_training(self, strategy: Strategy) -> None:
        """The memory is empty."""
        refuse_current_units("AGEM", strategy)
        self.memory: dict[str, Tensor] = {}

    def _draw(self, strategy: Strategy) -> Batch:
        n = len(self.memory["y"])
        rows = distinct(self.n_drawn, n, strategy.generator).to(strategy.device)
        return as_batch(strategy, {name: values[rows] for name, values in self.memory.items()})

    def after_backward(self, strategy: Strategy) -> None:
        """Project the gradient."""
        if self.memory:
            reference = gradient_of(loss_on_memory(strategy, self._draw(strategy)), strategy.model)
            set_gradient(strategy.model, project_onto_half_space(gradient_vector(strategy.model), reference))

    def after_training_exp(self, strategy: Strategy) -> None:
        """Store samples of this experience."""
        new = as_fields(strategy, random_batch(strategy, strategy.experience, self.per_experience))
        if self.memory:
            new = {name: torch.cat([old, new[name]]) for name, old in self.memory.items()}
        self.memory = new
