"""What is made of plain numbers alone is computed once, when a parameter changes, and not in every step.

A tensor operation costs microseconds whatever its size, so the step should hold none that a number can replace:
in ``dt / 6 * (a + b)`` the factor ``dt / 6`` becomes one constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import evaluate, names_in

__all__ = ["Constants"]


class Constants:
    """The constants of one object: expressions of plain numbers, each with a name such as ``_c0``.

    Parameters
    ----------
    numbers : names that stand for plain numbers.
    """

    def __init__(self, numbers: Iterable[str]) -> None:
        self.numbers = set(numbers)
        self.expressions: dict[sympy.Basic, str] = {}

    @property
    def names(self) -> set[str]:
        """Everything that is a plain number in the folded expressions."""
        return self.numbers | set(self.expressions.values())

    def fold(self, expression: Any) -> Any:
        """`expression`, its numeric parts replaced by constants."""
        if not expression.args:
            return expression
        if self._is_number(expression):
            return self._constant(expression)
        if isinstance(expression, sympy.Add | sympy.Mul):
            numeric = [a for a in expression.args if self._is_number(a)]
            others = [self.fold(a) for a in expression.args if not self._is_number(a)]
            if len(numeric) > 1:
                numeric = [self._constant(expression.func(*numeric))]
            return expression.func(*(self.fold(a) for a in numeric), *others)
        return expression.func(*(self.fold(a) for a in expression.args))

    def fold_all(self, statements: Iterable[Assign]) -> tuple[Assign, ...]:
        """The statements with folded expressions."""
        return tuple(Assign(s.name, self.fold(s.expression)) for s in statements)

    def values(self, numbers: Mapping[str, Any]) -> dict[str, float | bool]:
        """The constants' values for the present parameters."""
        with np.errstate(all="ignore"):
            found = {name: evaluate(expression, numbers) for expression, name in self.expressions.items()}
        return {name: bool(v) if isinstance(v, bool | np.bool_) else float(v) for name, v in found.items()}

    def lines(self) -> list[str]:
        """Comments that tell what each constant is."""
        return [f"#     {name} = {expression}" for expression, name in self.expressions.items()]

    def _is_number(self, expression: Any) -> bool:
        return names_in(expression) <= self.numbers

    def _constant(self, expression: Any) -> Any:
        if not expression.args:
            return expression
        return sympy.Symbol(self.expressions.setdefault(expression, f"_c{len(self.expressions)}"))
