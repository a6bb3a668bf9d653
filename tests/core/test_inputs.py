"""What drives a run: arrays and spikes, counted from the beginning of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core.inputs import Inputs, parse_inputs
from neurocl.core.plan import Plan
from neurocl.core.planning import make_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    net = ncl.Network(dt=0.1)
    net.add(models.LIF, 3, name="exc", i_ext=ncl.Input())
    net.add(models.SpikeArray, 3, name="inp")
    net.add(models.Dopamine, name="da", reward=ncl.Input())
    return make_plan(net, 1)


def parse(plan: Plan, steps: int = 10, first: int = 0, **inputs: Any) -> Inputs:
    return parse_inputs(plan, inputs, steps, first)


def test_nothing_is_a_run_without_inputs(plan: Plan) -> None:
    assert parse_inputs(plan, None, 10, 0) == Inputs()


@pytest.mark.parametrize("shape", [(10,), (4,), (10, 1), (10, 3), (1, 3)])
def test_values_are_kept_as_steps_by_neurons(plan: Plan, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    found = parse(plan, exc={"i_ext": values.tolist()}).values["exc"]["i_ext"]
    np.testing.assert_array_equal(found, values if values.ndim == 2 else values[:, None])


def test_a_modulator_takes_one_value_per_step(plan: Plan) -> None:
    assert parse(plan, da={"reward": [1, 2, 3]}).values["da"]["reward"].tolist() == [[1.0], [2.0], [3.0]]


steps_and_neurons = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 2)))


@given(steps_and_neurons, st.integers(0, 1000))
def test_spikes_are_given_as_times_or_as_a_mask(plan: Plan, spikes: set[tuple[int, int]], first: int) -> None:
    mask = np.zeros((10, 3), dtype=bool)
    for step, neuron in spikes:
        mask[step, neuron] = True
    times, neurons = [(step + 1) * 0.1 for step, _ in spikes], [neuron for _, neuron in spikes]
    expected = [(first + step, neuron) for step, neuron in sorted(spikes)]
    for given_as in (mask, mask.astype(float), (times, np.array(neurons, dtype=int))):
        at, who = parse(plan, first=first, inp={"spikes": given_as}).spikes["inp"]
        assert list(zip(at.tolist(), who.tolist(), strict=True)) == expected


def test_a_spike_at_the_end_of_the_run_is_its_last(plan: Plan) -> None:
    assert parse(plan, inp={"spikes": ([1.0], [0])}).spikes["inp"][0].tolist() == [9]
    with pytest.raises(ncl.NeuroclError, match=r"1\.1 ms lies beyond the run of 1 ms"):
        parse(plan, inp={"spikes": ([1.1], [0])})
