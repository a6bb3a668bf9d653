"""sympy expressions to Brian2's language.

Every name is wrapped (``v`` of a neuron becomes ``n_v_``, ``w`` of a synapse ``s_w_``), because Brian2 keeps many
names for itself: units, functions, ``i``, ``N``, endings such as ``_pre``. One Brian2 second stands for one of our
milliseconds, so that ``dt`` inside Brian2's integrators and ``t`` are the plain numbers of the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import exprel

__all__ = ["Rename", "functions", "neuron_name", "print_expression", "print_statements", "synapse_name"]

Rename = Callable[[str], str]
"""A name of the description to Brian2's text for it."""

_SAME = ("exp", "log", "log10", "log1p", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "clip", "sign")
_CALLS = {**{name: name for name in _SAME}, "asin": "arcsin", "acos": "arccos", "atan": "arctan", "abs": "abs"}
_OWN: dict[str, tuple[Callable[..., Any], int]] = {
    "where": (np.where, 3), "min": (np.minimum, 2), "max": (np.maximum, 2), "mod": (np.mod, 2), "exprel": (exprel, 1),
    "floor": (np.floor, 1), "ceil": (np.ceil, 1), "trunc": (np.trunc, 1),
}  # fmt: skip


def functions(brian2: Any) -> dict[str, Any]:
    """Functions that Brian2 lacks (or computes with 32-bit integers), for the namespace of a group."""
    made = {}
    for name, (implementation, n) in _OWN.items():
        types = ["boolean" if name == "where" and k == 0 else "any" for k in range(n)]
        function = brian2.Function(
            implementation, arg_units=[1] * n, return_unit=1, arg_types=types, return_type="float"
        )  # fmt: skip
        function.implementations.add_numpy_implementation(implementation)
        made[f"own_{name}"] = function
    return made


def neuron_name(name: str) -> str:
    """Text for a name in a neuron's or a modulator's code."""
    return {"t": "(t/second)", "i": "(1.0*i)"}.get(name, f"n_{name}_")


def synapse_name(name: str) -> str:
    """Text for a name in a synapse's code; ``v_post`` is the neuron's own."""
    for side in ("_pre", "_post"):
        if name.endswith(side) and not name.startswith("_"):
            return f"n_{name.removesuffix(side)}_{side}"
    return {"t": "(t/second)", "i": "(1.0*i)"}.get(name, f"s_{name}_")


def print_statements(statements: Iterable[Assign], rename: Rename) -> str:
    """Lines ``name = expression``."""
    return "\n".join(f"{rename(s.name)} = {print_expression(s.expression, rename)}" for s in statements)


def print_expression(expression: Any, rename: Rename) -> str:
    """Text of `expression`."""

    def show(part: Any) -> str:
        return print_expression(part, rename)

    if isinstance(expression, sympy.Symbol):
        return rename(expression.name)
    if expression in (sympy.true, sympy.false):
        return str(bool(expression))
    if not expression.args:
        return _number(expression)
    match expression:
        case sympy.Add():
            return "(" + " + ".join(show(a) for a in expression.args) + ")"
        case sympy.Mul():
            return _product(expression, show)
        case sympy.Pow():
            return _power(expression, show)
        case sympy.And():
            return "(" + " and ".join(show(a) for a in expression.args) + ")"
        case sympy.Or():
            return "(" + " or ".join(show(a) for a in expression.args) + ")"
        case sympy.Not():
            return f"(not {show(expression.args[0])})"
        case sympy.core.relational.Relational():
            return f"({show(expression.lhs)} {expression.rel_op} {show(expression.rhs)})"
    return _call(expression, show)


def _number(expression: Any) -> str:
    if expression in (sympy.oo, -sympy.oo):
        return "inf" if expression == sympy.oo else "(-inf)"
    value = float(expression)
    return f"({value!r})" if value < 0 else repr(value)


def _product(expression: Any, show: Callable[[Any], str]) -> str:
    over = [f for f in expression.args if not _is_divisor(f)]
    under = [sympy.Pow(f.base, -f.exp) for f in expression.args if _is_divisor(f)]
    text = "*".join(show(f) for f in over) or "1.0"
    return f"({text}/({'*'.join(show(f) for f in under)}))" if under else f"({text})"


def _is_divisor(factor: Any) -> bool:
    return isinstance(factor, sympy.Pow) and factor.exp.is_number and bool(factor.exp.is_negative)


def _power(expression: Any, show: Callable[[Any], str]) -> str:
    base, exponent = expression.base, expression.exp
    if _is_divisor(expression):
        return f"(1.0/{show(sympy.Pow(base, -exponent))})"
    if exponent == sympy.Rational(1, 2):
        return f"sqrt({show(base)})"
    return f"({show(base)}**{exponent if exponent.is_Integer else show(exponent)})"


def _call(expression: Any, show: Callable[[Any], str]) -> str:
    name = type(expression).__name__
    arguments = ", ".join(show(a) for a in expression.args)
    if name == "int":
        return f"int({arguments})" if expression.args[0].is_Boolean else f"own_trunc({arguments})"
    return f"{_CALLS[name]}({arguments})" if name in _CALLS else f"own_{name}({arguments})"
