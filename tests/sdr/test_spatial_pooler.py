"""The spatial pooler against published output of the reference library, and its rules one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl.sdr import SDR, MersenneTwister, PoolerParameters, SDRBatch, SpatialPooler
from neurocl.sdr._pooler_build import neighbours
from neurocl.sdr._pooler_inhibition import inhibit_globally, inhibit_locally
from tests.bad_input import Mistake, cases, check
from tests.sdr.plain_spatial_pooler import PlainSpatialPooler


def global_pooler(**changes: Any) -> SpatialPooler:
    """A small pooler whose columns see all inputs."""
    return SpatialPooler(300, 200, PoolerParameters(potential_radius=300, **changes), seed=3)


def test_a_thousand_steps_end_as_in_the_reference_library() -> None:
    """Source: the winners that htm.core's own unit test expects after 1000 boosted steps."""
    parameters = PoolerParameters(
        potential_radius=99999, stimulus_threshold=3, duty_cycle_period=200, boost_strength=10.0
    )
    pooler = SpatialPooler(1000, 200, parameters, seed=42)
    inputs = SDRBatch.of(SDR.random(1000, 0.15, MersenneTwister(k + 1)) for k in range(1000))
    assert pooler.run(inputs)[999] == SDR(200, [4, 64, 74, 78, 85, 113, 125, 126, 127, 153])


REFEREED: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "ring": ((30,), (24,), {"potential_radius": 6, "boost_strength": 3.0, "stimulus_threshold": 2,
                            "global_inhibition": False, "density": 0.1, "least_duty_cycle": 0.5}),
    "line": ((30,), (24,), {"potential_radius": 6, "boost_strength": 3.0, "wrap_around": False,
                            "global_inhibition": False, "density": 0.1, "least_duty_cycle": 0.9}),
    "torus": ((6, 7), (5, 4), {"potential_radius": 2, "boost_strength": 5.0, "stimulus_threshold": 1,
                               "global_inhibition": False, "active_per_area": 3, "least_duty_cycle": 0.8}),
    "plane": ((6, 7), (5, 4), {"potential_radius": 2, "stimulus_threshold": 3, "wrap_around": False,
                               "global_inhibition": False, "density": 0.15, "duty_cycle_period": 20}),
    "space": ((4, 3, 3), (2, 3, 4), {"potential_radius": 1, "potential_fraction": 0.8, "boost_strength": 1.0,
                                     "global_inhibition": False, "density": 0.2}),
    "global": ((40,), (40,), {"potential_radius": 40, "boost_strength": 10.0, "stimulus_threshold": 4,
                              "active_per_area": 3, "connected_permanence": 0.5, "least_duty_cycle": 0.9}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFEREED)
