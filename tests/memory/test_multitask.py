"""The multitasking network against theory and its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import Hopfield, MultitaskHopfield, theory
from tests.memory.bits import bipolar

pytestmark = pytest.mark.filterwarnings("ignore:MultitaskHopfield", "ignore:Hopfield")


def diluted(rows: int, units: int, dilution: float, seed: int = 0) -> np.ndarray:
    kept = np.random.default_rng(seed + 1000).random((rows, units)) >= dilution
    return (bipolar(rows, units, seed) * kept).astype(np.int8)


def sorted_overlaps(memory: MultitaskHopfield, state: np.ndarray) -> np.ndarray:
    return -np.sort(-np.abs(memory.overlaps(state)))


TABLE = {  # dilution: overlaps from the hierarchical start, from the first pattern with random fill, and of theory
    0.3: ((0.703, 0.208, 0.061), (0.703, 0.217, 0.065), (0.700, 0.210, 0.063)),
    0.5: ((0.500, 0.248, 0.121), (0.501, 0.256, 0.125), (0.500, 0.250, 0.125)),
    0.7: ((0.280, 0.223, 0.159), (0.285, 0.223, 0.166), (0.2865, 0.2235, 0.1605)),
    0.9: ((0.101, 0.093, 0.079), (0.103, 0.092, 0.080), (0.0995, 0.0905, 0.0815)),
}


@pytest.mark.parametrize("d", TABLE)
def test_overlaps_of_three_patterns_are_those_of_theory(d: float) -> None:
    found: list[list[np.ndarray]] = [[], []]
    for seed in range(6):
        x = diluted(3, 4000, d, seed)
        memory = MultitaskHopfield(4000).store(x)
        filled = np.where(x[0] != 0, x[0], bipolar(1, 4000, seed + 50)[0])
        for kind, start in enumerate((memory.hierarchical_state(seed), filled)):
            found[kind].append(sorted_overlaps(memory, memory.recall(start, seed=seed).state))
    for kind in range(2):
        assert np.mean(found[kind], axis=0) == pytest.approx(TABLE[d][kind], abs=0.02)
        assert np.mean(found[kind], axis=0) == pytest.approx(TABLE[d][2], abs=0.02)


def test_the_hierarchical_state_is_fixed_below_the_critical_dilution_only() -> None:
    changed = []
    for d in (theory.critical_dilution(4) - 0.06, theory.critical_dilution(4) + 0.06):
        memory = MultitaskHopfield(20_000).store(diluted(4, 20_000, d))
        start = memory.hierarchical_state()
        assert memory.overlaps(start) == pytest.approx(theory.hierarchical_overlaps(4, d), abs=0.02)
        touched = (memory._factors != 0).any(axis=0)
        changed.append((memory.recall(start).state != start)[touched].mean())
    assert changed[0] < 1e-3 < changed[1]


def test_finite_temperature_overlaps_are_those_of_theory() -> None:
    x = diluted(2, 20_000, 0.4)
    memory = MultitaskHopfield(20_000).store(x)
    state = memory.recall(memory.hierarchical_state(), temperature=0.2, max_steps=30).state
    assert memory.overlaps(state) == pytest.approx(theory.multitask_overlaps(2, 0.4, 0.2), abs=0.015)


def test_without_dilution_it_is_the_hopfield_network() -> None:
    x, states = bipolar(5, 61), bipolar(4, 61, seed=2)
    memory, pairs = MultitaskHopfield(61).store(x), Hopfield(61).store(x)
    assert np.allclose(memory.weights, pairs.weights, atol=1e-15)
    assert memory.energy(states) == pytest.approx(pairs.energy(states))


def test_a_unit_without_field_is_set_by_a_fair_coin() -> None:
    x = diluted(3, 4000, 0.9)
    memory = MultitaskHopfield(4000).store(x)
    free = (x == 0).all(axis=0)
    state = memory.recall(np.ones(4000, dtype=int)).state
    assert abs(state[free].mean()) < 4 / np.sqrt(free.sum())


@pytest.mark.parametrize("supervised", [True, False])
def test_many_noisy_examples_teach_the_pattern(supervised: bool) -> None:
    x, rng = diluted(2, 3000, 0.3), np.random.default_rng(5)
    memory = MultitaskHopfield(3000)
    for row in x:
        memory.store_examples(row * rng.choice([1, -1], p=[0.8, 0.2], size=(40, 3000)), supervised=supervised)
    state = memory.recall(np.where(x[0] != 0, x[0], 1)).state
    overlaps = np.abs(x.astype(float) @ state / 3000)
    assert overlaps == pytest.approx(theory.hierarchical_overlaps(2, 0.3), abs=0.04)


def test_forgetting_equals_never_having_learned() -> None:
    x = diluted(4, 50, 0.5)
    memory = MultitaskHopfield(50).store(x).forget(x[1])
    assert np.array_equal(memory.weights, MultitaskHopfield(50).store(x[[0, 2, 3]]).weights)
    with pytest.raises(NeuroclError, match="pattern 0 to forget is not stored"):
        memory.forget(x[1])


def test_an_entry_of_two_is_refused() -> None:
    wrong: Any = [1, 0, 2]
    with pytest.raises(NeuroclError, match=r"patterns must consist of -1, 0 and \+1, got 2"):
        MultitaskHopfield(3).store(wrong)
