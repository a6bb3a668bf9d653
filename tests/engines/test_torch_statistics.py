"""After the first 200 ms, in which spikes are equal, rounding may part two runs; their statistics stay equal.

Rates, coefficients of variation of the intervals and correlations of the torch and the Numba engine on four networks of
the literature, in both precisions. In float64 the engines have so far fired the same spikes to the end.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import neurocl as ncl
from neurocl.analysis import mean_correlation
from neurocl.core.recording import Spikes
from neurocl.networks import brunel, coba, cuba, izhikevich

torch = pytest.importorskip("torch")

NETWORKS: dict[str, Callable[[], ncl.Network]] = {
    "cuba": lambda: cuba(1000),
    "coba": lambda: coba(1000),
    "brunel": lambda: brunel(500, c_exc=100, j=0.5),
    "izhikevich": lambda: izhikevich(500),
}
EQUAL, END = 200.0, 1200.0  # ms
RATE, CV, CORRELATION = 0.05, 0.05, 0.02
"""Tolerances: relative for the rate, absolute for the others. Runs of other seeds differ by as much."""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def spikes_of(network: ncl.Network, engine: str, dtype: str) -> dict[str, Spikes]:
    """All spikes, by population."""
    sim = network.build(engine=engine, seed=1, dtype=dtype)
    names = [name for name, plan in sim.plan.populations.items() if plan.parsed.threshold is not None]
    out = sim.run(END, record=dict.fromkeys(names, "spikes"))
    return {name: out[name].spikes for name in names}


def assert_alike(first: Spikes, second: Spikes) -> None:
    """Both trains of a population have one rate, variability and correlation, within the tolerances."""
    assert second.mean_rate() == pytest.approx(first.mean_rate(), rel=RATE)
    assert second.cv() == pytest.approx(first.cv(), abs=CV)
    correlations = [mean_correlation(spikes, 5.0) for spikes in (first, second)]
    assert correlations[1] == pytest.approx(correlations[0], abs=CORRELATION)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_statistics_are_those_of_the_numba_engine(name: str, dtype: str) -> None:
    numba, tensors = (spikes_of(NETWORKS[name](), engine, dtype) for engine in ("numba", "torch"))
    for population, spikes in numba.items():
        assert len(spikes) > 900
        if dtype == "float64":
            assert tensors[population].between(0.0, EQUAL).equals(spikes.between(0.0, EQUAL))
        assert_alike(spikes.between(EQUAL, END), tensors[population].between(EQUAL, END))
