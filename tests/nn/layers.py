"""Shared by the tests: models and inputs with which neurons fire now and then."""

from __future__ import annotations

from typing import Any

import torch

import neurocl as ncl
from neurocl.nn import Spiking

EXPONENTIAL = ncl.NeuronModel(
    name="exponential",
    doc="Leaky neuron with exponential synapses and reset by subtraction, dimensionless.",
    equations="""
        dv/dt     = (i_syn - v) / tau_mem : 1
        di_syn/dt = -i_syn / tau_syn      : 1
    """,
    threshold="v > v_th", reset="v -= v_th", parameters={"tau_mem": 10.0, "tau_syn": 4.0, "v_th": 1.0},
    require="tau_mem > 0; tau_syn > 0; v_th > 0",
)  # fmt: skip

CASES: dict[str, tuple[ncl.NeuronModel, dict[str, Any], float, float]] = {
    "leaky": (ncl.models.Leaky, {}, 0.0, 0.6),
    "leaky, input to v": (ncl.models.Leaky, {"input": "v"}, 0.0, 0.6),
    "LIF": (ncl.models.LIF, {}, 300.0, 400.0),
    "LIF, input to i_ext": (ncl.models.LIF, {"input": "i_ext"}, 400.0, 400.0),
    "LIFDelta": (ncl.models.LIFDelta, {"input": "v", "t_ref": 0.0}, 2.0, 8.0),
    "exponential": (EXPONENTIAL, {}, 0.3, 1.0),
}
"""Model, arguments, mean and spread of the input, for the neurons of the compiled loop."""


def make(case: str, n: int = 7, **changes: Any) -> tuple[Spiking, torch.Tensor]:
    """A layer of float64 and an input [30, 3, n] that makes it fire."""
    model, arguments, mean, spread = CASES[case]
    layer = Spiking(model, n, **{"dtype": torch.float64, "surrogate": "atan", **arguments, **changes})
    noise = torch.randn(30, 3, n, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    return layer, (mean + spread * noise).to(layer.values.one.dtype)
