"""A network is a description: names, slices, defaults, and the same network from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core.planning import make_plan


def a_network(extra: bool = False) -> ncl.Network:
    net = ncl.Network(dt=0.1)
    if extra:
        net.add(models.Poisson, 7, name="first", rate=ncl.uniform(1, 5))
    exc = net.add(models.LIF, 20, name="exc", v=ncl.uniform(-70, -55), tau_mem=ncl.normal(10, 1, low=5))
    inp = net.add(models.Poisson, 10, name="inp")
    net.connect(
        inp, exc, ncl.FixedProbability(0.3), target="i_syn", weight=ncl.normal(1, 0.1), delay=ncl.uniform(0.1, 2)
    )
    if extra:
        net.connect(exc, exc, ncl.FixedIndegree(3), target="i_syn", name="rec")
    return net


def drawn(net: ncl.Network, seed: int) -> list[np.ndarray]:
    plan = make_plan(net, seed)
    edges = plan.projections["inp_exc"].edges
    exc = plan.populations["exc"]
    return [
        exc.initial["v"], exc.parameters["tau_mem"], edges.pre, edges.post, edges.delay,
        plan.projections["inp_exc"].weight,
    ]  # fmt: skip


def test_one_seed_gives_one_network_whatever_else_is_in_it() -> None:
    first = drawn(a_network(), 3)
    for again in (drawn(a_network(), 3), drawn(a_network(extra=True), 3)):
        for a, b in zip(first, again, strict=True):
            np.testing.assert_array_equal(a, b)
    assert all(not np.array_equal(a, b) for a, b in zip(first, drawn(a_network(), 4), strict=True))


@given(st.slices(20))
def test_a_slice_selects_as_in_numpy(part: slice) -> None:
    exc = ncl.Network().add(models.LIF, 20, name="exc")
    expected = np.arange(20)[part]
    if expected.size:
        assert list(exc[part].neurons) == expected.tolist() and len(exc[part]) == expected.size
    else:
        with pytest.raises(ncl.NeuroclError, match=r"'exc'.* is empty"):
            exc[part]


@given(st.lists(st.integers(-20, 19), min_size=1, unique_by=lambda i: i % 20))
def test_a_list_names_any_neurons(numbers: list[int]) -> None:
    exc = ncl.Network().add(models.LIF, 20, name="exc")
    for key in (numbers, np.array(numbers)):
        np.testing.assert_array_equal(exc[key].neurons, np.unique(np.arange(20)[numbers]))


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([], "the numbers of one or more neurons"),
        ([0.5], "the numbers of one or more neurons"),
        ([[1, 2]], "the numbers of one or more neurons"),
        ([1, 20], "has neurons 0 to 19"),
        ([1, -19], "names a neuron twice"),
    ],
)
def test_a_list_of_no_neurons_is_refused(numbers: Any, message: str) -> None:
    exc = ncl.Network().add(models.LIF, 20, name="exc")
    with pytest.raises(ncl.NeuroclError, match=f"'exc'.*{message}"):
        exc[numbers]


def test_connections_need_a_slice() -> None:
    net = ncl.Network()
    exc = net.add(models.LIF, 20, name="exc")
    with pytest.raises(ncl.NeuroclError, match=r"pre: expected a slice .* of 'exc', got a list"):
        net.connect(exc[[1, 5]], exc, ncl.AllToAll(), target="i_syn")


def test_one_neuron_is_a_slice_of_one() -> None:
    exc = ncl.Network().add(models.LIF, 20)
    assert list(exc[3].neurons) == [3] and list(exc[-1].neurons) == [19] and list(exc[np.int64(0)].neurons) == [0]


def test_names_are_the_models_or_made_of_the_ends_unless_given() -> None:
    net = ncl.Network()
    a, b = net.add(models.LIF, 2), net.add(models.Poisson, 2, name="b")
    names = [net.connect(b, a, ncl.AllToAll(), target="i_syn").name for _ in range(3)]
    assert a.name == "LIF" and names == ["b_LIF", "b_LIF_2", "b_LIF_3"]
    assert net.connect(b[:1], a, ncl.OneToOne(), target="i_syn", name="one").name == "one"


def test_a_printout_has_a_line_for_every_part() -> None:
    net = a_network(extra=True)
    da = net.add(models.Dopamine, name="da")
    net.modulate(net.connect(net.populations["exc"], net.populations["exc"], ncl.AllToAll(), target="i_syn",
                             synapse=models.RewardSTDP, name="plastic"), d=da["d"])  # fmt: skip
    lines = str(net).splitlines()
    assert lines[0] == "Network: dt = 0.1 ms" and len(lines) == 1 + 3 + 3 + 1
    for part in (
        "'exc': 20 x LIF",
        "'inp': 10 x Poisson",
        "'rec': exc -> exc",
        "FixedIndegree(k=3",
        "RewardSTDP",
        "'da': Dopamine",
    ):
        assert part in str(net)


def test_building_changes_nothing_in_the_description() -> None:
    net = a_network(extra=True)
    before = str(net)
    sims = [net.build(seed=1), net.build(seed=1)]
    for sim in sims:
        sim.run(5.0)
    assert str(net) == before
    for name, array in sims[0].state.items():
        np.testing.assert_array_equal(array, sims[1].state[name])


def test_two_simulations_of_one_network_do_not_share_anything() -> None:
    net = a_network(extra=True)
    first, second = net.build(seed=1), net.build(seed=1)
    first.set("exc", v_th=-69.9, v=-60.0)
    second.run(5.0)
    third = net.build(seed=1)
    third.run(5.0)
    np.testing.assert_array_equal(second.state["exc.v"], third.state["exc.v"])
