"""Sparsey: the measured table of its code selection, limits of the lottery, sequences, and mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.memory import Sparsey
from neurocl.memory._sparsey_kernels import draw_code
from tests.memory.test_willshaw import sparse

SHARED = (12, 8, 6, 4, 2, 0)
"""Active pixels, of 12, that a variant shares with a stored input: the columns of the table."""


def variant(row: NDArray[Any], shared: int, rng: np.random.Generator) -> NDArray[Any]:
    kept = rng.permutation(np.flatnonzero(row))[:shared]
    others = rng.permutation(np.flatnonzero(row == 0))[: 12 - shared]
    found = np.zeros_like(row)
    found[np.concatenate([kept, others])] = 1
    return found


def drawn(memory: Sparsey, row: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """The code that would be chosen if `row` were learned now."""
    support, code = memory._support(np.flatnonzero(row), np.empty(0, dtype=np.int64)), np.empty(24, dtype=np.int64)
    draw_code(support, rng.random(24), memory.familiarity(row), 0.1, 2.0, 100.0, code)
    return code


@pytest.mark.parametrize(
    ("stored", "matches", "familiarity", "overlaps"),
    [
        (1, 1.000, 0.00, (0.99, 0.98, 0.96, 0.35, 0.13, 0.13)),
        (10, 1.000, 0.18, (0.94, 0.93, 0.90, 0.59, 0.24, 0.14)),
        (30, 0.996, 0.38, (0.64, 0.61, 0.60, 0.51, 0.43, 0.37)),
        (60, 0.924, 0.61, (0.49, 0.49, 0.48, 0.45, 0.43, 0.41)),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparsey")
def test_codes_are_as_alike_as_the_inputs_until_the_weights_fill_up(
    stored: int, matches: float, familiarity: float, overlaps: tuple[float, ...]
) -> None:
    found, match, g, seeds = np.zeros((5, 6)), [], [], 5
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        memory, patterns = Sparsey(144, 12, freeze=1.0, seed=seed), sparse(stored, 144, 12, seed=seed)
        codes = np.empty((stored, 24), dtype=np.int64)
        for k, row in enumerate(patterns):
            g.append(memory.familiarity(row))
            codes[k] = memory.store_sequence(row[None])[0]
        match.append((memory.codes(patterns) == codes).mean())
        for column, shared in enumerate(SHARED):
            for _ in range(30):
                chosen = rng.integers(stored)
                row = variant(patterns[chosen], shared, rng)
                found[seed, column] += (drawn(memory, row, rng) == codes[chosen]).mean() / 30
    assert np.mean(match) == pytest.approx(matches, abs=0.01)
    assert np.mean(g) == pytest.approx(familiarity, abs=0.03)
    # Codes of one memory are alike, so that the error is that of 5 memories on either side; the table compares with the
    # nearest stored input, which from 30 on need not be the one that was varied.
    assert found.mean(axis=0) == pytest.approx(overlaps, abs=0.06 if stored < 30 else 0.13)


def test_a_new_input_gets_a_random_code_and_a_known_one_its_own() -> None:
    share, code, rng = np.zeros(8, dtype=np.float32), np.empty(1, dtype=np.int64), np.random.default_rng(0)
    share[3] = 1.0

    def won(g: float) -> float:
        count = 0
        for _ in range(2000):
            draw_code(share, rng.random(1), g, 0.1, 2.0, 100.0, code)
            count += code[0] == 3
        return count / 2000

    # eta / (eta + K - 1) with eta = 801, and 1 / K; 4 standard errors of 2000 trials.
    assert won(1.0) == pytest.approx(801 / 808, abs=0.009)
    assert won(0.1) == pytest.approx(1 / 8, abs=0.03)


def test_a_part_of_a_pattern_recalls_it() -> None:
    patterns = sparse(10, 144, 12)
    memory = Sparsey(144, 12).store(patterns)
    found = memory.recall(patterns * (np.cumsum(patterns, axis=1) <= 7))
    assert np.array_equal(found.state, patterns)
    assert np.allclose(found.energy, -1.0)


def test_learning_ends_when_the_given_share_of_weights_is_set() -> None:
    memory = Sparsey(40, 8, n_modules=6, n_cells=4, freeze=0.2)
    with pytest.warns(UserWarning, match="30 % of the weights are set"):
        memory.store(sparse(60, 40, 8))
    assert 0.2 <= memory.density < 0.2 + 8 / 160
    frozen = memory.weights.copy()
    memory.store(sparse(5, 40, 8, seed=1))
    assert np.array_equal(memory.weights, frozen)


def test_one_frame_has_different_codes_after_different_pasts_and_each_sequence_goes_on_its_own_way() -> None:
    frames = sparse(9, 144, 12)
    first, second = frames[[0, 1, 4, 2, 3]], frames[[5, 6, 4, 7, 8]]
    memory = Sparsey(144, 12)
    codes = [memory.store_sequence(frames) for frames in (first, second)]
    assert (codes[0][2] == codes[1][2]).mean() < 0.6
    for sequence in (first, second):
        assert np.array_equal(memory.recall_sequence(sequence[:3], steps=2), sequence)


def test_codes_do_not_depend_on_how_patterns_are_split_into_calls() -> None:
    patterns = sparse(6, 144, 12)
    whole, parts = Sparsey(144, 12).store(patterns), Sparsey(144, 12).store(patterns[:2]).store(patterns[2:])
    assert np.array_equal(whole.weights, parts.weights)
    assert not np.array_equal(whole.weights, Sparsey(144, 12, seed=1).store(patterns).weights)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sparsey(5, 6), "n_active must be at most n_units = 5"),
        (lambda: Sparsey(5, 2, n_cells=1), "n_cells must be a whole number >= 2"),
        (lambda: Sparsey(5, 2, g_min=1.0), "g_min must be at least 0 and below 1, got 1"),
        (lambda: Sparsey(5, 2, gamma=0), "gamma must be > 0"),
        (lambda: Sparsey(3, 1).store([0, 2, 1]), "patterns must consist of 0 and 1 .* got 2"),
        (lambda: Sparsey(3, 1).store([0, 0, 0]), "each row of patterns must have at least one active unit"),
        (lambda: Sparsey(3, 1).store([0, 0, 1]).recall([0, 0, 0]), "each row of cue must have at least one active"),
        (lambda: Sparsey(3, 1).recall_sequence([[0, 0, 1]]), "the memory is empty"),
        (lambda: Sparsey(3, 1).store([0, 0, 1]).forget([0, 0, 1]), "cannot be taken out again"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
