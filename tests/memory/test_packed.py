"""Packed patterns against products of plain arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.memory import PackedPatterns
from neurocl.memory._bits import common_ones, pack, unpack, weighted_sum
from tests.memory.bits import bipolar


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 200), st.integers(0, 10**6))
def test_overlaps_and_nearest_are_those_of_the_products(rows: int, units: int, seed: int) -> None:
    x, cues = bipolar(rows, units, seed), bipolar(3, units, seed + 1)
    packed, expected = PackedPatterns(x), cues.astype(int) @ x.T
    assert np.array_equal(packed.overlaps(cues), expected)
    k = min(4, rows)
    assert np.array_equal(packed.nearest(cues, k), np.argsort(-expected, axis=1, kind="stable")[:, :k])
    assert np.array_equal(unpack(pack(x > 0), units), x > 0)


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_compiled_sums_are_matrix_products(rows: int) -> None:
    x, bits = bipolar(rows, 70), bipolar(rows, 70) > 0
    weights = np.arange(-3, rows - 3, dtype=np.int32)
    result = np.empty(70, dtype=np.int32)
    weighted_sum(weights, x, result)
    assert np.array_equal(result, weights @ x.astype(np.int32))
    cue = bipolar(1, 70, seed=2) > 0
    common = np.empty(rows, dtype=np.int32)
    common_ones(pack(bits), pack(cue)[0], common)
    assert np.array_equal(common, (bits & cue).sum(axis=1))


def test_asking_for_more_than_there_are_is_refused() -> None:
    with pytest.raises(NeuroclError, match="k must be at most 3"):
        PackedPatterns(bipolar(3, 8)).nearest(bipolar(1, 8)[0], k=4)
