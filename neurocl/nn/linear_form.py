"""Which neurons the compiled time loop knows: a leaky membrane, with or without a synaptic current.

Current      j = i + h x,  i <- d j + e                          (absent in neurons with one state)
Membrane     u = p v + q j + g x + c, held while refractory
Spike        u > th, then v <- a u + r

x is the layer's input. Every coefficient is a formula of the model's parameters and of the coefficients of its exact
step; LIF with delta or exponential synapses, reset to a value or by subtraction, and the discrete leaky neuron are of
this form.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import names_in
from neurocl.core.integrators import ACTIVE
from neurocl.core.plan import PopulationPlan
from neurocl.nn.program import always_active

__all__ = ["ROWS", "LinearForm", "find_linear_form"]

ROWS = ("p", "q", "g", "c", "h", "d", "e", "th", "a", "r")
"""The coefficients, in the order in which the compiled loop has them."""

_X = sympy.Symbol("_x")


@dataclass(frozen=True)
class LinearForm:
    """A formula for each of `ROWS`, the membrane's state, the current's (None: there is none), and whether a spike
    needs u > th (u >= th if not)."""

    rows: tuple[sympy.Expr, ...]
    membrane: str
    current: str | None
    is_strict: bool


def find_linear_form(plan: PopulationPlan, target: str) -> LinearForm | str:
    """The form of the neurons of `plan` whose input is `target`, or the reason why they have none."""
    states, threshold = plan.parsed.equations.states, plan.parsed.threshold
    if len(states) > 2:
        return f"it has {len(states)} states, the compiled loop knows at most two"
    if not isinstance(threshold, sympy.Gt | sympy.Ge | sympy.Lt | sympy.Le):
        return "its threshold is no single comparison"
    margin = threshold.gts - threshold.lts
    crossing = names_in(margin) & set(states)
    if len(crossing) != 1:
        return "its threshold does not compare one state with a parameter"
    membrane = crossing.pop()
    current = next((name for name in states if name != membrane), None)
    moved = _one_step(plan, target)
    v, i = sympy.Symbol(membrane), sympy.Symbol(current or "_none")
    if current is not None and (states[current].held or (not states[membrane].held and plan.refractory.any())):
        return "its current holds, or its membrane does not hold, while it is refractory"
    if current is None and not states[membrane].held and plan.refractory.any():
        return "its membrane does not hold while it is refractory"
    after = {s.name: s.expression for s in plan.parsed.reset}
    if len(plan.parsed.reset) != 1 or set(after) != {membrane}:
        return "its reset is not one statement about the membrane"
    u, x = moved[membrane], _X
    reset = after[membrane]
    j_in_x = sympy.Integer(1 if target == current else 0)
    below = moved[current] if current is not None else sympy.Integer(0)
    gain = sympy.diff(u, x) - (sympy.diff(u, i) * j_in_x)
    rows = (
        sympy.diff(u, v), sympy.diff(u, i), gain, _without(u, v, i, x), j_in_x, sympy.diff(below, i),
        _without(below, v, i, x), _without(-margin, v), sympy.diff(reset, v), _without(reset, v),
    )  # fmt: skip
    not_constant = {*states, "_x", "t", ACTIVE.name, target}
    if any(names_in(sympy.expand(row)) & not_constant for row in rows) or sympy.diff(margin, v) != 1:
        return "its update, threshold or reset is not linear in its states, or depends on time"
    expected = rows[5] * (i + j_in_x * x) + rows[6]
    if current is not None and sympy.expand(below - expected) != 0:
        return "its current depends on more than itself and the input"
    return LinearForm(
        tuple(sympy.sympify(row) for row in rows), membrane, current, isinstance(threshold, sympy.Gt | sympy.Lt)
    )


def _one_step(plan: PopulationPlan, target: str) -> dict[str, sympy.Expr]:
    """The states after a step as formulas of the states before it and of the input `_X`."""
    values: dict[sympy.Basic, sympy.Basic] = {
        sympy.Symbol(name): sympy.Symbol(name) for name in plan.parsed.equations.states
    }
    given = sympy.Symbol(target)
    values[given] = _X if target in plan.parameters else given + _X
    statements = [*plan.parsed.update, *plan.scheme.statements]
    for statement in always_active(statements):
        values[sympy.Symbol(statement.name)] = _substituted(statement, values)
    return {name: values[sympy.Symbol(name)] for name in plan.parsed.equations.states}


def _substituted(statement: Assign, values: dict[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    return statement.expression.xreplace(values)


def _without(expression: sympy.Expr, *symbols: sympy.Symbol) -> sympy.Expr:
    """What is left of a linear formula where the symbols are zero."""
    return expression.xreplace(dict.fromkeys(symbols, sympy.Integer(0)))
