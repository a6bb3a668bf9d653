"""Coefficients of the exact step on tensors: the numbers of the engines, and exact gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import neurocl as ncl
from neurocl.core.network import Network
from neurocl.core.planning import make_plan
from neurocl.nn.propagation import Propagation
from neurocl.nn.tensors import ONE

MODELS = ["LIF", "LIFDelta", "LIFAlpha", "LIFDoubleExponential", "AdaptiveThresholdLIF", "ConductanceLIF"]


def made(name: str) -> tuple[Any, Propagation, dict[str, Any]]:
    net = Network(dt=0.5)
    net.add(getattr(ncl.models, name), 4, name="p")
    plan = make_plan(net, 0).populations["p"]
    values = {k: torch.tensor(v, dtype=torch.float64) for k, v in plan.parameters.items()}
    assert plan.scheme.propagator is not None
    propagation = Propagation(plan.scheme.propagator, plan.coefficients(), plan.dt)
    return plan, propagation, {**values, ONE: torch.ones((), dtype=torch.float64)}


@pytest.mark.parametrize("name", MODELS)
def test_coefficients_are_those_of_the_engines(name: str) -> None:
    plan, propagation, values = made(name)
    found = propagation.coefficients(values)
    for key, value in plan.coefficients().items():
        assert float(found[key]) == pytest.approx(value, rel=1e-12, abs=1e-15), key


@pytest.mark.parametrize("equal", [False, True])
def test_gradients_are_exact_also_where_time_constants_are_equal(equal: bool) -> None:
    _, propagation, values = made("LIF")
    taus = torch.tensor([10.0, 10.0 if equal else 2.0], dtype=torch.float64, requires_grad=True)

    def coefficients(taus: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(propagation.coefficients({**values, "tau_mem": taus[0], "tau_syn": taus[1]}).values())

    assert torch.autograd.gradcheck(coefficients, taus)
