"""The Hebbian and anti-Hebbian rule of the lateral connections: one call for one batch of presynaptic activity.

Activity     X [row, n]: samples, or samples and time steps. Old rows are frozen, new ones learn
Lateral      Y = q(X H'), all rows; what they send back is -Y H
Rule         D = Y' (X - Y H) / R: Hebbian with the activity (y x'), and again with what came back (-y (H'y)'); each
             entry is clipped to [-c, c]
Step         M <- m M + (1 - m) D, H <- H + eta M, of the new rows; without momentum H <- H + eta D. Repeated
             `iterations` times on the same X
Exact saving old rows do not change, and neither does what they send back: R0 = X - q(X H_old') H_old is computed once,
             and D = Y' (R0 - Y H) / R with the new rows alone. Where it takes fewer products, D is
             (Y' R0 - (Y' Y) H) / R
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984; Oja (1989), Int. J. Neural Systems 1:61.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from neurocl.core._checks import finite_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.quantiser import RateCode

__all__ = ["HebbianRule", "find_momentum", "learn"]


class HebbianRule(NamedTuple):
    """eta, m (None: no momentum), iterations, c, and q (None: linear lateral neurons)."""

    lr: float
    momentum: float | None
    iterations: int
    clip: float
    code: RateCode | None


def find_momentum(owner: str, momentum: float | bool) -> float | None:
    """The m that a user means; False: None."""
    if momentum is False:
        return None
    value = finite_number(owner, "momentum", momentum)
    if not 0.0 <= value < 1.0:
        raise NeuroclError(f"{owner}: momentum must lie in [0, 1), or be False for none, got {shown(momentum)}.")
    return value


def learn(X: Tensor, residual: Tensor, H: Tensor, M: Tensor, rule: HebbianRule) -> None:
    """Change the new rows in place.

    Parameters
    ----------
    X : activity [row, n].
    residual : R0, what the old rows leave of it.
    H, M : weights and momentum of the new rows [k, n], changed.
    """
    R, (k, n) = len(X), H.shape
    is_gram_cheaper = k * (R + n) < R * n
    D = torch.empty_like(H)
    E = D if is_gram_cheaper else torch.empty_like(residual)
    for _ in range(rule.iterations):
        Y = X @ H.T
        if rule.code is not None:
            Y = rule.code(Y)
        if is_gram_cheaper:
            torch.mm(Y.T, residual, out=D)
            D.addmm_(Y.T @ Y, H, beta=1.0 / R, alpha=-1.0 / R)
        else:
            torch.addmm(residual, Y, H, alpha=-1.0, out=E)
            torch.addmm(D, Y.T, E, beta=0.0, alpha=1.0 / R, out=D)
        D.clamp_(-rule.clip, rule.clip)
        if rule.momentum is None:
            H.add_(D, alpha=rule.lr)
        else:
            M.lerp_(D, 1.0 - rule.momentum)
            H.add_(M, alpha=rule.lr)
