"""Subexpressions that are the same for all neurons, computed once per step and not once per neuron.

LLVM moves sums and products out of a loop by itself, but no call of a function such as exp.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sympy

from neurocl.core.expressions import names_in

__all__ = ["hoist"]


def hoist(expressions: Iterable[sympy.Basic], constant: Collection[str]) -> dict[sympy.Basic, sympy.Symbol]:
    """The largest subexpressions made of `constant` names alone that call a function, with a name for each."""
    found: dict[sympy.Basic, sympy.Symbol] = {}

    def look(expression: sympy.Basic) -> None:
        if not expression.args:
            return
        if names_in(expression) <= set(constant) and _is_costly(expression):
            if expression not in found:
                found[expression] = sympy.Symbol(f"_same_{len(found)}")
            return
        for part in expression.args:
            look(part)

    for expression in expressions:
        look(expression)
    return found


def _is_costly(expression: sympy.Basic) -> bool:
    """Whether it calls a function; a power of a whole number is a product or a division."""
    return isinstance(expression, sympy.Expr) and any(
        isinstance(part, sympy.Function) or (isinstance(part, sympy.Pow) and not part.exp.is_Integer)
        for part in sympy.preorder_traversal(expression)
    )
