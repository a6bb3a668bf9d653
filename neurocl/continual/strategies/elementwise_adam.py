"""Adam that counts the steps of every weight, so that a replaced unit starts as a new one does.

Equation     m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  n <- n + 1
             theta <- theta - lr (m / (1 - b1^n)) / (sqrt(v / (1 - b2^n)) + eps),   m, v, n per weight
Note         With n per tensor, as in torch, weights whose moments are set to 0 late in training make first steps
             that are (1 - b1) / sqrt(1 - b2) = 3.2 times too large.
Defaults     lr 1e-3, b1 0.9, b2 0.999, eps 1e-8
Source       Kingma & Ba (2015), ICLR; Dohare et al. (2024), Nature 632:768 (the counts).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["ElementwiseAdam"]


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
                size = (v / (1.0 - b2**n)).sqrt_().add_(group["eps"])
                p.addcdiv_(m / (1.0 - b1**n), size, value=-group["lr"])
