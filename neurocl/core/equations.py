"""Equation text to symbols: differential equations, aliases, declarations and statements.

One line each, as in Brian2:

    dv/dt = (v_leak - v) / tau_mem : mV (unless refractory)     differential equation
    i_tot = i_syn + i_ext : pA                                   alias, substituted where it is used
    count : 1                                                    a state (or the unit of a parameter)
    i_gap_post = w * (v_pre - v_post) : pA (summed)              sum over synapses, see `Sum`

Statements are ``name = expression`` (also ``+= -= *= /=``), separated by newlines or semicolons, executed in order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import DRAWS, FUNCTIONS, Draw, names_in, parse_expression, suggest

__all__ = [
    "RESERVED",
    "Assign",
    "Equations",
    "State",
    "Sum",
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
_SUMS: dict[str, tuple[str, bool]] = {
    "summed": ("", False), "summed pre": ("pre", False), "summed post": ("post", False),
    "summed pre, in order": ("pre", True),
}  # fmt: skip
"""Flag of a sum -> (side of the neurons that it is made for, whether it runs on from synapse to synapse)."""


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
class Sum:
    """A sum over synapses, for each neuron of one side.

    ``NAME_post = ... (summed)`` is the parameter NAME of the postsynaptic neurons, ``NAME_pre`` of the presynaptic.
    ``NAME = ... (summed post)`` and ``(summed pre)`` belong to the projection itself. ``(summed pre, in order)`` is the
    running sum over a presynaptic neuron's targets, up to and including the synapse's own.

    Attributes
    ----------
    name : NAME, without its side.
    side : "pre" or "post".
    of_neurons : whether it is a parameter of the neurons.
    in_order : whether it is a running sum.
    """

    name: str
    side: str
    of_neurons: bool
    in_order: bool
    unit: str
    expression: sympy.Expr
    line: str


@dataclass(frozen=True)
class Equations:
    """Parsed equation text; aliases are already substituted into the derivatives and sums."""

    states: dict[str, State] = field(default_factory=dict)
    aliases: dict[str, sympy.Basic] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)


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
    raw_sums: list[Sum] = []
    for line in split_lines(text):
        place = f"{where}, line {shown(line)}"
        body, unit, flag = _split_unit(line, place)
        if match := _ODE.match(body):
            name = match[1]
            _check_new(name, found, raw_states, place)
            _refuse_sum(flag, place)
            derivative = _number(match[2], parse_expression(match[2], place, draws), "a derivative", place)
            raw_states.append(State(name, unit, derivative, flag is not None, line))
        elif match := _ALIAS.match(body):
            name = match[1]
            _check_new(name, found, raw_states, place)
            value = _number(match[2], parse_expression(match[2], place, draws), f"'{name}'", place)
            if flag in _SUMS:
                raw_sums.append(_sum(name, flag, unit, value, line, place))
            else:
                found.aliases[name] = value
            found.units[name] = unit
        elif match := _DECLARATION.match(body):
            name = match[1]
            _check_new(name, found, raw_states, place)
            _refuse_sum(flag, place)
            if name not in parameters:
                raw_states.append(State(name, unit, None, flag is not None, line))
            found.units[name] = unit
        else:
            raise NeuroclError(f"{place}: expected 'dx/dt = ... : unit', 'x = ... : unit' or 'x : unit'")
    _resolve_aliases(found, where)
    for state in raw_states:
        derivative = None if state.derivative is None else substitute(state.derivative, found.aliases)
        found.states[state.name] = replace(state, derivative=derivative)
        found.units[state.name] = state.unit
    found.sums.extend(replace(s, expression=substitute(s.expression, found.aliases)) for s in raw_sums)
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


def _split_unit(line: str, place: str) -> tuple[str, str, str | None]:
    """What stands before the colon, the unit, and the flag in parentheses behind it."""
    body, colon, unit = line.rpartition(":")
    if not colon:
        return line, "1", None
    flag = None
    if match := _FLAG.search(unit):
        flag = " ".join(match[1].split())
        if flag != "unless refractory" and flag not in _SUMS:
            known = ", ".join(f"({name})" for name in ("unless refractory", *_SUMS))
            raise NeuroclError(f"{place}: unknown flag '({flag})'; known: {known}")
        unit = unit[: match.start()]
    return body.strip(), unit.strip() or "1", flag


def _number(text: str, expression: sympy.Basic, what: str, place: str) -> sympy.Expr:
    if not isinstance(expression, sympy.Expr):
        raise NeuroclError(f"{place}: {what} is true or false; write int({text}) for a number")
    return expression


def _refuse_sum(flag: str | None, place: str) -> None:
    if flag in _SUMS:
        raise NeuroclError(f"{place}: only 'name = ... : unit' can be ({flag}); it is computed anew in every step")


def _sum(name: str, flag: str | None, unit: str, expression: sympy.Expr, line: str, place: str) -> Sum:
    side, in_order = _SUMS[flag or ""]
    stem, _, ending = name.rpartition("_")
    is_neurons = ending in ("pre", "post") and bool(stem)
    if not side:
        if not is_neurons:
            raise NeuroclError(
                f"{place}: a sum is for one side's neurons; write '{name}_post' for their parameter '{name}', or"
                " (summed post) for a sum that only this synapse knows"
            )
        return Sum(stem, ending, True, False, unit, expression, line)
    if is_neurons:
        raise NeuroclError(f"{place}: '{name}' names a parameter of the neurons; its flag is (summed)")
    return Sum(name, side, False, in_order, unit, expression, line)


def _check_new(name: str, found: Equations, states: list[State], place: str) -> None:
    if name in found.units or any(state.name == name for state in states):
        raise NeuroclError(f"{place}: '{name}' is defined twice; give each name one line")


def _resolve_aliases(found: Equations, where: str) -> None:
    """Substitute aliases into aliases until none is left; a cycle is an error."""
    for _ in range(len(found.aliases) + 1):
        open_aliases = [name for name, expression in found.aliases.items() if names_in(expression) & set(found.aliases)]
        if not open_aliases:
            return
        for name in open_aliases:
            found.aliases[name] = substitute(found.aliases[name], found.aliases)
    raise NeuroclError(f"{where}: the aliases {', '.join(sorted(open_aliases))} depend on each other in a circle")
