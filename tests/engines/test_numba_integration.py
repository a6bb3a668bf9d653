"""States over time in the compiled engine: exact solutions, orders of convergence, noise, held states."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import neurocl as ncl
from neurocl.core.random import normal, poisson, stream_key, uniform
from tests.helpers import simulate

T_END = 4.0

METHODS = {
    "euler": ("euler", 1), "heun": ("heun", 2), "rk4": ("rk4", 4), "automatic": (None, 4),
}  # fmt: skip
NONLINEAR = "dx/dt = x - x**3 / 3 - y + sin(t) : 1; dy/dt = 0.3 * (x + 0.7 - 0.8 * y) : 1"
CONDUCTANCE = "dv/dt = (-60 - v) / 20 - g * v : mV; dg/dt = -g / 5 : nS"


@cache
def end_states(dt: float) -> dict[str, NDArray[np.float64]]:
    """States at T_END of one population per method, in one network."""
    net = ncl.Network(dt=dt)
    for name, (method, _) in METHODS.items():
        model = ncl.NeuronModel(name=name, equations=NONLINEAR, method=method, initial={"x": 0.5, "y": -0.2})
        net.add(model, 1, name=name)
    model = ncl.NeuronModel(name="conductance", equations=CONDUCTANCE, initial={"v": -60.0, "g": 0.2})
    net.add(model, 1, name="conductance")
    sim = net.build(dtype="float64")
    sim.run(T_END)
    return {
        name: np.concatenate([a for key, a in sim.state.items() if key.startswith(f"{name}.")])
        for name in net.populations
    }


def order(name: str, exact: NDArray[np.float64]) -> float:
    coarse, fine = (np.abs(end_states(dt)[name] - exact).max() for dt in (0.1, 0.05))
    return float(np.log2(coarse / fine))


def solution(slope: object, start: list[float]) -> NDArray[np.float64]:
    return solve_ivp(slope, (0, T_END), start, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]


@pytest.mark.parametrize("name", list(METHODS))
def test_a_nonlinear_system_converges_in_the_order_of_its_method(name: str) -> None:
    exact = solution(
        lambda t, s: [s[0] - s[0] ** 3 / 3 - s[1] + np.sin(t), 0.3 * (s[0] + 0.7 - 0.8 * s[1])], [0.5, -0.2]
    )
    assert order(name, exact) == pytest.approx(METHODS[name][1], abs=0.25)


def test_exponential_euler_with_conductances_at_mid_step_is_of_second_order() -> None:
    exact = solution(lambda t, s: [(-60 - s[0]) / 20 - s[1] * s[0], -s[1] / 5], [-60.0, 0.2])
    assert order("conductance", exact) == pytest.approx(2, abs=0.25)


LEAKY = ncl.NeuronModel(
    name="leaky", parameters={"tau_mem": 10.0, "tau_syn": 2.0},
    equations="dv/dt = -v / tau_mem + u : mV; du/dt = -u / tau_syn : mV/ms", initial={"u": 1.0},
)  # fmt: skip


@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-10), ("float32", 1e-5)])
def test_a_synaptic_potential_is_exact_at_any_dt_also_for_equal_time_constants(
    dt: float, dtype: str, rtol: float
) -> None:
    tau_syn = np.array([0.5, 2.0, 9.999, 10.0, 10.001, 30.0])
    found = simulate(LEAKY, 30.0, dt=dt, n=6, tau_syn=tau_syn, record=["v"], dtype=dtype)["v"]
    t = dt * np.arange(1, len(found) + 1)[:, None]
    x = 1 / tau_syn - 0.1
    with np.errstate(all="ignore"):
        expected = np.exp(-t / 10) * np.where(x == 0, t, -np.expm1(-x * t) / x)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)


def test_one_population_of_different_parameters_equals_many_of_one() -> None:
    tau = np.array([5.0, 10.0, 20.0])
    together = simulate(LEAKY, 5.0, dt=0.1, n=3, tau_mem=tau, record=["v"])["v"]
    for k in range(3):
        alone = simulate(LEAKY, 5.0, dt=0.1, tau_mem=tau[k], record=["v"])["v"]
        np.testing.assert_allclose(together[:, k], alone[:, 0], rtol=1e-13)


# ---- noise -----------------------------------------------------------------------------------------------------------

N = 4000
OU = ncl.NeuronModel(
    name="ou", equations="dx/dt = (mu - x) / tau + sigma * xi : 1; dy/dt = (mu - y) / tau - sigma * xi : 1",
    parameters={"mu": 0.0, "tau": 10.0, "sigma": 1.0}, initial={"x": "mu", "y": "mu"},
)  # fmt: skip


def test_an_ornstein_uhlenbeck_process_has_its_stationary_variance_and_autocorrelation() -> None:
    tau = np.repeat([0.5, 2.0, 5.0, 10.0], N // 4)
    out = simulate(OU, 60.0, dt=1.0, n=N, mu=3.0, sigma=np.sqrt(2 / tau), tau=tau, record=["x", "y"])  # variance 1
    for k, t in enumerate((0.5, 2.0, 5.0, 10.0)):
        x = out["x"][:, k * N // 4 : (k + 1) * N // 4] - 3.0
        y = out["y"][:, k * N // 4 : (k + 1) * N // 4] - 3.0
        # 1000 neurons: standard error of a variance is sqrt(2/1000), of a correlation 1/sqrt(1000).
        assert x[-1].mean() == pytest.approx(0, abs=4.5 / np.sqrt(1000))
        assert x[-1].var() == pytest.approx(1, abs=4.5 * np.sqrt(2 / 1000))
        for lag in (1, 3):
            assert np.mean(x[-1] * x[-1 - lag]) == pytest.approx(np.exp(-lag / t), abs=4.5 / np.sqrt(1000) + 0.01)
        assert abs(np.mean(x[-1] * y[-1])) < 4.5 / np.sqrt(1000)
        assert x[0].var() == pytest.approx(1 - np.exp(-2 / t), rel=4.5 * np.sqrt(2 / 1000))


DRAWS = ncl.NeuronModel(
    name="draws", equations="u : 1; n : 1; p : 1; q : 1; w : 1", parameters={"mean": 0.5},
    update="u = rand(); n = randn(); p = poisson(mean); q = poisson(100); w = rand()",
)  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_numbers_of_a_run_are_those_of_the_core(dtype: str) -> None:
    net = ncl.Network(dt=0.1)
    mean = np.linspace(0, 40, 500)
    net.add(DRAWS, 500, name="exc", mean=mean)
    sim = net.build(seed=5, dtype=dtype)
    sim.reset(trial=3)
    out = sim.run(0.5, record={"exc": ["u", "n", "p", "q", "w"]})["exc"]
    index, stream = np.arange(500, dtype=np.uint32), stream_key(5, "exc", 3)
    for step in range(5):
        key = (stream, step)
        u, w, n = uniform(index, *key, 0), uniform(index, *key, 4), normal(index, *key, 1)
        if dtype == "float64":
            np.testing.assert_array_equal(out["u"][step], u)
            np.testing.assert_array_equal(out["w"][step], w)
            np.testing.assert_allclose(out["n"][step], n, rtol=0, atol=1e-14)
            np.testing.assert_array_equal(out["p"][step], poisson(index, mean, *key, 2))
        else:
            np.testing.assert_allclose(out["u"][step], u, atol=1.2e-7)
            np.testing.assert_allclose(out["n"][step], n, atol=0.01)  # float32 has 2**23 uniform numbers
        np.testing.assert_array_equal(out["q"][step], poisson(index, 100.0, *key, 3))


def test_the_numbers_differ_between_trials_and_go_on_over_split_runs() -> None:
    net = ncl.Network(dt=0.1)
    net.add(DRAWS, 500, name="exc", mean=np.ones(500))
    sim = net.build(seed=5, dtype="float64")
    whole = sim.run(1.0, record={"exc": "n"})["exc"]["n"]
    sim.reset()
    parts = [sim.run(0.3, record={"exc": "n"})["exc"]["n"], sim.run(0.7, record={"exc": "n"})["exc"]["n"]]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    sim.reset(trial=1)
    other = sim.run(1.0, record={"exc": "n"})["exc"]["n"]
    assert abs(np.corrcoef(other.ravel(), whole.ravel())[0, 1]) < 0.07
    assert abs(np.corrcoef(whole[:-1].ravel(), whole[1:].ravel())[0, 1]) < 0.07


# ---- refractoriness --------------------------------------------------------------------------------------------------

HOLDING = ncl.NeuronModel(
    name="holding",
    equations="""
        dv/dt = (20 - v) / 5 : mV (unless refractory)
        dw/dt = (v - w) / tau : mV
        dc/dt = -c / 8 : 1
        dz/dt = -z**3 + w / 10 : 1
    """,
    threshold="v > 10", reset="v = v_reset; c += 1", refractory="t_ref",
    parameters={"tau": 7.0, "t_ref": 2.0, "v_reset": 0.0},
)  # fmt: skip


def test_a_held_state_rests_for_its_updates_and_the_others_go_on_exactly() -> None:
    tau = np.array([3.0, 7.0, 20.0])
    out = simulate(HOLDING, 12.0, dt=0.1, n=3, tau=tau, t_ref=4.0, v_reset=-3.0, record=["spikes", "v", "w", "c", "z"])
    fired = round(out.spikes.times[0] / 0.1)  # number of steps until the first spike
    assert fired == int(np.ceil(5 * np.log(2) / 0.1 - 1e-9))
    held = slice(fired - 1, fired + 40)
    np.testing.assert_array_equal(out["v"][held], -3.0)
    assert (out["v"][fired + 40] > -3.0).all()
    t = 0.1 * np.arange(41)[:, None]
    w0 = out["w"][fired - 1]
    np.testing.assert_allclose(out["w"][held], -3.0 + (w0 + 3.0) * np.exp(-t / tau), rtol=1e-12)
    np.testing.assert_allclose(out["c"][held], np.broadcast_to(np.exp(-t / 8), (41, 3)), rtol=1e-12)
    for k in range(3):
        path = solve_ivp(lambda s, z, k=k: -(z**3) + (-3 + (w0[k] + 3) * np.exp(-s / tau[k])) / 10, (0, 4.0),
                         [out["z"][fired - 1, k]], rtol=1e-11, atol=1e-13)  # fmt: skip
        assert out["z"][fired + 39, k] == pytest.approx(path.y[0, -1], abs=1e-6)


@pytest.mark.parametrize("dt", [0.1])
def test_a_neuron_is_refractory_for_exactly_the_rounded_number_of_updates(dt: float) -> None:
    t_ref = np.array([0.0, 0.04, 0.06, 0.1, 0.14, 0.16, 1.0, 2.33, 5.0])
    hasty = ncl.NeuronModel(
        name="hasty", equations="drive : 1", threshold="drive < 1", refractory="t_ref", parameters={"t_ref": 1.0}
    )  # a neuron that always wants to fire
    spikes = simulate(hasty, 30.0, dt=dt, n=t_ref.size, t_ref=t_ref).spikes
    for k, train in enumerate(spikes.trains()):
        assert train[0] == pytest.approx(dt)
        np.testing.assert_allclose(np.diff(train), dt * (np.rint(t_ref[k] / dt) + 1), rtol=1e-9)
