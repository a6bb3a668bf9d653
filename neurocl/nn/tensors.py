"""sympy expressions as functions of tensors.

An expression is translated once into nested Python functions, each one torch operation, in the order in which the CPU
engine computes it; no code is generated, and `torch.compile` sees through them. Where the value jumps (a condition,
`floor`, `int`) no gradient flows.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import sympy
import torch
from sympy.logic.boolalg import Boolean
from torch import Tensor

from neurocl.core.expressions import evaluate

__all__ = ["ONE", "TensorFunction", "tensor_function"]

TensorFunction: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""From values by name (tensors or plain numbers) to a tensor or number."""

ONE = "_one"
"""Name of the tensor 1 in the values: it carries type and device to what is made of plain numbers alone."""

_COMPARE: dict[str, Callable[..., Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def tensor_function(expression: sympy.Basic) -> TensorFunction:
    """The function that computes `expression`; conditions give boolean tensors."""
    if expression in (sympy.true, sympy.false):
        truth = bool(expression)
        return lambda values: torch.full_like(values[ONE], truth, dtype=torch.bool)
    if isinstance(expression, sympy.Symbol):
        name = expression.name
        return lambda values: values[name]
    if isinstance(expression, sympy.Expr) and not expression.free_symbols:
        number = float(evaluate(expression, {}))
        return lambda values: number
    match expression:
        case sympy.Add():
            return _fold(operator.add, [tensor_function(a) for a in expression.args])
        case sympy.Mul():
            return _product(expression)
        case sympy.Pow():
            return _power(expression.base, expression.exp)
        case sympy.And():
            return _fold(operator.and_, [tensor_function(a) for a in expression.args])
        case sympy.Or():
            return _fold(operator.or_, [tensor_function(a) for a in expression.args])
        case sympy.Not():
            return _apply(torch.logical_not, [tensor_function(expression.args[0])])
        case sympy.core.relational.Relational():
            return _apply(_COMPARE[expression.rel_op], [tensor_function(a) for a in expression.args])
    return _call(expression)


def _apply(function: Callable[..., Any], arguments: list[TensorFunction]) -> TensorFunction:
    return lambda values: function(*[argument(values) for argument in arguments])


def _fold(function: Callable[..., Any], arguments: list[TensorFunction]) -> TensorFunction:
    return lambda values: functools.reduce(function, [argument(values) for argument in arguments])


def _product(expression: Any) -> TensorFunction:
    """Factors from left to right, then one division by all that stand below."""
    over, under = [], []
    for factor in expression.args:
        if isinstance(factor, sympy.Pow) and factor.exp.is_number and factor.exp.is_negative:
            under.append(tensor_function(sympy.Pow(factor.base, -factor.exp)))
        else:
            over.append(factor)
    if over and over[0] == -1 and len(over) > 1:
        top = _apply(operator.neg, [_fold(operator.mul, [tensor_function(f) for f in over[1:]])])
    else:
        top = _fold(operator.mul, [tensor_function(f) for f in over or [sympy.Integer(1)]])
    return _apply(operator.truediv, [top, _fold(operator.mul, under)]) if under else top


def _power(base: Any, exponent: Any) -> TensorFunction:
    if exponent.is_number and exponent.is_negative:
        below = tensor_function(sympy.Pow(base, -exponent))
        return lambda values: 1.0 / below(values)
    if exponent == sympy.Rational(1, 2):
        return _elementwise(torch.sqrt, [tensor_function(base)])
    inner = tensor_function(base)
    if exponent in (2, 3, 4):
        times = int(exponent)

        def product(values: Mapping[str, Any]) -> Any:
            x = inner(values)
            square = x * x
            return square if times == 2 else square * x if times == 3 else square * square

        return product
    return _elementwise(torch.pow, [inner, tensor_function(exponent)])


def _call(expression: Any) -> TensorFunction:
    name = type(expression).__name__
    if name == "where":
        condition, yes, no = (tensor_function(a) for a in expression.args)
        # A plain number takes the type of the other branch; two of them need one to take.
        if not expression.args[1].free_symbols and not expression.args[2].free_symbols:
            return lambda values: torch.where(condition(values), yes(values) * values[ONE], no(values) * values[ONE])
        return lambda values: torch.where(condition(values), yes(values), no(values))
    if name == "int" and isinstance(expression.args[0], Boolean):
        inner = tensor_function(expression.args[0])
        return lambda values: inner(values).to(values[ONE].dtype)
    return _elementwise(_FUNCTIONS[name], [tensor_function(a) for a in expression.args])


def _elementwise(function: Callable[..., Any], arguments: list[TensorFunction]) -> TensorFunction:
    """`function` of tensors, made from plain numbers where need be."""

    def call(values: Mapping[str, Any]) -> Any:
        found = [argument(values) for argument in arguments]
        return function(*[x if isinstance(x, Tensor) else x * values[ONE] for x in found])

    return call


def _clip(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return torch.minimum(torch.maximum(x, low), high)


def _exprel(z: Tensor) -> Tensor:
    """(exp(z) - 1) / z, with its limit 1 at z = 0."""
    is_zero = z == 0
    safe = torch.where(is_zero, 1.0, z)
    return torch.where(is_zero, 1.0 + z / 2, torch.expm1(safe) / safe)  # 1 + z / 2: the slope at zero, too


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "clip": _clip, "min": torch.minimum, "max": torch.maximum, "int": torch.trunc, "sign": torch.sign,
    "floor": torch.floor, "ceil": torch.ceil, "exprel": _exprel, "expm1": torch.expm1, "log1p": torch.log1p,
    "log10": torch.log10, "mod": torch.remainder, "abs": torch.abs, "exp": torch.exp, "log": torch.log,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh,
    "asin": torch.asin, "acos": torch.acos, "atan": torch.atan,
}  # fmt: skip
