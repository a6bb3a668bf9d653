"""Izhikevich's neuron: the published script step by step, and the equation it approximates."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.models import IZHIKEVICH_TYPES, Izhikevich, IzhikevichODE
from tests.helpers import simulate

TYPES = {key: np.array([values[key] for values in IZHIKEVICH_TYPES.values()]) for key in "abcd"}
# First spike times (ms) and number of spikes in 1000 ms with I = 10.
SCRIPT = {
    "RS": ([4, 31, 79, 141, 195, 243], 20),
    "IB": ([4, 8, 46, 85, 122, 164], 27),
    "CH": ([4, 7, 10, 14, 62, 66], 43),
    "FS": ([4, 11, 22, 34, 58, 71], 63),
    "LTS": ([4, 10, 21, 49, 81, 98], 44),
    "RZ": ([4, 22, 30, 42, 61, 75], 80),
    "TC": ([4, 9, 15, 23, 31, 40], 67),
}
# The equation: first spike times, number of spikes, last interval (ms), by an eighth-order adaptive solver.
EQUATION = {
    "RS": ([3.127055, 26.226025, 71.057097, 115.869511], 23, 44.812414),
    "IB": ([3.127055, 5.415407, 9.650077, 49.629245], 34, 31.218019),
    "CH": ([3.127055, 4.515875, 6.036373, 7.729125], 87, None),
    "FS": ([3.152899, 7.443816, 13.312224], 137, 7.342650),
    "LTS": ([2.468165, 5.337104, 8.798272], 78, 13.370124),
    "RZ": ([2.391559, 5.302638], 196, 5.123512),
    "TC": ([2.468165, 4.981288], 277, 3.673303),
}


def script():
    """1000 ms of all types with the published script."""
    return simulate(Izhikevich, 1000.0, dt=1.0, n=7, i_ext=10.0, record=["spikes", "v", "u"], **TYPES)


def equation(dt):
    """1000 ms of all types with the differential equation."""
    return simulate(IzhikevichODE, 1000.0, dt=dt, n=7, i_ext=10.0, **TYPES).spikes


def test_the_tables_cover_the_types_of_the_library():
    assert list(IZHIKEVICH_TYPES) == list(SCRIPT) == list(EQUATION)


def test_script_gives_the_published_first_spikes():
    for train, (times, _) in zip(script().spikes.trains(), SCRIPT.values(), strict=True):
        assert train[:6].tolist() == times


def test_script_gives_the_published_number_of_spikes():
    # The map is chaotic for most types: over 1000 steps the order of rounding alone moves these counts by up to 3.
    counts = script().counts()
    assert np.abs(counts - [count for _, count in SCRIPT.values()]).max() <= 3


def test_every_step_is_the_script():
    out = script()
    v, u, (a, b, c, d) = out["v"], out["u"], TYPES.values()
    fired = np.zeros(v.shape, dtype=bool)
    fired[np.rint(out.spikes.times).astype(int) - 1, out.spikes.indices] = True
    before_v, before_u = np.vstack([np.full(7, -65.0), v[:-1]]), np.vstack([b * -65, u[:-1]])
    for _ in range(2):
        before_v = before_v + 0.5 * (0.04 * before_v**2 + 5 * before_v + 140 - before_u + 10)
    before_u = before_u + a * (b * before_v - before_u)
    np.testing.assert_array_equal(fired, before_v >= 30)
    np.testing.assert_allclose(v, np.where(fired, c, before_v), rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(u, np.where(fired, before_u + d, before_u), rtol=1e-12, atol=1e-10)


def test_script_refuses_another_time_step():
    with pytest.raises(NeuroclError, match=r"'Izhikevich' is defined for dt = 1 ms only, the network has dt = 0\.1 ms"):
        simulate(Izhikevich, 10.0, dt=0.1)


def test_equation_has_the_reference_number_of_spikes():
    counts = [count for _, count, _ in EQUATION.values()]
    assert equation(0.01).counts().tolist() == counts
    assert np.abs(equation(0.02).counts() - counts).max() <= 1


@pytest.mark.parametrize("dt", [0.02, 0.01])
def test_equation_spikes_at_the_reference_times(dt):
    for train, (times, _, interval) in zip(equation(dt).trains(), EQUATION.values(), strict=True):
        late = train[: len(times)] - times
        # Every spike is rounded up to the grid; the next ones inherit the delay, in v and in u.
        assert np.all((late >= 0) & (late <= 2 * dt * np.arange(1, len(times) + 1)))
        if interval is not None:
            assert train[-1] - train[-2] == pytest.approx(interval, abs=2 * dt)


def test_equation_converges_to_the_reference():
    fourth = EQUATION["RS"][0][3]
    error = [abs(equation(dt).trains()[0][3] - fourth) for dt in (0.02, 0.01)]
    assert error[1] < 0.6 * error[0]


def test_euler_with_a_coarse_step_has_its_known_counts():
    # With u advanced by the new v, as the script does, and plain; the order of rounding alone moves a count by 1.
    model = Izhikevich.replace(
        name="coarse",
        update="v += dt * (0.04 * v**2 + 5 * v + 140 - u + i_ext); u += dt * a * (b * v - u)",
        dt=None,
    )
    counts = simulate(model, 1000.0, dt=0.1, n=7, i_ext=10.0, **TYPES).counts()
    assert np.abs(counts - [23, 34, 86, 125, 75, 178, 248]).max() <= 1
    counts = simulate(IzhikevichODE.replace(method="euler"), 1000.0, dt=0.1, n=7, i_ext=10.0, **TYPES).counts()
    assert np.abs(counts - [23, 34, 87, 131, 77, 186, 260]).max() <= 1
