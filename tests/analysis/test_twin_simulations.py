"""Twin simulations: linear networks have their eigenvalue, twins see the same noise and input, one spike may matter."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.analysis.twin_simulations import lyapunov_simulation, spike_divergence
from neurocl.core.errors import NeuroclError
from neurocl.networks.cuba import cuba
from tests.networks import NEURON, SOURCE, STDP

DT = 0.1

LEAKY = ncl.NeuronModel(
    name="leaky_pair",
    equations="""
        dx/dt = -x / tau + y : 1
        dy/dt = -2 * y / tau : 1
    """,
    parameters={"tau": 20.0},
)  # fmt: skip


@pytest.fixture(scope="module")
def balanced() -> ncl.Simulator:
    sim = cuba(200).build(seed=1, dtype="float64")
    sim.run(100.0)
    return sim


def everything(dtype: str = "float64", targets: bool = True) -> ncl.Simulator:
    """Noise, per-step input, scheduled and random spikes, plastic synapses with delays; "inp" without targets if so."""
    net = ncl.Network(dt=DT)
    exc = net.add(NEURON, 10, name="exc", i_ext=ncl.Input(0.0))
    inp = net.add(SOURCE, 5, name="inp")
    net.connect(exc, exc, ncl.FixedProbability(0.4), target="i_syn", weight=2.0, delay=1.5, synapse=STDP, name="rec")
    net.connect(inp, exc, ncl.AllToAll(), target="i_syn", weight=1.0 if targets else 0.0, name="drive")
    return net.build(seed=3, dtype=dtype)


def test_a_linear_system_has_the_exponent_of_its_slowest_mode():
    net = ncl.Network(dt=DT)
    net.add(LEAKY, 3, name="cells", x=1.0, y=2.0)
    sim = net.build(dtype="float64")
    found = lyapunov_simulation(sim, 100.0, burn_in=300.0, interval=2.0)
    assert found.exponent == pytest.approx(-1.0 / 20.0, rel=1e-4)
    assert len(found.local) == 50 and sim.step == 0


def test_a_spiking_network_is_stable_to_a_displacement_and_yet_parts_after_one_spike(balanced):
    # The caveat of Monteforte & Wolf (2012): between spikes a displacement shrinks as exp(-t / tau_mem).
    found = lyapunov_simulation(balanced, 100.0, burn_in=20.0)
    assert found.exponent == pytest.approx(-1.0 / 20.0, rel=0.15)
    for change in ("added", "removed"):
        parted = spike_divergence(balanced, 150.0, "neurons", change=change)
        assert parted.distance[0] == 0.0 and parted.distance[-1] > 10.0
        assert parted.differing[-1] > 0.5 * parted.n_spikes > 0
        assert np.all(np.diff(parted.differing) >= 0)
        assert parted.time + parted.times[-1] == pytest.approx(150.0)
        assert change in str(parted)
    assert balanced.time == pytest.approx(100.0)


def test_a_large_displacement_moves_spikes(balanced):
    assert lyapunov_simulation(balanced, 100.0, d0=1.0).local.max() > 1.0


def test_the_simulation_itself_does_not_move(balanced):
    before = {name: array.copy() for name, array in balanced.state.items()}
    lyapunov_simulation(balanced, 5.0)
    spike_divergence(balanced, 5.0, "neurons")
    for name, array in balanced.state.items():
        np.testing.assert_array_equal(array, before[name])


def test_twins_draw_the_same_noise_and_see_the_same_input():
    # A spike with no effect: all else must stay equal to the last bit, over the seams between the intervals too.
    sim = everything(targets=False)
    sim.run(13.0)
    rng = np.random.default_rng(0)
    inputs = {
        "exc": {"i_ext": rng.uniform(0.0, 10.0, (300, 10))},
        "inp": {"spikes": (np.array([0.1, 1.0, 7.3, 39.9]), np.array([0, 1, 2, 4]))},
    }
    parted = spike_divergence(sim, 40.0, "inp", neuron=3, every=0.7, inputs=inputs)
    assert np.all(parted.distance == 0.0) and parted.differing[-1] == 0 and parted.n_spikes > 10
    assert parted.times[-1] == pytest.approx(40.0)
    # The undisturbed twin is the run that the simulation itself makes.
    out = sim.run(40.0, record={"exc": "spikes", "inp": "spikes"}, inputs=inputs)
    assert len(out["exc"].spikes) + len(out["inp"].spikes) == parted.n_spikes


def test_an_added_spike_arrives_after_its_delay_with_its_weight():
    net = ncl.Network(dt=DT)
    net.add(LEAKY, 1, name="cells")
    source = net.add(SOURCE, 1, name="inp", rate=0.0)
    net.connect(source, net.populations["cells"], ncl.AllToAll(), target="x", weight=0.25, delay=1.0)
    parted = spike_divergence(net.build(dtype="float64"), 2.0, "inp", every=0.1)
    # x jumps at the beginning of the step from 1.0 ms, and decays over it.
    np.testing.assert_array_equal(parted.distance[:11], 0.0)
    assert parted.distance[11] == pytest.approx(0.25 * np.exp(-DT / 20.0))


def test_a_removed_spike_leaves_what_the_others_send():
    net = ncl.Network(dt=DT)
    cells = net.add(LEAKY, 1, name="cells")
    source = net.add(SOURCE, 2, name="inp", rate=0.0, spikes=([3.0, 3.0, 5.0], [0, 1, 0]))
    net.connect(source, cells, ncl.AllToAll(), target="x", weight=0.25, delay=0.0)
    sim = net.build(dtype="float64")
    parted = spike_divergence(sim, 6.0, "inp", neuron=0, change="removed", every=0.5)
    assert (parted.time, parted.neuron) == (pytest.approx(3.0), 0)
    np.testing.assert_allclose(parted.distance[1:], 0.25 * np.exp(-parted.times[1:] / 20.0), rtol=1e-9)
    assert parted.differing[-1] == 0 and parted.n_spikes == 1


def test_plastic_weights_and_traces_are_part_of_the_distance():
    parted = spike_divergence(everything(), 30.0, "exc", neuron=2)
    assert parted.distance[-1] > 0.0
    assert np.isfinite(lyapunov_simulation(everything(), 10.0).exponent)


def test_a_mistake_is_named_in_one_sentence(balanced):
    for arguments, options, message in (
        ((50.0, "neuron"), {}, "no population 'neuron' that spikes.*neurons"),
        ((50.0, "neurons", 200), {}, "neurons 0 to 199, not 200"),
        ((50.0, "neurons"), {"change": "moved"}, "change must be 'added' or 'removed'"),
        ((0.1, "neurons", 5), {"change": "removed"}, "fires no spike to remove"),
        ((50.0, "neurons"), {"every": 0.0}, "every must be > 0"),
        ((50.03, "neurons"), {}, "duration"),
    ):
        with pytest.raises(NeuroclError, match=message):
            spike_divergence(balanced, *arguments, **options)
    with pytest.raises(NeuroclError, match="at least one interval"):
        lyapunov_simulation(balanced, 1.0, interval=2.0)
    with pytest.raises(NeuroclError, match="d0 = 1e-20 is lost in the rounding"):
        lyapunov_simulation(balanced, 1.0, d0=1e-20)
    with pytest.raises(NeuroclError, match="build with dtype='float64'"):
        lyapunov_simulation(everything(dtype="float32"), 1.0)


def test_a_spike_cannot_be_added_where_the_neuron_fires_anyway():
    net = ncl.Network(dt=DT)
    net.add(SOURCE, 2, name="inp", rate=0.0, spikes=([3.0], [1]))
    sim = net.build(dtype="float64")
    sim.run(3.0)
    with pytest.raises(NeuroclError, match="neuron 1 of 'inp' fires just now"):
        spike_divergence(sim, 5.0, "inp", neuron=1)
    with pytest.raises(NeuroclError, match="no population has a state to displace"):
        lyapunov_simulation(sim, 5.0)


def test_by_default_a_spike_is_added_to_a_neuron_that_is_silent():
    net = ncl.Network(dt=DT)
    net.add(SOURCE, 3, name="inp", rate=0.0, spikes=([3.0, 3.0, 4.0, 4.0, 4.0], [0, 1, 0, 1, 2]))
    sim = net.build(dtype="float64")
    assert spike_divergence(sim, 1.0, "inp").neuron == 0
    sim.run(3.0)
    assert spike_divergence(sim, 1.0, "inp").neuron == 2
    sim.run(1.0)
    with pytest.raises(NeuroclError, match="all neurons of 'inp' fire just now"):
        spike_divergence(sim, 5.0, "inp")


def test_a_displacement_that_every_neuron_forgets_at_its_reset_is_told():
    net = ncl.Network(dt=DT)
    pacemaker = ncl.NeuronModel(name="pacemaker", equations="dv/dt = 1 : 1", threshold="v > 1", reset="v = 0")
    net.add(pacemaker, 3, name="cells", v=0.55)
    found = lyapunov_simulation(net.build(dtype="float64"), 5.0)
    assert found.exponent == -np.inf
    assert "the perturbation vanished exactly; see spike_divergence" in str(found)
    assert "chaotic" not in str(found)


@pytest.mark.parametrize("sim", [None, ncl.Network(dt=DT)])
def test_a_network_must_be_built_first(sim):
    for function, arguments in ((lyapunov_simulation, (10.0,)), (spike_divergence, (10.0, "p"))):
        message = rf"^{function.__name__}: sim must be a simulation, got a {type(sim).__name__}; .*net\.build\("
        with pytest.raises(NeuroclError, match=message):
            function(sim, *arguments)
