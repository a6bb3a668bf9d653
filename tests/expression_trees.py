"""Random expressions with their value by Python's own floats, and a bound on what rounding can change.

A tree is a nested tuple: a number, a name, or (operator, operand, ...). `text` writes it as a user would type it,
`value` computes it in the order written; sympy may compute it in another order, so each value comes with a bound on
the rounding error of any order, and a tree that rounding could send over a jump (floor, a comparison) is refused.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

Tree = Any
Value = tuple[float, float]
"""A number and the bound on its error."""

UNIT = 1e-14
"""Relative error granted to every operation; 2**-53 is 1.1e-16."""
SMOOTH: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs, "sin": math.sin, "cos": math.cos,
    "tan": math.tan, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "arcsin": math.asin,
    "arccos": math.acos, "arctan": math.atan, "expm1": math.expm1, "log1p": math.log1p, "log10": math.log10,
    "exprel": lambda x: math.expm1(x) / x if x else 1.0,
}  # fmt: skip
JUMPING: dict[str, Callable[[float], float]] = {
    "int": math.trunc, "floor": math.floor, "ceil": math.ceil, "sign": lambda x: (x > 0) - (x < 0),
}  # fmt: skip
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
}  # fmt: skip


class UnclearError(Exception):
    """The tree has no value, or rounding decides it."""


def random_tree(rng: random.Random, names: str, depth: int) -> Tree:
    """A tree of numbers over `names`."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([rng.choice(names), rng.choice(names), rng.choice([0.5, 1, 2, 3, 1.7, 0.1, 10])])
    kind = rng.choice(
        ["+", "-", "*", "/", "+", "-", "*", "/", "%", "**", "neg", "call", "call", "min", "max", "clip", "if"]
    )
    below = [random_tree(rng, names, depth - 1) for _ in range(3)]
    if kind == "call":
        return (rng.choice([*SMOOTH, *JUMPING]), below[0])
    if kind == "**":
        return ("**", below[0], rng.choice([0, 1, 2, 3, 4, 5, -1, -2]))
    if kind == "if":
        return ("if", random_condition(rng, names, depth - 1), below[0], below[1])
    return (kind, *below[: {"neg": 1, "clip": 3}.get(kind, 2)])


def random_condition(rng: random.Random, names: str, depth: int) -> Tree:
    """A tree that is true or false."""
    if depth > 0 and rng.random() < 0.4:
        kind = rng.choice(["and", "or", "not"])
        return (kind, *(random_condition(rng, names, depth - 1) for _ in range(1 if kind == "not" else 2)))
    return (rng.choice([*COMPARISONS]), random_tree(rng, names, max(depth - 1, 0)), random_tree(rng, names, 0))


def text(tree: Tree) -> str:
    """The tree as a user would type it."""
    if not isinstance(tree, tuple):
        return str(tree)
    operator, *operands = tree
    parts = [text(operand) for operand in operands]
    if operator in ("neg", "not"):
        return f"({'-' if operator == 'neg' else 'not '}{parts[0]})"
    if operator == "if":
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if operator in SMOOTH or operator in JUMPING or operator in ("min", "max", "clip"):
        return f"{operator}({', '.join(parts)})"
    return f"({parts[0]} {operator} {parts[1]})"


def value(tree: Tree, names: Mapping[str, float]) -> Value:
    """The tree's value and a bound on its error.

    Raises
    ------
    UnclearError
        If it has no value, is huge, or depends on rounding.
    """
    if not isinstance(tree, tuple):
        return (names[tree] if isinstance(tree, str) else float(tree)), 0.0
    if tree[0] == "if":
        return value(tree[2] if holds(tree[1], names) else tree[3], names)
    operands = [value(operand, names) for operand in tree[1:]]
    try:
        exact, error = _apply(tree[0], operands)
    except (ArithmeticError, ValueError):
        raise UnclearError from None
    if not (abs(exact) < 1e12 and error <= 1e-6 * max(1.0, abs(exact))):
        raise UnclearError
    return exact, error + UNIT * abs(exact)


def holds(tree: Tree, names: Mapping[str, float]) -> bool:
    """Whether a condition holds."""
    if tree[0] == "not":
        return not holds(tree[1], names)
    if tree[0] in ("and", "or"):
        parts = [holds(part, names) for part in tree[1:]]  # all of them: an engine may compute all, too
        return all(parts) if tree[0] == "and" else any(parts)
    (a, error_a), (b, error_b) = (value(part, names) for part in tree[1:])
    if abs(a - b) <= error_a + error_b and error_a + error_b > 0:
        raise UnclearError
    return COMPARISONS[tree[0]](a, b)


def _apply(operator: str, operands: list[Value]) -> Value:
    (a, error_a), (b, error_b) = operands[0], operands[min(1, len(operands) - 1)]
    if operator in JUMPING:
        return _around(JUMPING[operator], a, error_a, is_jump=True)
    if operator in SMOOTH:
        return _around(SMOOTH[operator], a, error_a)
    match operator:
        case "neg":
            return -a, error_a
        case "+":
            return a + b, error_a + error_b + UNIT * (abs(a) + abs(b))
        case "-":
            return a - b, error_a + error_b + UNIT * (abs(a) + abs(b))
        case "*":
            return a * b, abs(a) * error_b + abs(b) * error_a
        case "/":
            if abs(b) <= 2 * error_b or abs(b) < 1e-9:
                raise UnclearError
            return a / b, (error_a + abs(a / b) * error_b) / (abs(b) - error_b)
        case "**":
            return _around(lambda x: x**b, a, error_a)
        case "%":
            if abs(b) < 1e-9 or error_b > 0:
                raise UnclearError
            _around(lambda x: math.floor(x / b), a, error_a + UNIT * abs(a) + 1e-12, is_jump=error_a > 0)
            return a % b, error_a + UNIT * abs(a)
        case "min":
            return min(a, b), max(error_a, error_b)
        case "max":
            return max(a, b), max(error_a, error_b)
        case "clip":
            high, error_high = operands[2]
            if b > high:
                raise UnclearError  # an empty interval has no agreed meaning
            return min(max(a, b), high), max(error_a, error_b, error_high)
    raise AssertionError(operator)


def _around(function: Callable[[float], float], x: float, error: float, is_jump: bool = False) -> Value:
    """f(x), and how much f changes when x is off by `error`; a jump there is unclear."""
    exact = float(function(x))
    if error == 0.0:
        return exact, 0.0
    change = max(abs(float(function(x + sign * error)) - exact) for sign in (-1, 1))
    if is_jump and change > 0:
        raise UnclearError
    return exact, 2 * change
