"""Text to symbols: a small, safe expression language on `ast` and sympy.

User text is never evaluated: it is parsed by `ast`, every node is checked against a white list and translated
into a sympy expression. Functions whose value sympy would rewrite (``clip``, ``min``, ...) are opaque symbols
here and get their meaning from each engine's printer and from `evaluate`.
"""

from __future__ import annotations

import ast
import difflib
import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import BooleanFunction

from neurocl.core.errors import NeuroclError, shown

__all__ = ["DRAWS", "FUNCTIONS", "OPAQUE", "Draw", "evaluate", "names_in", "parse_expression", "suggest"]

_OPAQUE: dict[str, int] = {
    "clip": 3, "min": 2, "max": 2, "int": 1, "sign": 1, "floor": 1, "ceil": 1, "exprel": 1, "expm1": 1,
    "log1p": 1, "log10": 1, "mod": 2, "where": 3, "abs": 1,
}  # fmt: skip
_NATIVE: dict[str, Any] = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt,
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "sinh": sympy.sinh, "cosh": sympy.cosh,
    "tanh": sympy.tanh, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan,
}  # fmt: skip
DRAWS: dict[str, int] = {"rand": 0, "randn": 0, "poisson": 1}
"""Random functions and their number of arguments; each call in the text is one number per neuron and step."""
FUNCTIONS: tuple[str, ...] = tuple(sorted([*_OPAQUE, *_NATIVE, *DRAWS]))
"""Names that may be called in equations."""

# Said to commute, because sympy takes a function of a condition, such as where(v > 0, 1, 2), for one that does not.
OPAQUE: dict[str, Any] = {name: sympy.Function(name, commutative=True) for name in _OPAQUE}
"""Functions that sympy does not look into, by name."""
_COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne,
}  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """One random number per neuron and step: ``rand()``, ``randn()`` or ``poisson(mean)``.

    `symbol` stands for the number in the expressions; `argument` is the mean of a Poisson draw.
    """

    kind: str
    symbol: str
    argument: sympy.Expr | None = None


def parse_expression(text: str, where: str, draws: list[Draw] | None = None) -> sympy.Basic:
    """Translate `text` into a sympy expression.

    Parameters
    ----------
    text : an expression in Brian2's syntax: ``+ - * / ** %``, comparisons, ``and or not``, and `FUNCTIONS`.
    where : begins every error message, for instance ``"model 'lif', threshold"``.
    draws : collects the random draws met; None where randomness is not allowed.

    Raises
    ------
    NeuroclError
        If the text is no valid expression of the language.
    """
    text = text.strip()
    try:
        return _Translator(text, where, draws).visit(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError) as error:
        if isinstance(error, NeuroclError):
            raise
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise NeuroclError(f"{where}: {shown(text)} is not a valid expression ({reason})") from None
    except (RecursionError, MemoryError):
        raise NeuroclError(f"{where}: {shown(text)} is too long or too deeply nested; use aliases") from None


class _Translator:
    def __init__(self, text: str, where: str, draws: list[Draw] | None) -> None:
        self.text, self.where, self.draws = text, where, draws

    def fail(self, reason: str) -> NeuroclError:
        return NeuroclError(f"{self.where}: in {shown(self.text)}: {reason}")

    def visit(self, node: ast.expr) -> Any:
        method: Callable[[Any], Any] | None = getattr(self, f"visit_{type(node).__name__}", None)
        if method is None:
            raise self.fail(f"{_source(node)} is not part of the equation language")
        value = method(node)
        if isinstance(value, sympy.Expr) and value.is_number and not _is_usable(value):
            raise self.fail(f"{_source(node)} is no real, finite number")
        return value

    def number(self, node: ast.expr) -> Any:
        value = self.visit(node)
        if isinstance(value, BooleanFunction | sympy.core.relational.Relational | bool) or value in (
            sympy.true,
            sympy.false,
        ):
            raise self.fail(f"{_source(node)} is true or false; write int({_source(node)[1:-1]}) for a number")
        return value

    def truth(self, node: ast.expr) -> Any:
        value = self.visit(node)
        if isinstance(value, sympy.Expr):
            raise self.fail(f"{_source(node)} is a number; write a comparison such as {_source(node)[1:-1]} > 0")
        return value

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, bool):
            return sympy.true if node.value else sympy.false
        if isinstance(node.value, int):
            return sympy.Integer(node.value)
        if isinstance(node.value, float):
            return sympy.Float(node.value)
        raise self.fail(f"{node.value!r} is not a number")

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id == "pi":
            return sympy.pi
        if node.id == "inf":
            return sympy.oo
        if node.id.startswith("_"):
            raise self.fail(f"unknown name '{node.id}'; names begin with a letter")
        if node.id in FUNCTIONS:
            raise self.fail(f"'{node.id}' is a function; call it with arguments")
        return sympy.Symbol(node.id)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return sympy.Not(self.truth(node.operand))
        if isinstance(node.op, ast.USub):
            return -self.number(node.operand)
        if isinstance(node.op, ast.UAdd):
            return self.number(node.operand)
        raise self.fail(f"operator in {_source(node)} is not part of the equation language")

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.number(node.left), self.number(node.right)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                if right == 0:
                    raise self.fail("division by zero")
                return left / right
            case ast.Pow():
                # Exact powers of whole numbers can outgrow any memory; a float can only overflow.
                is_large = left.is_Rational and right.is_Integer and abs(right) > 1024
                return sympy.Float(left) ** right if is_large else left**right
            case ast.Mod():
                return OPAQUE["mod"](left, right)
        raise self.fail(f"operator in {_source(node)} is not part of the equation language")

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        join = sympy.And if isinstance(node.op, ast.And) else sympy.Or
        return join(*[self.truth(value) for value in node.values])

    def visit_Compare(self, node: ast.Compare) -> Any:
        terms, parts = [node.left, *node.comparators], []
        for operator, left, right in zip(node.ops, terms, terms[1:], strict=False):
            if type(operator) not in _COMPARISONS:
                raise self.fail(f"comparison in {_source(node)} is not part of the equation language")
            parts.append(_COMPARISONS[type(operator)](self.number(left), self.number(right)))
        return sympy.And(*parts)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return OPAQUE["where"](self.truth(node.test), self.number(node.body), self.number(node.orelse))

    def visit_Call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.fail(f"{_source(node)} is not part of the equation language")
        name = node.func.id
        if name not in FUNCTIONS:
            raise self.fail(f"unknown function '{name}'{suggest(name, FUNCTIONS)}")
        expected = DRAWS.get(name, _OPAQUE.get(name, 1))
        if len(node.args) != expected:
            raise self.fail(f"{name}() takes {expected} argument(s), got {len(node.args)}")
        if name in DRAWS:
            return self.draw(name, node.args)
        if name == "where":
            return OPAQUE[name](self.truth(node.args[0]), *[self.number(a) for a in node.args[1:]])
        if name == "int":
            return OPAQUE[name](self.visit(node.args[0]))
        arguments = [self.number(argument) for argument in node.args]
        return OPAQUE[name](*arguments) if name in _OPAQUE else _NATIVE[name](*arguments)

    def draw(self, name: str, arguments: list[ast.expr]) -> sympy.Symbol:
        if self.draws is None:
            raise self.fail(f"random numbers ({name}()) are not possible here")
        argument = self.number(arguments[0]) if arguments else None
        self.draws.append(Draw(name, f"_{name}_{len(self.draws)}", argument))
        return sympy.Symbol(self.draws[-1].symbol)


