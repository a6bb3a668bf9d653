"""Phase planes: nullclines where the derivatives vanish, arrows along the flow, equilibria of the textbook."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl import models
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Spikes, Trace
from neurocl.plots import phase_plane
from neurocl.plots._flow import flow_of

RANGES = {"v": (-2.5, 2.5), "r": (-1.0, 2.0)}
PENDULUM = ncl.NeuronModel(name="pendulum", equations="dx/dt = y : mV; dy/dt = -sin(x) - damping * y : mV/ms",
                           parameters={"damping": 0.0})  # fmt: skip


def nullclines(ax):
    return [
        np.concatenate([path for part in c.allsegs for path in part]) for c in ax.collections if hasattr(c, "allsegs")
    ]


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_nullclines_of_fitzhugh_nagumo_are_a_cubic_and_a_line():
    ax = phase_plane(models.FitzHughNagumo, RANGES, i_ext=0.5)
    cubic, line = nullclines(ax)
    v, r = cubic.T
    np.testing.assert_allclose(r, v - v**3 / 3 + 0.5, atol=1e-3)
    v, r = line.T
    np.testing.assert_allclose(0.8 * r, v + 0.7, atol=1e-6)
    assert labels(ax) == ["dv/dt = 0", "dr/dt = 0", "unstable equilibrium"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("v (dimensionless)", "r (dimensionless)")
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2.5, 2.5), (-1.0, 2.0))


@pytest.mark.parametrize(("i_ext", "is_stable"), [(0.32, True), (0.34, False), (1.41, False), (1.43, True)])
def test_stability_of_fitzhugh_nagumo_changes_at_the_hopf_points(i_ext, is_stable):
    (point,) = flow_of(models.FitzHughNagumo, "v", "r", {"i_ext": i_ext}).equilibria((-2.5, 2.5), (-1.0, 2.5))
    assert point.is_stable == is_stable
    assert point.y == pytest.approx((point.x + 0.7) / 0.8) and point.y == pytest.approx(
        point.x - point.x**3 / 3 + i_ext
    )


def test_equilibria_of_a_pendulum_are_found_with_their_stability():
    points = flow_of(PENDULUM, "x", "y", {"damping": 0.5}).equilibria((-4.0, 7.0), (-2.0, 2.0))
    assert [(round(p.x / np.pi, 6), p.is_stable) for p in points] == [(-1, False), (0, True), (1, False), (2, True)]
    np.testing.assert_allclose([p.y for p in points], 0.0, atol=1e-9)


def test_arrows_point_along_the_flow():
    ax = phase_plane(PENDULUM, {"y": (-1.0, 1.0), "x": (-3.0, 3.0)})
    arrows = next(c for c in ax.collections if hasattr(c, "U"))
    y, x = arrows.XY.T
    np.testing.assert_allclose(arrows.U * y, arrows.V * -np.sin(x), atol=1e-12)
    assert np.all(arrows.U * -np.sin(x) + arrows.V * y >= 0)
    np.testing.assert_allclose(np.hypot(arrows.U, arrows.V), 1.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("y (mV/ms)", "x (mV)")


@pytest.mark.parametrize(
    ("model", "ranges", "values"),
    [
        (models.AdEx, {"v": (-80.0, 40.0), "w_ad": (-50.0, 400.0)}, {"i_ext": 500.0}),
        (models.IzhikevichODE, {"v": (-80.0, 40.0), "u": (-20.0, 20.0)}, {}),
        (models.MorrisLecar, {"v": (-80.0, 60.0), "w": (-0.1, 0.7)}, {}),
        (models.HodgkinHuxley, {"v": (-80.0, 40.0), "n": (0.0, 1.0)}, {"h": 0.6, "m": 0.05}),
    ],
    ids=lambda value: value.name if isinstance(value, ncl.NeuronModel) else "",
)
def test_models_of_the_library_are_drawn(model, ranges, values):
    ax = phase_plane(model, ranges, **values)
    assert all(len(line) > 10 for line in nullclines(ax))
    assert "mV" in ax.get_xlabel()


def test_a_third_state_and_an_input_can_be_given():
    free = nullclines(phase_plane(models.FitzHughNagumo, RANGES))[0]
    driven = nullclines(phase_plane(models.FitzHughNagumo, RANGES, i_syn=0.5))[0]
    offset = np.interp(0.5, driven[:, 0][::-1], driven[:, 1][::-1]) - np.interp(0.5, free[:, 0][::-1], free[:, 1][::-1])
    assert abs(offset) == pytest.approx(0.5, abs=0.02)


def test_a_trajectory_is_dotted_where_it_is_reset():
    times = np.arange(1, 6) * 0.1
    v = Trace("v", np.array([[-60.0], [-50.0], [-70.0], [-65.0], [-60.0]]), times, [4])
    w = Trace("w_ad", np.array([[0.0], [1.0], [81.0], [80.0], [79.0]]), times, [4])
    spikes = Spikes([0.3], [0], 1, 0.0, 0.5, neurons=[4])
    ranges = {"v": (-80.0, 0.0), "w_ad": (-50.0, 200.0)}
    ax = phase_plane(models.AdEx, ranges, trajectory=GroupRecording("cell", spikes, traces=[v, w]))
    lines = {line.get_label(): line for line in ax.lines if line.get_xdata() is not None}
    np.testing.assert_array_equal(lines["trajectory"].get_xdata(), [-60, -50, np.nan, -70, -65, -60])
    np.testing.assert_array_equal(lines["trajectory"].get_ydata(), [0, 1, np.nan, 81, 80, 79])
    np.testing.assert_array_equal(lines["reset"].get_ydata(), [1, 81, np.nan])
    whole = phase_plane(models.AdEx, ranges, trajectory=GroupRecording("cell", traces=[v, w]))
    assert labels(whole).count("reset") == 0


@pytest.mark.parametrize(
    ("model", "ranges", "values", "message"),
    [
        (models.Izhikevich, {"v": (-80, 40), "u": (-20, 20)}, {}, "'v' has no differential equation"),
        (models.HodgkinHuxley, {"v": (-80, 40), "n": (0, 1)}, {"m": 0.1}, "'h' too; fix it, for instance h=0.0"),
        (models.AdEx, {"v": (-80, 40), "w": (0, 1)}, {}, "no state 'w'"),
        (models.AdEx, {"v": (-80, 40), "w_ad": (0, 1)}, {"i_exd": 1.0}, "other state 'i_exd'; did you mean"),
        (models.AdEx, {"v": (-80, 40), "w_ad": (0, 1)}, {"v": 1.0}, "other state 'v'"),
        (models.AdEx, {"v": (-80, 40), "w_ad": (0, 1)}, {"i_ext": np.nan}, "i_ext must be a finite number"),
        (models.AdEx, {"v": (-80, 40)}, {}, "ranges must name two states"),
        (models.AdEx, {"v": (40, -80), "w_ad": (0, 1)}, {}, "range of 'v' must be .* low < high"),
        (models.AdEx, {"v": 40, "w_ad": (0, 1)}, {}, r"range of 'v' must be \(low, high\)"),
        (models.PairSTDP, {"v": (-80, 40), "w_ad": (0, 1)}, {}, "expected a NeuronModel, got SynapseModel"),
    ],
)  # fmt: skip
def test_what_has_no_phase_plane_is_told(model, ranges, values, message):
    with pytest.raises(NeuroclError, match=message):
        phase_plane(model, ranges, **values)


def test_noise_is_left_out_and_time_must_be_given():
    noisy = PENDULUM.replace(equations="dx/dt = y + xi : mV; dy/dt = -sin(x) + cos(t) : mV/ms")
    assert flow_of(noisy, "x", "y", {"t": 0.0})(1.0, 2.0)[0] == 2.0
    with pytest.raises(NeuroclError, match="depends on 't' too"):
        phase_plane(noisy, {"x": (-1, 1), "y": (-1, 1)})
