"""The closed forms: published and exact values, float against fractions, simulation, figures."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.sdr import match_probability, theory
from tests.bad_input import Mistake, cases, check

FALSE_MATCHES = [
    (10000, 300, 24, 12, 8.37584522709849e-13),
    (10000, 300, 30, 15, 1.04919182521237e-15),
    (10000, 300, 20, 10, 7.20851539659221e-11),
    (10000, 300, 30, 12, 2.27907942026515e-11),
    (10000, 64, 24, 12, 4.04159712277657e-21),
    (100000, 2000, 6, 6, 6.35308872941916e-11),
    (100000, 2000, 8, 8, 2.52507239284961e-14),
    (100000, 2000, 10, 10, 1.00163216178113e-17),
    (100000, 2000, 12, 6, 5.29386836275369e-8),
    (100000, 2000, 16, 8, 2.81724528327272e-10),
    (100000, 2000, 20, 10, 1.54192767258720e-12),
    (100000, 2000, 24, 12, 8.58694100276592e-15),
    (100000, 2000, 40, 10, 4.91541864883645e-9),
    (100000, 2000, 80, 10, 4.62568448038216e-6),
    (100000, 2000, 120, 10, 1.58799793094939e-4),
    (100000, 2000, 240, 20, 1.07990763946553e-7),
    (200000, 2000, 10, 10, 9.77936337103045e-21),
    (200000, 2000, 20, 10, 1.64989875200799e-15),
    (300, 64, 24, 12, 1.09461662333690e-3),
    (500, 64, 24, 12, 5.69571108769533e-6),
    (700, 64, 24, 12, 1.41253230930730e-7),
    (300, 128, 24, 12, 0.292078213737764),
    (1900, 128, 24, 12, 7.13143762262004e-9),
    (300, 256, 24, 12, 0.999997973443107),
    (3500, 256, 24, 12, 2.23380881095835e-8),
    (4000, 128, 24, 12, 1.34323936472554e-12),
    (300, 64, 64, 12, 0.767798046805888),
    (500, 64, 64, 12, 0.0960845416487166),
    (1900, 64, 64, 12, 6.26296994067198e-7),
    (19900, 64, 64, 12, 1.18518959085345e-18),
    (400, 8, 4, 2, 2.06314616966578e-3),
    (4000, 400, 4, 2, 0.0522148720308419),
    (2000, 40, 20, 15, 2.47192330943087e-23),
    (1024, 21, 21, 14, 8.8349018063014e-22),
    (2048, 40, 40, 20, 2.49125060977629e-26),
    (2048, 40, 20, 13, 4.96168848377384e-19),
    (2048, 40, 20, 10, 3.91058926378748e-13),
    (65536, 40, 20, 13, 1.40990667289998e-38),
    (65536, 40, 20, 10, 3.87502411861351e-28),
    (65536, 1311, 20, 13, 5.27444647660614e-18),
    (65536, 1311, 40, 13, 5.65075774531344e-13),
]  # fmt: skip

MOVED = (6, 13, 19, 26, 32, 38, 45, 51, 58, 64)
MISSES = {
    8: (0, 0, 0, 3.1419e-16, 2.23243e-12, 7.90169e-10, 1.206957e-7, 3.455763e-6, 8.082025e-5, 7.354294e-4),
    12: (0, 0, 2.488108e-15, 7.926954e-10, 2.163025e-7, 1.092481e-5, 3.144354e-4, 2.795599e-3, 0.01987827, 0.07169852),
    16: (0, 0, 2.655497e-8, 1.972773e-5, 5.900789e-4, 6.275044e-3, 0.04347119, 0.1390673, 0.3511170, 0.5825018),
}

# n, M, mean size, false match at the mean size, false match over the law of sizes
UNIONS = [
    (1000, 1, 25, 1.00140315240769e-5, 1.00140315240769e-5),
    (1000, 2, 49.375, 0.0473894530292855, 0.0507733632428),
    (1000, 3, 73.141, 0.501650232353378, 0.504869338307),
    (1000, 5, 118.904, 0.991079536716752, 0.990650378814),
    (10000, 1, 25, 5.30352419025193e-20, 5.30352419025193e-20),
    (10000, 2, 49.9375, 2.35602184920806e-14, 2.3140004363e-14),
    (10000, 3, 74.8127, 1.53934249871854e-11, 1.4865750565e-11),
    (10000, 5, 124.377, 2.27921915540636e-8, 2.3840406902e-8),
    (10000, 10, 247.206, 1.27080441383855e-4, 1.28566230168e-4),
    (20000, 2, 49.9688, 9.73603540551587e-19, 9.6469837514e-19),
    (20000, 3, 74.9063, 7.93027352863710e-16, 7.7880122803e-16),
    (20000, 5, 124.688, 2.03826023856692e-12, 1.9679547031e-12),
    (20000, 10, 248.598, 3.32242567647608e-8, 3.2577754389e-8),
]  # fmt: skip

MEDIANS = (
    0.017325533, 0.001989467, 1.7097e-4, 1.20e-5, 6.57e-7, 3.33e-8, 1.35e-9, 4.80e-11, 1.54e-12, 3.41e-14, 6.40e-16,
    9.34e-18, 1.37e-19, 1.43e-21, 1.42e-23, 1.12e-25, 5.18e-28, 3.90e-30, 1.70e-32, 9.21e-35, 4.62e-37, 2.07e-39,
)  # fmt: skip


@pytest.mark.parametrize(("n", "a", "s", "theta", "expected"), FALSE_MATCHES)
def test_false_match_has_its_table_value(n: int, a: int, s: int, theta: int, expected: float) -> None:
    assert theory.false_match(n, a, s, theta) == pytest.approx(expected, rel=1e-12)
    assert theory.log10_false_match(n, a, s, theta) == pytest.approx(math.log10(expected), abs=1e-12)


@pytest.mark.parametrize("theta", MISSES)
def test_false_negative_has_its_table_values(theta: int) -> None:
    for v, expected in zip(MOVED, MISSES[theta], strict=True):
        assert theory.false_negative(128, 30, v, theta) == pytest.approx(expected, rel=2e-5, abs=0)
    assert theory.false_negative(300, 30, 60, 12) == pytest.approx(3.94743608739284e-8, rel=1e-12)


@pytest.mark.parametrize(("n", "m", "size", "mean", "law"), UNIONS)
def test_unions_have_their_table_values(n: int, m: int, size: float, mean: float, law: float) -> None:
    assert theory.union_size(n, 25, m) == pytest.approx(size, abs=1e-3)
    assert theory.union_false_match(n, 200, 25, 15, m, size="mean") == pytest.approx(mean, rel=1e-12)
    assert theory.union_false_match(n, 200, 25, 15, m) == pytest.approx(law, rel=1e-10)


def test_the_papers_example_of_a_union() -> None:
    values = {1: 3.19198230279e-29, 2: 1.98889245414e-23, 5: 5.93196457771e-17, 10: 1.73474310047e-12}
    for m, expected in values.items():
        assert theory.union_false_match(20000, 100, 25, 15, m, size="mean") == pytest.approx(expected, rel=1e-11)
    assert theory.union_false_match(20000, 100, 25, 15, 10) == pytest.approx(1.69837324324e-12, rel=1e-11)


@pytest.mark.parametrize(
    ("n", "a", "s", "theta", "m", "expected"),
    [
        (10000, 300, 30, 15, 10**6, 1.04919182466197e-9), (10000, 300, 30, 12, 10**6, 2.27905344947e-5),
        (65536, 1311, 20, 13, 10**6, 5.27444647659e-12), (65536, 1311, 40, 13, 1000, 5.65075774371848e-10),
        (200000, 2000, 20, 10, 1000, 1.64989875200663e-12),
    ],
)  # fmt: skip
def test_many_segments_have_their_table_values(n: int, a: int, s: int, theta: int, m: int, expected: float) -> None:
    assert theory.any_match(theory.false_match(n, a, s, theta), m) == pytest.approx(expected, rel=2e-12)


@pytest.mark.parametrize(
    ("n", "a", "expected"),
    [(1024, 21, 43.4182905199354), (2048, 40, 84.3750741300289), (2048, 20, 47.8000549486588),
     (16384, 40, 120.644460227445), (65536, 1280, 2736.34967355921)],
)  # fmt: skip
def test_capacity_has_its_table_value(n: int, a: int, expected: float) -> None:
    assert theory.log10_capacity(n, a) == pytest.approx(expected, rel=1e-14)
    assert theory.log10_false_match(n, a, a, a) == pytest.approx(-expected, rel=1e-13)


def test_medians_of_the_published_sweep() -> None:
    for theta, published in zip(range(3, 25), MEDIANS, strict=True):
        values = [
            theory.false_match(n, round(n * permille / 1000), s, theta)
            for n in range(1000, 17001, 4000) for permille in range(5, 31, 5) for s in range(20, 51, 5) if theta <= s
        ]  # fmt: skip
        values += [0.0] * (5 * 6 * 7 - len(values))  # a threshold above s never matches
        assert np.median(values) == pytest.approx(published, rel=0.006)


@st.composite
def patterns(draw: st.DrawFn, largest: int = 200_000) -> tuple[int, int, int, int]:
    n = draw(st.integers(1, largest))
    a, s = draw(st.integers(0, min(n, 4000))), draw(st.integers(1, min(n, 300)))
    return n, a, s, draw(st.integers(0, s))


@given(patterns())
def test_floats_agree_with_fractions(pattern: tuple[int, int, int, int]) -> None:
    n, a, s, theta = pattern
    exact = theory.false_match(n, a, s, theta, exact=True)
    if exact == 0:
        assert theory.false_match(n, a, s, theta) == 0.0
        return
    log10 = math.log10(exact.numerator) - math.log10(exact.denominator)
    assert theory.log10_false_match(n, a, s, theta) == pytest.approx(log10, rel=1e-13, abs=1e-11)
    if log10 > -300:
        assert theory.false_match(n, a, s, theta) == pytest.approx(float(exact), rel=1e-10, abs=0)


@given(patterns(), st.data())
def test_misses_agree_with_fractions(pattern: tuple[int, int, int, int], data: st.DataObject) -> None:
    _, a, s, theta = pattern
    a = max(a, s)
    v = data.draw(st.integers(0, a))
    exact = float(theory.false_negative(a, s, v, theta, exact=True))
    assert theory.false_negative(a, s, v, theta) == pytest.approx(exact, rel=1e-10, abs=1e-300)
    assert v > s - theta or exact == 0.0


def test_overlaps_are_a_probability_law() -> None:
    law = [theory.overlap_probability(2048, 40, 30, b) for b in range(31)]
    b = np.arange(31)
    assert sum(law) == pytest.approx(1.0, rel=1e-12)
    assert b @ law == pytest.approx(theory.overlap_mean(2048, 40, 30))
    assert b**2 @ law - (b @ law) ** 2 == pytest.approx(theory.overlap_variance(2048, 40, 30))
    assert sum(theory.overlap_probability(2048, 40, 30, k, exact=True) for k in range(31)) == 1


def test_a_union_agrees_with_its_fraction() -> None:
    exact = theory.union_false_match_exact(200, 20, 5, 4, 4)
    assert theory.union_false_match(200, 20, 5, 4, 4) == pytest.approx(float(exact), rel=1e-12)


def test_random_patterns_match_as_often_as_the_closed_form_says() -> None:
    n, a, s, theta, trials = 300, 64, 24, 12, 1_000_000
    expected = theory.false_match(n, a, s, theta)
    # The overlap of a random pattern with the first s bits is hypergeometric however the pattern is drawn; here each
    # pattern is the a smallest of n random keys, of which those of the s bits are counted.
    rng, found, part = np.random.default_rng(1), 0, 20_000
    for _ in range(trials // part):
        keys = rng.random((part, n), dtype=np.float32)
        limit = np.partition(keys, a - 1, axis=1)[:, a - 1 : a]
        found += int(((keys[:, :s] <= limit).sum(axis=1) >= theta).sum())
    assert found / trials == pytest.approx(expected, abs=4 * math.sqrt(expected / trials))


def test_any_match_of_different_segments() -> None:
    assert theory.any_match([0.1, 0.2, 0.5]) == pytest.approx(1 - 0.9 * 0.8 * 0.5)
    assert theory.any_match(1e-300, 10) == pytest.approx(1e-299)
    assert theory.any_match([0.5, 1.0]) == 1.0
    assert theory.any_match(np.array([0.1, 0.2])) == pytest.approx(0.28)


def test_logarithms_go_on_where_floats_end() -> None:
    one = theory.log10_false_match(65536, 1311, 1311, 1311)
    assert theory.log10_any_match(one, 1000) == pytest.approx(one + 3)
    assert theory.log10_any_match([one, one - 1]) == pytest.approx(one + math.log10(1.1))
    for chances, m in (([1e-18], 7), ([0.1, 0.9], 2), ([1e-300, 0.3], 1)):
        logs = [math.log10(p) for p in chances]
        assert theory.log10_any_match(logs, m) == pytest.approx(math.log10(theory.any_match(chances, m)), abs=1e-13)
    assert theory.log10_any_match([0.0, -3.0]) == 0.0 and theory.log10_any_match(-math.inf, 5) == -math.inf
    assert theory.log10_any_match([-1.0], 0) == -math.inf
    assert theory.log10_union_false_match(65536, 1311, 1311, 1311, 1) == pytest.approx(one)
    assert theory.log10_union_false_match(65536, 600, 600, 600, 2) > theory.log10_false_match(65536, 600, 600, 600)
    for size in ("law", "mean"):
        chance = theory.union_false_match(1000, 200, 25, 15, 3, size=size)
        assert theory.log10_union_false_match(1000, 200, 25, 15, 3, size=size) == pytest.approx(math.log10(chance))
    assert theory.log10_union_membership(65536, 1311, 1) == pytest.approx(1311 * math.log10(1311 / 65536))
    assert theory.log10_union_membership(65536, 40, 0) == -math.inf


def test_the_probability_of_a_match_has_two_names() -> None:
    assert match_probability(10000, 300, 24, 12) == theory.false_match(10000, 300, 24, 12)
    assert theory.match_probability is match_probability


def test_dropped_bits_are_binomial() -> None:
    from scipy.stats import binom

    for s, p, theta in ((30, 0.4, 12), (30, 0.01, 12), (30, 0.4, 30), (1100, 0.5, 550), (2000, 0.1, 1700)):
        expected = binom.cdf(theta - 1, s, 1 - p)
        assert theory.false_negative_dropped(s, p, theta) == pytest.approx(expected, rel=1e-10, abs=0)
    assert [theory.false_negative_dropped(30, p, 12) for p in (0.0, 1.0)] == [0.0, 1.0]
    assert theory.false_negative_dropped(30, 1.0, 0) == 0.0
    exact = sum(math.comb(300, k) * Fraction(1, 10**5) ** (300 - k) * (1 - Fraction(1, 10**5)) ** k for k in range(100))
    log10 = math.log10(exact.numerator) - math.log10(exact.denominator)
    assert theory.log10_false_negative_dropped(300, 1e-5, 100) == pytest.approx(log10, rel=1e-12)


def test_membership_in_a_union_is_a_bloom_filter() -> None:
    assert theory.union_membership(2048, 40, 20) == pytest.approx((1 - (1 - 40 / 2048) ** 20) ** 40)


def test_the_safe_threshold_leaves_room_for_the_noise() -> None:
    assert theory.optimal_threshold(10000, 128, 30, 12) == (18, 0.0, theory.false_match(10000, 128, 30, 18))
    bold = theory.optimal_threshold(10000, 128, 30, 38, largest_miss=1e-3)
    assert bold.theta in (13, 14)
    assert bold.false_negative <= 1e-3 < theory.false_negative(128, 30, 38, bold.theta + 1)


@cases(
    [
        (lambda: theory.false_match(100, 10, 5, 6), "theta", "s = 5", "6"),
        (lambda: theory.false_match(100, 101, 5, 5), "a must be at most n = 100", "101"),
        (lambda: theory.false_match(100, 10.5, 5, 5), "a must be a whole number", "10.5"),
        (lambda: theory.false_negative(20, 30, 5, 5), "s must be at most", "30"),
        (lambda: theory.false_negative(40, 30, 50, 5), "v must be at most the a = 40", "50"),
        (lambda: theory.union_false_match(100, 10, 5, 5, 0), "m must be", "0"),
        (lambda: theory.union_false_match(100, 10, 5, 5, 2, size="median"), "'law' or 'mean'", "median"),
        (lambda: theory.any_match(1.5), "chance", "1.5"),
        (lambda: theory.any_match(None), "chance", "None"),
        (lambda: theory.any_match(["a"]), "chance", "'a'"),
        (lambda: theory.log10_any_match(0.5), "log10_chance", "0.5"),
    ]
)
def test_bad_input_is_named(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)


@pytest.mark.parametrize("name", ["plot_false_match", "plot_false_negative", "plot_thresholds", "plot_union"])
def test_figures_have_labels_and_take_an_axes(name: str) -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert getattr(theory, name)(ax) is ax
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_legend() is not None and ax.get_yscale() == "log"
