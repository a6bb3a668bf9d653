"""What network experiments share: runs in parts are one run, and verdicts say what the numbers say."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.core.recording import Spikes
from neurocl.experiments.network_run import (
    COLUMNS,
    Comparison,
    activity_figure,
    check_times,
    compared,
    peak_frequency,
    rate_spectrum,
    run_in_parts,
    split,
    timed,
)


def noise(dt: float = 0.5) -> ncl.Network:
    """Ten Poisson sources."""
    network = ncl.Network(dt=dt)
    network.add(ncl.models.Poisson, 10, name="noise", rate=100.0)
    return network


def test_a_run_in_parts_is_one_run() -> None:
    record = {"noise": "spikes"}
    whole = noise().build(seed=3).run(100.0, record=record)["noise"].spikes
    assert len(whole) > 50
    for parts in (1, 7, 1000):
        times: dict[str, float] = {}
        out = run_in_parts(noise(), 100.0, 3, record, times=times, parts=parts)
        assert out["noise"].spikes == whole and out.duration == 100.0
        assert set(times) == {"build", "simulation"}


def test_a_simulator_goes_on() -> None:
    simulator = noise().build(seed=3)
    first = run_in_parts(simulator, 40.0, 0, {"noise": "spikes"})
    second = run_in_parts(simulator, 60.0, 0, {"noise": "spikes"})
    whole = noise().build(seed=3).run(100.0, record={"noise": "spikes"})
    assert ncl.Recording.join(first, second)["noise"].spikes == whole["noise"].spikes


def test_a_duration_between_two_steps_is_refused() -> None:
    with pytest.raises(ncl.NeuroclError, match=r"10\.2"):
        run_in_parts(noise(), 10.2, 0, {"noise": "spikes"})


@given(st.floats(allow_infinity=False), st.floats(-5, 5), st.floats(0, 5))
def test_the_verdict_is_whether_the_number_lies_in_the_range(measured: float, low: float, width: float) -> None:
    line = Comparison("all", "rate", measured, (low, low + width), "Hz")
    assert (line.verdict == "agrees") == (low <= measured <= low + width)
    assert Comparison("all", "rate", measured).verdict == "-"
    json.dumps(line.row(), allow_nan=False)
    assert len(line.row()) == len(COLUMNS)


def test_the_summary_names_what_differs() -> None:
    good, bad = Comparison("a", "rate", 1.0, (0.0, 2.0)), Comparison("b", "CV", math.nan, (0.0, 2.0))
    assert compared("t", [Comparison("a", "rate", 1.0)], {}).summary[0].startswith("Nothing is known")
    assert compared("t", [good], {}).summary == ["The known value is met."]
    assert compared("t", [good, good], {}, summary=["more"]).summary == ["All 2 known values are met.", "more"]
    found = compared("t", [good, bad], {})
    assert found.summary[0] == "Of 2 known values 1 are not met: CV of b."
    assert [row[-1] for row in found.rows] == ["agrees", "differs"] and found.rows[1][3] is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"duration": 0.0}, "duration must be > 0"),
        ({"duration": 10.0, "discard": 10.0}, "discard must be shorter"),
        ({"duration": 10.0, "discard": -1.0}, "discard must be >= 0"),
        ({"duration": 10.0, "seed": -1}, "seed must be a whole number >= 0"),
    ],
)
def test_bad_times_are_named(settings: dict[str, float], words: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=f"net: {words}"):
        check_times("net", **settings)  # type: ignore[arg-type]


def test_seconds_of_a_stage_add_up() -> None:
    times = {"a": 1.0}
    with timed(times, "a"):
        pass
    assert 1.0 < times["a"] < 2.0


def rhythmic(frequency: float, n: int = 500, duration: float = 5000.0) -> Spikes:
    """Poisson spikes at 20 Hz whose rate swings at `frequency` Hz."""
    rng = np.random.default_rng(0)
    times = np.arange(0.0, duration) + 0.5
    rate = 20.0 * (1 + 0.5 * np.sin(2 * np.pi * frequency * times / 1000))
    fired, indices = np.nonzero(rng.random((times.size, n)) < rate[:, None] / 1000)
    return Spikes(times[fired], indices, n=n, t_start=0.0, t_stop=duration)


@pytest.mark.parametrize("frequency", [10.0, 37.0, 120.0])
def test_the_spectrum_peaks_at_the_rhythm(frequency: float) -> None:
    found = rate_spectrum(rhythmic(frequency))
    assert peak_frequency(*found) == pytest.approx(frequency, abs=1.0)
    assert math.isnan(peak_frequency(*found, band=(600.0, 700.0)))


def test_the_spectrum_of_a_poisson_process_has_the_power_of_its_noise() -> None:
    frequency, power = rate_spectrum(rhythmic(0.0))
    # One-sided density of N independent processes of rate r: 2 r / N.
    assert power[(frequency > 5) & (frequency < 400)].mean() == pytest.approx(2 * 20.0 / 500, rel=0.05)


def test_parts_of_a_population_keep_all_spikes() -> None:
    spikes = rhythmic(10.0, n=10)
    parts = split(spikes, {"a": 7, "b": 3})
    assert [part.n for part in parts.values()] == [7, 3]
    assert np.array_equal(np.concatenate([part.counts() for part in parts.values()]), spikes.counts())


def test_the_figure_shows_some_neurons_of_large_populations_and_says_so() -> None:
    spikes = rhythmic(10.0, n=1500, duration=100.0)
    above, below = activity_figure(split(spikes, {"a": 1200, "b": 300}), window=(20.0, 80.0)).axes
    assert [label.get_text() for label in above.get_yticklabels()] == ["a\n(600 of 1200)", "b\n(150 of 300)"]
    assert len(below.patches) == 2 and below.get_legend() is None
    assert above.get_xlim() == (20.0, 80.0)
    single = activity_figure({"a": rhythmic(10.0, n=10, duration=100.0)})
    assert [label.get_text() for label in single.axes[0].get_yticklabels()] == ["a\n(10)"]