def test_every_step_is_that_of_the_plain_pooler(name: str) -> None:
    inputs, columns, settings = REFEREED[name]
    parameters = PoolerParameters(**settings)
    ours, plain = SpatialPooler(inputs, columns, parameters, seed=7), PlainSpatialPooler(inputs, columns, parameters, 7)
    shown = list(SDRBatch.random(12, inputs, max(3, plain.n // 8), rng=1))
    for step, which in enumerate(np.random.default_rng(0).integers(12, size=60)):
        learn = step % 9 != 4
        found = ours.compute(shown[which], learn).indices.tolist()
        assert found == plain.compute(shown[which].indices.tolist(), learn), step
    assert ours.inhibition_radius == plain.radius
    assert ours.boost == pytest.approx(plain.boost, rel=1e-6)
    for c in range(plain.m):
        assert np.array_equal(ours.permanences(c)[0], plain.synapses[c])
        assert ours.permanences(c)[1] == pytest.approx(plain.permanence[c], abs=1e-6)


def test_overlaps_and_winners_are_those_of_a_plain_computation() -> None:
    pooler = global_pooler(density=0.04)
    sdr = SDR.random(300, 0.1, 1)
    dense = sdr.dense()
    overlap = np.array([dense[i[p >= 0.1 - 1e-6]].sum() for i, p in map(pooler.permanences, range(200))])
    expected = sorted(range(200), key=lambda c: (-overlap[c], -c))[:8]
    assert pooler.compute(sdr, learn=False).indices.tolist() == sorted(expected)


def test_winners_learn_and_losers_do_not() -> None:
    pooler = global_pooler()
    before = [pooler.permanences(c) for c in range(200)]
    sdr = SDR.random(300, 0.1, 1)
    winners = set(pooler.compute(sdr).indices.tolist())
    for c, (inputs, permanence) in enumerate(before):
        change = np.where(sdr.dense()[inputs], 0.05, -0.008) if c in winners else 0.0
        assert pooler.permanences(c)[1] == pytest.approx(np.clip(permanence + change, 0.0, 1.0), abs=1e-6)


def test_of_equal_columns_the_later_ones_win() -> None:
    assert inhibit_globally(np.array([1, 2, 2, 2, 0], np.float32), 2, 0).tolist() == [2, 3]
    assert inhibit_globally(np.array([1, 2, 2, 2, 0], np.float32), 4, 2).tolist() == [1, 2, 3]


def test_locally_the_earlier_of_equal_columns_win() -> None:
    overlap = np.array([5, 5, 1, 2, 2, 2, 0, 9], np.float32)
    # Each column and its two neighbours share int(0.5 + 0.4 * 3) = 1 place.
    found = inhibit_locally(overlap, np.array([8]), 1, False, np.float32(0.4), 0)
    assert found.tolist() == [0, 3, 5, 7]


def test_a_share_of_two_per_cent_of_2048_is_40_columns() -> None:
    pooler = SpatialPooler(128, 2048, PoolerParameters(potential_radius=128, density=0.02))
    assert pooler.compute(SDR.random(128, 0.2, 0)).n_active == 40


def test_no_boosting_leaves_the_factors_at_one() -> None:
    pooler = global_pooler()
    pooler.run(SDRBatch.random(60, 300, 30, 1))
    assert (pooler.boost == 1.0).all() and pooler.iteration == 60


def test_boosting_shares_the_work() -> None:
    inputs = SDRBatch.random(20, 300, 30, 1)
    shares = []
    for strength in (0.0, 20.0):
        pooler = global_pooler(boost_strength=strength)
        for _ in range(15):
            pooler.run(inputs)
        assert pooler.active_duty_cycle.mean() == pytest.approx(0.05, rel=1e-3)
        shares.append(pooler.active_duty_cycle.std())
    assert shares[1] < 0.7 * shares[0]


def test_a_batch_is_the_same_as_its_rows() -> None:
    inputs = SDRBatch.random(70, 300, 30, 1)
    together, apart = global_pooler(boost_strength=2.0), global_pooler(boost_strength=2.0)
    assert list(together.run(inputs)) == [apart.compute(sdr) for sdr in inputs]


@pytest.mark.parametrize("wrap", [True, False])
def test_neighbourhoods_are_squares(wrap: bool) -> None:
    room = np.zeros(35, dtype=np.int64)
    n = neighbours(0, 1, np.array([5, 7]), wrap, room)
    expected = [34, 28, 29, 6, 0, 1, 13, 7, 8] if wrap else [0, 1, 7, 8]
    assert room[:n].tolist() == expected
    assert sorted(room[: neighbours(9, 9, np.array([5, 7]), wrap, room)].tolist()) == list(range(35))


@pytest.mark.parametrize("wrap", [True, False])
def test_columns_of_a_plane_compete_locally(wrap: bool) -> None:
    parameters = PoolerParameters(potential_radius=3, global_inhibition=False, density=0.1, wrap_around=wrap)
    pooler = SpatialPooler((16, 16), (16, 16), parameters)
    out = pooler.run(SDRBatch.random(120, (16, 16), 40, 1))
    # A span that goes around the ring is taken from end to end, as in the reference.
    assert 1 <= pooler.inhibition_radius <= (7 if wrap else 3)
    counts = np.diff(out.start)
    assert 0.05 * 256 < counts[-20:].mean() < 0.3 * 256


def test_a_saved_pooler_goes_on_as_if_never_saved(tmp_path: Path) -> None:
    inputs, more = SDRBatch.random(60, 300, 30, 1), SDRBatch.random(60, 300, 30, 2)
    pooler = global_pooler(boost_strength=np.float32(3.0), stimulus_threshold=np.int64(1))
    pooler.run(inputs)
    pooler.save(tmp_path / "pooler")
    again = SpatialPooler.load(tmp_path / "pooler")
    assert list(again.run(more)) == list(pooler.run(more))
    assert np.array_equal(again.permanences(7)[1], pooler.permanences(7)[1]) and again.iteration == 120


def test_an_empty_batch_has_an_empty_answer() -> None:
    pooler = global_pooler()
    assert len(pooler.run(SDRBatch(300, [0], []))) == 0 and pooler.iteration == 0


@cases(
    [
        (lambda: PoolerParameters(density=0.0), "density", "0.0"),
        (lambda: PoolerParameters(density=0.6), "density", "0.6"),
        (lambda: PoolerParameters(potential_fraction=0.0), "potential_fraction"),
        (lambda: PoolerParameters(boost_strength=-1.0), "boost_strength", "-1"),
        (lambda: PoolerParameters(wrap_around=1), "wrap_around", "1"),
        (lambda: SpatialPooler((4, 4), 16), "equally many dimensions"),
        (lambda: SpatialPooler(0, 16), "inputs", "0"),
        (lambda: SpatialPooler(20, 20, {"density": 0.1}), "must be a PoolerParameters", "density"),
        (lambda: SpatialPooler(20, 20).permanences(20), "below the 20 columns", "20"),
        (lambda: SpatialPooler(20, 20).permanences(-1), "column", "-1"),
        (lambda: SpatialPooler(20, 20).compute(SDR(21)), "20 bits", "21"),
        (lambda: SpatialPooler(20, 20).compute([1, 2]), "must be an SDR", "[1, 2]"),
        (lambda: SpatialPooler.load("/no/such/file"), "/no/such/file: there is no such file"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)
