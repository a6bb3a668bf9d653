"""The fused time loop: one autograd node for a whole sequence, whose loops over time are compiled (`neurocl.nn.loops`).

The matrix products stay outside, one for all steps together; the loop itself is small beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

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
        v = getattr(state, self.form.membrane)
        i = v.new_zeros(1) if self.form.current is None else getattr(state, self.form.current)
        left = getattr(state, "refractory", None)
        spikes, v_last, i_last, left_last = _Loop.apply(
            flat, rows, v.reshape(flat.shape[1:]), i.reshape(flat.shape[1:]) if self.form.current else i,
            None if left is None else left.reshape(flat.shape[1:]), self, n_steps,
        )  # fmt: skip
        after = {self.form.membrane: v_last.reshape(v.shape)}
        if self.form.current is not None:
            after[self.form.current] = i_last.reshape(v.shape)
        if left is not None:
            after["refractory"] = left_last.reshape(v.shape)
        if "t" in self.State._fields:
            after["t"] = state.t
        return spikes.reshape(n_steps, *inputs.shape[1:]), self.State(**after)


class _Loop(torch.autograd.Function):
    """input, coefficients, v, i, refractory -> spikes, v, i, refractory."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, rows: Tensor, v: Tensor, i: Tensor, left: Tensor | None, fused: Fused, n_steps: int
    ) -> tuple[Tensor, ...]:
        from neurocl.nn.loops import run_forward

        form = fused.form
        assert form is not None
        shape = (n_steps, *x.shape[1:])
        spikes, potential = x.new_empty(shape), x.new_empty(shape)
        is_refractory = left is not None
        learns = ctx.needs_input_grad[1]
        active = torch.empty(shape if is_refractory else (0, 0, 0), dtype=torch.bool)
        current = x.new_empty(shape if learns and form.current is not None else (0, 0, 0))
        states = [v.contiguous().clone(), i.clone().reshape(1, -1) if form.current is None else i.contiguous().clone()]
        if form.current is None:
            states[1] = states[0][:, :0].contiguous()
        wait = left.contiguous().clone() if left is not None else torch.empty((len(v), 0), dtype=torch.int32)
        hold = np.zeros(0, np.int32) if fused.hold is None else np.broadcast_to(fused.hold, v.shape[1]).copy()
        numbers = rows.detach().numpy()
        limit = numbers[ROWS.index("th")]
        # u >= th is u > the next number below th.
        limit = limit.copy() if form.is_strict else np.nextafter(limit, limit.dtype.type(-np.inf))
        run_forward(
            x.detach().contiguous().numpy(), numbers, limit, hold, form.current is not None, states[0].numpy(),
            states[1].numpy(), wait.numpy(), potential.numpy(), spikes.numpy(), active.numpy(), current.numpy(),
        )  # fmt: skip
        ctx.fused, ctx.is_constant = fused, len(x) == 1 and n_steps > 1
        ctx.save_for_backward(rows, potential, spikes, active, *((x, v, current) if learns else ()))
        ctx.mark_non_differentiable(wait)
        return spikes, states[0], states[1], wait

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        from neurocl.nn.loops import SURROGATE_CODES, run_backward

        rows, potential, spikes, active, *learned = ctx.saved_tensors
        fused: Fused = ctx.fused
        surrogate: Any = fused.surrogate
        has_current = fused.form is not None and fused.form.current is not None
        is_known = isinstance(surrogate, Surrogate)
        code, scale = (SURROGATE_CODES[surrogate.name], surrogate.scale) if is_known else (-1, 1.0)
        slopes = _slopes(surrogate, potential - rows[ROWS.index("th")]) if code < 0 else potential.new_empty((0, 0, 0))
        to_v, to_i = (g.contiguous().clone() for g in gradients[1:3])
        to_x = torch.zeros_like(potential[:1]) if ctx.is_constant else torch.empty_like(potential)
        traces = potential.new_empty((4, *potential.shape) if learned else (0, 0, 0, 0))
        run_backward(
            rows.detach().numpy(), has_current, fused.through_reset, code, scale, slopes.numpy(),
            potential.numpy(), spikes.numpy(), active.numpy(), gradients[0].contiguous().numpy(), to_v.numpy(),
            to_i.numpy(), to_x.numpy(), traces.numpy(),
        )  # fmt: skip
        to_rows = _to_rows(rows, potential, spikes, traces, learned, has_current) if learned else None
        return to_x, to_rows, to_v, to_i if has_current else None, None, None, None


def _slopes(surrogate: Any, u: Tensor) -> Tensor:
    """Derivative of any surrogate that acts on each number alone."""
    with torch.enable_grad():
        u = u.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(surrogate(u).sum(), u)
    found: Tensor = slopes.contiguous()
    return found


def _to_rows(
    rows: Tensor, u: Tensor, spikes: Tensor, traces: Tensor, learned: list[Tensor], has_current: bool
) -> Tensor:
    """Gradients of the coefficients, [row, n]: sums over steps and samples."""
    x, v, current = learned
    drive, margin, to_v, to_i = traces
    a, r = rows[ROWS.index("a")], rows[ROWS.index("r")]
    after = torch.where(spikes > 0.5, a * u + r, u)
    before = torch.cat([v.unsqueeze(0), after[:-1]])

    def total(tensor: Tensor) -> Tensor:
        return tensor.sum((0, 1))

    found = {
        "p": total(drive * before), "g": total(drive * x), "c": total(drive), "th": -total(margin),
        "a": total(to_v * spikes * u), "r": total(to_v * spikes),
    }  # fmt: skip
    if has_current:
        to_j = rows[ROWS.index("q")] * drive + rows[ROWS.index("d")] * to_i
        found |= {"q": total(drive * current), "h": total(to_j * x), "d": total(to_i * current), "e": total(to_i)}
    zero = torch.zeros_like(a)
    return torch.stack([found.get(name, zero) for name in ROWS])
