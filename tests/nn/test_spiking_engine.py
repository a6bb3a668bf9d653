"""A layer's spikes and states are those of the CPU engine, for every model of the library that a layer can run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.nn import Spiking
from neurocl.nn.program import DEFAULT_TARGETS

N, STEPS = 6, 300
TARGETS = {
    "EPropLIF": "v", "Astrocyte": "ip3", "EPropReadout": "y", "LIFDelta": "v", "ConductanceLIF": "g_e",
    "ConductanceLIFAlpha": "rise_e", "ConductanceLIFDoubleExponential": "rise_e", "NMDALIF": "g_e",
}  # fmt: skip
"""Inputs that have a name of their own."""
SILENT = {"Astrocyte"}
"""It needs more time to fire; its state is compared all the same."""
STRONGEST = {"ThetaNeuron": 0.03}
"""More turns its phase several times in a step, which the last bits of a cosine decide."""
QUICK = {
    "LIF", "LIFDelta", "LIFAlpha", "Leaky", "ALIF", "AdaptiveThresholdLIF", "AdEx", "Izhikevich", "HodgkinHuxley",
    "ConductanceLIF", "LeakyIntegrator",
}  # fmt: skip
"""One of each kind; the engine compiles a network for every model, so the others are slow."""


def engine_run(
    model: ncl.NeuronModel, target: str, drive: NDArray[np.float64], dt: float, state: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spikes and a state, [step, neuron], of the CPU engine with `drive` [step, neuron], whose first row is 0."""
    net = ncl.Network(dt=dt)
    is_parameter = target in model.parameters
    neurons = net.add(model, drive.shape[1], name="neurons", **({target: ncl.Input()} if is_parameter else {}))
    inputs = {"neurons": {target: drive}} if is_parameter else {}
    if not is_parameter:
        # A spike at k dt arrives with delay 0 in step k.
        steps, indices = np.nonzero(drive)
        weight = drive.max(axis=0)
        source = net.add(ncl.models.SpikeArray, drive.shape[1], name="source", spikes=(steps * dt, indices))
        net.connect(source, neurons, ncl.OneToOne(), target=target, weight=weight)
    record = [state, *(["spikes"] if model.threshold is not None else [])]
    out = net.build(dtype="float64").run(len(drive) * dt, record={"neurons": record}, inputs=inputs)["neurons"]
    raster = np.zeros(drive.shape)
    if model.threshold is not None:
        raster[np.rint(out.spikes.times / dt).astype(int) - 1, out.spikes.indices] = 1.0
    return raster, out[state]


def possible() -> list[str]:
    """Neurons without random draws or scheduled spikes that have a state."""
    found = []
    for name, model in ncl.models.catalogue().items():
        if isinstance(model, ncl.NeuronModel) and not model.parsed.draws and model.parsed.equations.states:
            has_target = name in TARGETS or {*DEFAULT_TARGETS} & {*model.parameters, *model.parsed.equations.states}
            if "xi" not in model.equations and has_target:
                found.append(name)
    return found


STRENGTHS = np.array([1.0, 1.0, 30.0, 30.0, 600.0, 600.0])


def weakened(model: ncl.NeuronModel, target: str, dt: float, state: str) -> tuple[Any, Any, Any]:
    """A drive that the engine accepts (it refuses one that leads to infinity), and the engine's answer to it."""
    drive = STRENGTHS * (np.random.default_rng(1).random((STEPS, N)) < 0.1)
    drive[0] = 0.0
    for factor in [f for f in (1.0, 0.03, 0.001) if f <= STRONGEST.get(model.name, 1.0)]:
        try:
            return (factor * drive, *engine_run(model, target, factor * drive, dt, state))
        except ncl.NeuroclError as error:
            refused = error
    raise refused


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in possible()])
def test_layer_agrees_with_the_engine(name: str) -> None:
    model = ncl.models.catalogue()[name]
    assert isinstance(model, ncl.NeuronModel)
    dt, state = model.dt or 0.05, next(iter(model.parsed.equations.states))
    output = "spikes" if model.threshold is not None else state
    layer = Spiking(model, N, dt=dt, input=TARGETS.get(name), output=output, dtype=torch.float64)
    drive, spikes, trace = weakened(model, layer.input, dt, state)
    out, last = layer(torch.as_tensor(drive).unsqueeze(1))
    if output == "spikes":
        assert np.array_equal(out[:, 0].numpy(), spikes)
        assert name in SILENT or spikes.any()
    np.testing.assert_allclose(getattr(last, state)[0].numpy(), trace[-1], rtol=1e-8, atol=1e-10)
