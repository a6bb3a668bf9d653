"""The fused time loop: one autograd node for a whole sequence, whose loops over time are compiled (`neurocl.nn.loops`).

The matrix products stay outside, one for all steps together; the loop itself is small beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from neurocl.core.errors import NeuroclError, shown
from neurocl.nn.linear_form import ROWS, LinearForm, find_linear_form
from neurocl.nn.surrogates import Surrogate
from neurocl.nn.tensors import ONE, TensorFunction, tensor_function
from neurocl.nn.values import ROWS_OF_LOOP

if TYPE_CHECKING:
    from neurocl.nn.spiking import Spiking

__all__ = ["Fused"]


class Fused:
    """The fused loop of one layer, and the decision when to take it.

    Attributes
    ----------
    reason : why the loop does not know the layer; None if it does.
    """

    def __init__(self, layer: Spiking, choice: bool | Literal["auto"]) -> None:
        if choice not in (True, False, "auto"):
            raise NeuroclError(f"{layer.where}: fused must be True, False or 'auto', got {shown(choice)}")
        self.where, self.choice, self.n = layer.where, choice, layer.n
        self.surrogate, self.through_reset = layer.surrogate, layer.reset_gradient
        self.State: Any = layer.State
        self.hold = layer.plan.refractory if layer.is_refractory else None
        self.reason, self.form = self._examine(layer)
        if choice is True and self.reason is not None:
            raise NeuroclError(f"{self.where}: fused=True is not possible, {self.reason}; use fused='auto'")
        self.rows: list[TensorFunction] = [] if self.form is None else [tensor_function(row) for row in self.form.rows]

    def _examine(self, layer: Spiking) -> tuple[str | None, LinearForm | None]:
        if layer.output != "spikes":
            return f"its output is the state '{layer.output}', not its spikes", None
        form = find_linear_form(layer.plan, layer.input)
        return (form, None) if isinstance(form, str) else (None, form)

    def fits(self, inputs: Tensor) -> bool:
        """Whether to take the loop for these inputs."""
        if self.choice is False or self.reason is not None or torch.compiler.is_compiling():
            return False
        is_known = inputs.device.type == "cpu" and inputs.dtype in (torch.float32, torch.float64)
        if self.choice is True and not is_known:
            raise NeuroclError(
                f"{self.where}: fused=True needs float32 or float64 on the CPU, got {inputs.dtype} on {inputs.device};"
                " use fused='auto'"
            )
        return is_known

    def __call__(self, inputs: Tensor, state: Any, constants: dict[str, Any], n_steps: int) -> tuple[Tensor, Any]:
        """Spikes [time, ..., n] and the last state; `inputs` has one step if it is held constant."""
        assert self.form is not None
        flat = inputs.flatten(1, -2) if inputs.ndim > 2 else inputs.unsqueeze(1)
        rows = constants.get(ROWS_OF_LOOP)
        if rows is None:  # a parameter is learned
            rows = torch.stack([(row(constants) * constants[ONE]).expand(self.n) for row in self.rows])
        v = getattr(state, self.form.membrane).reshape(flat.shape[1:])
        none = v[:, :0]
        i = none if self.form.current is None else getattr(state, self.form.current).reshape(flat.shape[1:])
        left = state.refractory.reshape(flat.shape[1:]) if self.hold is not None else none.to(torch.int32)
        spikes, v_last, i_last, left_last = _Loop.apply(flat, rows, v, i, left, self, n_steps)
        shape = inputs.shape[1:]
        after = {self.form.membrane: v_last.reshape(shape)}
        if self.form.current is not None:
            after[self.form.current] = i_last.reshape(shape)
        if self.hold is not None:
            after["refractory"] = left_last.reshape(shape)
        return spikes.reshape(n_steps, *inputs.shape[1:]), self.State(**after)


class _Loop(torch.autograd.Function):
    """input, coefficients, v, i, refractory -> spikes, v, i, refractory; i and refractory may be empty."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, rows: Tensor, v: Tensor, i: Tensor, left: Tensor, fused: Fused, n_steps: int
    ) -> tuple[Tensor, ...]:
        from neurocl.nn.loops import run_forward

        x = x.contiguous()
        spikes, states = _room((n_steps, *x.shape[1:]), x), _copies(v, i, left)
        run_forward(x.numpy(), *_fixed(fused, rows), *states, spikes.numpy(), _empty(x).numpy())
        ctx.fused, ctx.n_steps = fused, n_steps
        ctx.save_for_backward(x, rows, v, i, left)
        last = [torch.from_numpy(state) for state in states]
        ctx.mark_non_differentiable(last[2])
        return spikes, *last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        from neurocl.nn.loops import SURROGATE_CODES, run_backward

        x, rows, v, i, left = ctx.saved_tensors
        fused: Fused = ctx.fused
        surrogate: Any = fused.surrogate
        is_known = isinstance(surrogate, Surrogate)
        code, scale = (SURROGATE_CODES[surrogate.name], surrogate.scale) if is_known else (-1, 1.0)
        slopes = _empty(x) if is_known else _slopes(fused, ctx.n_steps, x, rows, v, i, left)
        to_v, to_i = (g.contiguous().clone() for g in gradients[1:3])
        to_x = torch.zeros_like(x) if len(x) == 1 else _room(x.shape, x)
        to_rows = torch.zeros(rows.shape if ctx.needs_input_grad[1] else (0, 0), dtype=torch.float64)
        run_backward(
            x.numpy(), *_fixed(fused, rows), *_copies(v, i, left), fused.through_reset, code, scale, slopes.numpy(),
            gradients[0].contiguous().numpy(), to_v.numpy(), to_i.numpy(), to_x.numpy(), to_rows.numpy(),
        )  # fmt: skip
        return to_x, to_rows.to(rows.dtype) if ctx.needs_input_grad[1] else None, to_v, to_i, None, None, None


