"""Small helpers to write source text."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import Draw, names_in
from neurocl.engines.torch.folding import Constants
from neurocl.engines.torch.printer import print_expression

__all__ = ["KeyTable", "assignment", "function", "indent", "numbered_draws", "read_names"]

Draws = list[tuple[int, Draw]]


def indent(lines: Iterable[str], depth: int = 1) -> list[str]:
    """`lines`, moved `depth` levels to the right."""
    return ["    " * depth + line if line else line for line in lines]


def function(name: str, arguments: Iterable[str], body: Iterable[str]) -> list[str]:
    """Source of a function."""
    return [f"def {name}({', '.join(arguments)}):", *indent(list(body) or ["pass"])]


def assignment(statement: Assign, numbers: Collection[str], held: bool = False) -> str:
    """Source of a statement; a held name keeps its value while the neuron is refractory.

    A name given to another name would be the same tensor, which the end of the step overwrites; so it is copied.
    """
    text = print_expression(statement.expression, numbers)
    if held:
        return f"{statement.name} = _where(_active, {text}, {statement.name})"
    if names_in(statement.expression) <= set(numbers):
        return f"{statement.name} = _number({text}, _F)"
    is_name = isinstance(statement.expression, sympy.Symbol) and statement.expression.name not in numbers
    is_fresh = is_name and statement.expression.name.startswith("_new_")
    return f"{statement.name} = {text}{'.clone()' if is_name and not is_fresh else ''}"


def read_names(statements: Iterable[Assign]) -> set[str]:
    """Names that the statements read or write."""
    found: set[str] = set()
    for statement in statements:
        found |= names_in(statement.expression) | {statement.name}
    return found


def numbered_draws(draws: Iterable[Draw], used: set[str]) -> tuple[Draws, set[str]]:
    """The draws among `used` with their call numbers, and the names that their arguments need."""
    numbered, chosen, needed = list(enumerate(draws)), [], set(used)
    # A mean may be made of draws before it.
    for k, draw in reversed(numbered):
        if draw.symbol in needed:
            chosen.append((k, draw))
            needed |= set() if draw.argument is None else names_in(draw.argument)
    return chosen[::-1], needed - set(used)


class KeyTable:
    """Which keys of an object's random numbers a step needs, and where they stand in the row of the step.

    Attributes
    ----------
    rows : (call number for `random.draw_keys`, whether of the complemented stream), two keys each, in order.
    poisson : call numbers of the Poisson draws whose mean is a plain number -> that number, or its name.
    needs_host : whether there are others; for these the host looks at the largest mean.
    """

    def __init__(self, draws: Iterable[Draw]) -> None:
        self.rows: list[tuple[int, bool]] = []
        self.poisson: dict[int, str] = {}
        self.needs_host = False
        self._first: dict[str, int] = {}
        for call, draw in enumerate(draws):
            self._first[draw.symbol] = 2 * len(self.rows)
            if draw.kind == "rand":
                self.rows.append((call, False))
            elif draw.kind == "randn":
                self.rows += [(2 * call, True), (2 * call + 1, True)]

    def lines(self, draws: Draws, index: str, constants: Constants, member: str = "") -> list[str]:
        """Lines that draw the numbers of the elements `index`, of all members or of the list `member`."""
        lines = []
        if any(draw.kind != "poisson" for _, draw in draws):
            lines.append(f"_keys = {_of(member, '_row(_p._keys, _now.k)')}")
        for call, draw in draws:
            if draw.kind == "poisson":
                lines += self._poisson_lines(call, draw, index, constants, member)
            else:
                first = self._first[draw.symbol]
                kind, count = {"rand": ("_uniform", 2), "randn": ("_normal", 4)}[draw.kind]
                lines.append(f"{draw.symbol} = {kind}({index}, _keys[{first}:{first + count}], _F)")
        return lines

    def _poisson_lines(self, call: int, draw: Draw, index: str, constants: Constants, member: str) -> list[str]:
        mean = constants.fold(draw.argument)
        text = print_expression(mean, constants.names)
        if names_in(mean) <= constants.names:
            self.poisson[call] = text
            keys = f"_row(_p._poisson_{call}, _now.k)"
        else:
            self.needs_host = True
            keys = f"_poisson_keys(_p._streams, _now.step, {call}, {text})"
        return [f"{draw.symbol} = _poisson({index}, {text}, {_of(member, keys)}, _F)"]


def _of(member: str, keys: str) -> str:
    return f"_keys_of({keys}, {member})" if member else keys
