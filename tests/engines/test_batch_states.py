"""Presentations of a batch may begin with states of their own."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import neurocl as ncl

N, COUNT = 5, 3
ENGINES = [
    "numba",
    pytest.param("torch", marks=pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs PyTorch")),
]


def build(engine: str) -> ncl.Simulator:
    net = ncl.Network(dt=0.5)
    p = net.add(ncl.models.LIF, N, name="p", i_ext=700.0)
    net.connect(p, p, ncl.FixedProbability(0.8), target="i_syn", weight=ncl.uniform(1, 9), name="still")
    net.connect(
        p, p, ncl.FixedProbability(0.8), target="i_syn", weight=ncl.uniform(1, 9), name="s",
        synapse=ncl.models.PairSTDP, w_max=10.0,
    )  # fmt: skip
    return net.build(engine=engine, seed=3, dtype="float64")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_presentation_is_a_run_from_the_states_given_for_it(engine: str) -> None:
    batch, alone = build(engine), build(engine)
    rng, size = np.random.default_rng(0), len(batch.edges("s")[0])
    states = {"p.v": rng.uniform(-70, -50, (COUNT, N)), "s.w": rng.uniform(0, 10, (COUNT, size))}
    found = batch.run_batch(20.0, COUNT, states=states, record={"p": ["v", "spikes"], "s": "w"})
    for k in range(COUNT):
        alone.reset(trial=1 + k)
        for name, values in states.items():
            owner, _, state = name.partition(".")
            alone.set(owner, **{state: values[k]})
        expected = alone.run(20.0, record={"p": ["v", "spikes"], "s": "w"})
        np.testing.assert_allclose(found[k]["p"]["v"], expected["p"]["v"], rtol=1e-12)
        np.testing.assert_allclose(found[k]["s"]["w"], expected["s"]["w"], rtol=1e-12)
        assert found[k]["p"].spikes == expected["p"].spikes
    assert (batch.state["p.v"] == build(engine).state["p.v"]).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({"p.u": np.zeros((COUNT, N))}, "no changing state 'p.u'"),
        ({"still.w": np.zeros((COUNT, N))}, "no changing state 'still.w'"),
        ({"p.v": np.zeros(N)}, r"states\['p.v'\]: expected shape \[3, 5\], got \[5\]"),
        ({"p.v": np.full((COUNT, N), np.nan)}, "contains NaN"),
        ([1], "expected a dict"),
    ],
)
def test_states_that_do_not_fit_are_refused(engine: str, states: object, message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=message):
        build(engine).run_batch(1.0, COUNT, states=states)
