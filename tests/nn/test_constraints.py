"""Raw numbers of learned parameters: inside the bounds for every value, and back."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.nn.constraints import Bounds, find_bounds

BOUNDS = [Bounds(), Bounds(low=0.0), Bounds(high=-3.0), Bounds(-1.0, 2.5)]


@pytest.mark.parametrize("bounds", BOUNDS)
@given(raw=st.floats(-20.0, 20.0))
def test_raw_numbers_give_allowed_parameters_and_come_back(bounds: Bounds, raw: float) -> None:
    value = bounds.constrain(torch.tensor(raw, dtype=torch.float64))
    assert bounds.low < float(value) < bounds.high
    assert float(bounds.release(value, "it")) == pytest.approx(raw, abs=1e-4)


def test_bounds_are_read_from_what_a_model_requires() -> None:
    model = ncl.NeuronModel(
        name="m", parameters={"a": 1.0, "b": 1.0, "c": 0.5, "d": 1.0}, require="a > 0; 5 >= b; c >= 0 and c < 1; a < b"
    )
    found = {name: find_bounds(name, model.requirements) for name in "abcd"}
    assert found == {"a": Bounds(0.0), "b": Bounds(high=5.0), "c": Bounds(0.0, 1.0), "d": Bounds()}


def test_a_start_outside_is_told() -> None:
    with pytest.raises(ncl.NeuroclError, match="it is learned between 0 and inf and must start inside"):
        Bounds(0.0, math.inf).release(torch.zeros(3), "it")
