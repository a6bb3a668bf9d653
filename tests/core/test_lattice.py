from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.lattice import Lattice

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@given(shape=shapes, spacing=st.floats(0.1, 100), shuffle=st.booleans())
def test_every_site_is_taken_once(shape: list[int], spacing: float, shuffle: bool) -> None:
    lattice = Lattice(shape, spacing, shuffle)
    positions = lattice.positions(lattice.n_sites, np.random.default_rng(0))
    sides = [*shape, 1, 1][:3]
    expected = {(i, j, k) for i in range(sides[0]) for j in range(sides[1]) for k in range(sides[2])}
    assert positions.shape == (lattice.n_sites, 3)
    assert {tuple(row) for row in np.rint(positions / spacing).astype(int).tolist()} == expected
    assert len(expected) == lattice.n_sites


def test_the_last_index_runs_fastest_and_missing_axes_are_zero() -> None:
    rng = np.random.default_rng(0)
    expected = [[0, 0, 0], [0, 2, 0], [0, 4, 0], [2, 0, 0]]
    np.testing.assert_array_equal(Lattice((2, 3), spacing=2.0).positions(4, rng), expected)
    np.testing.assert_array_equal(Lattice((2, 2, 2)).positions(2, rng), [[0, 0, 0], [0, 0, 1]])


def test_shuffling_depends_on_the_generator_only_and_spreads_a_slice_over_the_box() -> None:
    lattice = Lattice((10, 10, 10), shuffle=True)
    first, again = (lattice.positions(500, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != lattice.positions(500, np.random.default_rng(8))).any()
    # A site's coordinate has mean 4.5 and sd 2.87: the mean of 500 has sd 0.09 (without replacement).
    np.testing.assert_allclose(first.mean(axis=0), 4.5, atol=0.45)


def test_fields_survive_json() -> None:
    lattice = Lattice((4, 5), 0.5, True)
    again = Lattice(**json.loads(json.dumps(asdict(lattice))))
    assert again == lattice
    assert hash(again) == hash(lattice)


def test_too_many_neurons_are_refused() -> None:
    with pytest.raises(NeuroclError, match=r"Lattice\(shape=\(5, 5\)\) has 25 sites, too few for 26 neurons"):
        Lattice((5, 5)).positions(26, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": ()}, "shape must be a tuple of 1 to 3 whole numbers"),
        ({"shape": (1, 1, 1, 1)}, "shape must be a tuple of 1 to 3 whole numbers"),
        ({"shape": 10}, "shape must be a tuple of 1 to 3 whole numbers, got 10"),
        ({"shape": (2, 0)}, "each entry of shape must be a whole number >= 1, got 0"),
        ({"shape": (2.5,)}, "each entry of shape must be a whole number >= 1, got 2.5"),
        ({"spacing": 0}, "spacing must be > 0, got 0"),
        ({"spacing": float("nan")}, "spacing must be a finite number, got nan"),
        ({"shuffle": 1}, "shuffle must be True or False, got 1"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(NeuroclError, match=f"^Lattice: {message}"):
        Lattice(**arguments)
