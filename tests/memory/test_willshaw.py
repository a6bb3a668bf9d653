"""Willshaw's memory against its definition and its formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import Willshaw, theory


def sparse(rows: int, units: int, active: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    patterns = np.zeros((rows, units), dtype=np.uint8)
    chosen = np.argpartition(rng.random((rows, units)), active, axis=1)[:, :active]
    np.put_along_axis(patterns, chosen, 1, axis=1)
    return patterns


def test_pairs_are_stored_by_or_and_recalled_by_threshold() -> None:
    x, y = sparse(20, 70, 5), sparse(20, 40, 4, seed=1)
    memory = Willshaw(70, 5, n_outputs=40).store(x, y)
    matrix = (y.astype(int).T @ x) > 0
    assert np.array_equal(memory.connections, matrix)
    found = memory.recall(x)
    sums = x.astype(int) @ matrix.T
    assert np.array_equal(found.state, sums >= 5)
    assert found.energy.tolist() == (-(sums * found.state).sum(axis=1)).tolist()


def test_a_part_of_a_pattern_recalls_it() -> None:
    x = sparse(100, 400, 10)
    cues = x * (np.cumsum(x, axis=1) <= 7)
    found = Willshaw(400, 10).store(x).recall(cues)
    assert np.array_equal(found.state, x)
    assert found.energy.tolist() == [-45.0] * 100


@pytest.mark.parametrize(("n", "k", "patterns", "known"), [(1000, 10, 6931, 1.21), (2000, 11, 22913, 1.17)])
def test_load_and_false_ones_at_half_load(n: int, k: int, patterns: int, known: float) -> None:
    # Patterns are paired with others: a pattern with itself sets k (k - 1) connections, not k^2.
    x, y = sparse(patterns, n, k), sparse(patterns, n, k, seed=1)
    memory = Willshaw(n, k, n_outputs=n).store(x, y)
    assert memory.density == pytest.approx(theory.willshaw_load(n, k, patterns), abs=0.003)
    false = memory.recall(x[:2000]).state.sum(axis=1) - k
    # Standard error of 2000 counts of about 1.2, with some spread between sets of patterns.
    assert false.mean() == pytest.approx(known, abs=0.12)
    assert false.mean() >= theory.willshaw_false_ones(n, k, patterns)


def test_more_patterns_than_capacity_warn() -> None:
    with pytest.warns(UserWarning, match="half of the connections are set"):
        Willshaw(50, 5).store(sparse(70, 50, 5))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Willshaw(5, 6), "n_active must be at most n_units = 5"),
        (lambda: Willshaw(3, 1).store([0, 2, 1]), "patterns must consist of 0 and 1 .* got 2"),
        (lambda: Willshaw(3, 1).store([0, 0, 1], [0, 1]), "give targets if, and only if"),
        (lambda: Willshaw(3, 1, 2).store([0, 0, 1]), "give targets if, and only if"),
        (lambda: Willshaw(3, 1, 2).energy([0, 0, 1]), "belongs to cue and output"),
        (lambda: Willshaw(3, 1).store([0, 0, 1]).forget([0, 0, 1]), "cannot be taken out again"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
