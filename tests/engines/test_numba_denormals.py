"""Denormal numbers are zero inside a run, and nowhere else."""

from __future__ import annotations

import platform

import numpy as np
import pytest

import neurocl as ncl

only_x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="only x86-64 has the control register"
)
DECAY = ncl.NeuronModel(name="decay", equations="dx/dt = -x / 10 : 1")


@only_x86
@pytest.mark.parametrize(("dtype", "smallest"), [("float32", 1.2e-38), ("float64", 2.3e-308)])
def test_a_decaying_state_ends_at_zero_and_python_keeps_its_denormals(dtype: str, smallest: float) -> None:
    net = ncl.Network(dt=1.0)
    net.add(DECAY, 3, name="cells", x=[1.0, 1e-3, 0.0])
    sim = net.build(dtype=dtype)
    x = sim.run(8000.0, record={"cells": "x"})["cells"]["x"]
    assert x[-1].max() == 0.0
    assert x[x > 0].min() >= smallest
    assert np.float64(1e-310) / 2 > 0


@only_x86
def test_the_mode_is_restored_when_a_table_of_spikes_must_grow() -> None:
    net = ncl.Network(dt=0.1)
    net.add(ncl.models.Poisson, 3000, name="p", rate=2000.0)
    out = net.build().run(50.0, record={"p": "spikes"})
    assert len(out["p"].spikes) > 2 * 3000  # more than the first table holds
    assert np.float64(1e-310) / 2 > 0
