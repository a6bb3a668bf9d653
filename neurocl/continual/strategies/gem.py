"""Gradient episodic memory: a step may not raise the loss on the stored samples of any past task, to first order.

Gradients    G [task, parameter], one row for the stored samples of each past task
Projection   if min(G g) < 0:  g <- G' v + g,  v the minimiser of 1/2 v' (G G' + eps I) v + (G g)' v with v >= margin
Defaults     256 samples of each experience, margin 0.5, eps 1e-3
Source       Lopez-Paz & Ranzato (2017), NeurIPS; margin and eps of the authors' code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neurocl.continual.plugin import Plugin
from neurocl.continual.strategies.gradient import gradient_of, gradient_vector, set_gradient
from neurocl.continual.strategies.memory import as_batch, as_fields, loss_on_memory, random_batch, refuse_current_units
from neurocl.continual.strategies.quadratic_program import solve_lower_bounded
from neurocl.core._checks import non_negative_number, whole_number

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["GEM", "project_onto_cone"]


def project_onto_cone(g: Tensor, G: Tensor, margin: float = 0.5, eps: float = 1e-3) -> Tensor:
    """The gradient `g` [parameter] after the projection; itself if it violates no row of `G` [task, parameter]."""
    rows, wide = G.double(), g.double()
    products = rows @ wide
    if bool((products >= 0).all()):
        return g
    v = solve_lower_bounded((rows @ rows.T).cpu().numpy(), products.cpu().numpy(), margin, eps)
    return torch.from_numpy(v).to(rows) @ rows + wide


class GEM(Plugin):
    """Gradient episodic memory.

    Parameters
    ----------
    per_experience : samples stored of each experience.
    margin : lower bound of v; above 0, past tasks are helped, not only spared.
    eps : added to the diagonal.

    Attributes
    ----------
    memory : for each experience, the fields x, y, task of its stored samples.
    """

    state = ("memory",)
    needs_boundaries = True

    def __init__(self, per_experience: int = 256, margin: float = 0.5, eps: float = 1e-3) -> None:
        self.per_experience = whole_number("GEM", "per_experience", per_experience, at_least=1)
        self.margin = non_negative_number("GEM", "margin", margin)
        self.eps = non_negative_number("GEM", "eps", eps)

    def before_training(self, strategy: Strategy) -> None:
        """The memory is empty."""
        refuse_current_units("GEM", strategy)
        self.memory: list[dict[str, Tensor]] = []

    def after_backward(self, strategy: Strategy) -> None:
        """Project the gradient."""
        if not self.memory:
            return
        batches = [as_batch(strategy, fields) for fields in self.memory]
        G = torch.stack([gradient_of(loss_on_memory(strategy, b), strategy.model) for b in batches])
        g = gradient_vector(strategy.model)
        set_gradient(strategy.model, project_onto_cone(g, G, self.margin, self.eps))

    def after_training_exp(self, strategy: Strategy) -> None:
        """Store samples of this experience."""
        new = as_fields(strategy, random_batch(strategy, strategy.experience, self.per_experience))
        self.memory = [*self.memory, new]
