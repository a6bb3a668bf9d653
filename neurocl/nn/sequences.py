"""Checks of what a layer is given, and the loop over time for everything that works step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["check_finite", "check_state", "check_tensor", "detach", "is_compiling", "unroll"]


def is_compiling() -> bool:
    """Whether `torch.compile` is tracing."""
    return torch.compiler.is_compiling()


def check_tensor(where: str, name: str, tensor: Any, n: int, like: Tensor, is_sequence: bool) -> None:
    """NeuroclError, begun by `where` and `name`, unless `tensor` is [time, ..., n] ([..., n] if no sequence).

    Its type and device must be those of `like`, one of the layer's own.
    """
    if not isinstance(tensor, Tensor):
        raise NeuroclError(f"{where}: {name} must be a tensor, got {type(tensor).__name__}; use torch.as_tensor")
    axes = "[time, batch, n]" if is_sequence else "[batch, n]"
    if tensor.ndim < (2 if is_sequence else 1) or tensor.shape[-1] != n:
        raise NeuroclError(f"{where}: {name} must be {axes} with n = {n}, got {list(tensor.shape)}")
    if is_sequence and len(tensor) == 0:
        raise NeuroclError(f"{where}: {name} has no time step; its shape is {list(tensor.shape)}, time first")
    if tensor.dtype != like.dtype:
        kind = str(like.dtype).removeprefix("torch.")
        raise NeuroclError(f"{where}: {name} must be {kind}, got {tensor.dtype}; use {name}.to(torch.{kind})")
    if tensor.device != like.device:
        raise NeuroclError(
            f"{where}: {name} is on {tensor.device} and the layer on {like.device}; use {name}.to('{like.device}')"
        )


def check_state(where: str, kind: type, state: Any, like: Tensor, shape: torch.Size) -> None:
    """NeuroclError, begun by `where`, unless `state` is one that the layer made for this input and shape."""
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    if tuple(getattr(state, "_fields", ())) != fields:
        raise NeuroclError(
            f"{where}: state must be what the layer returned ({', '.join(fields)}), got {shown(state)}"
        )
    for name, tensor in zip(fields, state, strict=True):
        if name != "t" and tensor.shape != shape:
            raise NeuroclError(
                f"{where}: state '{name}' has shape {list(tensor.shape)}, the input needs {list(shape)}; pass the state"
                " of the same batch, or None to begin anew"
            )
        if tensor.device != like.device or (tensor.is_floating_point() and tensor.dtype != like.dtype):
            raise NeuroclError(
                f"{where}: state '{name}' is {tensor.dtype} on {tensor.device}, the input {like.dtype} on"
                f" {like.device}; pass the state of the same layer, or None to begin anew"
            )


def check_finite(where: str, target: str, inputs: Tensor, state: Any) -> None:
    """NeuroclError if a state is not finite: NaN in the input stays in the states, so only they are looked at."""
    if all(bool(torch.isfinite(tensor).all()) for tensor in state):
        return
    wrong = torch.nonzero(~torch.isfinite(inputs))
    if len(wrong):
        place = ", ".join(str(int(k)) for k in wrong[0])
        raise NeuroclError(f"{where}: input[{place}] is {float(inputs[tuple(wrong[0])])}; give finite numbers")
    name = next(n for n, tensor in zip(state._fields, state, strict=True) if not bool(torch.isfinite(tensor).all()))
    raise NeuroclError(
        f"{where}: state '{name}' is no longer finite; make dt smaller, or the input to '{target}' weaker"
    )


def detach(state: Any) -> Any:
    """The same state, cut off from the gradients of the steps that led to it; tuples of states, too."""
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, tuple):
        parts = [detach(part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return state


def unroll(
    step: Callable[[Tensor, Any], tuple[Tensor, Any]], inputs: Tensor, state: Any = None, truncate: int | None = None
) -> tuple[Tensor, Any]:
    """Loop over time: ``out, state = step(inputs[t], state)`` for every t.

    Parameters
    ----------
    step : a function, such as `Spiking.step` or your own.
    inputs : [time, ...].
    state : given to the first step.
    truncate : truncated backpropagation through time: gradients flow back within blocks of so many steps, and the
        states between the blocks count as given. None: through the whole sequence.

    Returns
    -------
    outputs [time, ...], and the last state

    Raises
    ------
    NeuroclError
        If there is no step, or `truncate` is no whole number >= 1.
    """
    if not isinstance(inputs, Tensor) or inputs.ndim == 0 or len(inputs) == 0:
        raise NeuroclError("unroll: inputs must be a tensor [time, ...] with at least one step")
    if truncate is not None:
        whole_number("unroll", "truncate", truncate, at_least=1)
    outputs = []
    for k, x in enumerate(inputs):
        if truncate and k and k % truncate == 0:
            state = detach(state)
        out, state = step(x, state)
        outputs.append(out)
    return torch.stack(outputs), state
