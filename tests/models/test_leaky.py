"""The leaky neuron in discrete time, against its recursion."""

from __future__ import annotations

import math

import numpy as np

import neurocl as ncl


def test_spikes_follow_the_published_recursion() -> None:
    beta, n_steps = math.exp(-1 / 10.0), 200
    drive = np.random.default_rng(0).uniform(-0.2, 0.7, (n_steps, 5))
    u, s, expected = np.zeros(5), np.zeros(5), []
    for i in drive:
        u = beta * u + i - s
        s = (u > 1.0).astype(float)
        expected.append(s)
    net = ncl.Network(dt=1.0)
    net.add(ncl.models.Leaky, 5, name="p", i_ext=ncl.Input())
    out = net.build(dtype="float64").run(float(n_steps), record={"p": ["spikes"]}, inputs={"p": {"i_ext": drive}})
    found = np.zeros((n_steps, 5))
    found[np.rint(out["p"].spikes.times).astype(int) - 1, out["p"].spikes.indices] = 1.0
    assert found.sum() > 100
    assert np.array_equal(found, np.array(expected))