def _fixed(fused: Fused, rows: Tensor) -> tuple[Any, Any, Any]:
    """Coefficients, limit and refractory steps, as the loops take them."""
    assert fused.form is not None
    numbers = rows.detach().numpy()
    limit = numbers[ROWS.index("th")]
    # u >= th is u > the next number below th.
    limit = limit if fused.form.is_strict else np.nextafter(limit, limit.dtype.type(-np.inf))
    hold = np.zeros(0, np.int32) if fused.hold is None else np.broadcast_to(fused.hold, limit.shape).copy()
    return numbers, limit, hold


def _copies(*states: Tensor) -> list[Any]:
    """The states as arrays of their own, for the loops to move on."""
    return [np.array(state.detach().numpy(), order="C") for state in states]


def _room(shape: Sequence[int], like: Tensor) -> Tensor:
    """An empty tensor in NumPy's memory: NumPy asks the system for huge pages, which spares most page faults."""
    return torch.from_numpy(np.empty(shape, like.numpy().dtype))


def _empty(like: Tensor) -> Tensor:
    return like.new_empty((0, 0, 0))


def _slopes(fused: Fused, n_steps: int, x: Tensor, rows: Tensor, *states: Tensor) -> Tensor:
    """Derivative of a surrogate that has no compiled twin; it must act on each number alone."""
    from neurocl.nn.loops import run_forward

    spikes, potential = (x.new_empty((n_steps, *x.shape[1:])) for _ in range(2))
    run_forward(x.numpy(), *_fixed(fused, rows), *_copies(*states), spikes.numpy(), potential.numpy())
    surrogate: Any = fused.surrogate
    with torch.enable_grad():
        u = (potential - rows[ROWS.index("th")]).detach().requires_grad_()
        (slopes,) = torch.autograd.grad(surrogate(u).sum(), u)
    found: Tensor = slopes.contiguous()
    return found
