from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from neurocl.core import distributions
from neurocl.core.distributions import (
    Distribution,
    choice,
    exponential,
    gamma,
    lognormal,
    normal,
    uniform,
)
from neurocl.core.errors import NeuroclError

N = 20_000

CONTINUOUS = [
    (uniform(-60, -50), stats.uniform(-60, 10)),
    (normal(20, 2), stats.norm(20, 2)),
    (normal(20, 2, low=19), stats.truncnorm(-0.5, np.inf, 20, 2)),
    (normal(20, 2, high=25), stats.truncnorm(-np.inf, 2.5, 20, 2)),
    (normal(-1, 0.5, low=-1.2, high=0), stats.truncnorm(-0.4, 2, -1, 0.5)),
    (normal(0, 1, low=4), stats.truncnorm(4, np.inf)),
    (normal(0, 1, low=-4.5, high=-4), stats.truncnorm(-4.5, -4)),
    (lognormal(-0.7, 0.9), stats.lognorm(0.9, scale=np.exp(-0.7))),
    (exponential(5), stats.expon(scale=5)),
    (gamma(2, 0.5), stats.gamma(2, scale=0.5)),
]
ALL = [d for d, _ in CONTINUOUS] + [
    choice([-1, 1]),
    choice((0, 1, 2), probabilities=np.array([0.5, 0.3, 0.2])),
]


@pytest.mark.parametrize(
    ("distribution", "reference"), CONTINUOUS, ids=lambda x: repr(x) if hasattr(x, "sample") else ""
)
def test_samples_follow_scipys_distribution(
    distribution: Distribution, reference: stats.rv_continuous
) -> None:
    values = distribution.sample(N, np.random.default_rng(1))
    assert values.dtype == np.float64
    assert values.shape == (N,)
    assert stats.kstest(values, reference.cdf).pvalue > 1e-5  # seeded: fails for a wrong law, not by chance


def test_choice_takes_the_values_as_often_as_their_probabilities_say() -> None:
    values = choice([3, -1, 0.5], probabilities=[0.2, 0.7, 0.1]).sample(N, np.random.default_rng(2))
    found, counts = np.unique(values, return_counts=True)
    np.testing.assert_array_equal(found, [-1, 0.5, 3])
    assert stats.chisquare(counts, N * np.array([0.7, 0.1, 0.2])).pvalue > 1e-5


finite = st.floats(-1e6, 1e6)


@given(mean=finite, std=st.floats(1e-3, 1e3), low=st.none() | finite, high=st.none() | finite)
def test_a_bounded_normal_stays_within_its_bounds_or_is_refused(
    mean: float, std: float, low: float | None, high: float | None
) -> None:
    try:
        distribution = normal(mean, std, low=low, high=high)
    except NeuroclError:
        assume(False)
    values = distribution.sample(100, np.random.default_rng(0))
    assert low is None or (values >= low).all()
    assert high is None or (values <= high).all()


@given(low=finite, width=st.floats(0, 1e6))
def test_a_uniform_stays_within_its_bounds(low: float, width: float) -> None:
    values = uniform(low, low + width).sample(100, np.random.default_rng(0))
    assert ((low <= values) & (values <= low + width)).all()


@pytest.mark.parametrize("distribution", [*ALL, normal(0, 1, low=0.5)], ids=repr)
@given(parts=st.lists(st.integers(0, 30), max_size=5))
def test_values_drawn_in_several_calls_are_those_of_one_call(distribution: Distribution, parts: list[int]) -> None:
    rng = np.random.default_rng(7)
    values = [distribution.sample(part, rng) for part in parts]
    expected = distribution.sample(sum(parts), np.random.default_rng(7))
    np.testing.assert_array_equal(np.concatenate([*values, np.empty(0)]), expected)


def test_wide_bounds_leave_out_what_lies_outside_of_them() -> None:
    free = normal(1, 2).sample(100, np.random.default_rng(3))
    inside = free[(free >= 0) & (free <= 4)]
    bounded = normal(1, 2, low=0, high=4).sample(inside.size, np.random.default_rng(3))
    np.testing.assert_array_equal(bounded, inside)


def test_zero_spread_gives_a_constant() -> None:
    rng = np.random.default_rng(0)
    for distribution in (uniform(3, 3), normal(3, 0), normal(3, 0, low=3, high=3), choice([3])):
        np.testing.assert_array_equal(distribution.sample(4, rng), 3.0)
    np.testing.assert_array_equal(lognormal(0, 0).sample(4, rng), 1.0)


