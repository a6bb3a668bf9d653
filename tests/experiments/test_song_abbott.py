"""The experiment on competition by STDP: its parts, their numbers and figures."""

from __future__ import annotations

from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.song_abbott import Config, run


def test_short_run_shows_all_parts() -> None:
    outcome = run(Config(duration=20_000.0, rates=(20.0,)))
    found = {(row[0], row[1]): row for row in outcome.rows}
    before, after = (found["inputs of 20 Hz", f"rate {when} learning"][3] for when in ("before", "after"))
    assert before > 2.0 * after
    assert found["earliest fifth", "mean weight, latencies"][3] > 0.9
    assert found["others", "mean weight, latencies"][3] < 0.3
    assert all(row[4] is None for row in outcome.rows)  # too short for the known values
    assert [picture.name for picture in outcome.pictures] == ["weights", "rate", "regulation", "latency"]
    assert all(len(picture.figure.axes) == 1 for picture in outcome.pictures)


def test_regulation_can_be_left_out() -> None:
    outcome = run(Config(duration=20_000.0, rates=()))
    assert [picture.name for picture in outcome.pictures] == ["weights", "rate", "latency"]
    assert outcome.rows == run(Config(duration=20_000.0, rates=())).rows


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"duration": 1000.0}, "duration must be at least 20000 ms"),
        ({"rates": (10.0, -1.0)}, "each rate must be > 0"),
        ({"a_plus": 0.0}, "a_plus must be > 0"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        Config(**changes)


@pytest.mark.slow
def test_default_run_meets_all_known_values() -> None:
    assert run(Config()).summary[0] == "All 6 known values are met."
