"""sympy expressions to Python source that works on torch tensors.

Names that users choose are printed as they are; everything the generator adds begins with an underscore, which user
names may not. What is made of numbers alone was computed before (see `folding`), so every call has a tensor in it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sympy

from neurocl.core.expressions import names_in

__all__ = ["print_condition", "print_expression"]

_CALLS = {
    "clip": "_clip", "min": "_smaller", "max": "_larger", "sign": "_torch.sign", "floor": "_torch.floor",
    "ceil": "_torch.ceil", "exprel": "_exprel", "expm1": "_torch.expm1", "log1p": "_torch.log1p",
    "log10": "_torch.log10", "mod": "_mod", "exp": "_torch.exp", "log": "_torch.log", "abs": "_torch.abs",
    "sin": "_torch.sin", "cos": "_torch.cos", "tan": "_torch.tan", "sinh": "_torch.sinh", "cosh": "_torch.cosh",
    "tanh": "_torch.tanh", "asin": "_torch.asin", "acos": "_torch.acos", "atan": "_torch.atan",
}  # fmt: skip


def print_expression(expression: Any, numbers: Collection[str] = ()) -> str:
    """Source text of `expression`; `numbers` are the names that stand for plain numbers, all others for tensors."""
    return _Printer(numbers).show(expression)


def print_condition(expression: Any, numbers: Collection[str] = ()) -> str:
    """The same for a threshold, where a number such as ``scheduled`` is true unless it is zero."""
    text = print_expression(expression, numbers)
    return text if _is_truth(expression) else f"({text} != 0)"


def _is_truth(expression: Any) -> bool:
    """Whether an expression is true or false; sympy takes a name for either."""
    return isinstance(expression, sympy.logic.boolalg.Boolean) and not isinstance(expression, sympy.Symbol)


class _Printer:
    def __init__(self, numbers: Collection[str]) -> None:
        self.numbers = numbers

    def show(self, expression: Any) -> str:
        if isinstance(expression, sympy.Symbol):
            return expression.name
        if expression in (sympy.true, sympy.false):
            return str(bool(expression))
        if not expression.args:
            return repr(float(expression)).replace("inf", "1e999")
        match expression:
            case sympy.Add():
                return self._sum(expression)
            case sympy.Mul():
                return self._product(expression)
            case sympy.Pow():
                return self._power(expression)
            case sympy.And():
                return "(" + " & ".join(self.show(a) for a in expression.args) + ")"
            case sympy.Or():
                return "(" + " | ".join(self.show(a) for a in expression.args) + ")"
            case sympy.Not():
                return f"(~{self.show(expression.args[0])})"
            case sympy.core.relational.Relational():
                return f"({self.show(expression.lhs)} {expression.rel_op} {self.show(expression.rhs)})"
        return self._call(expression)

    def _call(self, expression: Any) -> str:
        name, arguments = type(expression).__name__, expression.args
        if name == "where":
            # torch.where of two plain numbers would be float32 in any network.
            are_numbers = all(names_in(branch) <= set(self.numbers) for branch in arguments[1:])
            return f"_where({', '.join(self.show(a) for a in arguments)}{', _F' if are_numbers else ''})"
        if name == "int":
            inner = self.show(arguments[0])
            return f"{inner}.to(_F)" if _is_truth(arguments[0]) else f"_torch.trunc({inner})"
        return f"{_CALLS[name]}({', '.join(self.show(a) for a in arguments)})"

    def _sum(self, expression: Any) -> str:
        text = ""
        for term in expression.args:
            coefficient, _ = term.as_coeff_Mul()
            if text and coefficient.is_number and coefficient < 0:
                text += f" - {self.show(-term)}"
            else:
                text += f" + {self.show(term)}" if text else self.show(term)
        return f"({text})"

    def _product(self, expression: Any) -> str:
        over, under = [], []
        for factor in expression.args:
            if isinstance(factor, sympy.Pow) and factor.exp.is_number and factor.exp.is_negative:
                under.append(sympy.Pow(factor.base, -factor.exp))
            else:
                over.append(factor)
        if over and over[0] == -1 and len(over) > 1:
            text = "-" + " * ".join(self.show(f) for f in over[1:])
        else:
            text = " * ".join(self.show(f) for f in over) or "1.0"
        if under:
            bottom = " * ".join(self.show(f) for f in under)
            text += f" / ({bottom})" if len(under) > 1 else f" / {bottom}"
        return f"({text})"

    def _power(self, expression: Any) -> str:
        base, exponent = expression.base, expression.exp
        if exponent.is_number and exponent.is_negative:
            return f"(1.0 / {self.show(sympy.Pow(base, -exponent))})"
        text = self.show(base)
        if exponent == sympy.Rational(1, 2):
            return f"_torch.sqrt({text})"
        if exponent in (2, 3, 4):
            return f"_power{exponent}({text})"
        return f"_torch.pow({text}, {self.show(exponent)})"