@pytest.mark.parametrize("distribution", ALL, ids=repr)
def test_the_generator_alone_decides_the_values(distribution: Distribution) -> None:
    first, second = (distribution.sample(50, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first != distribution.sample(50, np.random.default_rng(6))).any()
    assert distribution.sample(0, np.random.default_rng(5)).shape == (0,)


@pytest.mark.parametrize("distribution", ALL, ids=repr)
def test_fields_survive_json_and_give_an_equal_distribution(distribution: Distribution) -> None:
    fields = json.loads(json.dumps(asdict(distribution)))
    again = getattr(distributions, type(distribution).__name__)(**fields)
    assert again == distribution
    assert hash(again) == hash(distribution)


def test_repr_is_what_the_user_typed() -> None:
    assert repr(uniform(-60, -50)) == "uniform(-60, -50)"
    assert repr(normal(20, 0.1, low=5)) == "normal(20, 0.1, low=5)"
    assert repr(normal(0, 1, high=2.5)) == "normal(0, 1, high=2.5)"
    assert repr(lognormal(-0.7, 1e-9)) == "lognormal(-0.7, 1e-09)"
    assert repr(exponential(np.float64(1 / 3))) == "exponential(0.3333333333333333)"
    assert repr(gamma(shape=2, scale=0.5)) == "gamma(2, 0.5)"
    assert repr(choice([-1, 1])) == "choice([-1, 1])"
    assert repr(choice([0, 1.5], [0.5, 0.5])) == "choice([0, 1.5], probabilities=[0.5, 0.5])"


nan, inf = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: uniform(-50, -60), "uniform: low must not exceed high, got low=-50.0 and high=-60.0."),
        (lambda: uniform(nan, 1), "uniform: low must be a finite number, got nan."),
        (lambda: uniform(0, "1"), "uniform: high must be a finite number, got '1'."),
        (lambda: uniform(0, True), "uniform: high must be a finite number, got True."),
        (lambda: uniform(-1e308, 1e308), "uniform: high - low must be a finite number"),
        (lambda: normal(0, -1), "normal: std must be >= 0, got -1."),
        (lambda: normal(inf, 1), "normal: mean must be a finite number, got inf."),
        (lambda: normal(0, 1, low=nan), "normal: low must be a finite number, got nan."),
        (lambda: normal(0, 1, low=2, high=1), "normal: low must not exceed high, got low=2.0 and high=1.0."),
        (lambda: normal(0, 1, low=5), "normal: the bounds of normal(0, 1, low=5) hold less than 1e-06"),
        (lambda: normal(0, 1, high=-5), "normal: the bounds of normal(0, 1, high=-5) hold less than 1e-06"),
        (lambda: normal(0, 1, low=1, high=1), "hold less than 1e-06 of the distribution"),
        (lambda: normal(0, 0, low=1), "hold less than 1e-06 of the distribution"),
        (lambda: lognormal(0, -0.1), "lognormal: sigma must be >= 0, got -0.1."),
        (lambda: exponential(0), "exponential: mean must be > 0, got 0."),
        (lambda: gamma(0, 1), "gamma: shape must be > 0, got 0."),
        (lambda: gamma(1, -1), "gamma: scale must be > 0, got -1."),
        (lambda: gamma(1, 10**400), "gamma: scale must be a finite number"),
        (lambda: choice([]), "choice: values must hold at least one number, got none."),
        (lambda: choice(3), "choice: values must be a list of numbers, got 3."),
        (lambda: choice([[1, 2]]), "choice: each of the values must be a finite number, got [1, 2]."),
        (lambda: choice([1, 2], [1.0]), "choice: give one probability per value, got 1 for 2 values."),
        (lambda: choice([1, 2], [0.5, 0.6]), "choice: probabilities must sum to 1, got a sum of 1.1."),
        (
            lambda: choice([1, 2], [1.5, -0.5]),
            "each of the probabilities is a probability and must lie between",
        ),
        (
            lambda: normal(0, 1).sample(-1, np.random.default_rng()),
            "normal(0, 1): n must be a whole number >= 0",
        ),
        (
            lambda: lognormal(1000, 1).sample(1, np.random.default_rng()),
            "lognormal(1000, 1) gave a value too large",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence(make: object, message: str) -> None:
    with pytest.raises(NeuroclError) as error:
        make()  # type: ignore[operator]
    assert message in str(error.value)
    assert "\n" not in str(error.value)
