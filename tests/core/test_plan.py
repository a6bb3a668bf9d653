"""From description to numbers: parameters, initial values, refractory times, schedules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core.plan import PopulationPlan
from neurocl.core.planning import make_plan


def plan_of(model: ncl.NeuronModel = models.LIF, n: int = 3, dt: float = 0.1, **values: Any) -> PopulationPlan:
    net = ncl.Network(dt=dt)
    net.add(model, n, name="p", **values)
    return make_plan(net, 1).populations["p"]


def test_a_parameter_is_a_number_for_all_or_one_for_each() -> None:
    plan = plan_of(tau_mem=[10, 20, 30], v_th=-50, i_ext=ncl.Input(2.5))
    np.testing.assert_array_equal(plan.parameters["tau_mem"], [10.0, 20.0, 30.0])
    assert plan.parameters["v_th"] == -50.0 and plan.parameters["c_mem"] == 250.0
    assert plan.inputs == ("i_ext",) and plan.parameters["i_ext"] == 2.5


def test_initial_values_are_given_or_the_models_or_zero() -> None:
    plan = plan_of(v_leak=[-70, -65, -60])
    np.testing.assert_array_equal(plan.initial["v"], [-70.0, -65.0, -60.0])
    np.testing.assert_array_equal(plan.initial["i_syn"], np.zeros(3))
    np.testing.assert_array_equal(plan_of(v=-61, i_syn=[1, 2, 3]).initial["i_syn"], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(plan_of(v=-61).initial["v"], np.full(3, -61.0))


def test_an_array_given_is_copied() -> None:
    tau = np.array([10.0, 20.0, 30.0])
    plan = plan_of(tau_mem=tau)
    tau[0] = 99.0
    assert plan.parameters["tau_mem"][0] == 10.0


@given(st.lists(st.floats(0, 50), min_size=3, max_size=3), st.sampled_from([0.1, 0.25, 1.0]))
def test_the_refractory_time_is_rounded_to_whole_updates(t_ref: list[float], dt: float) -> None:
    np.testing.assert_array_equal(plan_of(t_ref=t_ref, dt=dt).refractory, np.rint(np.array(t_ref) / dt))


def test_a_refractory_time_may_be_an_expression_of_parameters_and_dt() -> None:
    assert plan_of(models.LIF.replace(refractory="t_ref + 3 * dt")).refractory.tolist() == [23]
    free = models.LIFDelta.replace(refractory=None, equations="dv/dt = -v / tau_mem")
    assert plan_of(free).refractory.tolist() == [0]


def test_a_scheduled_spike_is_fired_in_the_step_that_ends_at_its_time() -> None:
    steps, neurons = plan_of(models.SpikeArray, spikes=([0.3, 0.1, 0.3], [2, 0, 1])).schedule
    assert steps.tolist() == [0, 2, 2] and neurons.tolist() == [0, 1, 2]


def test_distributions_of_different_names_are_independent() -> None:
    plan = plan_of(n=500, v=ncl.uniform(0, 1), i_syn=ncl.uniform(0, 1))
    assert abs(np.corrcoef(plan.initial["v"], plan.initial["i_syn"])[0, 1]) < 0.2


def test_traces_start_at_their_initial_values_and_weights_may_set_synapse_states() -> None:
    model = ncl.SynapseModel(
        name="s", pre="dx/dt = -x / a", equations="ds/dt = -s / 10", on_pre="x += 1; w += s",
        parameters={"a": 10.0, "b": 2.0}, initial={"x": "2 * a", "s": "w * b"},
    )  # fmt: skip
    net = ncl.Network()
    pre, post = net.add(models.Poisson, 2, name="pre"), net.add(models.LIF, 3, name="post")
    weight = np.arange(6.0).reshape(3, 2)
    net.connect(pre, post, ncl.AllToAll(), target="i_syn", synapse=model, weight=weight, name="s", b=[1, 2, 3, 4, 5, 6])
    plan = make_plan(net, 1).projections["s"]
    np.testing.assert_array_equal(plan.initial["pre"]["x"], [20.0, 20.0])
    np.testing.assert_array_equal(plan.initial["synapse"]["s"], plan.weight * np.arange(1, 7))


def test_the_longest_delay_of_all_projections_counts() -> None:
    net = ncl.Network()
    pre, post = net.add(models.Poisson, 2, name="pre"), net.add(models.LIF, 3, name="post")
    net.connect(pre, post, ncl.AllToAll(), target="i_syn", delay=1.5)
    net.connect(pre, post, ncl.AllToAll(), target="i_syn", delay=[[0.0, 2.0], [0.1, 0.2], [0.0, 0.0]])
    assert make_plan(net, 1).max_delay == 20


def test_a_model_with_a_time_step_of_its_own_takes_no_other() -> None:
    assert plan_of(models.Izhikevich, dt=1.0).n == 3
    with pytest.raises(ncl.NeuroclError, match=r"'p'.*dt = 1 ms only, the network has dt = 0.1 ms"):
        plan_of(models.Izhikevich, dt=0.1)
