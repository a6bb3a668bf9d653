"""sympy expressions to Python source that Numba compiles.

Names that users choose are printed as they are; everything the generator adds begins with an underscore, which user
names may not. Numbers are wrapped in `_F`, the network's float type, because a bare literal would make it float64.
"""

from __future__ import annotations

from typing import Any

import sympy

__all__ = ["print_expression"]

_CALLS = {
    "clip": "_clip", "min": "_smaller", "max": "_larger", "sign": "_sign", "floor": "_floor", "ceil": "_ceil",
    "exprel": "_exprel", "expm1": "_expm1", "log1p": "_log1p", "log10": "_log10", "mod": "_mod", "exp": "_exp",
    "log": "_log", "abs": "abs", "sin": "_sin", "cos": "_cos", "tan": "_tan", "sinh": "_sinh", "cosh": "_cosh",
    "tanh": "_tanh", "asin": "_asin", "acos": "_acos", "atan": "_atan",
}  # fmt: skip


def print_expression(expression: Any) -> str:
    """Source text of `expression`."""
    if isinstance(expression, sympy.Symbol):
        return f"_F({expression.name})" if expression.name == "i" else expression.name
    if expression in (sympy.true, sympy.false):
        return str(bool(expression))
    if not expression.args:
        # Infinity is written as a literal that overflows, for a user may have taken the name np.
        return f"_F({float(expression)!r})".replace("inf", "1e999")
    match expression:
        case sympy.Add():
            return _sum(expression)
        case sympy.Mul():
            return _product(expression)
        case sympy.Pow():
            return _power(expression)
        case sympy.And():
            return "(" + " & ".join(f"({print_expression(a)})" for a in expression.args) + ")"
        case sympy.Or():
            return "(" + " | ".join(f"({print_expression(a)})" for a in expression.args) + ")"
        case sympy.Not():
            return f"(not {print_expression(expression.args[0])})"
        case sympy.core.relational.Relational():
            return f"({print_expression(expression.lhs)} {expression.rel_op} {print_expression(expression.rhs)})"
    return _call(expression)


def _call(expression: Any) -> str:
    name = type(expression).__name__
    if name == "where":
        condition, yes, no = (print_expression(a) for a in expression.args)
        # A loop with a call that only some neurons make is not vectorised; plain sums are faster left to LLVM.
        makes_calls = any(branch.has(sympy.Function) for branch in expression.args[1:])
        return f"_select({condition}, {yes}, {no})" if makes_calls else f"({yes} if {condition} else {no})"
    if name == "int":
        inner = print_expression(expression.args[0])
        return f"(_F(1.0) if {inner} else _F(0.0))" if expression.args[0].is_Boolean else f"_trunc({inner})"
    return f"{_CALLS[name]}({', '.join(print_expression(a) for a in expression.args)})"


def _sum(expression: Any) -> str:
    text = ""
    for term in expression.args:
        coefficient, _ = term.as_coeff_Mul()
        if text and coefficient.is_number and coefficient < 0:
            text += f" - {print_expression(-term)}"
        else:
            text += f" + {print_expression(term)}" if text else print_expression(term)
    return f"({text})"


def _product(expression: Any) -> str:
    over, under = [], []
    for factor in expression.args:
        if isinstance(factor, sympy.Pow) and factor.exp.is_number and factor.exp.is_negative:
            under.append(sympy.Pow(factor.base, -factor.exp))
        else:
            over.append(factor)
    if over and over[0] == -1 and len(over) > 1:
        text = "-" + " * ".join(print_expression(f) for f in over[1:])
    else:
        text = " * ".join(print_expression(f) for f in over) or "_F(1.0)"
    if under:
        bottom = " * ".join(print_expression(f) for f in under)
        text += f" / ({bottom})" if len(under) > 1 else f" / {bottom}"
    return f"({text})"


def _power(expression: Any) -> str:
    base, exponent = expression.base, expression.exp
    if exponent.is_number and exponent.is_negative:
        return f"(_F(1.0) / {print_expression(sympy.Pow(base, -exponent))})"
    text = print_expression(base)
    if exponent == sympy.Rational(1, 2):
        return f"_sqrt({text})"
    if exponent in (2, 3, 4):
        return f"_power{exponent}({text})"
    return f"_F(_pow({text}, {print_expression(exponent)}))"
