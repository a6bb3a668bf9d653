"""Consolidated Hebbian learning against the tails of the binomial law and the memories without noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import ClusteredMemory, ConsolidatingMemory, Willshaw, theory


def sparse(rows: int, units: int, active: int, seed: int = 0) -> np.ndarray:
    order = np.argsort(np.random.default_rng(seed).random((rows, units)), axis=1)
    return order < active


def one_hot(messages: np.ndarray, units: int) -> np.ndarray:
    return (messages[:, :, None] == np.arange(units)).reshape(len(messages), -1)


def test_edges_consolidate_as_often_as_theory_says() -> None:
    tails = theory.consolidation(10, 5, erasure=0.3, insertion=0.2)
    counts = np.zeros(3)
    x = sparse(1, 60, 20)[0]
    pairs = np.add.outer(x.astype(int), x.astype(int))[~np.eye(60, dtype=bool)]
    for seed in range(60):
        # No limit: as many units as there are may stay active.
        memory = ConsolidatingMemory(60, 60, erasure=0.3, insertion=0.2, threshold=5).store(x, seed=seed)
        links = memory.connections[~np.eye(60, dtype=bool)]
        counts += [links[pairs == both].mean() for both in (2, 1, 0)]
    # Edges of a unit are correlated; the standard error over 60 runs is about 0.01 for the first.
    assert counts / 60 == pytest.approx(tails, abs=0.03)


def test_without_noise_it_learns_the_connections_of_willshaws_memory() -> None:
    x = sparse(30, 100, 6)
    found = ConsolidatingMemory(100, 6).store(x, presentations=3)
    assert np.array_equal(found.connections, Willshaw(100, 6).store(x).connections)


def test_through_noise_it_learns_the_cliques_and_recalls_as_well() -> None:
    messages = np.random.default_rng(0).integers(0, 32, (150, 8))
    x = one_hot(messages, 32)
    memory = ConsolidatingMemory(256, 8, 8, erasure=0.1, insertion=0.01, decay=0.05, threshold=3)
    memory.store(x, presentations=15)
    clean = ClusteredMemory(8, 32).store(messages)
    c = np.arange(8)
    links = memory.connections.reshape(8, 32, 8, 32).copy()
    links[c, :, c] = False
    true = clean.connections
    possible = ~np.eye(8, dtype=bool)[:, None, :, None] & ~true
    assert links[true].mean() >= 0.999
    assert links[possible].mean() < 1e-3
    cues = messages.copy()
    cues[:, 4:] = -1
    wrong = (memory.recall(one_hot(cues, 32)).state != x).any(axis=1).mean()
    wrong_clean = (clean.recall(cues).state != messages).any(axis=1).mean()
    assert abs(wrong - wrong_clean) <= 2 * np.sqrt(max(wrong_clean, 0.02) * (1 - wrong_clean) / 150) + 1e-12


def test_the_energy_limit_keeps_the_supported_units() -> None:
    x = np.arange(40) < 5
    memory = ConsolidatingMemory(40, 5, threshold=1).store(x, presentations=1)
    noisy = np.flatnonzero(np.arange(40) < 9)
    kept = memory._limited(noisy, np.random.default_rng(0))
    assert sorted(kept) == [0, 1, 2, 3, 4]


def test_a_trace_decays_between_presentations_and_a_connection_does_not() -> None:
    a, b = np.arange(20) < 3, np.arange(20) >= 17
    memory = ConsolidatingMemory(20, 3, decay=0.5, threshold=2)
    memory.store(a, presentations=1).store(b, presentations=4).store(a, presentations=1)
    assert not memory.connections[0, 1] and memory.trace[0, 1] == 1.0
    assert memory.connections[18, 19]
    assert memory.recall(b).energy == -3.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConsolidatingMemory(10, 3, 3), "n_clusters must be equal to n_active and divide n_units"),
        (lambda: ConsolidatingMemory(10, 3, erasure=1.5), "erasure is a probability"),
        (lambda: ConsolidatingMemory(4, 2, 2).store([1, 1, 0, 1]), "must have one active unit in each of 2 clusters"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
