"""Key-value memories against their definition, and a trained layer as a memory of its training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import KeyValueMemory

pytestmark = pytest.mark.filterwarnings("ignore:KeyValueMemory")


def pairs(n: int, seed: int = 0, d: int = 12, values: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    keys = rng.normal(size=(n, d))
    return keys / np.linalg.norm(keys, axis=1, keepdims=True), rng.normal(size=(n, values))


def test_the_matrix_is_the_sum_over_pairs() -> None:
    keys, values = pairs(9)
    queries = pairs(4, seed=1)[0]
    found = KeyValueMemory(12, 3).store(keys, values).recall(queries)
    assert np.allclose(found.state, (queries @ keys.T) @ values, atol=1e-14)


@pytest.mark.parametrize("separation", ["softmax", "top-k", "power"])
def test_kernels_weigh_values_by_similarity(separation: Any) -> None:
    keys, values = pairs(9)
    queries = pairs(4, seed=1)[0]
    scores = queries @ keys.T
    kept = scores >= np.sort(scores, axis=1)[:, [-3]] if separation == "top-k" else np.ones_like(scores, dtype=bool)
    shares = np.maximum(scores, 0.0) ** 2 if separation == "power" else np.exp(5.0 * scores) * kept
    expected = shares / shares.sum(axis=1, keepdims=True) @ values
    memory = KeyValueMemory(12, 3, separation, beta=5.0, k=3, power=2.0).store(keys, values)
    assert np.allclose(memory.recall(queries).state, expected, atol=1e-12)
    assert memory.energy(values[:4], queries) == pytest.approx(-(values[:4] * expected).sum(axis=1))


def test_a_query_unlike_all_keys_recalls_nothing() -> None:
    memory = KeyValueMemory(2, 1, "power").store([[1.0, 0.0]], [[5.0]])
    assert memory.recall([-1.0, 0.0]).state.tolist() == [0.0]


def test_softmax_separates_more_pairs_than_the_matrix() -> None:
    keys, values = pairs(60, d=24)
    linear, sharp = KeyValueMemory(24, 3), KeyValueMemory(24, 3, "softmax", beta=40.0)
    errors = [np.mean((m.store(keys, values).recall(keys).state - values) ** 2) for m in (linear, sharp)]
    # Crosstalk of the matrix: n / d of the variance of a value.
    assert errors[0] == pytest.approx(60 / 24, rel=0.3)
    assert errors[1] < 1e-3


def test_the_delta_rule_corrects_what_hebb_adds_up() -> None:
    keys, values = pairs(8)
    memory = KeyValueMemory(12, 3)
    for _ in range(300):
        memory.store(keys, values, rate=0.5)
    assert np.allclose(memory.recall(keys).state, values, atol=1e-3)


def test_a_layer_trained_by_gradient_descent_is_attention_over_its_training() -> None:
    rng = np.random.default_rng(3)
    x, y, w = rng.normal(size=(30, 12)), rng.normal(size=(30, 3)), np.zeros((3, 12))
    memory = KeyValueMemory(12, 3)
    for k in range(30):
        output_error = w @ x[k] - y[k]
        w -= 0.05 * np.outer(output_error, x[k])
        memory.store(x[k], -0.05 * output_error)
    query = rng.normal(size=12)
    assert np.allclose(memory.recall(query).state, w @ query, atol=1e-13)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KeyValueMemory(2, 1, "argmax"), "separation must be one of"),  # type: ignore[arg-type]
        (lambda: KeyValueMemory(2, 1).store([1, 2]), "give the targets"),
        (lambda: KeyValueMemory(2, 1).store([[1, 2], [3, 4]], [[1]]), "one target per pattern, got 1 for 2"),
        (lambda: KeyValueMemory(2, 1, "power").store([1, 2], [1], rate=0.1), "needs separation='identity'"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
