"""The expression language: values as Python computes them, names, draws, and what sympy may rewrite."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import FUNCTIONS, Draw, evaluate, names_in, parse_expression, suggest
from tests.expression_trees import UnclearError, holds, random_condition, random_tree, text, value

NAMES = {"a": 0.37, "b": -2.25, "c": 14.5}


def of(source: str, **names: float) -> float:
    return float(evaluate(parse_expression(source, "test"), {**NAMES, **names}))


@given(st.randoms(use_true_random=False), st.floats(-20, 20), st.floats(-3, 3), st.floats(1e-3, 50))
def test_an_expression_has_the_value_that_python_gives_it(rng: random.Random, a: float, b: float, c: float) -> None:
    tree, names = random_tree(rng, "abc", 4), {"a": a, "b": b, "c": c}
    try:
        expected, error = value(tree, names)
    except UnclearError:
        assume(False)
    try:
        parsed = parse_expression(text(tree), "test")
    except NeuroclError as refusal:  # a constant part, such as log(0 * 3), that is computed only by one branch
        assume("real, finite" not in str(refusal) and "division by zero" not in str(refusal))
        raise
    with np.errstate(all="ignore"):
        assert float(evaluate(parsed, names)) == pytest.approx(
            expected, abs=10 * error + 1e-12 * abs(expected) + 1e-300
        )


@given(st.randoms(use_true_random=False), st.floats(-20, 20), st.floats(-3, 3), st.floats(1e-3, 50))
def test_a_condition_holds_where_python_says_so(rng: random.Random, a: float, b: float, c: float) -> None:
    tree, names = random_condition(rng, "abc", 4), {"a": a, "b": b, "c": c}
    try:
        expected = holds(tree, names)
        parsed = parse_expression(text(tree), "test")
    except (UnclearError, NeuroclError):
        assume(False)
    with np.errstate(all="ignore"):
        assert bool(evaluate(parsed, names)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("-2**2", -4.0), ("2**-1", 0.5), ("2**3**2", 512.0), ("(-2)**2", 4.0), ("1 - 2 - 3", -4.0), ("8 / 4 / 2", 1.0),
        ("1 / 2 * 3", 1.5), ("2 * -a", -0.74), ("+a", 0.37), ("1e-3", 0.001), ("-7 % 3", 2.0), ("7 % -3", -2.0),
        ("b % 1", 0.75), ("int(-2.7)", -2.0), ("int(a > 0)", 1.0), ("int(a > 0 and not b > 0)", 1.0),
        ("floor(b)", -3.0),
        ("ceil(b)", -2.0), ("sign(b)", -1.0), ("sign(0)", 0.0), ("int(0 < a < 1)", 1.0), ("int(0 < a < 0.3)", 0.0),
        ("int(a == 0.37)", 1.0), ("int(a != 0.37)", 0.0), ("1 if a > 1 or b < 0 else 2", 1.0),
        ("where(b > 0, 1, 2)", 2.0),
        ("int(True)", 1.0), ("exprel(0)", 1.0), ("exprel(1)", math.e - 1), ("pi", math.pi), ("exp(1)", math.e),
        ("-inf", -math.inf),
        ("min(a, b)", -2.25), ("max(a, b)", 0.37), ("clip(c, 0, 1)", 1.0), ("2**0.5", math.sqrt(2)),
        ("c**a", 14.5**0.37),
        ("1e300 * 1e-300", 1.0), ("10**300 / 10**299", 10.0), ("expm1(1e-20)", 1e-20), ("log1p(1e-20)", 1e-20),
    ],
)  # fmt: skip
def test_operators_bind_and_functions_count_as_in_python(source: str, expected: float) -> None:
    assert of(source) == pytest.approx(expected, rel=1e-15)


def test_an_expression_works_on_arrays_elementwise() -> None:
    a = np.linspace(-3, 3, 13)
    found = evaluate(parse_expression("where(a > 1, a**2, clip(a, -1, 0.5)) + min(a, b)", "test"), {"a": a, "b": 2.0})
    np.testing.assert_allclose(found, np.where(a > 1, a**2, np.clip(a, -1, 0.5)) + np.minimum(a, 2.0), rtol=1e-15)


def test_names_are_those_the_user_typed() -> None:
    assert names_in(parse_expression("v_leak + exp(-t / tau) * pi - inf", "test")) == {"v_leak", "t", "tau"}
    assert names_in(parse_expression("S + I + E + N + Q", "test")) == {"S", "I", "E", "N", "Q"}  # sympy's own constants


def test_every_call_of_a_random_function_is_a_draw_of_its_own() -> None:
    draws: list[Draw] = []
    expression = parse_expression("rand() - rand() + poisson(2 * a) * randn()", "test", draws)
    assert [draw.kind for draw in draws] == ["rand", "rand", "poisson", "randn"]
    assert {draw.symbol for draw in draws} == names_in(expression)
    assert draws[2].argument == 2 * sympy.Symbol("a")


def test_every_function_can_be_called() -> None:
    arguments = {"clip": "a, 0, 1", "min": "a, b", "max": "a, b", "mod": "a, b", "where": "a > 0, a, b"}
    for name in FUNCTIONS:
        argument = arguments.get(name, "" if name in ("rand", "randn") else "a")
        parse_expression(f"{name}({argument})", "test", [])


def test_a_suggestion_is_a_close_name_or_the_list_of_all() -> None:
    assert suggest("tau_men", ["tau_mem", "v"]) == "; did you mean 'tau_mem'?"
    assert suggest("zzz", ["v", "tau_mem"]) == "; known: tau_mem, v"
    assert suggest("zzz", []) == ""
