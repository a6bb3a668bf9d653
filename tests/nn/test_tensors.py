"""Expressions on tensors have the values that they have everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocl.core.expressions import evaluate, parse_expression
from neurocl.nn.tensors import ONE, tensor_function

TEXTS = [
    "x + 2 * y - 3", "-x * y / (1 + y**2) / z", "x**2 + x**3 - x**4 + y**0.5 + y**x + y**-2", "exp(-x / y) + log(y)",
    "clip(x, -0.5, y) + min(x, 1) - max(2, x)", "where(x > 0 and not y < 0.3, x, 2) + (1 if x > y else 3)",
    "int(x > 0.2 or y >= 1) + int(3 * x) + sign(x) + floor(x) - ceil(x)",
    "mod(x, 0.7) + abs(x) + exprel(x) + expm1(x)",
    "sin(x) + cos(x) + tan(x) + sinh(x) + cosh(x) + tanh(x) + arctan(x)",
    "arcsin(x / 9) + arccos(x / 9)",
    "log1p(y) + log10(y)", "exprel(0 * x) + exp(1) + sqrt(2) + sqrt(y) + pi",
    "where(x == x, 1, 2) + int(x != y) + int(x <= y)",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_tensors_have_the_values_of_arrays(text: str) -> None:
    rng = np.random.default_rng(0)
    values = {"x": rng.normal(size=(3, 5)), "y": rng.uniform(0.1, 2.0, (3, 5)), "z": 0.37}
    expression = parse_expression(text, "test")
    tensors = {k: torch.as_tensor(v) if np.ndim(v) else v for k, v in values.items()}
    found = tensor_function(expression)({**tensors, ONE: torch.ones((), dtype=torch.float64)})
    np.testing.assert_allclose(found.numpy(), np.broadcast_to(evaluate(expression, values), found.shape), rtol=1e-13)


def test_exprel_has_its_slope_at_zero() -> None:
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    function = tensor_function(parse_expression("exprel(x)", "test"))
    function({"x": x, ONE: torch.ones((), dtype=torch.float64)}).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [0.5]
