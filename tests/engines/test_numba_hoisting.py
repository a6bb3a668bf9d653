"""What is the same for all neurons is computed once, and nothing else is."""

from __future__ import annotations

import sympy

from neurocl.core.expressions import parse_expression
from neurocl.engines.numba.hoisting import hoist


def taken(text: str, constant: set[str]) -> list[str]:
    found = hoist([parse_expression(text, "test")], constant)
    return sorted(str(expression) for expression in found)


def test_the_largest_constant_subexpression_with_a_function_is_taken() -> None:
    assert taken("v * exp(-dt / tau) + a**0.5 * v", {"dt", "tau", "a"}) == ["a**0.5", "exp(-dt/tau)"]
    assert taken("exp(-dt / tau) * clip(a, 0, 1)", {"dt", "tau", "a"}) == ["clip(a, 0, 1)*exp(-dt/tau)"]


def test_sums_and_what_differs_between_neurons_are_left() -> None:
    assert taken("a + b * v + v / a + v * a**2", {"a", "b"}) == []
    assert taken("exp(v / a) + exp(t)", {"a"}) == []


def test_replacing_keeps_the_value() -> None:
    expression = parse_expression("v * exp(-dt / tau) + v**2 / log(tau)", "test")
    found = hoist([expression], {"dt", "tau"})
    values = {"v": 3.0, "dt": 0.1, "tau": 20.0}
    back = {symbol: part for part, symbol in found.items()}
    numbers = {sympy.Symbol(name): value for name, value in values.items()}
    assert float(expression.xreplace(found).xreplace(back).subs(numbers)) == float(expression.subs(numbers))
