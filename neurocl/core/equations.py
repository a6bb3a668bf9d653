"""Equation text to symbols: differential equations, aliases, declarations and statements.

One line each, as in Brian2:

    dv/dt = (v_leak - v) / tau_mem : mV (unless refractory)     differential equation
    i_tot = i_syn + i_ext : pA                                   alias, substituted where it is used
    count : 1                                                    a state (or the unit of a parameter)

Statements are ``name = expression`` (also ``+= -= *= /=``), separated by newlines or semicolons, executed in order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import DRAWS, FUNCTIONS, Draw, names_in, parse_expression, suggest

__all__ = [
    "RESERVED",
    "Assign",
    "Equations",
    "State",
    "check_names",
    "parse_equations",
    "parse_statements",
    "split_lines",
]

RESERVED: frozenset[str] = frozenset({"t", "dt", "i", "xi", "pi", "inf", "scheduled", *FUNCTIONS})
"""Names that have a meaning of their own: time, step, neuron index, white noise, constants and functions."""

_NAME = r"[A-Za-z_]\w*"
_ODE = re.compile(rf"^d({_NAME})\s*/\s*dt\s*=\s*(.+)$")
_ALIAS = re.compile(rf"^({_NAME})\s*=\s*([^=].*)$")
_DECLARATION = re.compile(rf"^({_NAME})$")
_STATEMENT = re.compile(rf"^({_NAME})\s*([-+*/]?)=\s*([^=].*)$")
_FLAG = re.compile(r"\(([^()]*)\)\s*$")


@dataclass(frozen=True)
class Assign:
    """``name = expression``, one step of a program."""

    name: str
    expression: sympy.Basic


@dataclass(frozen=True)
class State:
    """One state: its unit, its derivative (None for a state that only statements change), and whether it holds."""

    name: str
    unit: str
    derivative: sympy.Expr | None
    held: bool
    line: str


@dataclass(frozen=True)
class Equations:
    """Parsed equation text; aliases are already substituted into the derivatives."""

    states: dict[str, State] = field(default_factory=dict)
    aliases: dict[str, sympy.Basic] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


def split_lines(text: str) -> list[str]:
    """Lines without comments and blanks; ``;`` separates, an open parenthesis or a backslash continues."""
    lines: list[str] = []
    pending = ""
    for raw in text.replace("\\\n", " ").splitlines():
        pending = f"{pending} {raw.split('#')[0].strip()}".strip()
        if pending.count("(") > pending.count(")"):
            continue
        lines += [part.strip() for part in pending.split(";")]
        pending = ""
    return [line for line in [*lines, pending] if line]


def parse_equations(text: str, where: str, parameters: Mapping[str, float], draws: list[Draw] | None) -> Equations:
    """Parse equation `text`; `where` begins error messages, `parameters` tells states from parameter units."""
    found = Equations()
    raw_states: list[State] = []
    for line in split_lines(text):
        body, unit, held = _split_unit(line, where)
        if match := _ODE.match(body):
            name, expression = match[1], parse_expression(match[2], f"{where}, line {shown(line)}", draws)
            _check_new(name, found, raw_states, where, line)
            if not isinstance(expression, sympy.Expr):
                raise NeuroclError(f"{where}, line {shown(line)}: a derivative must be a number, not true or false")
            raw_states.append(State(name, unit, expression, held, line))
        elif match := _ALIAS.match(body):
            name = match[1]
            _check_new(name, found, raw_states, where, line)
            alias = parse_expression(match[2], f"{where}, line {shown(line)}", draws)
            if not isinstance(alias, sympy.Expr):
                raise NeuroclError(
                    f"{where}, line {shown(line)}: '{name}' is true or false; write int({match[2]}) for a number"
                )
            found.aliases[name] = alias
            found.units[name] = unit
        elif match := _DECLARATION.match(body):
            name = match[1]
            _check_new(name, found, raw_states, where, line)
            if name not in parameters:
                raw_states.append(State(name, unit, None, held, line))
            found.units[name] = unit
        else:
            raise NeuroclError(
                f"{where}, line {shown(line)}: expected 'dx/dt = ... : unit', 'x = ... : unit' or 'x : unit'"
            )
    _resolve_aliases(found, where)
    for state in raw_states:
        derivative = None if state.derivative is None else substitute(state.derivative, found.aliases)
        found.states[state.name] = State(state.name, state.unit, derivative, state.held, state.line)
        found.units[state.name] = state.unit
    return found


def parse_statements(
    text: str, where: str, aliases: Mapping[str, sympy.Basic], draws: list[Draw] | None
) -> tuple[Assign, ...]:
    """Parse ``name = expression`` statements; augmented assignments are written out, aliases substituted."""
    program = []
    for line in split_lines(text):
        match = _STATEMENT.match(line)
        if not match:
            raise NeuroclError(f"{where}, line {shown(line)}: expected a statement such as 'v = v_reset' or 'x += 1'")
        name, operator, right = match.groups()
        if operator:
            right = f"{name} {operator} ({right})"
        expression = parse_expression(right, f"{where}, line {shown(line)}", draws)
        if not isinstance(expression, sympy.Expr):
            raise NeuroclError(
                f"{where}, line {shown(line)}: '{right}' is true or false; write int({right}) for a number"
            )
        program.append(Assign(name, substitute(expression, aliases)))
    return tuple(program)


def substitute(expression: sympy.Basic, aliases: Mapping[str, sympy.Basic]) -> sympy.Basic:
    """`expression` with every alias replaced by what it stands for."""
    used = names_in(expression) & set(aliases)
    return expression.xreplace({sympy.Symbol(name): aliases[name] for name in used}) if used else expression


def check_names(expression: sympy.Basic, allowed: set[str], where: str) -> None:
    """Raise an error for a symbol of `expression` that is not `allowed` (reserved names and draws always are)."""
    for name in sorted(names_in(expression) - allowed):
        is_draw = name.startswith("_") and name.split("_")[1] in DRAWS
        if name in ("t", "dt", "i") or is_draw:
            continue
        raise NeuroclError(f"{where}: unknown name '{name}'{suggest(name, allowed)}")


def _split_unit(line: str, where: str) -> tuple[str, str, bool]:
    body, colon, unit = line.rpartition(":")
    if not colon:
        return line, "1", False
    held = False
    if flag := _FLAG.search(unit):
        if flag[1].strip() != "unless refractory":
            raise NeuroclError(f"{where}, line {shown(line)}: unknown flag '({flag[1]})'; known: (unless refractory)")
        held, unit = True, unit[: flag.start()]
    return body.strip(), unit.strip() or "1", held


def _check_new(name: str, found: Equations, states: list[State], where: str, line: str) -> None:
    if name in found.units or any(state.name == name for state in states):
        raise NeuroclError(f"{where}, line {shown(line)}: '{name}' is defined twice; give each name one line")


def _resolve_aliases(found: Equations, where: str) -> None:
    """Substitute aliases into aliases until none is left; a cycle is an error."""
    for _ in range(len(found.aliases) + 1):
        open_aliases = [name for name, expression in found.aliases.items() if names_in(expression) & set(found.aliases)]
        if not open_aliases:
            return
        for name in open_aliases:
            found.aliases[name] = substitute(found.aliases[name], found.aliases)
    raise NeuroclError(f"{where}: the aliases {', '.join(sorted(open_aliases))} depend on each other in a circle")
