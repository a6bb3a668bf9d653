"""Poisson numbers of the compiled engine against those of the core: alone, in rows of one mean, in rows of many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.core import random
from neurocl.engines.numba import poisson

MEANS = st.one_of(st.floats(0, 40), st.sampled_from([0.0, 1e-9, 16.0, 16.1, 300.0]))
KEYS: dict[str, Any] = {"stream": st.integers(0, 2**63 - 1), "step": st.integers(0, 10**6), "call": st.integers(0, 5)}


@njit
def one_mean(first: int, last: int, mean: float, stream: int, step: int, call: int) -> Any:
    return poisson.poisson_row(first, last, mean, np.uint64(stream), step, call)


@njit
def many_means(first: int, means: NDArray[np.float64], stream: int, step: int, call: int) -> Any:
    return poisson.poisson_each(first, means, np.uint64(stream), step, call)


@njit
def alone(index: int, mean: float, stream: int, step: int, call: int) -> Any:
    return poisson.poisson(index, mean, np.uint64(stream), step, call)


@given(mean=MEANS, first=st.integers(0, 1000), **KEYS)
def test_a_row_of_one_mean_is_the_numbers_of_its_neurons(
    mean: float, first: int, stream: int, step: int, call: int
) -> None:
    row, index = one_mean(first, first + 100, mean, stream, step, call), np.arange(first, first + 100, dtype=np.uint32)
    np.testing.assert_array_equal(row, random.poisson(index, mean, stream, step, call))
    assert row[7] == alone(first + 7, mean, stream, step, call)


@given(means=st.lists(MEANS, min_size=1, max_size=12), n=st.integers(1, 200), first=st.integers(0, 1000), **KEYS)
def test_a_row_of_many_means_is_the_numbers_of_its_neurons(
    means: list[float], n: int, first: int, stream: int, step: int, call: int
) -> None:
    each, index = np.resize(means, n), np.arange(first, first + n, dtype=np.uint32)
    row = many_means(first, each, stream, step, call)
    np.testing.assert_array_equal(row, random.poisson(index, each, stream, step, call))


@pytest.mark.parametrize("mean", [-1.0, np.nan, np.inf])
def test_what_is_no_mean_gives_nan_and_leaves_the_others_alone(mean: float) -> None:
    assert np.isnan(one_mean(0, 3, mean, 1, 0, 0)).all()
    row = many_means(0, np.array([2.0, mean, 3.0]), 1, 0, 0)
    expected = random.poisson(np.arange(3, dtype=np.uint32), np.array([2.0, mean, 3.0]), 1, 0, 0)
    np.testing.assert_array_equal(row, expected)
    assert np.isnan(row[1]) and np.isfinite(row[[0, 2]]).all()


SOURCES = ncl.NeuronModel(
    name="sources", equations="x : 1; n : 1; m : 1; k : 1; deep : 1", parameters={"rate": 1.0, "share": 0.5},
    update="n = poisson(rate * (1 + x)); x = x / 2 + n; m = poisson(x + i + t); k = poisson(share);"
    " deep = poisson(10 * rand())",
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_mean_is_made_of_the_states_before_the_update(dtype: str) -> None:
    net, n = ncl.Network(dt=0.5), 150
    rate = np.linspace(0, 5, n)
    net.add(SOURCES, n, name="exc", rate=rate, x=2.0)
    out = net.build(seed=3, dtype=dtype).run(2.0, record={"exc": ["x", "n", "m", "k", "deep"]})["exc"]
    index, stream = np.arange(n, dtype=np.uint32), random.stream_key(3, "exc")
    x = np.full(n, 2.0)
    for step in range(4):
        key = (stream, step)
        means = {"n": (rate * (1 + x), 0), "m": (x + index + 0.5 * step, 1), "k": (0.5, 2),
                 "deep": (10 * random.uniform(index, *key, 3), 4)}  # fmt: skip
        for name, (mean, call) in means.items():
            differ = out[name][step] != random.poisson(index, mean, *key, call)
            # float32 rounds the mean, and takes 23 bits of the uniform number.
            assert differ.sum() <= (0 if dtype == "float64" else 2), name
        x = out["x"][step].astype(np.float64)
