"""Expressions printed for Numba have the value that Python and `core.expressions.evaluate` give them."""

from __future__ import annotations

import random
import re
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.core.expressions import evaluate, parse_expression
from neurocl.engines.numba.printer import print_expression
from tests.expression_trees import Tree, UnclearError, Value, random_tree, text, value

NUMBERS = np.random.default_rng(0)
VALUES = {"a": NUMBERS.uniform(-20, 20, 300), "b": NUMBERS.normal(0, 2, 300), "c": NUMBERS.exponential(5, 300) + 0.01}


def expected(tree: Tree) -> list[Value | None]:
    """Value and error bound in every neuron, None where it is undefined or rounding decides."""
    found: list[Value | None] = []
    for neuron in range(300):
        try:
            found.append(value(tree, {name: float(array[neuron]) for name, array in VALUES.items()}))
        except UnclearError:
            found.append(None)
    return found


def well_defined_trees(count: int) -> list[Tree]:
    rng, trees = random.Random(7), []
    while len(trees) < count:
        tree = random_tree(rng, "abc", 4)
        if isinstance(tree, tuple) and expected(tree).count(None) < 150:
            trees.append(tree)
    return trees


TREES = well_defined_trees(25)

# Every function and operator at least once, with arguments for which it is defined everywhere.
WRITTEN = [
    "exp(b)", "log(c)", "sqrt(c)", "abs(a)", "sin(a)", "cos(a)", "tan(b)", "sinh(b)", "cosh(b)", "tanh(a)",
    "arcsin(tanh(b))", "arccos(tanh(b) / 2)", "arctan(a)", "expm1(b)", "log1p(c)", "log10(c)", "exprel(b)",
    "exprel(0 * a)",
    "clip(a, -1, c)", "min(a, b)", "max(a, b)", "int(a)", "int(a > b)", "sign(a)", "sign(0 * a)", "floor(a)", "ceil(a)",
    "mod(a, c)", "a % -c", "where(a > 0 and b < 1, c, a)", "a if not (a > b or c >= 2) else b", "a**2 + b**3 - c**4",
    "c**a", "c**-1.5", "a / b / c", "a - b - (c - a)", "-(a + b) * -c", "2**-b", "1 / (1 + exp(-a))", "b**-2",
    "a * 1e-30 * 1e30",
    "int(-1 < b <= 1)", "int(a != a)", "int(a == a)", "min(c, inf)", "clip(a, -inf, inf)", "pi * a",
    "t + dt * 10 + 0 * a", "i / 7",
]  # fmt: skip
RESTING = {"t": 0.0, "dt": 0.1, "i": np.arange(300.0)}


@cache
def results(dtype: str) -> dict[str, NDArray[np.float64]]:
    """One step of one network in which every expression is the new value of a state."""
    sources = [*(text(tree) for tree in TREES), *WRITTEN]
    names = [f"x{k}" for k in range(len(sources))]
    model = ncl.NeuronModel(
        name="calculator", parameters=dict.fromkeys("abc", 0.0), equations="\n".join(f"{name} : 1" for name in names),
        update="\n".join(f"{name} = {source}" for name, source in zip(names, sources, strict=True)),
    )  # fmt: skip
    net = ncl.Network(dt=0.1)
    net.add(model, 300, name="p", **VALUES)
    sim = net.build(dtype=dtype)
    try:
        sim.run(0.1)
    except ncl.NeuroclError as error:  # random trees may leave their domain in some neurons; those are not compared
        assert "became" in str(error)
    return {source: sim.state[f"p.{name}"].copy() for name, source in zip(names, sources, strict=True)}


@pytest.mark.parametrize("k", range(len(TREES)))
def test_a_random_expression_has_the_value_that_python_gives_it(k: int) -> None:
    found = results("float64")[text(TREES[k])]
    for neuron, pair in enumerate(expected(TREES[k])):
        if pair is not None:
            assert found[neuron] == pytest.approx(pair[0], abs=10 * pair[1] + 1e-12 * abs(pair[0])), text(TREES[k])


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-13), ("float32", 2e-4)])
@pytest.mark.parametrize("source", WRITTEN)
def test_every_function_has_the_value_of_numpy(source: str, dtype: str, rtol: float) -> None:
    values = {name: array.astype(dtype).astype(float) for name, array in VALUES.items()}
    exact = np.broadcast_to(evaluate(parse_expression(source, "test"), {**values, **RESTING}), 300)
    found = results(dtype)[source]
    is_close = np.isclose(found, exact, rtol=rtol, atol=10 * rtol)
    # A float32 rounded differently may fall on the other side of a jump, or cancel.
    assert is_close.all() if dtype == "float64" else is_close.mean() > 0.97


def test_numbers_are_printed_in_the_type_of_the_network() -> None:
    for source in ("3", "0.1", "inf", "1e-3", "pi", "2 * v", "v + 0.5", "v**0.3", "clip(v, 0, 1)"):
        printed = print_expression(parse_expression(source, "test"))
        assert re.findall(r"(?<![\w.(])\d", printed) == [] and "_F(" in printed, printed


def test_names_of_the_user_are_printed_as_they_are() -> None:
    printed = print_expression(parse_expression("where(v_m > theta, exp(-v_m / tau), theta)", "test"))
    assert "v_m" in printed and "theta" in printed and "tau" in printed and "_exp(" in printed
