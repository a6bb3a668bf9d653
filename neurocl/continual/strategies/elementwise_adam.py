"""Adam that counts the steps of every weight, so that a replaced unit starts as a new one does.

Equation     m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  n <- n + 1
             theta <- theta - lr (m / (1 - b1^n)) / (sqrt(v / (1 - b2^n)) + eps),   m, v, n per weight
Note         With n per tensor, as in torch, weights whose moments are set to 0 late in training make first steps
             that are (1 - b1) / sqrt(1 - b2) = 3.2 times too large.
Defaults     lr 1e-3, b1 0.9, b2 0.999, eps 1e-8
Source       Kingma & Ba (2015), ICLR; Dohare et al. (2024), Nature 632:768 (the counts).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from neurocl.continual.strategy import Strategy

__all__ = ["ElementwiseAdam", "count_steps_of_each_weight"]


class ElementwiseAdam(torch.optim.Optimizer):
    """See the module; equal to ``torch.optim.Adam`` as long as no state is reset.

    Parameters
    ----------
    params : parameters to train.
    lr : learning rate.
    betas : decays of the moments.
    eps : added to the root of the second moment.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state.update({name: torch.zeros_like(p) for name in ("exp_avg", "exp_avg_sq", "steps")})
                m, v, n = state["exp_avg"], state["exp_avg_sq"], state["steps"]
                n += 1.0
                m.lerp_(p.grad, 1.0 - b1)
                v.mul_(b2).addcmul_(p.grad, p.grad, value=1.0 - b2)
                # 1 - b^n, without the rounding error of a difference of nearly equal numbers
                start, start_sq = (-torch.expm1(n * math.log(b)) for b in (b1, b2))
                p.addcdiv_(m / start, (v / start_sq).sqrt_().add_(group["eps"]), value=-group["lr"])


def count_steps_of_each_weight(strategy: Strategy) -> None:
    """Let a strategy with ``optimizer="adam"`` use `ElementwiseAdam`, for methods that replace units.

    An optimizer made by a function of the user's is left as it is.
    """
    if strategy.optimizer_description == "adam":
        lr = strategy.lr
        strategy.optimizer_description = lambda parameters: ElementwiseAdam(parameters, lr)
        strategy.make_optimizer()
