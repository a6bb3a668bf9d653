"""The sparse Hopfield network: its rule, more patterns than the bipolar one holds, falling energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import Hopfield, SparseHopfield
from tests.memory.test_willshaw import sparse


def test_weights_are_the_covariance_of_the_patterns() -> None:
    x = sparse(7, 30, 6)
    expected = np.einsum("mi,mj->ij", x - 0.2, x - 0.2) / (30 * 0.2 * 0.8)
    np.fill_diagonal(expected, 0.0)
    memory = SparseHopfield(30, 0.2).store(x)
    assert np.allclose(memory.weights, expected)
    state = (x[0] | x[1]).astype(float)
    assert memory.energy(state) == pytest.approx(-state @ expected @ state / 2 + 0.3 * state.sum())


def test_sparse_patterns_are_held_far_beyond_the_load_of_the_bipolar_network() -> None:
    x = sparse(500, 1000, 20)  # load 1/2; the bipolar rule holds 0.138
    cues = x * (np.cumsum(x, axis=1) <= 16)
    found = SparseHopfield(1000, 0.02).store(x).recall(cues[:100])
    assert (found.state == x[:100]).all(axis=1).mean() > 0.95
    assert found.converged.all()
    with pytest.warns(UserWarning):
        bipolar = Hopfield(1000).store(2 * x.astype(np.int8) - 1)
    assert (bipolar.recall(2 * cues[:5].astype(np.int8) - 1).state == 2 * x[:5].astype(np.int8) - 1).all(
        axis=1
    ).sum() == 0


def test_recall_never_raises_the_energy() -> None:
    x = sparse(40, 200, 20)
    memory = SparseHopfield(200, 0.1).store(x)
    state, energies = sparse(20, 200, 20, seed=1), []
    for _ in range(5):
        energies.append(memory.energy(state))
        state = memory.recall(state, max_steps=1).state
    assert (np.diff(energies, axis=0) <= 1e-12).all()


def test_a_forgotten_pattern_leaves_no_trace() -> None:
    x = sparse(5, 100, 10)
    memory = SparseHopfield(100, 0.1).store(x).forget(x[3])
    assert np.array_equal(memory.weights, SparseHopfield(100, 0.1).store(x[[0, 1, 2, 4]]).weights)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SparseHopfield(10, 0.0), "activity must lie above 0 and below 1, got 0"),
        (lambda: SparseHopfield(10, 0.1, threshold=float("nan")), "threshold must be a finite number"),
        (lambda: SparseHopfield(3, 0.1).store([1, -1, 1]), "patterns must consist of 0 and 1 .* got -1"),
        (lambda: SparseHopfield(3, 0.3).store([1, 0, 0]).forget([0, 1, 0]), "pattern 0 to forget is not stored"),
        (lambda: SparseHopfield(3, 0.3).store([1, 0, 0]).recall([0, 1, 0], max_steps=0), "max_steps must be"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
