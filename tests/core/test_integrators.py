"""One step of a set of equations: exact where they are linear, of the stated order elsewhere.

`Step` runs the statements of a scheme with NumPy, so that any dt can be tried without compiling anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from neurocl.core.equations import parse_equations
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate
from neurocl.core.integrators import make_scheme

dts = st.floats(1e-3, 20.0)


class Step:
    """Advances equations by their scheme; `values` holds the states, which may be arrays."""

    def __init__(self, text: str, method: str | None = None, varying: tuple[str, ...] = (), **numbers: Any) -> None:
        equations = parse_equations(text, "test", {}, None)
        self.scheme = make_scheme(equations, "test", method, set(varying))
        self.states = [name for name in equations.states if equations.states[name].derivative is not None]
        self.values: dict[str, Any] = {"t": 0.0, **numbers}

    def by(self, dt: float, steps: int = 1, active: bool = True, **draws: Any) -> Step:
        self.values |= {"dt": dt, "_active": active, **draws}
        if self.scheme.propagator is not None:
            self.values |= self.scheme.propagator.coefficients(self.values, dt)
        for _ in range(steps):
            for statement in self.scheme.statements:
                self.values[statement.name] = evaluate(statement.expression, self.values)
            self.values["t"] += dt
        return self

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def state(self) -> NDArray[np.float64]:
        return np.array([self.values[name] for name in self.states], dtype=np.float64)


# ---- exact -----------------------------------------------------------------------------------------------------------

entries = st.floats(-1.5, 1.5).map(lambda x: round(x, 3))
CYCLE = """
dx/dt = a * x + b * y + p
dy/dt = c * x + d * y + e * z
dz/dt = f * y + g * z + q
"""


@given(st.lists(entries, min_size=12, max_size=12), st.floats(1e-3, 5.0))
def test_a_linear_system_is_advanced_by_its_matrix_exponential(numbers: list[float], dt: float) -> None:
    a, b, c, d, e, f, g, p, q, *start = numbers
    step = Step(CYCLE, a=a, b=b, c=c, d=d, e=e, f=f, g=g, p=p, q=q, x=start[0], y=start[1], z=start[2]).by(dt)
    assert set(step.scheme.methods.values()) == {"exact"}
    affine = np.array([[a, b, 0, p], [c, d, e, 0], [0, f, g, q], [0, 0, 0, 0]])
    expected = (expm(affine * dt) @ [*start, 1.0])[:3]
    np.testing.assert_allclose(step.state, expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max(initial=1.0))


@given(st.lists(entries, min_size=12, max_size=12), st.floats(1e-3, 3.0), st.floats(1e-3, 3.0))
def test_two_steps_are_one_long_step(numbers: list[float], first: float, second: float) -> None:
    values = dict(zip("abcdefgpqxyz", numbers, strict=True))
    split, whole = Step(CYCLE, **values).by(first).by(second), Step(CYCLE, **values).by(first + second)
    np.testing.assert_allclose(split.state, whole.state, rtol=1e-10, atol=1e-10 * np.abs(whole.state).max(initial=1.0))


@given(st.floats(0.5, 50), st.floats(-0.5, 0.5) | st.just(0.0), dts, st.integers(1, 20))
def test_an_exponential_current_gives_the_difference_of_two_exponentials(
    tau_mem: float, difference: float, dt: float, steps: int
) -> None:
    tau_syn = tau_mem * (1 + difference)
    text = "dv/dt = -v / tau_mem + i_syn / c_mem; di_syn/dt = -i_syn / tau_syn"
    step = Step(text, v=0.0, i_syn=100.0, tau_mem=tau_mem, tau_syn=tau_syn, c_mem=250.0).by(dt, steps)
    t, x = steps * dt, difference / tau_syn  # 1/tau_mem - 1/tau_syn = x
    expected = 100.0 / 250.0 * np.exp(-t / tau_mem) * (t if x == 0 else np.expm1(t * x) / x)
    assert step["v"] == pytest.approx(expected, rel=1e-9, abs=1e-13)
    assert step["i_syn"] == pytest.approx(100.0 * np.exp(-t / tau_syn), rel=1e-10)


@given(dts, st.floats(0.5, 50))
def test_an_alpha_current_with_equal_time_constants_is_exact(dt: float, tau: float) -> None:
    step = Step("di/dt = (exp(1) * r - i) / tau; dr/dt = -r / tau", i=0.0, r=1.0, tau=tau).by(dt, 5)
    assert step["i"] == pytest.approx(5 * dt / tau * np.exp(1 - 5 * dt / tau), rel=1e-10)


@given(dts)
def test_an_oscillator_and_an_integral_without_leak_are_exact(dt: float) -> None:
    step = Step("dx/dt = k * y; dy/dt = -k * x; dz/dt = x; ds/dt = 3", k=0.7, x=1.0, y=0.0, z=0.0, s=1.0).by(dt)
    expected = [np.cos(0.7 * dt), -np.sin(0.7 * dt), np.sin(0.7 * dt) / 0.7, 1 + 3 * dt]
    np.testing.assert_allclose(step.state, expected, atol=1e-12)


def test_parameters_may_differ_between_neurons() -> None:
    tau, start = np.array([5.0, 10.0, 20.0, 10.0]), np.array([1.0, 2.0, 3.0, -1.0])
    step = Step("dv/dt = -v / tau + u; du/dt = -u / 3", v=start, u=np.ones(4), tau=tau).by(0.5)
    for k in range(4):
        alone = Step("dv/dt = -v / tau + u; du/dt = -u / 3", v=start[k], u=1.0, tau=tau[k]).by(0.5)
        assert step["v"][k] == pytest.approx(alone["v"], rel=1e-14)


# ---- states that hold while refractory -------------------------------------------------------------------------------


@given(dts, st.floats(1.0, 30.0))
def test_a_held_state_rests_and_what_depends_on_it_is_still_exact(dt: float, tau: float) -> None:
    text = "dv/dt = (10 - v + c) / 20 : mV (unless refractory); dw/dt = (v - w) / tau; dc/dt = -c / 5"
    step = Step(text, v=-3.0, w=1.0, c=2.0, tau=tau).by(dt, active=False)
    decay = np.exp(-dt / tau)
    np.testing.assert_allclose(step.state, [-3.0, -3.0 + 4.0 * decay, 2.0 * np.exp(-dt / 5)], rtol=1e-12)
    free = Step(text.replace("(unless refractory)", ""), v=-3.0, w=1.0, c=2.0, tau=tau).by(dt)
    np.testing.assert_allclose(Step(text, v=-3.0, w=1.0, c=2.0, tau=tau).by(dt).state, free.state, rtol=1e-13)


@pytest.mark.parametrize("method", [None, "rk4", "heun", "euler", "exponential_euler"])
def test_every_method_holds_a_state(method: str | None) -> None:
    text = "dv/dt = -v * g + 1 : mV (unless refractory); dg/dt = -g / 5"
    step = Step(text, method, v=2.0, g=1.0).by(0.1, 10, active=False)
    assert step["v"] == 2.0 and step["g"] == pytest.approx(np.exp(-1 / 5), rel=0.02)


def test_a_nonlinear_state_sees_the_exact_states_as_they_are_while_refractory() -> None:
    text = "dv/dt = (50 - v) / 2 : mV (unless refractory); dw/dt = (v - w) / 3; dz/dt = -z**3 + w"
    start = {"v": 1.0, "w": 0.0, "z": 0.0}
    path = solve_ivp(lambda t, z: -(z**3) + 1 - np.exp(-t / 3), (0, 4.0), [0.0], rtol=1e-12, atol=1e-12)
    coarse, fine = (
        abs(Step(text, **start).by(dt, round(4 / dt), active=False)["z"] - path.y[0, -1]) for dt in (0.2, 0.1)
    )
    assert fine < 1e-6 and 3.5 < np.log2(coarse / fine) < 5


# ---- orders of convergence -------------------------------------------------------------------------------------------

# Two coupled nonlinear states driven by time; a conductance that decays while it drives v.
NONLINEAR = "dx/dt = x - x**3 / 3 - y + sin(t); dy/dt = 0.3 * (x + 0.7 - 0.8 * y)"
CONDUCTANCE = "dv/dt = (-60 - v) / 20 + g * (0 - v) + h * (-80 - v); dg/dt = -g / 5; dh/dt = -h / 10"


def error(text: str, method: str | None, dt: float, **start: float) -> float:
    """Largest error at t = 4, by comparison with a solution of far higher precision."""
    step = Step(text, method, **start)
    derivatives = [step.values | {}, parse_equations(text, "test", {}, None).states]

    def slope(t: float, y: NDArray[np.float64]) -> list[float]:
        now = {**derivatives[0], **dict(zip(step.states, y, strict=True)), "t": t}
        return [float(evaluate(derivatives[1][name].derivative, now)) for name in step.states]

    path = solve_ivp(slope, (0, 4.0), step.state, method="DOP853", rtol=1e-12, atol=1e-12)
    return float(np.abs(step.by(dt, round(4 / dt)).state - path.y[:, -1]).max())


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2), ("rk4", 4), (None, 4)])
def test_a_nonlinear_system_converges_in_the_order_of_its_method(method: str | None, order: int) -> None:
    coarse, fine = (error(NONLINEAR, method, dt, x=0.5, y=-0.2) for dt in (0.1, 0.05))
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.25)


@pytest.mark.parametrize(
    ("method", "order"), [(None, 2), ("exponential_euler", 2), ("euler", 1), ("heun", 2), ("rk4", 4)]
)
def test_a_conductance_is_followed_in_the_order_of_the_method(method: str | None, order: int) -> None:
    coarse, fine = (error(CONDUCTANCE, method, dt, v=-60.0, g=0.2, h=0.05) for dt in (0.2, 0.1))
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.25)


def test_exponential_euler_with_coefficients_that_are_not_exact_is_of_first_order() -> None:
    gates = "dv/dt = (-60 - v) / 20 + m * (0 - v); dm/dt = (1 / (1 + exp(-(v + 55) / 5)) - m) / 2"
    coarse, fine = (error(gates, "exponential_euler", dt, v=-60.0, m=0.1) for dt in (0.02, 0.01))
    assert np.log2(coarse / fine) == pytest.approx(1, abs=0.2)


def test_a_nonlinear_state_driven_by_exact_ones_is_of_fourth_order() -> None:
    text = "dz/dt = -z**3 + w; dw/dt = (v - w) / 3; dv/dt = -v / 2"
    coarse, fine = (error(text, None, dt, z=0.1, w=0.0, v=3.0) for dt in (0.2, 0.1))
    assert np.log2(coarse / fine) == pytest.approx(4, abs=0.5)


# ---- noise -----------------------------------------------------------------------------------------------------------


@given(dts, st.floats(0.5, 50), st.floats(-3, 3))
def test_noise_of_an_ornstein_uhlenbeck_state_has_the_exact_size(dt: float, tau: float, sigma: float) -> None:
    step = Step("dx/dt = -x / tau + sigma * xi", x=0.0, tau=tau, sigma=sigma).by(dt, _randn_0=1.0)
    assert step["x"] == pytest.approx(sigma * np.sqrt(tau / 2 * -np.expm1(-2 * dt / tau)), rel=1e-10)


def test_noise_without_a_leak_is_a_wiener_process() -> None:
    assert Step("dx/dt = 2 * xi", x=1.0).by(0.25, _randn_0=3.0)["x"] == pytest.approx(1 + 2 * 0.5 * 3)


def test_plain_xi_is_new_in_every_equation_and_a_named_one_is_shared() -> None:
    text = "dx/dt = xi; dy/dt = xi; dz/dt = xi_common; du/dt = -xi_common"
    step = Step(text, x=0.0, y=0.0, z=0.0, u=0.0)
    assert len(step.scheme.draws) == 3
    step.by(1.0, _randn_0=1.0, _randn_1=2.0, _randn_2=4.0)
    np.testing.assert_allclose(step.state, [1.0, 2.0, 4.0, -4.0])


def test_several_sources_add_with_their_signs_and_may_all_be_off() -> None:
    text = "dx/dt = a * xi_1 - b * xi_2"
    assert Step(text, a=2.0, b=3.0, x=0.0).by(1.0, _randn_0=1.0, _randn_1=1.0)["x"] == pytest.approx(-1.0)
    assert Step(text, a=0.0, b=0.0, x=0.5).by(1.0, _randn_0=1.0, _randn_1=1.0)["x"] == 0.5


def test_noise_on_a_nonlinear_state_is_euler_maruyama() -> None:
    step = Step("dx/dt = -x**3 + s * x * xi", x=0.5, s=0.2).by(0.01, _randn_0=1.5)
    assert step.scheme.methods == {"x": "euler_maruyama"}
    assert step["x"] == pytest.approx(0.5 - 0.01 * 0.125 + 0.2 * 0.5 * 0.1 * 1.5)


def test_a_held_state_takes_no_noise() -> None:
    text = "dx/dt = -x / 5 + xi : 1 (unless refractory); dy/dt = -y**3 + xi : 1 (unless refractory)"
    step = Step(text, x=1.0, y=1.0).by(0.1, active=False, _randn_0=1.0, _randn_1=1.0)
    np.testing.assert_array_equal(step.state, [1.0, 1.0])


# ---- which scheme is chosen ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "varying", "expected"),
    [
        ("dv/dt = -v / tau + i_ext", "i_ext", "exact"),
        ("dv/dt = -v * g", "g", "exponential_euler"),
        ("dv/dt = -v * i", "", "exponential_euler"),
        ("dv/dt = -v + i", "", "exact"),
        ("dv/dt = -v + t", "", "exponential_euler"),
        ("dv/dt = -v**2", "", "rk4"),
        ("dv/dt = -abs(v)", "", "rk4"),
        ("dv/dt = clip(-v, 0, 1)", "", "rk4"),
        ("dv/dt = 1 if v > 3 else -1", "", "rk4"),
        ("dv/dt = -v * clip(tau, 0, 1)", "", "exact"),
        ("dv/dt = 2 * v * v / v - 1", "", "exact"),
        ("dv/dt = -v + s * xi", "", "exact"),
        ("dv/dt = -v + s * xi", "s", "euler_maruyama"),
        ("dv/dt = -v + t * xi", "", "euler_maruyama"),
        ("dv/dt = -v * g + xi", "g", "euler_maruyama"),
        ("dv/dt = -v + u; du/dt = -u**2", "", "rk4"),
    ],
)
def test_the_scheme_of_v_follows_from_its_equation(text: str, varying: str, expected: str) -> None:
    step = Step(text, varying=tuple(varying.split()))
    assert step.scheme.methods["v"] == expected


@pytest.mark.parametrize("method", ["rk4", "heun", "euler", "euler_maruyama"])
def test_a_named_method_is_used_for_every_state(method: str) -> None:
    assert set(Step("dv/dt = -v + u; du/dt = -u", method).scheme.methods.values()) == {method}


def test_a_method_that_does_not_fit_is_refused_with_the_culprit() -> None:
    with pytest.raises(NeuroclError, match=r"test: method 'exact' .* du/dt is not"):
        Step("dv/dt = -v; du/dt = -u**2", "exact")
    with pytest.raises(NeuroclError, match=r"d(x|y)/dt linearly"):
        Step("dx/dt = xi**2")


def test_statements_of_a_scheme_use_only_known_symbols() -> None:
    step = Step(CYCLE, **dict.fromkeys("abcdefgpqxyz", 0.5)).by(0.1)
    for statement in step.scheme.statements:
        assert {str(symbol) for symbol in statement.expression.free_symbols} <= step.values.keys()
    assert isinstance(step.scheme.statements[0].expression, sympy.Basic)
