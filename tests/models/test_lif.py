"""Leaky integrate-and-fire: rate curve and postsynaptic potentials against their closed forms, exact at every dt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.models import LIF, LIFAlpha, LIFDelta, LIFDoubleExponential, spike_time_within_step
from tests.helpers import simulate

CURRENTS = np.array([376.0, 380.0, 400.0, 450.0, 500.0, 600.0, 750.0, 1000.0])  # pA; the rheobase is 375 pA
ISI = np.array([61.295891, 45.307333, 29.725887, 19.917595, 15.862944, 11.808293, 8.931472, 6.700036])  # ms
RATES = [16.314307, 22.071482, 33.640712, 50.206866, 63.040002, 84.686249, 111.963629, 149.252923]  # Hz
ISI_ON_GRID = [61.3, 45.4, 29.8, 20.0, 15.9, 11.9, 9.0, 6.8]  # ms, dt = 0.1
FIRST_SPIKES = [59.3, 43.4, 27.8, 18.0, 13.9, 9.9, 7.0, 4.8]  # ms, dt = 0.1
COUNTS = {
    0.1: [16, 22, 33, 50, 63, 84, 111, 147],
    0.01: [16, 22, 33, 50, 63, 84, 112, 149],
    1.0: [16, 21, 33, 50, 62, 83, 111, 143],
}
C_MEM, TAU_MEM, TAU_SYN, V_LEAK, V_TH, T_REF = 250.0, 10.0, 2.0, -70.0, -55.0, 2.0
V_INF = V_LEAK + TAU_MEM * CURRENTS / C_MEM
CHARGING = TAU_MEM * np.log((V_INF - V_LEAK) / (V_INF - V_TH))  # ms from reset to threshold

PSP_TIMES = [0.1, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]  # ms after a spike of 100 pA
PSP_EXPONENTIAL = [0.038820, 0.298307, 0.450851, 0.524446, 0.361141, 0.135290, 0.006738]  # mV
PSP_ALPHA = [0.002621, 0.189242, 0.531926, 1.224163, 1.135527, 0.458461, 0.022895]
PEAKS = {"exponential": (0.534992, 4.023595), "alpha": (1.300066, 6.65096)}  # mV, ms
EQUAL = 1e-6  # ms; closer time constants take the limit


def psp_exponential(t, weight, c_mem, tau_mem, tau_syn):
    """Potential t after a spike, by an exponential current."""
    if abs(tau_mem - tau_syn) < EQUAL:
        return weight / c_mem * t * np.exp(-t / tau_mem)
    amplitude = weight / c_mem * tau_mem * tau_syn / (tau_mem - tau_syn)
    return amplitude * (np.exp(-t / tau_mem) - np.exp(-t / tau_syn))


def psp_alpha(t, weight, c_mem, tau_mem, tau_syn):
    """Potential t after a spike, by an alpha-shaped current with its peak, `weight`, at tau_syn."""
    if abs(tau_mem - tau_syn) < EQUAL:
        return weight * np.e / (c_mem * tau_syn) * t**2 / 2 * np.exp(-t / tau_mem)
    b = 1 / tau_syn - 1 / tau_mem
    rise = np.exp(-t / tau_mem) - np.exp(-t / tau_syn) * (1 + b * t)
    return weight * np.e / (c_mem * tau_syn) * rise / b**2


KINDS = {"exponential": (LIF, "i_syn", psp_exponential), "alpha": (LIFAlpha, "i_rise", psp_alpha)}


def depolarisation(kind, times, dt, duration, tau_mem, tau_syn, weight=100.0):
    """Potential above rest, [step, neuron], at dt, 2 dt, ... of neurons with these time constants."""
    model, target, _ = KINDS[kind]
    out = simulate(
        model, duration, dt=dt, n=len(tau_mem), pulses={target: (times, weight)}, record=["v"],
        tau_mem=np.array(tau_mem), tau_syn=np.array(tau_syn), v_th=1e6,
    )  # fmt: skip
    return out["v"] - V_LEAK


@pytest.mark.parametrize("dt", COUNTS)
def test_intervals_are_the_closed_form_rounded_up_to_the_grid(dt):
    np.testing.assert_allclose(CHARGING + T_REF, ISI, atol=5e-7)  # the formula of this file is that of the table
    spikes = simulate(LIF, 1000.0, dt=dt, n=8, i_ext=CURRENTS).spikes
    assert spikes.counts().tolist() == COUNTS[dt]
    for train, charging in zip(spikes.trains(), CHARGING, strict=True):
        steps = np.ceil(charging / dt)
        assert train[0] == pytest.approx(steps * dt, abs=1e-9)
        np.testing.assert_allclose(np.diff(train), steps * dt + round(T_REF / dt) * dt, atol=1e-9)


def test_first_spikes_and_intervals_at_the_default_step():
    trains = simulate(LIF, 1000.0, dt=0.1, n=8, i_ext=CURRENTS).spikes.trains()
    np.testing.assert_allclose([train[0] for train in trains], FIRST_SPIKES, atol=1e-9)
    np.testing.assert_allclose([train[1] - train[0] for train in trains], ISI_ON_GRID, atol=1e-9)


@pytest.mark.parametrize("dt", COUNTS)
def test_potential_below_threshold_is_exact(dt):
    out = simulate(LIF, 1000.0, dt=dt, n=8, i_ext=CURRENTS, record=["v"])
    times = dt * np.arange(1, len(out["v"]) + 1)
    for v, v_inf, charging in zip(out["v"].T, V_INF, CHARGING, strict=True):
        before = times < charging
        exact = v_inf + (V_LEAK - v_inf) * np.exp(-times[before] / TAU_MEM)
        assert np.abs(v[before] - exact).max() < 1e-10


def test_single_precision_counts_differ_by_one_at_most():
    counts = simulate(LIF, 1000.0, dt=0.1, n=8, i_ext=CURRENTS, dtype="float32").counts()
    assert np.abs(counts - COUNTS[0.1]).max() <= 1


@pytest.mark.parametrize("dt", [0.1, 0.01])
@pytest.mark.parametrize(("kind", "table"), [("exponential", PSP_EXPONENTIAL), ("alpha", PSP_ALPHA)])
def test_psp_has_the_tabulated_shape(kind, table, dt):
    v = depolarisation(kind, [10.0], dt, 61.0, [TAU_MEM] * 4, [TAU_SYN] * 4)[round(10 / dt) :, 0]
    np.testing.assert_allclose([v[round(t / dt) - 1] for t in PSP_TIMES], table, atol=5.1e-7)
    height, time = PEAKS[kind]
    assert dt * (v.argmax() + 1) == pytest.approx(time, abs=dt)
    # The peak is flat: a sample dt/2 away misses less than height * dt^2 / (8 tau_mem tau_syn), 1e-6 at dt = 0.01.
    assert height - height * dt**2 / 100 - 1e-6 < v.max() < height + 1e-6


@settings(max_examples=15, deadline=None)
@given(
    kind=st.sampled_from(["exponential", "alpha"]),
    taus=st.lists(st.tuples(st.floats(1, 40), st.floats(0.5, 20)), min_size=2, max_size=2),
    equal=st.floats(1, 40),
    steps=st.lists(st.integers(1, 300), min_size=1, max_size=5, unique=True),
    weight=st.floats(-200, 200),
)
def test_psps_add_up_for_all_time_constants(kind, taus, equal, steps, weight):
    # Two pairs of any time constants, one of equal and one of almost equal ones, where the closed form is 0/0.
    tau_mem = [*(tau for tau, _ in taus), equal, equal]
    tau_syn = [*(tau for _, tau in taus), equal, equal + 1e-8]
    spikes = 0.1 * np.array(sorted(steps))
    v = depolarisation(kind, spikes, 0.1, 50.0, tau_mem, tau_syn, weight)
    times = 0.1 * np.arange(1, len(v) + 1)
    for k, taus_of_k in enumerate(zip(tau_mem, tau_syn, strict=True)):
        late = np.maximum(times[:, None] - spikes, 0)
        exact = KINDS[kind][2](late, weight, C_MEM, *taus_of_k).sum(axis=1)
        # 0/0 costs the closed form digits where the time constants are close.
        tolerance = 1e-10 if abs(taus_of_k[0] - taus_of_k[1]) > 1e-2 else 1e-6
        np.testing.assert_allclose(v[:, k], exact, atol=tolerance * max(1, abs(weight)))


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_delta_synapse_lets_v_jump_and_decay(dt):
    times, jump = [3.0, 3.5, 20.0], 4.0  # mV
    out = simulate(LIFDelta, 40.0, dt=dt, pulses={"v": (times, jump)}, record=["v"])
    t = dt * np.arange(1, len(out["v"]) + 1)
    late = t[:, None] - np.array(times)
    exact = np.where(late > dt / 2, jump * np.exp(-late / TAU_MEM), 0).sum(axis=1)
    np.testing.assert_allclose(out["v"][:, 0] - V_LEAK, exact, atol=1e-10)


@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_delta_input_is_lost_while_refractory(dt):
    # The spike at 1 ms + dt holds v until 3 ms + dt: the jump at 2 ms is lost, the one at 4 ms is not.
    out = simulate(LIFDelta, 10.0, dt=dt, pulses={"v": ([1.0, 2.0, 4.0], 15.5)}, record=["spikes", "v"])
    np.testing.assert_allclose(out.spikes.times, [1.0 + dt, 4.0 + dt], atol=1e-9)
    held = slice(round(1 / dt), round(4 / dt))
    assert np.all(out["v"][held] == V_LEAK)


@pytest.mark.parametrize("dt", COUNTS)
def test_spike_time_within_the_step_gives_the_analytic_interval_at_every_dt(dt):
    out, found = simulate(LIF, 1000.0, dt=dt, n=8, i_ext=CURRENTS, record=["spikes", "v"]), []
    for v, train, v_inf, interval in zip(out["v"].T, out.spikes.trains(), V_INF, CHARGING + T_REF, strict=True):
        before = np.rint(train[1:] / dt).astype(int) - 2  # the row that holds v at the beginning of the spike's step
        exact = train[1:] - dt + spike_time_within_step(v[before], v_inf, V_TH, TAU_MEM)
        np.testing.assert_allclose(exact - train[:-1], interval, atol=1e-9)
        found.append(1000 / np.mean(exact - train[:-1]))
    np.testing.assert_allclose(found, RATES, atol=6e-7)


def test_rheobase_is_375_picoampere():
    # 0.01 pA above it, v needs 10 ln(375.01 / 0.01) = 105 ms.
    counts = simulate(LIF, 200.0, dt=0.1, n=3, i_ext=np.array([374.99, 375.0, 375.01])).counts()
    assert counts[0] == 0 and counts[2] == 1


def test_spike_time_within_the_step_at_the_borders():
    v, v_inf = np.array([-60.0, -60.0, -55.0, -50.0, -60.0]), np.array([-40.0, -55.0, -40.0, -60.0, -58.0])
    found = spike_time_within_step(v, v_inf, V_TH, TAU_MEM)
    np.testing.assert_allclose(found, [TAU_MEM * np.log(20 / 15), np.inf, 0, 0, np.inf])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", -40.0, V_TH, TAU_MEM), "expected numbers"),
        (([-60.0, -61.0], [-40.0] * 3, V_TH, TAU_MEM), "shapes fit together"),
        ((np.nan, -40.0, V_TH, TAU_MEM), "must be finite"),
        ((-60.0, -40.0, V_TH, 0.0), "tau_mem > 0"),
    ],
)
def test_spike_time_within_the_step_of_no_neuron_is_refused(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        spike_time_within_step(*arguments)


def double_exponential(t, tau_rise, tau_decay):
    """Difference of exponentials with a peak of 1."""
    peak = tau_rise * tau_decay / (tau_decay - tau_rise) * np.log(tau_decay / tau_rise)
    norm = np.exp(-peak / tau_decay) - np.exp(-peak / tau_rise)
    return np.where(t > 0, (np.exp(-t / tau_decay) - np.exp(-t / tau_rise)) / norm, 0)


@settings(max_examples=15, deadline=None)
@given(taus=st.lists(st.tuples(st.floats(0.2, 10), st.floats(0.2, 30)), min_size=3, max_size=3))
def test_double_exponential_current_has_its_shape_and_peak(taus):
    # A fast decay and a slow rise are the same function; equal ones are tested with the alpha function below.
    rise, decay = (np.array(tau) for tau in zip(*[(r, d + (abs(r - d) < 0.01)) for r, d in taus], strict=True))
    out = simulate(
        LIFDoubleExponential, 60.0, dt=0.1, n=3, pulses={"i_rise": ([10.0], 100.0)}, record=["i_syn"],
        tau_rise=rise, tau_decay=decay,
    )  # fmt: skip
    late = 0.1 * np.arange(1, 601)[:, None] - 10
    np.testing.assert_allclose(out["i_syn"], 100 * double_exponential(late, rise, decay), atol=1e-7)


def test_double_exponential_with_equal_time_constants_is_the_alpha_function():
    pulses, record = {"i_rise": ([3.0, 7.0], 100.0)}, ["i_syn", "v"]
    alpha = simulate(LIFAlpha, 50.0, dt=0.1, pulses=pulses, record=record)
    tau = np.array([2.0, 2.0 + 1e-9])
    double = simulate(
        LIFDoubleExponential, 50.0, dt=0.1, n=2, pulses=pulses, record=record, tau_rise=2.0, tau_decay=tau
    )
    for state in record:
        np.testing.assert_allclose(double[state], np.repeat(alpha[state], 2, axis=1), atol=1e-6)


def test_double_exponential_potential_is_the_difference_of_exponential_ones():
    out = simulate(LIFDoubleExponential, 60.0, dt=0.1, pulses={"i_rise": ([10.0], 100.0)}, record=["v"])
    late = np.maximum(0.1 * np.arange(1, 601) - 10, 0)
    peak = 2.5 / 4.5 * np.log(10)
    norm = np.exp(-peak / 5) - np.exp(-peak / 0.5)
    exact = sum(sign * psp_exponential(late, 100 / norm, C_MEM, TAU_MEM, tau) for sign, tau in ((1, 5.0), (-1, 0.5)))
    np.testing.assert_allclose(out["v"][:, 0] - V_LEAK, exact, atol=1e-9)


def test_brian2_itself_stamps_one_step_earlier_and_holds_one_update_fewer(monkeypatch):
    brian2 = pytest.importorskip("brian2", exc_type=Exception)
    monkeypatch.setitem(brian2.prefs, "codegen.target", "numpy")  # compiling takes half a minute
    ms = brian2.ms
    group = brian2.NeuronGroup(
        8, "dv/dt = (-70 - v + 10 * i_ext / 250) / (10 * ms) : 1 (unless refractory)\ni_ext : 1 (constant)",
        threshold="v >= -55", reset="v = -70", refractory=2 * ms, method="exact", dt=0.1 * ms, namespace={"ms": ms},
    )  # fmt: skip
    group.v, group.i_ext = -70, CURRENTS
    spikes = brian2.SpikeMonitor(group)
    brian2.Network(group, spikes).run(1000 * ms)
    trains = [np.asarray(train / ms) for train in spikes.spike_trains().values()]
    assert [len(train) for train in trains] == [16, 22, 33, 50, 63, 84, 112, 149]
    np.testing.assert_allclose([train[0] for train in trains], np.array(FIRST_SPIKES) - 0.1, atol=1e-9)
    ours = simulate(LIF, 1000.0, dt=0.1, n=8, i_ext=CURRENTS, t_ref=1.9).spikes.trains()
    for train, own in zip(trains, ours, strict=True):
        np.testing.assert_allclose(train + 0.1, own, atol=1e-9)
