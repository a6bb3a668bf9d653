"""Equation text to symbols: what each kind of line means."""

from __future__ import annotations

import pytest
import sympy

from neurocl.core.equations import RESERVED, check_names, parse_equations, parse_statements, split_lines
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import FUNCTIONS, Draw

v, u, w, tau = sympy.symbols("v u w tau")


def test_each_kind_of_line_is_told_apart() -> None:
    found = parse_equations(
        """
        # a comment line
        dv/dt = (drive - v) / tau : mV (unless refractory)   # a comment behind a line
        drive = 2 * u : mV
        du / dt = -u
        count : 1
        tau : ms
        """,
        "test", {"tau": 10.0}, None,
    )  # fmt: skip
    assert list(found.states) == ["v", "u", "count"]
    assert found.states["v"].derivative == (2 * u - v) / tau
    assert [state.held for state in found.states.values()] == [True, False, False]
    assert found.states["count"].derivative is None
    assert found.aliases == {"drive": 2 * u}
    assert found.units == {"v": "mV", "drive": "mV", "u": "1", "count": "1", "tau": "ms"}


def test_an_alias_may_use_a_later_alias_and_a_random_number() -> None:
    draws: list[Draw] = []
    found = parse_equations("dv/dt = a\na = b + 1\nb = c * v\nc = rand()", "test", {}, draws)
    drawn = sympy.Symbol(draws[0].symbol)
    assert found.states["v"].derivative == drawn * v + 1
    assert found.aliases == {"a": drawn * v + 1, "b": drawn * v, "c": drawn}


def test_lines_end_at_a_semicolon_and_go_on_in_an_open_parenthesis_or_after_a_backslash() -> None:
    assert split_lines("a = 1; b = 2 ; ; c = (3\n + 4)\nd = 5 + \\\n 6\n\n# nothing\ne = 7 # end") == [
        "a = 1", "b = 2", "c = (3 + 4)", "d = 5 +   6", "e = 7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("v = u", u), ("v += u - w", v + u - w), ("v -= u - w", v - (u - w)), ("v *= u + w", v * (u + w)),
        ("v /= u * w", v / (u * w)), ("v=-u", -u), ("v = a", u**2), ("v += a", v + u**2),
    ],
)  # fmt: skip
def test_a_statement_assigns_what_python_would(statement: str, expected: sympy.Expr) -> None:
    (program,) = parse_statements(statement, "test", {"a": u**2}, None)
    assert program.name == "v"
    assert sympy.expand(program.expression - expected) == 0


def test_statements_run_in_the_order_of_the_text() -> None:
    program = parse_statements("v = 1; u = v\nv += 1", "test", {}, None)
    assert [statement.name for statement in program] == ["v", "u", "v"]


def test_only_known_names_time_and_draws_are_let_through() -> None:
    draw = sympy.Symbol("_rand_0")
    check_names(v * sympy.Symbol("t") + sympy.Symbol("dt") * sympy.Symbol("i") + draw, {"v"}, "test")
    with pytest.raises(NeuroclError, match="test: unknown name 'tau'"):
        check_names(v / tau, {"v"}, "test")


def test_every_function_name_is_reserved() -> None:
    assert {"t", "dt", "i", "xi", "scheduled", *FUNCTIONS} <= RESERVED
