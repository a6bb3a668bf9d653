"""The numbers of a run: uniform, normal and Poisson, independent of each other, dependent on their key alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from neurocl.core.random import build_generator, normal, poisson, step_keys, stream_key, uniform

N = 2**16
INDEX = np.arange(N, dtype=np.uint32)
STREAM = stream_key(1, "exc")
P_VALUE = 1e-4
"""Every statistical test here is on fixed numbers: it passes always or never."""


def is_flat(counts: NDArray[np.int64]) -> bool:
    return bool(stats.chisquare(counts.ravel()).pvalue > P_VALUE)


@pytest.mark.parametrize(("step", "call"), [(0, 0), (1, 0), (0, 1), (10**9, 5)])
def test_numbers_over_neurons_are_uniform_inside_0_and_1(step: int, call: int) -> None:
    u = uniform(INDEX, STREAM, step, call)
    assert u.min() > 0 and u.max() < 1
    assert is_flat(np.bincount((u * 256).astype(int), minlength=256))
    assert stats.kstest(u, "uniform").pvalue > P_VALUE


def test_numbers_over_steps_are_uniform() -> None:
    u = np.array([uniform(INDEX[7:8], STREAM, step, 0)[0] for step in range(20_000)])
    assert is_flat(np.bincount((u * 64).astype(int), minlength=64))


def pairs() -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    u = uniform(INDEX, STREAM, 3, 0)
    over_time = np.array([uniform(INDEX[:4], STREAM, step, 0) for step in range(N // 4)])
    return {
        "neighbouring neurons": (u[:-1], u[1:]),
        "neurons 256 apart": (u[:-256], u[256:]),
        "the next step": (u, uniform(INDEX, STREAM, 4, 0)),
        "the next call": (u, uniform(INDEX, STREAM, 3, 1)),
        "the next neuron in the next step": (u[1:], uniform(INDEX, STREAM, 4, 0)[:-1]),
        "another population": (u, uniform(INDEX, stream_key(1, "inh"), 3, 0)),
        "another seed": (u, uniform(INDEX, stream_key(2, "exc"), 3, 0)),
        "another trial": (u, uniform(INDEX, stream_key(1, "exc", 1), 3, 0)),
        "one neuron's next step": (over_time[:-1].ravel(), over_time[1:].ravel()),
        "one neuron's step after next": (over_time[:-2].ravel(), over_time[2:].ravel()),
    }


@pytest.mark.parametrize("which", list(pairs()))
def test_two_numbers_of_a_run_are_independent(which: str) -> None:
    a, b = pairs()[which]
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(a.size)
    grid = np.bincount((a * 16).astype(int) * 16 + (b * 16).astype(int), minlength=256)
    assert is_flat(grid)


def test_low_bits_of_neighbours_are_independent() -> None:
    bits = (uniform(INDEX, STREAM, 0, 0) * 2.0**32 - 0.5).astype(np.uint64).astype(np.uint8) & 1
    assert is_flat(np.bincount(bits[:-2] * 4 + bits[1:-1] * 2 + bits[2:], minlength=8))


def test_normal_numbers_have_the_moments_of_a_normal() -> None:
    x = normal(INDEX, STREAM, 0, 0)
    assert stats.kstest(x, "norm").pvalue > P_VALUE
    assert abs(x.mean()) < 4.5 / np.sqrt(N)
    assert abs(x.var() - 1) < 4.5 * np.sqrt(2 / N)
    assert abs(stats.skew(x)) < 4.5 * np.sqrt(6 / N)
    assert abs(stats.kurtosis(x)) < 4.5 * np.sqrt(24 / N)
    for other in (normal(INDEX, STREAM, 1, 0), normal(INDEX, STREAM, 0, 1), uniform(INDEX, STREAM, 0, 0)):
        assert abs(np.corrcoef(x, other)[0, 1]) < 4.5 / np.sqrt(N)


@pytest.mark.parametrize("mean", [0.0, 1e-3, 0.7, 5.0, 16.0, 16.5, 100.0])
def test_poisson_numbers_have_the_distribution_of_a_poisson(mean: float) -> None:
    count = poisson(INDEX, mean, STREAM, 0, 0)
    assert abs(count.mean() - mean) <= 4.5 * np.sqrt(mean / N)
    assert abs(count.var() - mean) <= 4.5 * np.sqrt((mean + 2 * mean**2) / N)
    largest = int(stats.poisson.ppf(1 - 1e-3, mean))
    observed = np.bincount(np.minimum(count, largest + 1).astype(int), minlength=largest + 2)
    expected = N * np.append(stats.poisson.pmf(np.arange(largest + 1), mean), stats.poisson.sf(largest, mean))
    enough = expected > 5
    if enough.sum() > 1:
        assert (
            stats.chisquare(observed[enough], expected[enough] * observed[enough].sum() / expected[enough].sum()).pvalue
            > P_VALUE
        )


def test_a_poisson_mean_may_differ_between_neurons() -> None:
    means = np.tile([0.5, 40.0], N // 2)
    count = poisson(INDEX, means, STREAM, 0, 0)
    assert count[::2].mean() == pytest.approx(0.5, abs=0.02) and count[1::2].mean() == pytest.approx(40, abs=0.2)
    np.testing.assert_array_equal(count[1::2], poisson(INDEX[1::2], 40.0, STREAM, 0, 0))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(0, 100), st.integers(0, 2**32 - 1))
def test_a_number_depends_on_its_own_key_only(stream: int, step: int, call: int, neuron: int) -> None:
    alone = uniform(np.array([neuron], np.uint32), stream, step, call)[0]
    among = uniform(np.array([5, neuron, 9], np.uint32), stream, step, call)[1]
    assert alone == among
    assert step_keys(stream, step, call) != step_keys(stream, step + 1, call) != step_keys(stream, step, call + 1)


@given(st.integers(0, 2**70), st.text(max_size=5), st.text(max_size=5))
def test_a_build_stream_depends_on_seed_and_names(seed: int, a: str, b: str) -> None:
    first = build_generator(seed, a, b).random(4)
    np.testing.assert_array_equal(first, build_generator(seed, a, b).random(4))
    assert not np.array_equal(first, build_generator(seed + 1, a, b).random(4))
    assert not np.array_equal(first, build_generator(seed, a, b, "").random(4))
    assert not np.array_equal(first, build_generator(seed, a + b).random(4))
