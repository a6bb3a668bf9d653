"""Small helpers to write source text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from neurocl.core.equations import Assign
from neurocl.core.expressions import Draw, names_in
from neurocl.engines.numba.printer import print_expression

__all__ = [
    "Function", "assignment", "draw_keys", "draw_lines", "draws_among", "indent", "make_function", "poisson_arguments",
    "read_names",
]  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A generated function that takes only the arrays it uses (each array is seven values to the compiler).

    Attributes
    ----------
    name : its name.
    arrays : what the caller passes for them, in order.
    extra : names of the arguments that follow the arrays.
    lines : the source.
    """

    name: str
    arrays: tuple[str, ...]
    extra: tuple[str, ...]
    lines: tuple[str, ...]

    def call(self, *values: str) -> str:
        """Source of a call, with `values` for the extra arguments."""
        return f"{self.name}({', '.join([*self.arrays, *values])})"


def make_function(name: str, arrays: Mapping[str, str], extra: tuple[str, ...], body: list[str]) -> Function:
    """A function whose `body` uses some of `arrays`, which maps local names to the caller's expressions."""
    words = set(re.findall(r"\w+", "\n".join(body)))
    chosen = {local: outer for local, outer in arrays.items() if local in words}
    head = f"def {name}({', '.join([*chosen, *extra])}):"
    return Function(name, tuple(chosen.values()), extra, (head, *indent(body)))


def indent(lines: Iterable[str], depth: int = 1) -> list[str]:
    """`lines`, moved `depth` levels to the right."""
    return ["    " * depth + line if line else line for line in lines]


def assignment(statement: Assign, held: bool = False) -> str:
    """Source of a statement; a held name keeps its value while the neuron is refractory."""
    text = print_expression(statement.expression)
    return f"{statement.name} = _select(_active, {text}, {statement.name})" if held else f"{statement.name} = {text}"


def read_names(statements: Iterable[Assign]) -> set[str]:
    """Names that the statements read or write."""
    found: set[str] = set()
    for statement in statements:
        found |= names_in(statement.expression) | {statement.name}
    return found


def draws_among(draws: Sequence[Draw], used: set[str]) -> tuple[list[tuple[int, Draw]], set[str]]:
    """The draws among `used` with their call numbers, and `used` with the names that their means are made of."""
    used = set(used)
    for draw in reversed(draws):  # a mean may be made of earlier draws
        if draw.symbol in used and draw.argument is not None:
            used |= names_in(draw.argument)
    return [(k, draw) for k, draw in enumerate(draws) if draw.symbol in used], used


def draw_keys(draws: Iterable[tuple[int, Draw]]) -> list[str]:
    """Lines that make the keys of this step's random numbers; each draw comes with its call number."""
    lines = []
    for call, draw in draws:
        key = f"_key{draw.symbol}"
        if draw.kind == "rand":
            lines.append(f"{key}_0, {key}_1 = _step_keys(_stream, _step, {call})")
        elif draw.kind == "randn":
            lines.append(f"{key} = _normal_keys(_stream, _step, {call})")
    return lines


def draw_lines(draws: Iterable[tuple[int, Draw]], index: str) -> list[str]:
    """Lines that draw the random numbers of neuron (or synapse) `index`."""
    lines = []
    for call, draw in draws:
        key = f"_key{draw.symbol}"
        if draw.kind == "rand":
            lines.append(f"{draw.symbol} = _uniform({index}, {key}_0, {key}_1)")
        elif draw.kind == "randn":
            lines.append(f"{draw.symbol} = _normal({index}, {key})")
        else:
            lines.append(f"{draw.symbol} = _F(_poisson({poisson_arguments(index, call, draw)}))")
    return lines


def poisson_arguments(index: str, call: int, draw: Draw) -> str:
    """Arguments of a Poisson draw: for neuron `index`, or for a row of that many neurons."""
    return f"{index}, {print_expression(draw.argument)}, _stream, _step, {call}"