def _source(node: ast.expr) -> str:
    """The text of a node, quoted, for messages."""
    return shown(ast.unparse(node))


def _is_usable(number: sympy.Expr) -> bool:
    """Whether a constant is a real number that a float can hold (or an infinity, which the user typed as inf)."""
    if number in (sympy.oo, -sympy.oo):
        return True
    try:
        return math.isfinite(float(number))
    except (TypeError, OverflowError):
        return False


def names_in(expression: sympy.Basic) -> set[str]:
    """Names of all symbols in `expression`."""
    return {symbol.name for symbol in expression.free_symbols if isinstance(symbol, sympy.Symbol)}


def suggest(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` when a known name is close, else the list of known names."""
    known = sorted(known)
    close = difflib.get_close_matches(str(name), known, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(known)}" if known else ""


_NUMPY: dict[str, Callable[..., Any]] = {
    "clip": np.clip, "min": np.minimum, "max": np.maximum, "int": lambda x: np.trunc(np.asarray(x, float)),
    "sign": np.sign, "floor": np.floor, "ceil": np.ceil, "expm1": np.expm1, "log1p": np.log1p, "log10": np.log10,
    "mod": np.mod, "where": np.where, "exp": np.exp, "log": np.log, "abs": np.abs, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan,
}  # fmt: skip


def exprel(z: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """(exp(z) - 1) / z, with its limit 1 at z = 0."""
    z = np.asarray(z, dtype=np.float64)
    safe = np.where(z == 0, 1.0, z)
    return np.where(z == 0, 1.0, np.expm1(safe) / safe)


def evaluate(expression: sympy.Basic, values: Mapping[str, Any]) -> Any:
    """Value of `expression` with numbers or arrays for its symbols, by walking the tree (no code is generated)."""
    if isinstance(expression, sympy.Symbol):
        return values[expression.name]
    if expression in (sympy.true, sympy.false):
        return bool(expression)
    if not expression.args:
        return float(expression)
    arguments = [evaluate(argument, values) for argument in expression.args]
    match expression:
        case sympy.Add():
            return sum(arguments[1:], arguments[0])
        case sympy.Mul():
            return np.multiply.reduce(np.broadcast_arrays(*arguments)) if len(arguments) > 1 else arguments[0]
        case sympy.Pow():
            return np.power(np.asarray(arguments[0], float), arguments[1])
        case sympy.And():
            return functools.reduce(np.logical_and, arguments)
        case sympy.Or():
            return functools.reduce(np.logical_or, arguments)
        case sympy.Not():
            return np.logical_not(arguments[0])
        case sympy.core.relational.Relational():
            return _compare(expression, arguments)
    name = type(expression).__name__
    return exprel(arguments[0]) if name == "exprel" else _NUMPY[name](*arguments)


def _compare(expression: sympy.Basic, arguments: list[Any]) -> Any:
    operators = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
                 "==": np.equal, "!=": np.not_equal}  # fmt: skip
    return operators[expression.rel_op](*arguments)
