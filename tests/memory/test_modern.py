"""The modern Hopfield network against its definition and its theorems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.memory import ModernHopfield, theory
from neurocl.memory._softmax import BLOCK, associate


def gaussian(rows: int, units: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, units))


def on_sphere(rows: int, units: int, norm: float, seed: int = 0) -> np.ndarray:
    x = gaussian(rows, units, seed)
    return norm * x / np.linalg.norm(x, axis=1, keepdims=True)


def softmax(z: np.ndarray) -> np.ndarray:
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("patterns", [1, 31, 33, BLOCK, 2 * BLOCK + 7])
@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-5), ("float64", 1e-13)])
def test_the_blocked_softmax_is_the_plain_one(rows: int, patterns: int, dtype: str, error: float) -> None:
    q, k, v = (gaussian(n, 20, seed).astype(dtype) for seed, n in enumerate((rows, patterns, patterns)))
    expected = softmax(2.0 * q.astype(float) @ k.T.astype(float)) @ v
    assert np.abs(associate(q, k, v, 2.0) - expected).max() <= error


def test_large_scores_do_not_overflow() -> None:
    x = 300.0 * np.eye(50)
    assert np.array_equal(ModernHopfield(50).store(x).update(x), x)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.floats(0.05, 5.0), st.integers(0, 10**6))
def test_no_update_raises_the_energy_which_stays_in_its_bounds(p: int, beta: float, seed: int) -> None:
    memory = ModernHopfield(8, beta, "float64").store(gaussian(p, 8, seed))
    states = gaussian(4, 8, seed + 1)
    energies = [memory.energy(states)]
    for _ in range(5):
        states = memory.update(states)
        energies.append(memory.energy(states))
    assert (np.diff(energies, axis=0) <= 1e-12).all()
    assert min(energies[-1]) >= -1e-12
    assert max(energies[-1]) <= 2 * memory.largest_norm**2


def test_fixed_points_are_one_pattern_a_cluster_or_the_average_of_all() -> None:
    cluster = on_sphere(1, 40, 6.0) + 0.15 * gaussian(4, 40, seed=1)
    x = np.vstack([on_sphere(6, 40, 6.0, seed=2), cluster])
    sharp, flat = ModernHopfield(40, 1.0, "float64").store(x), ModernHopfield(40, 1e-3, "float64").store(x)
    single = sharp.recall(x[0] + 0.1)
    assert single.converged and sharp.patterns_in(single.state) == 1
    assert np.allclose(single.state, x[0], atol=1e-4)
    close = sharp.recall(cluster.mean(axis=0))
    assert 1 < sharp.patterns_in(close.state) <= 4
    assert np.allclose(flat.recall(x[0]).state, x.mean(axis=0), atol=0.05)
    assert flat.patterns_in(flat.recall(x[0]).state) == 9


@pytest.mark.parametrize(
    ("d", "n", "beta", "separated"), [(64, 100, 1.0, 1.0), (64, 1000, 0.5, 0.88), (128, 1000, 0.25, 1.0)]
)
def test_one_update_is_within_the_bound_of_the_theorem(d: int, n: int, beta: float, separated: float) -> None:
    x = on_sphere(n, d, d**0.5, seed=3)
    memory = ModernHopfield(d, beta, "float64").store(x)
    error = np.linalg.norm(memory.update(x[:50]) - x[:50], axis=1)
    bounds = [theory.retrieval_bound(n, beta, d**0.5, delta) for delta in memory.separation()[:50]]
    assert (error <= np.array(bounds) + 1e-13).all()
    # The table is of one draw; the share scatters by the few patterns near the threshold.
    assert memory.well_separated().mean() == pytest.approx(separated, abs=0.06)


def test_separation_is_that_of_all_pairs() -> None:
    x = gaussian(12, 5)
    scores = x @ x.T
    expected = [scores[i, i] - max(scores[i, j] for j in range(12) if j != i) for i in range(12)]
    assert ModernHopfield(5, dtype="float64").store(x).separation() == pytest.approx(expected)


def test_rows_stop_on_their_own() -> None:
    memory = ModernHopfield(10, 0.5, "float64").store(gaussian(30, 10))
    cues = gaussian(6, 10, seed=4)
    together, alone = memory.recall(cues), [memory.recall(cue) for cue in cues]
    assert together.steps.tolist() == [r.steps for r in alone]
    assert len(set(together.steps.tolist())) > 1
    assert np.allclose(together.state, [r.state for r in alone], atol=1e-12)


def test_torch_gives_what_numpy_gives() -> None:
    torch = pytest.importorskip("torch")
    x, cues = gaussian(50, 12), gaussian(4, 12, seed=2)
    expected = ModernHopfield(12, 0.7, "float64").store(x).recall(cues)
    found = ModernHopfield(12, 0.7, "float64", device="cpu").store(torch.tensor(x)).recall(torch.tensor(cues))
    assert np.allclose(found.state.numpy(), expected.state, atol=1e-12)
    assert found.steps.tolist() == expected.steps.tolist()
    assert np.allclose(found.energy.numpy(), expected.energy, atol=1e-12)


def test_forgetting_takes_one_copy_out() -> None:
    x = gaussian(5, 4)
    memory = ModernHopfield(4).store(x).store(x[2]).forget(x[2])
    assert memory.n_stored == 5
    with pytest.raises(NeuroclError, match="pattern 1 to forget is not stored"):
        memory.forget([x[0], x[0]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ModernHopfield(4, beta=0.0), "beta must be > 0, got 0.0"),
        (lambda: ModernHopfield(4, dtype="float16"), "dtype must be one of float32, float64"),
        (lambda: ModernHopfield(4, device="abacus"), "device|needs torch"),
        (lambda: ModernHopfield(2).store([1.0, float("nan")]), "patterns must be finite, got nan"),
        (lambda: ModernHopfield(2).recall([1.0, 2.0]), "the memory is empty; store patterns first"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
