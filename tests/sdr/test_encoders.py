"""Encoders: like values share bits, and the bits are those of the stated rules."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.sdr import (
    CategoryEncoder,
    CoordinateEncoder,
    DateEncoder,
    RandomDistributedScalarEncoder,
    ScalarEncoder,
    overlap,
)
from neurocl.sdr.encoders.hashing import murmur3
from tests.bad_input import Mistake, cases, check


@given(st.floats(-5, 5), st.floats(-5, 5), st.booleans())
def test_overlap_falls_with_the_distance_of_scalars(x: float, y: float, periodic: bool) -> None:
    encoder = ScalarEncoder(-5, 5, active_bits=10, resolution=0.1, periodic=periodic)
    distance = abs(x - y)
    if periodic:
        distance = min(distance, 10.0 - distance)
    assert overlap(encoder.encode(x), encoder.encode(y)) == pytest.approx(max(0.0, 10 - distance / 0.1), abs=1.001)
    assert encoder.encode(x).n_active == 10


def test_ends_of_a_line_and_of_a_ring() -> None:
    line = ScalarEncoder(0, 10, active_bits=3, size=13)
    assert line.encode(0).indices.tolist() == [0, 1, 2] and line.encode(10).indices.tolist() == [10, 11, 12]
    ring = ScalarEncoder(0, 10, active_bits=3, size=20, periodic=True)
    assert ring.encode(0) == ring.encode(10) and ring.encode(9.5).indices.tolist() == [0, 1, 19]
    assert ScalarEncoder(0, 10, active_bits=5, radius=2.0).size == 25 + 1 + 4
    assert ScalarEncoder(0, 10, sparsity=0.1, size=100).active_bits == 10
    assert ScalarEncoder(0, 1, active_bits=3, size=13, clip=True).encode(7).indices.tolist() == [10, 11, 12]


def test_categories_of_a_scalar_follow_the_formula_of_the_reference() -> None:
    for n, w in ((4, 3), (8, 5), (30, 5), (12, 21)):
        literal, own = ScalarEncoder(0, n - 1, active_bits=w, category=True), CategoryEncoder(n, w)
        assert literal.size == math.ceil(math.nextafter(n - 1, math.inf) / (1.0 / w)) + w - 1 == own.size - (w == 5)
        for k in range(n - 1):
            assert literal.encode(k).indices.tolist() == own.encode(k).indices.tolist()


@pytest.mark.parametrize(
    "encoder",
    [
        ScalarEncoder(-1, np.float32(2.3), sparsity=0.1, size=np.int64(77), periodic=True),
        ScalarEncoder(0, 7, active_bits=5, category=True), CategoryEncoder(9, 4),
        RandomDistributedScalarEncoder(1500, active_bits=20, radius=np.float32(2.0), seed=np.int64(4)),
    ],
)  # fmt: skip
def test_a_saved_encoder_encodes_alike(encoder: Any, tmp_path: Path) -> None:
    encoder.save(tmp_path / "encoder")
    again = type(encoder).load(tmp_path / "encoder")
    assert vars(again) == vars(encoder)
    assert [again.encode(x) for x in (0, 1, 2)] == [encoder.encode(x) for x in (0, 1, 2)]


def test_saved_encoders_of_dates_and_places_encode_alike(tmp_path: Path) -> None:
    dates = DateEncoder(season=3, day_of_week=2, custom=2, custom_days=["monday"], holiday=4, holidays=[(5, 1)])
    dates.save(tmp_path / "dates")
    for day in (datetime.datetime(2024, 5, 1, 9), datetime.datetime(2024, 1, 1)):
        assert DateEncoder.load(tmp_path / "dates").encode(day) == dates.encode(day)
    places = CoordinateEncoder(seed=3)
    places.save(tmp_path / "places")
    assert CoordinateEncoder.load(tmp_path / "places").encode([1, 2], 3) == places.encode([1, 2], 3)


def test_nan_has_no_bits() -> None:
    assert ScalarEncoder(0, 1, active_bits=3, size=13).encode(math.nan).n_active == 0
    assert RandomDistributedScalarEncoder(1000, active_bits=20, radius=1.0).encode(math.nan).n_active == 0


def test_categories_share_nothing() -> None:
    encoder = CategoryEncoder(4, 5)
    assert encoder.size == 20
    assert [encoder.encode(k).indices.tolist() for k in (0, 3)] == [[0, 1, 2, 3, 4], [15, 16, 17, 18, 19]]


@pytest.mark.parametrize(
    ("words", "seed", "expected"),
    [([], 1, 0x514E28B7), ([0xFFFFFFFF], 0, 0x76293B50), ([0x87654321], 0, 0xF55B516B),
     ([0x87654321], 0x5082EDEE, 0x2362F9DE), ([0], 0, 0x2362F9DE)],
)  # fmt: skip
def test_the_hash_has_its_published_values(words: list[int], seed: int, expected: int) -> None:
    assert murmur3(words, seed) == expected


def test_distributed_scalars_share_bits_by_their_distance() -> None:
    encoder = RandomDistributedScalarEncoder(5000, active_bits=40, resolution=1.0, seed=3)
    for value in (-1000.0, -3.5, 0.0, 77.0):
        for distance in (0, 10, 30):
            shared = overlap(encoder.encode(value), encoder.encode(value + distance))
            assert shared == pytest.approx(40 - distance, abs=3)
        assert overlap(encoder.encode(value), encoder.encode(value + 400)) <= 4
    words = [murmur3([7 + k], 3) % 5000 for k in range(40)]
    assert encoder.encode(7.9).indices.tolist() == sorted(set(words))


def test_distributed_categories_share_bits_by_chance_only() -> None:
    encoder = RandomDistributedScalarEncoder(2000, active_bits=20, category=True)
    codes = [encoder.encode(k) for k in range(-10, 10)]
    assert max(overlap(a, b) for k, a in enumerate(codes) for b in codes[:k]) <= 4


def test_dates_are_their_parts_in_order() -> None:
    encoder = DateEncoder(
        season=4, day_of_week=2, weekend=3, custom=2, holiday=4, time_of_day=6, custom_days=["monday"]
    )
    assert encoder.size == 16 + 14 + 6 + 4 + 8 + 36
    monday = encoder.encode(datetime.datetime(2024, 1, 1))
    assert monday.indices.tolist() == [
        0, 1, 2, 3,  16, 17,  30, 31, 32,  38, 39,  40, 41, 42, 43,  48, 49, 50, 51, 52, 53,
    ]  # fmt: skip
    weekend = DateEncoder(weekend=1)
    friday = datetime.datetime(2024, 1, 5)
    assert [weekend.encode(friday.replace(hour=h)).indices[0] for h in (18, 19)] == [0, 1]
    assert weekend.encode(friday + datetime.timedelta(days=2)).indices[0] == 1


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_weekday_is_one_code_all_day(hour: int) -> None:
    assert DateEncoder(day_of_week=2).encode(datetime.datetime(2024, 1, 3, hour)).indices.tolist() == [4, 5]


def test_holidays_may_be_of_one_year_or_of_leap_years() -> None:
    def value(holiday: tuple[int, ...], *day: int) -> bool:
        return bool(DateEncoder(holiday=1, holidays=[holiday]).encode(datetime.datetime(*day)).indices[0])

    assert value((2024, 2, 29), 2024, 2, 29) and value((2, 29), 2024, 2, 29)
    assert value((5, 1), 2023, 5, 1) and not value((2024, 5, 1), 2023, 5, 1)
    assert not value((2, 29), 2023, 2, 28) and not value((12, 25), 1, 1, 1)


def test_a_holiday_rises_and_falls_around_its_day() -> None:
    encoder = DateEncoder(holiday=8)
    start = datetime.datetime(2024, 12, 23)
    starts = []
    for hours in (12, 24, 36, 48, 60, 72, 84, 96):
        bits = encoder.encode(start + datetime.timedelta(hours=hours)).indices
        starts.append(int(bits[0]) if bits[-1] - bits[0] == 7 else int(bits[np.argmax(np.diff(bits)) + 1]))
    assert starts == [0, 0, 4, 8, 8, 8, 12, 0]


def test_near_places_share_bits() -> None:
    encoder = CoordinateEncoder(active_bits=21, size=2000)
    here = encoder.encode([100, -200], 5)
    shared = [overlap(here, encoder.encode([100 + d, -200], 5)) for d in (0, 1, 4, 30)]
    assert shared[0] == here.n_active >= 20 and shared[0] > shared[1] > shared[2] > shared[3] <= 3


@cases(
    [
        (lambda: ScalarEncoder(0, 0, active_bits=3, size=13), "minimum must be below"),
        (lambda: ScalarEncoder(0, 1, active_bits=3), "give one of size, radius, resolution", "none"),
        (lambda: ScalarEncoder(0, 1, active_bits=3, sparsity=0.1, size=9), "active_bits and sparsity"),
        (lambda: ScalarEncoder(0, 1, sparsity=0.0, size=9), "sparsity", "0.0"),
        (lambda: ScalarEncoder(0, 1, sparsity=1.5, size=9), "sparsity", "1.5"),
        (lambda: ScalarEncoder(0, 1, active_bits=9, size=9), "size must be above", "9"),
        (lambda: ScalarEncoder(0, 1, active_bits=3, size=9).encode(2), "between 0 and 1", "clip=True"),
        (lambda: ScalarEncoder(0, 1, active_bits=3, size=9).encode("x"), "number", "'x'"),
        (lambda: ScalarEncoder(0, 1, active_bits=3, size=9).encode(10**400), "float"),
        (lambda: ScalarEncoder(0, 3, active_bits=3, category=True).encode(0.5), "whole number", "0.5"),
        (lambda: ScalarEncoder(0, 3, active_bits=3, category=False), "category can only be True"),
        (lambda: CategoryEncoder(3, 5).encode(3), "no category 3"),
        (lambda: CategoryEncoder(3, 5).encode(-1), "category", "-1"),
        (lambda: RandomDistributedScalarEncoder(100, active_bits=101, radius=1.0), "size", "101"),
        (lambda: RandomDistributedScalarEncoder(30, active_bits=25, radius=1.0), "share"),
        (lambda: RandomDistributedScalarEncoder(100, active_bits=5, radius=1.0), "share 2 of 5"),
        (
            lambda: RandomDistributedScalarEncoder(2000, active_bits=20, resolution=0.01).encode(1e308),
            "finite",
            "0.01",
            "1e+308",
        ),
        (
            lambda: RandomDistributedScalarEncoder(2000, active_bits=20, category=True).encode(0.5),
            "whole number",
            "0.5",
        ),
        (lambda: RandomDistributedScalarEncoder(2000, active_bits=20, radius=1.0).encode(math.inf), "finite", "inf"),
        (lambda: DateEncoder(), "every part has width 0"),
        (lambda: DateEncoder(custom=3, custom_days=["someday"]), "'someday'"),
        (lambda: DateEncoder(holiday=3, holidays=[(13, 1)]), "holidays", "(13, 1)"),
        (lambda: DateEncoder(season=3).encode("2024-01-01"), "datetime", "2024-01-01"),
        (lambda: CoordinateEncoder().encode([0.5], 3), "whole numbers", "0.5"),
        (lambda: CoordinateEncoder().encode([1, 2], 1), "9 points", "21"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)
