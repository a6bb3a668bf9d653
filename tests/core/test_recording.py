"""Recordings: access by name, joins of consecutive runs, and the messages for what is not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, Spikes, Trace

DT = 0.1


def run(first_step: int, n_steps: int) -> Recording:
    """A made-up run of two neurons, 'v' of which is the number of the step, and one modulator."""
    steps = np.arange(first_step, first_step + n_steps)
    times, window = (steps + 1) * DT, (first_step * DT, (first_step + n_steps) * DT)
    fired = steps % 3 == 0
    spikes = Spikes(times[fired], steps[fired] % 2, 2, *window)
    v = Trace("v", np.stack([steps, -steps], axis=1).astype(np.float32), times, [0, 7], "mV")
    level = Trace("d", steps[:, None] * 2.0, times, [0])
    groups = [
        GroupRecording("exc", spikes, traces=[v]),
        GroupRecording("inh", counts=np.bincount(steps % 4, minlength=4)),
        GroupRecording("da", traces=[level]),
    ]
    return Recording(n_steps * DT, DT, groups, t_start=window[0])


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_joined_runs_equal_the_run_that_was_not_split(start, first, second):
    joined = Recording.join(run(start, first), run(start + first, second))
    whole = run(start, first + second)
    assert joined.names == whole.names
    assert (joined.t_start, joined.t_stop) == pytest.approx((whole.t_start, whole.t_stop))
    assert joined["exc"].spikes.equals(whole["exc"].spikes)
    np.testing.assert_array_equal(joined["inh"].counts(), whole["inh"].counts())
    for name, state in [("exc", "v"), ("da", "d")]:
        np.testing.assert_array_equal(joined[name][state], whole[name][state])
        np.testing.assert_array_equal(joined[name].trace(state).times, whole[name].trace(state).times)


def test_everything_recorded_is_reached_by_name():
    out = run(0, 10)
    assert out.names == ("exc", "inh", "da") == tuple(out) and len(out) == 3 and "exc" in out
    assert (out.t_start, out.t_stop, out.dt) == (0.0, 1.0, 0.1)
    exc = out["exc"]
    assert exc.quantities == ("spikes", "v") and "v" in exc and "w" not in exc
    assert exc["v"].shape == (10, 2) and exc["v"].dtype == np.float32
    assert exc.trace("v").unit == "mV" and exc.trace("v").indices.tolist() == [0, 7]
    np.testing.assert_array_equal(exc.counts(), exc.spikes.counts())
    np.testing.assert_array_equal(out["inh"].counts(), [3, 3, 2, 2])


def test_summary_is_readable():
    assert repr(run(0, 10)).splitlines() == [
        "Recording of 0 to 1 ms, dt = 0.1 ms",
        '  "exc": Spikes(4 of n=2, 0 to 1 ms, 2000 Hz); Trace("v", [10 steps, 2] mV)',
        '  "inh": counts of 4 (10 spikes)',
        '  "da": Trace("d", [10 steps, 1])',
    ]


def test_traces_are_read_only_and_selected_by_neuron_number():
    trace = run(0, 5)["exc"].trace("v")
    with pytest.raises(ValueError, match="read-only"):
        trace.values[0] = 0.0
    np.testing.assert_array_equal(trace.select([7]).values, trace.values[:, 1:])
    np.testing.assert_array_equal(trace.select(slice(0, 1)).values, trace.values[:, :1])
    with pytest.raises(NeuroclError, match=r'Trace "v": there is no number 1; choose from 0, 7'):
        trace.select([1])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda out: out["exx"],
            r'nothing of "exx" was recorded \(did you mean "exc"\?\).*recorded: exc, inh, da',
        ),
        (
            lambda out: out["inh"].spikes,
            r'run with record=\{"inh": \["spikes", \.\.\.\]\} \(recorded: counts\)',
        ),
        (lambda out: out["da"].counts(), r'"counts" of "da" was not recorded'),
        (lambda out: out["exc"]["V"], r'"V" of "exc" was not recorded \(did you mean "v"\?\)'),
        (lambda out: out["exc"]["spikes"], r'write out\["exc"\]\.spikes'),
        (lambda out: out["inh"]["counts"], r'write out\["inh"\]\.counts\(\)'),
        (lambda out: GroupRecording("x").spikes, r"\(recorded: nothing\)"),
    ],
)
def test_what_was_not_recorded_is_explained(ask, message):
    with pytest.raises(NeuroclError, match=message):
        ask(run(0, 10))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (run(20, 5), r"one run ended at 1\.0 ms, the next began at 2\.0 ms"),
        (Recording(1.0, 0.2, [], 1.0), r"dt 0\.1 and 0\.2 ms, recorded exc, inh, da and nothing"),
        (
            Recording(1.0, DT, [GroupRecording(name) for name in ("exc", "inh", "da")], 1.0),
            '"exc" recorded spikes, v, then nothing',
        ),
    ],
)
def test_runs_that_do_not_fit_are_not_joined(second, message):
    with pytest.raises(NeuroclError, match=message):
        Recording.join(run(0, 10), second)


def test_parts_of_other_neurons_are_not_joined():
    trace = Trace("v", [[1.0]], [0.1], [0], "mV")
    with pytest.raises(NeuroclError, match="same neurons"):
        Trace.join(trace, Trace("v", [[1.0]], [0.2], [1], "mV"))
    with pytest.raises(NeuroclError, match="same neurons"):
        GroupRecording.join(GroupRecording("a", counts=[1]), GroupRecording("a", counts=[1, 2]))


def test_malformed_traces_are_refused():
    with pytest.raises(NeuroclError, match=r"\[step, neuron\] = \(2, 1\), got \(1, 2\)"):
        Trace("v", [[1.0, 2.0]], [0.1, 0.2], [0])
    with pytest.raises(NeuroclError, match="times must ascend"):
        Trace("v", [[1.0], [2.0]], [0.2, 0.1], [0])


def test_a_recording_needs_a_step_and_a_duration():
    with pytest.raises(NeuroclError, match="dt must be > 0"):
        Recording(1.0, 0.0)
    with pytest.raises(NeuroclError, match="duration must be >= 0"):
        Recording(-1.0, 0.1)
