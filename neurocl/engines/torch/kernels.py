"""Building blocks of the generated step: functions that torch lacks, and reading and writing at many places at once.

A tensor of states is [member, element]. Places of many elements at once are one flat number each, member * size +
element, because indexing with one list is several times as fast as with two.
"""

from __future__ import annotations

from typing import Any

import torch

__all__ = [
    "add_at", "add_columns", "clear_row", "clip", "columns", "exprel", "flat", "larger", "mod", "number", "of_member",
    "power2", "power3", "power4", "put_at", "put_row", "row", "smaller", "store", "store_where", "take", "where",
]  # fmt: skip

Value = Any
"""A tensor or a plain number."""


def where(condition: Value, yes: Value, no: Value, dtype: torch.dtype | None = None) -> torch.Tensor:
    """`yes` or `no` by element; `dtype` is that of the result where both are plain numbers."""
    if not isinstance(condition, torch.Tensor):
        chosen = yes if condition else no
        return chosen.clone() if isinstance(chosen, torch.Tensor) else torch.tensor(chosen, dtype=dtype)
    if dtype is not None:
        yes = condition.new_full((), yes, dtype=dtype)
    return torch.where(condition, _beside(yes, condition), _beside(no, condition))


def _plain(value: Value) -> Value:
    """A single number that is a tensor of the host as a plain one."""
    return value.item() if isinstance(value, torch.Tensor) and value.device.type == "cpu" else value


def _beside(value: Value, like: torch.Tensor) -> Value:
    """A single number from the host as one on the device of `like`; copying it there would make the host wait."""
    if isinstance(value, torch.Tensor) and value.device != like.device:
        return like.new_full((), value.item(), dtype=value.dtype)
    return value


def smaller(a: Value, b: Value) -> torch.Tensor:
    """The smaller of two values, at least one of them a tensor; NaN if one is NaN."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return torch.minimum(a, b)
    return torch.clamp_max(a, b) if isinstance(a, torch.Tensor) else torch.clamp_max(b, a)


def larger(a: Value, b: Value) -> torch.Tensor:
    """The larger of two values, at least one of them a tensor; NaN if one is NaN."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return torch.maximum(a, b)
    return torch.clamp_min(a, b) if isinstance(a, torch.Tensor) else torch.clamp_min(b, a)


def clip(x: Value, low: Value, high: Value) -> torch.Tensor:
    """x bounded to [low, high]; at least one of the three is a tensor."""
    if not isinstance(x, torch.Tensor) and not isinstance(low, torch.Tensor):
        return smaller(max(x, low), high)
    return smaller(larger(x, low), high)


def exprel(z: torch.Tensor) -> torch.Tensor:
    """(exp(z) - 1) / z, with its limit 1 at z = 0."""
    is_zero = z == 0
    return torch.where(is_zero, 1.0, torch.expm1(z) / torch.where(is_zero, 1.0, z))


def mod(x: Value, y: Value) -> torch.Tensor:
    """Remainder with the sign of y, as in Python."""
    return x - torch.floor(x / y) * y


def power2(x: torch.Tensor) -> torch.Tensor:
    return x * x


def power3(x: torch.Tensor) -> torch.Tensor:
    return x * x * x


def power4(x: torch.Tensor) -> torch.Tensor:
    square = x * x
    return square * square


def store(target: torch.Tensor, value: Value) -> None:
    """Write a value into a state, which stays the same tensor."""
    if isinstance(value, torch.Tensor) and value.dim():
        target.copy_(value)
    else:
        target.fill_(_plain(value))


def store_where(target: torch.Tensor, mask: torch.Tensor, value: Value) -> None:
    """Write a value into a state where `mask` is true."""
    if not isinstance(value, torch.Tensor) or not value.dim():
        target.masked_fill_(mask, _plain(value))
        return
    target.copy_(torch.where(mask, _beside(value, mask), target))


def number(value: float, dtype: torch.dtype) -> torch.Tensor:
    """A plain number as a tensor, for the functions that take nothing else."""
    return torch.tensor(value, dtype=dtype)


def row(table: torch.Tensor, k: Any) -> torch.Tensor:
    """Row k of a table; k is a whole number, or a tensor of one on the device, which no host has to know."""
    return table.index_select(0, k)[0] if isinstance(k, torch.Tensor) else table[k]


def put_row(table: torch.Tensor, k: Any, values: torch.Tensor) -> None:
    """Write row k of a table; k as in `row`."""
    if isinstance(k, torch.Tensor):
        table.index_copy_(0, k, values[None])
    else:
        table[k].copy_(values)


def clear_row(table: torch.Tensor, k: Any) -> None:
    """Set row k of a table to zero; k as in `row`."""
    if isinstance(k, torch.Tensor):
        table.index_fill_(0, k, 0.0)
    else:
        table[k].zero_()


def columns(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """x[:, index], or x[index] of a tensor without members."""
    return x.index_select(-1, index)


def flat(member: torch.Tensor | None, size: int, index: torch.Tensor) -> torch.Tensor:
    """Flat places of elements `index`; `member` is None in a batch of one."""
    return index if member is None else member * size + index


def take(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Values of x at flat places."""
    return x.view(-1).index_select(0, places)


def of_member(x: torch.Tensor, member: torch.Tensor | None) -> torch.Tensor:
    """Values of x, [member, 1], for the members of some events."""
    return x.view(-1) if member is None else x.view(-1).index_select(0, member)


def put_at(x: torch.Tensor, places: torch.Tensor, value: Value) -> None:
    """Write values of x at flat places, which differ from each other."""
    if isinstance(value, torch.Tensor) and value.dim():
        x.view(-1).index_copy_(0, places, value)
    else:
        x.view(-1).index_fill_(0, places, value)


def add_at(x: torch.Tensor, places: torch.Tensor, value: Value) -> None:
    """Add values to x at flat places, one after the other where places repeat."""
    if not isinstance(value, torch.Tensor):
        value = x.new_full((1,), value)
    x.view(-1).index_add_(0, places, value.expand(len(places)))


def add_columns(x: torch.Tensor, index: torch.Tensor, value: Value) -> None:
    """Add values [member, element], or what broadcasts to them, to the columns `index` of x."""
    value = _beside(value, x) if isinstance(value, torch.Tensor) else x.new_full((1, 1), value)
    shape = x.shape[0], len(index)
    x.scatter_add_(1, index.expand(shape), value.expand(shape))  # index_add_ is slow along this axis on a CPU
