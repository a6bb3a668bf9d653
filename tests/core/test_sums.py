"""Sums over synapses as text: what is understood, and what is refused in one sentence."""

from __future__ import annotations

import pytest

import neurocl as ncl

CELL = ncl.NeuronModel(name="cell", equations="dv/dt = (i_gap - v) / 10 : mV", parameters={"i_gap": 0.0})
GAP = ncl.SynapseModel(name="gap", equations="i_gap_post = w * (v_pre - v_post) : pA (summed)")


def test_a_sum_knows_its_side_and_its_unit() -> None:
    parsed = GAP.parsed
    assert [(s.name, s.side, s.of_neurons, s.unit) for s in parsed.neuron_sums] == [("i_gap", "post", True, "pA")]
    assert parsed.own_sums == () and parsed.acts_without_spikes and not parsed.is_plastic
    assert parsed.neuron_names() == {"v_pre", "v_post"}


def test_aliases_are_written_out_in_sums() -> None:
    synapse = ncl.SynapseModel(name="s", equations="gap = v_pre - v_post : mV\ni_gap_post = w * gap : pA (summed)")
    assert synapse.parsed.synapse.sums[0].expression == GAP.parsed.synapse.sums[0].expression


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"equations": "i_gap = w : pA (summed)"}, r"write 'i_gap_post' for their parameter 'i_gap', or"),
        ({"equations": "g_post = w : pA (summed post)"}, r"'g_post' names a parameter of the neurons; its flag is"),
        ({"equations": "g_post = w : pA (sumed)"}, r"unknown flag '\(sumed\)'; known: \(unless refractory\)"),
        ({"equations": "dw/dt = -w / 5 : 1 (summed)"}, "only 'name = ... : unit' can be"),
        ({"equations": "g_post = u : pA (summed)"}, "unknown name 'u'"),
        ({"equations": "g_post = w > 1 : pA (summed)"}, "'g_post' is true or false"),
        ({"equations": "total = w : 1 (summed post)"}, "nothing reads the sum 'total'; only update= can"),
        ({"equations": "w = 1 : 1 (summed post)", "update": "w += 1"}, "'w' is a sum and something else"),
        ({"pre": "x = w : 1 (summed post)"}, r"pre, line .* belongs into the equations= of a SynapseModel"),
        ({"update": "v_post = 1"}, "only w and states of the synapse can change here; to act on neurons write a sum"),
        ({"update": "u = 1"}, "statement on 'u': only w and states of the synapse can change here"),
        ({"update": "w = u"}, "update, statement on 'w': unknown name 'u'"),
    ],
)
def test_wrong_text_is_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=message):
        ncl.SynapseModel(name="s", **fields)  # type: ignore[arg-type]


def test_neurons_and_modulators_have_no_sums() -> None:
    for kind in (ncl.NeuronModel, ncl.Modulator):
        with pytest.raises(ncl.NeuroclError, match="a sum over synapses belongs into"):
            kind(name="m", equations="x_post = 1 : 1 (summed)")


def test_a_network_checks_where_a_sum_goes() -> None:
    net = ncl.Network()
    cells, driven = net.add(CELL, 2, name="cells"), net.add(CELL, 2, name="driven", i_gap=ncl.Input())
    plain = net.add(ncl.models.LIF, 2, name="plain")
    with pytest.raises(ncl.NeuroclError, match="population 'plain' has no parameter 'i_gap'"):
        net.connect(cells, plain, ncl.AllToAll(), synapse=GAP)
    with pytest.raises(ncl.NeuroclError, match="'i_gap' of population 'driven' becomes a sum over synapses; leave out"):
        net.connect(cells, driven, ncl.AllToAll(), synapse=GAP)
    with pytest.raises(ncl.NeuroclError, match="a sum reads the neurons as they are now; connect with delay=0"):
        net.connect(cells, cells, ncl.AllToAll(), synapse=GAP, delay=1.0)
    with pytest.raises(ncl.NeuroclError, match="population 'cells' never spikes"):
        net.connect(cells, plain, ncl.AllToAll(), synapse=GAP, target="i_syn")
    net.connect(cells, cells, ncl.AllToAll(), synapse=GAP)
    sim = net.build()
    assert "i_gap_post = w * (v_pre - v_post)" in str(sim)
    with pytest.raises(ncl.NeuroclError, match="'i_gap' is a sum over synapses"):
        sim.set("cells", i_gap=1.0)


def test_a_running_sum_needs_one_order_of_the_synapses() -> None:
    running = ncl.SynapseModel(name="r", equations="r = w : 1 (summed pre, in order)", update="w = r")
    net = ncl.Network()
    cells = net.add(CELL, 2, name="cells")
    net.connect(cells, cells, ncl.AllToAll(), synapse=running, delay=[[0.1, 0.2], [0.1, 0.1]])
    with pytest.raises(ncl.NeuroclError, match="a sum in order needs one delay for all synapses"):
        net.build()
