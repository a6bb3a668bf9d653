"""Columns of Sparsey over images: their codes, the naive Bayes readout, and single-trial accuracy."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.data import digits
from neurocl.memory.sparsey_field import SparseyField


def images(n: int, side: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, side * side)) < 0.4


def test_columns_stop_learning_at_their_share_and_count_every_image_once() -> None:
    field = SparseyField(8, 3, patch=4, stride=2, n_cells=16, freeze=0.2)
    labels = np.arange(300) % 3
    field.learn(images(300), labels)
    shares = field.weights.mean(axis=(1, 2))
    assert np.array_equal(field.n_set, field.weights.sum(axis=(1, 2), dtype=np.int64))
    # One more pattern sets at most 16 of the features, bright or dark, to 4 winners.
    assert ((shares >= 0.2) & (shares < 0.2 + 16 * 4 / (32 * 64))).all()
    assert (field.counts.sum(axis=1) == 100).all()
    frozen = field.weights.copy()
    field.learn(images(50, seed=1), labels[:50])
    assert np.array_equal(field.weights, frozen)


def test_an_image_that_was_learned_is_recognised_by_its_code() -> None:
    field = SparseyField(8, 2, patch=4, stride=4, n_cells=64, freeze=0.9)
    shown = images(20)
    codes = field._codes(shown, learn=True)
    assert (field.codes(shown) == codes).mean() > 0.95


def test_scores_are_those_of_naive_bayes() -> None:
    field = SparseyField(6, 2, patch=3, stride=3, n_cells=4)
    shown, labels = images(40, side=6), np.arange(40) % 2
    field.learn(shown, labels)
    scores = field.scores(shown[:1])[0]
    for c in range(2):
        expected = np.log(21 / 42)
        for j, winner in enumerate(field.codes(shown[:1])[0]):
            expected += np.log((field.counts[j, winner, c] + 1) / (20 + 4))
        assert scores[c] == pytest.approx(expected)


def test_digits_are_learned_in_one_pass() -> None:
    data = digits().flat()
    field = SparseyField(8, 10, patch=3, stride=1)
    field.learn(data.x_train > 0.3, data.y_train)
    assert (field.scores(data.x_test > 0.3).argmax(axis=1) == data.y_test).mean() > 0.85


def test_how_images_are_split_into_calls_changes_nothing() -> None:
    whole, parts = (SparseyField(8, 2, patch=4, seed=3) for _ in range(2))
    labels = np.arange(30) % 2
    whole.learn(images(30), labels)
    for part in np.array_split(np.arange(30), 4):
        parts.learn(images(30)[part], labels[part])
    assert np.array_equal(whole.weights, parts.weights) and np.array_equal(whole.counts, parts.counts)


def test_a_patch_must_fit() -> None:
    with pytest.raises(NeuroclError, match="patch must be at most the 6 pixels"):
        SparseyField(6, 2, patch=7)
