"""The clique memory against its formulas and the measured table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import ClusteredMemory, theory

pytestmark = pytest.mark.filterwarnings("ignore:ClusteredMemory")


def messages(rows: int, clusters: int, units: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, units, (rows, clusters))


def erased(rows: np.ndarray, count: int, seed: int = 1) -> np.ndarray:
    rng, cues = np.random.default_rng(seed), rows.copy()
    for cue in cues:
        cue[rng.permutation(cue.size)[:count]] = -1
    return cues


TABLE = [  # c, l, erased, messages, simulated density, error of one round, error of iterated decoding
    (4, 64, 1, 500, 0.1151, 0.085, 0.10),
    (4, 64, 1, 1000, 0.2168, 0.58, 0.49),
    (8, 64, 4, 500, 0.1151, 0.08, 0.00),
    (8, 64, 4, 1000, 0.2169, 0.45, 0.025),
    (8, 64, 4, 1500, 0.3074, 0.895, 0.11),
    (8, 256, 4, 5000, 0.0735, 0.045, 0.000),
    (8, 256, 4, 10000, 0.1416, 0.40, 0.000),
    (8, 256, 4, 15000, 0.2048, 0.845, 0.030),
]


@pytest.mark.parametrize(("c", "l", "gone", "stored", "density", "once", "iterated"), TABLE)
def test_density_and_errors(
    c: int, l: int, gone: int, stored: int, density: float, once: float, iterated: float
) -> None:
    x = messages(stored, c, l)
    memory = ClusteredMemory(c, l).store(x)
    assert memory.density == pytest.approx(density, abs=0.0015)
    assert memory.density == pytest.approx(theory.clique_density(l, stored), abs=0.0015)
    cues = erased(x[:200], gone)
    first = (memory.recall(cues, max_steps=1).state != x[:200]).any(axis=1).mean()
    last = (memory.recall(cues).state != x[:200]).any(axis=1).mean()
    # 200 trials there and here, each with a standard error up to 0.035; messages share edges.
    assert first == pytest.approx(once, abs=0.12)
    assert first == pytest.approx(theory.clique_error(c, l, stored, gone), abs=0.12)
    assert last == pytest.approx(iterated, abs=0.11)


def test_stored_messages_are_cliques_and_fixed_points() -> None:
    x = messages(30, 5, 70)
    memory = ClusteredMemory(5, 70).store(x)
    found = memory.recall(x)
    assert np.array_equal(found.state, x)
    assert found.energy.tolist() == [-10.0] * 30
    links = memory.connections.reshape(350, 350)
    assert np.array_equal(links, links.T)
    assert not any(memory.connections[a, :, a].any() for a in range(5))


def test_counting_neighbours_is_worse_when_several_are_active() -> None:
    x = messages(1200, 8, 64)
    cues = erased(x[:200], 4)
    errors = [
        (ClusteredMemory(8, 64, rule).store(x).recall(cues).state != x[:200]).any(axis=1).mean()  # type: ignore[arg-type]
        for rule in ("sum-of-max", "sum-of-sum")
    ]
    assert errors[1] > errors[0] + 0.1


def test_capacity_is_where_one_round_fails_once_in_ten() -> None:
    memory = ClusteredMemory(8, 64)
    assert theory.clique_error(8, 64, round(memory.capacity().patterns), 4) == pytest.approx(0.1, abs=0.002)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ClusteredMemory(3, 4).store([0, 4, 1]), "patterns must be whole numbers from 0 to 3, got 4"),
        (lambda: ClusteredMemory(3, 4).store([0, 1, 1]).recall([-2, 1, 1]), "cue must be whole numbers from -1 to 3"),
        (lambda: ClusteredMemory(3, 4, "max"), "rule must be 'sum-of-max' or 'sum-of-sum'"),  # type: ignore[arg-type]
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
