"""Adam that leaves rows alone which cannot move: the same result as Adam, at the cost of the rows in use.

Adam   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  p <- p - lr m^ / (sqrt(v^) + eps),  ^: corrected for bias
Rows   a parameter with a sparse gradient (`DendriteSegments`) is updated row by row. A row without any gradient so far
       has m = v = 0 and does not move. A row whose last gradient is `IDLE` steps past has m smaller by 0.9^IDLE and
       moves by less than float32 can tell: it rests, and what its moments lost meanwhile is made up when it wins again
Source Kingma & Ba (2015), ICLR
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor, nn

from neurocl.core._checks import positive_number
from neurocl.core.errors import NeuroclError

__all__ = ["RowAdam"]

IDLE = 512
"""Steps without a gradient after which a row rests; 0.9^512 is 4e-24."""

Floats = NDArray[np.float32]


class RowAdam(torch.optim.Optimizer):
    """Adam on the CPU for parameters with dense gradients, and for those with sparse ones.

    Parameters
    ----------
    parameters : float32, on the CPU.
    lr : learning rate. Default 0.001.
    betas, eps : as in `torch.optim.Adam`.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        super().__init__(parameters, {"lr": positive_number("RowAdam", "lr", lr), "betas": betas, "eps": eps})
        for group in self.param_groups:
            for p in group["params"]:
                if p.dtype != torch.float32 or p.device.type != "cpu":
                    raise NeuroclError(f"RowAdam: parameters must be float32 on the CPU, got {p.dtype} on {p.device}.")

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, group)

    def _update(self, p: Tensor, grad: Tensor, group: dict[str, Any]) -> None:
        state = self.state[p]
        if not state:
            state["step"], state["m"], state["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
        if grad.is_sparse and "last" not in state:
            # After dense gradients every row is in use; at the beginning none is
            state["last"] = torch.full((len(p),), state["step"] or -1, dtype=torch.int64)
        state["step"] += 1
        step, (b1, b2) = state["step"], group["betas"]
        root = math.sqrt(1.0 - b2**step)
        # p - lr / c1 m / (sqrt(v) / root + eps), with the root taken out of the fraction
        lr = group["lr"] / (1 - b1**step) * root
        numbers = tuple(np.float32(value) for value in (b1, 1 - b1, b2, 1 - b2, lr, group["eps"] * root))
        arrays = (p.numpy(), state["m"].numpy(), state["v"].numpy())
        if "last" in state:
            where, values = _rows(grad)
            _update_rows(*arrays, where, values, state["last"].numpy(), step, *numbers)
        else:
            flat: list[Any] = [a.ravel() for a in (*arrays, grad.contiguous().numpy())]
            _update_all(*flat, *numbers)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state."""
        super().load_state_dict(state_dict)
        for state in self.state.values():
            if "last" in state:  # torch makes every tensor of a state as the parameter is
                state["last"] = state["last"].to(torch.int64)


def _rows(grad: Tensor) -> tuple[NDArray[np.int64], Floats]:
    """Rows that have a gradient, and their gradients."""
    if not grad.is_sparse:
        return np.arange(len(grad)), grad.contiguous().numpy()
    rows = grad.coalesce()
    return rows.indices()[0].numpy(), rows.values().numpy()


@njit(cache=True, error_model="numpy")
def _update_all(
    p: Floats, m: Floats, v: Floats, g: Floats, b1: Any, a1: Any, b2: Any, a2: Any, lr: Any, eps: Any
) -> None:
    for i in range(p.size):
        m[i] = b1 * m[i] + a1 * g[i]
        v[i] = b2 * v[i] + a2 * g[i] * g[i]
        p[i] -= lr * m[i] / (np.sqrt(v[i]) + eps)


@njit(cache=True, error_model="numpy")
def _coast(p: Floats, m: Floats, v: Floats, b1: Any, b2: Any, lr: Any, eps: Any) -> None:
    """A step without gradient."""
    for i in range(p.size):
        m[i] = b1 * m[i]
        v[i] = b2 * v[i]
        p[i] -= lr * m[i] / (np.sqrt(v[i]) + eps)


@njit(cache=True, error_model="numpy")
def _update_rows(
    p: Floats, m: Floats, v: Floats, rows: Any, values: Floats, last: Any, step: int, b1: Any, a1: Any, b2: Any,
    a2: Any, lr: Any, eps: Any,
) -> None:  # fmt: skip
    slot = np.full(p.shape[0], -1)
    slot[rows] = np.arange(rows.size)
    for r in range(p.shape[0]):
        if slot[r] >= 0:
            rested = step - 1 - (last[r] + IDLE)
            if last[r] >= 0 and rested > 0:
                m[r] *= np.float32(b1**rested)
                v[r] *= np.float32(b2**rested)
            _update_all(p[r], m[r], v[r], values[slot[r]], b1, a1, b2, a2, lr, eps)
            last[r] = step
        elif last[r] >= 0 and step - last[r] <= IDLE:
            _coast(p[r], m[r], v[r], b1, b2, lr, eps)
