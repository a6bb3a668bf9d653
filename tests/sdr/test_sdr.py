"""The SDR type, its algebra and batches: sets of bits, checked against Python's sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.sdr import (
    SDR,
    MersenneTwister,
    SDRBatch,
    add_noise,
    concatenate,
    intersection,
    kill_cells,
    overlap,
    subsample,
    union,
)
from tests.bad_input import Mistake, cases, check

bits = st.sets(st.integers(0, 199))


def test_every_form_tells_the_same_bits() -> None:
    sdr = SDR((3, 70), [209, 0, 64, 140])
    dense = sdr.dense()
    assert dense.shape == (3, 70) and dense.sum() == sdr.n_active == 4 and sdr.sparsity == 4 / 210
    assert SDR.from_dense(dense) == sdr == SDR.from_coordinates((3, 70), sdr.coordinates())
    assert [int(word) for word in sdr.words] == [1, 1, 1 << 12, 1 << 17]
    assert sdr.at((2, 69)) and not sdr.at((2, 68))
    assert sdr.reshape(210) != sdr and sdr.reshape(210).reshape((3, 70)) == sdr
    assert repr(sdr) == "SDR( 3, 70 ) 0, 64, 140, 209" and repr(SDR(5)) == "SDR( 5 )"
    assert len({sdr, SDR((3, 70), [0, 64, 140, 209])}) == 1


def test_an_sdr_cannot_be_changed() -> None:
    sdr = SDR(10, [3])
    with pytest.raises(ValueError, match="read-only"):
        sdr.indices[0] = 4
    with pytest.raises(ValueError, match="read-only"):
        sdr.words[0] = 4


@given(bits, bits, bits)
def test_algebra_is_that_of_sets(a: set[int], b: set[int], c: set[int]) -> None:
    x, y, z = (SDR(200, sorted(s)) for s in (a, b, c))
    assert overlap(x, y) == len(a & b)
    assert set(union(x, y, z).indices.tolist()) == a | b | c
    assert set(intersection(x, y, z).indices.tolist()) == a & b & c
    assert set(concatenate(x, y).indices.tolist()) == a | {200 + i for i in b}


@given(st.integers(0, 2), st.integers(0, 2**31))
def test_concatenation_is_that_of_arrays(axis: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [[2, 3, 4], [2, 3, 4]]
    shapes[1][axis] = 5
    parts = [rng.random(shape) < 0.3 for shape in shapes]
    joined = concatenate(*map(SDR.from_dense, parts), axis=axis)
    assert np.array_equal(joined.dense(), np.concatenate(parts, axis=axis))


@given(st.floats(0, 1), st.integers(0, 2**31), st.booleans())
def test_noise_moves_its_share_of_the_bits(fraction: float, seed: int, reference: bool) -> None:
    sdr = SDR.random(500, 0.1, seed)
    noisy = add_noise(sdr, fraction, MersenneTwister(seed) if reference else seed)
    assert noisy.n_active == sdr.n_active == 50
    assert overlap(sdr, noisy) == 50 - int(fraction * 50 + 0.5)


def test_dead_cells_stay_dead_and_samples_stay_inside() -> None:
    everything = SDR(100, np.arange(100))
    alive = kill_cells(everything, 0.25, seed=3)
    assert alive.n_active == 75 and alive == kill_cells(everything, 0.25, seed=3)
    sample = subsample(alive, 20, rng=1)
    assert sample.n_active == overlap(sample, alive) == 20


def test_the_twister_is_that_of_numpy() -> None:
    ours = MersenneTwister(42)
    words = np.random.MT19937()
    words._legacy_seeding(42)  # type: ignore[attr-defined]
    raw = words.random_raw(2000)
    assert [ours.below(2**32) for _ in range(2000)] == raw.tolist()


def test_the_twister_shuffles_in_place_and_draws_in_single_precision() -> None:
    ours, theirs = MersenneTwister(5), MersenneTwister(5)
    letters = list("abcdef")
    ours.shuffle(letters)
    assert letters == ["abcdef"[k] for k in theirs.sample(np.arange(6), 6)] != list("abcdef")
    low, width = np.float32(0.1), np.float32(0.9) - np.float32(0.1)
    assert ours.uniform(0.1, 0.9) == low + np.float32(float(width) * theirs.real())


@pytest.mark.parametrize("seed", [1, np.int64(1)])
def test_rows_of_a_random_batch_differ(seed: int) -> None:
    assert list(SDRBatch.random(4, 100, 5, seed)) == list(SDRBatch.random(4, 100, 5, np.random.default_rng(1)))
    assert len(set(SDRBatch.random(4, 100, 5, seed))) == 4


@pytest.mark.parametrize(("size", "n_active"), [(200, 60), (2048, 40), (65, 65)])
def test_both_forms_of_overlap_agree_with_sets(size: int, n_active: int) -> None:
    batch = SDRBatch.random(50, size, n_active, rng=1)
    query = SDR.random(size, n_active / size, rng=2)
    expected = [len(set(query.indices.tolist()) & set(sdr.indices.tolist())) for sdr in batch]
    assert batch.overlaps(query).tolist() == batch.overlaps(query, "packed").tolist() == expected
    rows, found = batch.top(query, 7)
    assert rows.tolist() == sorted(range(50), key=lambda k: (-expected[k], k))[:7]
    assert found.tolist() == [expected[k] for k in rows]
    assert batch.union() == union(*batch)


def test_a_batch_gives_back_its_sdrs() -> None:
    sdrs = [SDR((4, 5), [1, 2]), SDR((4, 5)), SDR((4, 5), [19])]
    batch = SDRBatch.of(sdrs)
    assert list(batch) == sdrs and len(batch) == 3 and batch[-1] == sdrs[2]
    with pytest.raises(IndexError):
        batch[3]


def test_files_give_back_what_was_saved(tmp_path: Path) -> None:
    sdr, empty, batch = SDR((4, 5), [1, 7]), SDR(9), SDRBatch.random(5, (8, 8), 6, rng=0)
    for thing in (sdr, empty):
        thing.save(tmp_path / "sdr")
        assert SDR.load(tmp_path / "sdr") == thing
    batch.save(tmp_path / "batch")
    assert list(SDRBatch.load(tmp_path / "batch")) == list(batch)
    with pytest.raises(ncl.NeuroclError, match="not a saved neurocl SDR"):
        SDR.load(tmp_path / "batch")
    (tmp_path / "sdr").write_bytes(b"cut")
    with pytest.raises(ncl.NeuroclError, match="not a safetensors file"):
        SDR.load(tmp_path / "sdr")


@cases(
    [
        (lambda: SDR(10, [10]), "index 10", "0 to 9"),
        (lambda: SDR(10, [-1]), "index -1", "0 to 9"),
        (lambda: SDR(10, [2, 1, 2]), "bit 2 is given twice"),
        (lambda: SDR(10, [1.5]), "whole numbers", "1.5"),
        (lambda: SDR(10, np.ones(10, dtype=bool)), "from_dense"),
        (lambda: SDR(0), "dimensions", "0"),
        (lambda: SDR("10"), "dimensions", "'10'"),
        (lambda: SDR((2**20, 2**20)), "dimensions", "use fewer"),
        (lambda: SDR(10).reshape((3, 4)), "12 bits", "10"),
        (lambda: SDR.random(100, 0.0, 1), "sparsity", "0.0"),
        (lambda: SDR.random(100, 1.1, 1), "sparsity", "1.1"),
        (lambda: SDR.random(100, 0.1, "seed"), "rng", "'seed'"),
        (lambda: SDR.random(100, 0.1, -1), "seed >= 0", "-1"),
        (lambda: SDRBatch.random(2, 10, 2, True), "rng", "True"),
        (lambda: SDR(10, [[1], [1, 2]]), "rows of one length"),
        (lambda: SDR.from_dense([[1], [1, 0]]), "rows of one length"),
        (lambda: SDR.from_dense([0, 2]), "0 and 1"),
        (lambda: SDR.from_coordinates((3, 3), [[1.7], [0.2]]), "whole numbers", "1.7"),
        (lambda: SDR(10, [5]).at((5.9,)), "whole numbers", "5.9"),
        (lambda: SDR(10, [5]).at(5), "list of whole numbers", "5"),
        (lambda: SDR.from_coordinates((3, 3), [[3], [0]]), "coordinate 3", "0 to 2"),
        (lambda: overlap(SDR(10), SDR(11)), "overlap", "(10,)", "(11,)"),
        (lambda: union(), "union", "at least one"),
        (lambda: intersection(SDRBatch.of([SDR(3)])), "intersection", "*batch"),
        (lambda: union([SDR(3)]), "union", "expected an SDR"),
        (lambda: concatenate([SDR(3)]), "concatenate", "expected an SDR"),
        (lambda: overlap(SDR(3), [2]), "overlap", "expected an SDR", "[2]"),
        (lambda: add_noise([1], 0.1, 1), "add_noise", "expected an SDR"),
        (lambda: subsample([1], 1, 1), "subsample", "expected an SDR"),
        (lambda: kill_cells([1], 0.1, 1), "kill_cells", "expected an SDR"),
        (lambda: concatenate(SDR((2, 3)), SDR((3, 4))), "axis 0", "(2, 3)", "(3, 4)"),
        (lambda: concatenate(SDR(3), axis=1), "axis", "1"),
        (lambda: add_noise(SDR(10, range(8)), 0.5, 1), "4 bits cannot move", "2 are silent"),
        (lambda: add_noise(SDR(10, [1]), 2.0, 1), "fraction", "2.0"),
        (lambda: subsample(SDR(10, [1]), 2, 1), "n must be at most", "2"),
        (lambda: SDRBatch.of([]), "one SDR or more"),
        (lambda: SDRBatch.of([SDR(3), SDR(4)]), "(3,)", "(4,)"),
        (lambda: SDRBatch(5, [0, 2], [1, 1]), "twice"),
        (lambda: SDRBatch(5, [0, 1], [5]), "0 to 4"),
        (lambda: SDRBatch(5, [0, 3], [1]), "start"),
        (lambda: SDRBatch(5, [0, 1.5], [1]), "start", "1.5"),
        (lambda: SDRBatch(5, [0, 1], [float("nan")]), "indices", "nan"),
        (lambda: SDRBatch(5, [0, 1], [2**70]), "indices", "whole numbers"),
        (lambda: SDRBatch.of([SDR(5)])[0:1], "row", "slice"),
        (lambda: SDRBatch.of([SDR(5)]).overlaps(SDR(6)), "5 bits", "6"),
        (lambda: SDRBatch.of([SDR(5)]).overlaps(SDR(5), "dense"), "'inverted' or 'packed'", "dense"),
        (lambda: SDRBatch.of([SDR(5)]).top(SDR(5), 2), "k must be at most", "2"),
        (lambda: MersenneTwister(-1), "seed", "-1"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)
