"""The fast Gaussian numbers: their distribution, their place in the numbers of a run, who offers them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import neurocl as ncl
from neurocl.core.random import fast_normal, stream_key

NOISE = ncl.NeuronModel(name="noise", equations="n : 1; m : 1; u : 1", update="n = randn(); m = randn(); u = rand()")


def built(gaussian: str = "fast", dtype: str = "float64", n: int = 2000, seed: int = 5) -> ncl.Simulator:
    net = ncl.Network(dt=1.0)
    net.add(NOISE, n, name="exc")
    return net.build(seed=seed, dtype=dtype, gaussian=gaussian)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_fast_numbers_have_mean_0_variance_1_kurtosis_and_bound_as_stated(dtype: str) -> None:
    out = built(dtype=dtype).run(250.0, record={"exc": ["n", "m"]})["exc"]
    x = np.concatenate([out["n"].ravel(), out["m"].ravel()]).astype(np.float64)
    count = x.size  # a million: standard errors 0.001, 0.0014, 0.0024, 0.005
    assert abs(x.mean()) < 4.5 / np.sqrt(count)
    assert x.var() == pytest.approx(1.0, abs=4.5 * np.sqrt(1.85 / count))
    assert stats.skew(x) == pytest.approx(0.0, abs=4.5 * np.sqrt(6 / count))
    assert stats.kurtosis(x) == pytest.approx(-0.15, abs=4.5 * np.sqrt(24 / count))
    assert np.abs(x).max() < 4.9
    assert stats.kstest(x, "norm").statistic < 0.005  # of the exact distribution: 0.0026


def test_fast_numbers_are_independent_between_calls_neurons_and_steps() -> None:
    out = built().run(250.0, record={"exc": ["n", "m"]})["exc"]
    n, m = out["n"], out["m"]
    for a, b in ((n, m), (n[1:], n[:-1]), (n[:, 1:], n[:, :-1]), (n[1:], m[:-1])):
        for power in (1, 2):
            assert abs(np.corrcoef(a.ravel() ** power, b.ravel() ** power)[0, 1]) < 4.5 / np.sqrt(a.size)


def test_fast_numbers_depend_on_the_seed_and_are_those_of_the_core() -> None:
    first, again, other = (built(seed=s).run(3.0, record={"exc": "n"})["exc"]["n"] for s in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 4.5 / np.sqrt(first.size)
    index, stream = np.arange(2000, dtype=np.uint32), stream_key(5, "exc")
    for step in range(3):
        np.testing.assert_array_equal(first[step], fast_normal(index, stream, step, 0))
    single = built(dtype="float32").run(3.0, record={"exc": "n"})["exc"]["n"]
    np.testing.assert_allclose(single, first, rtol=2e-7)


def test_the_choice_leaves_other_numbers_alone_and_is_printed() -> None:
    fast, exact = built("fast"), built("exact")
    assert "fast Gaussian numbers" in str(fast) and "exact Gaussian numbers" in str(exact)
    a, b = (sim.run(3.0, record={"exc": ["n", "u"]})["exc"] for sim in (fast, exact))
    np.testing.assert_array_equal(a["u"], b["u"])
    assert not np.array_equal(a["n"], b["n"])


def test_a_saved_simulation_goes_on_with_its_kind_of_numbers(tmp_path: Path) -> None:
    sim = built()
    sim.run(2.0)
    sim.save(tmp_path / "sim")
    loaded = ncl.Simulator.load(tmp_path / "sim")
    expected, found = (s.run(2.0, record={"exc": "n"})["exc"]["n"] for s in (sim, loaded))
    np.testing.assert_array_equal(found, expected)
    assert "fast Gaussian numbers" in str(loaded)


def test_an_unknown_kind_and_an_engine_without_fast_numbers_are_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match="gaussian must be 'exact' or 'fast', got 'quick'"):
        built("quick")
    net = ncl.Network(dt=1.0)
    net.add(NOISE, 2, name="exc")
    with pytest.raises(ncl.NeuroclError, match=r"'brian2' has no option 'gaussian'"):
        net.build(engine="brian2", gaussian="fast")
