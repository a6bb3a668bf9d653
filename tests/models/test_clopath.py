"""Voltage-based plasticity: the clamp test, a plain loop over random voltages, Brian2, and rate dependence."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.engines.agreement import compare
from neurocl.models.clopath import ClopathAdEx, ClopathSTDP, HomeostaticClopathSTDP

A_LTD, A_LTP, TH_MINUS, TH_PLUS = 14e-5, 8e-5, -70.6, -45.3
TAU_MINUS, TAU_PLUS, TAU_X, U_REF2 = 10.0, 7.0, 15.0, 60.0
CLAMPED = {-75: 0.0, -70: -8.4e-5, -60: -0.001484, -50: -0.002884, -45: -0.0029696, -43.55: 0.0, -40: 0.0086904,
           -30: 0.0440104}  # fmt: skip
"""Voltage at which the postsynaptic neuron is held (mV) -> weight change per presynaptic spike."""
VOLTAGE = ncl.NeuronModel(
    name="voltage",
    doc="A voltage that follows a command, as under voltage clamp.",
    equations="v : mV; received : 1",
    update="v = command",
    parameters={"command": 0.0},
)


def weights_under_clamp(synapse, spikes, voltage, dt, **values):
    """Weights of synapses from one neuron with `spikes` onto neurons whose voltage is row k of `voltage` in step k."""
    net = ncl.Network(dt=dt)
    pre = net.add(ncl.models.SpikeArray, 1, name="pre", spikes=(spikes, [0] * len(spikes)))
    post = net.add(VOLTAGE, voltage.shape[1], name="post", command=ncl.Input(), v=voltage[0])
    net.connect(
        pre, post, ncl.AllToAll(), target="received", weight=0.0, synapse=synapse, name="synapses",
        u_minus=voltage[0], u_plus=voltage[0], w_min=-np.inf, w_max=np.inf, **values,
    )  # fmt: skip
    sim = net.build(dtype="float64")
    # A command given in step k sets the voltage at the end of that step.
    sim.run(len(voltage) * dt, inputs={"post": {"command": np.roll(voltage, -1, axis=0)}})
    return sim.state["synapses.w"]


@pytest.mark.parametrize("dt", [0.5, 0.1])
def test_clamp(dt):
    voltage = np.tile(list(CLAMPED), (round(500 / dt), 1))
    assert pytest.approx(-43.55) == TH_PLUS + A_LTD / A_LTP
    found = weights_under_clamp(ClopathSTDP, [10.0], voltage, dt)
    np.testing.assert_allclose(found, list(CLAMPED.values()), rtol=1e-7, atol=1e-9)


def test_homeostasis_scales_depression_by_the_squared_mean_depolarisation():
    voltage = np.tile([-70.0, -60.0, -50.0], (60, 1))
    depolarisation = voltage[0] - TH_MINUS
    found = weights_under_clamp(HomeostaticClopathSTDP, [10.0], voltage, 0.5, u_mean=depolarisation)
    np.testing.assert_allclose(found, -A_LTD * depolarisation**3 / U_REF2, rtol=1e-12)


def decayed(tau, dt):
    """Integral of exp(-s / tau) over a step."""
    return tau * -np.expm1(-dt / tau)


def closed_form(voltage, steps, dt):
    """The weight by the integral over each step, `voltage` being held within steps and always above th_minus."""
    w, x, u_minus, u_plus = 0.0, 0.0, voltage[0], voltage[0]
    joint = TAU_X * TAU_PLUS / (TAU_X + TAU_PLUS)
    for k, v in enumerate(voltage):
        if k in steps:
            w -= A_LTD * (u_minus - TH_MINUS)
            x += 1 / TAU_X
        area = (v - TH_MINUS) * decayed(TAU_X, dt) + (u_plus - v) * decayed(joint, dt)
        w += A_LTP * x * area * max(v - TH_PLUS, 0)
        x *= np.exp(-dt / TAU_X)
        u_minus = v + (u_minus - v) * np.exp(-dt / TAU_MINUS)
        u_plus = v + (u_plus - v) * np.exp(-dt / TAU_PLUS)
    return w


def test_random_voltages_give_the_weight_of_the_closed_form():
    rng = np.random.default_rng(0)
    dt, n = 0.5, 400
    voltage = rng.uniform(-70, 20, (n, 5))
    steps = sorted(rng.choice(np.arange(1, n), 30, replace=False).tolist())
    found = weights_under_clamp(ClopathSTDP, dt * np.array(steps), voltage, dt)
    np.testing.assert_allclose(found, [closed_form(voltage[:, j], steps, dt) for j in range(5)], rtol=1e-7)


def pairing(rates, lag, dt=0.05):
    """A network: a neuron that a current pulse makes fire `lag` ms after each presynaptic spike, for each rate."""
    net = ncl.Network(dt=dt)
    trains = [15.0 + 1000 / rate * np.arange(10) for rate in rates]
    ends = (np.concatenate(trains), np.repeat(np.arange(len(rates)), 10))
    pre = net.add(ncl.models.SpikeArray, len(rates), name="pre", spikes=ends)
    post = net.add(ClopathAdEx, len(rates), name="post", i_ext=ncl.Input())
    net.connect(pre, post, ncl.OneToOne(), target="i_syn", weight=0.5, synapse=ClopathSTDP, name="synapses")
    duration = max(train[-1] for train in trains) + 200
    current = np.zeros((round(duration / dt), len(rates)))
    for k, train in enumerate(trains):
        for spike in train:
            first = round((spike + lag - 2) / dt)
            current[first : first + round(2 / dt), k] = 20_000.0
    return net, duration, {"post": {"i_ext": current}}


def test_pairing_depresses_at_low_and_potentiates_at_high_rates():
    changes = {}
    for lag in (10.0, -10.0):
        net, duration, inputs = pairing([5.0, 20.0, 50.0], lag)
        sim = net.build(dtype="float64")
        counts = sim.run(duration, inputs=inputs, record={"post": ["counts"]})["post"].counts()
        assert counts.tolist() == [10] * 3
        changes[lag] = sim.state["synapses.w"] - 0.5
    assert changes[-10.0][0] < 0 < changes[-10.0][-1]
    assert 0 < changes[10.0][0] < changes[10.0][-1]


def test_neuron_and_synapse_agree_with_brian2():
    pytest.importorskip("brian2", exc_type=Exception)
    net, _, inputs = pairing([100.0, 200.0], 5.0)
    found = compare(net, 30.0, inputs={"post": {"i_ext": inputs["post"]["i_ext"][:600]}})
    assert found.holds(), str(found)
    assert found.n_spikes["post"] >= 3


def test_spike_is_held_and_then_reset():
    net = ncl.Network(dt=0.05)
    net.add(ClopathAdEx, 1, name="neuron", i_ext=1000.0, z_spike=0.0, v_t_spike=-50.4)
    out = net.build(dtype="float64").run(100.0, record={"neuron": ["spikes", "v", "w_ad"]})["neuron"]
    at = np.rint(out.spikes.times / 0.05).astype(int) - 1  # row of the state in which a spike is found
    v, w_ad = out["v"][:, 0], out["w_ad"][:, 0]
    assert len(at) > 3
    for row in at[:3]:
        assert np.all(v[row : row + 41] == 20.0)  # found at t, held for 40 updates
        assert np.all(w_ad[row : row + 41] == w_ad[row])
        assert v[row + 41] == pytest.approx(-70.6, abs=0.5)
        assert w_ad[row + 41] - w_ad[row] == pytest.approx(80.5, abs=0.1)
