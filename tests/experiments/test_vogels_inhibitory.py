"""The experiment on inhibitory plasticity: its phases, their numbers and figures."""

from __future__ import annotations

from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.vogels_inhibitory import Config, run


def test_rates_fall_to_the_target() -> None:
    outcome = run(Config(n=1000, duration=10_000.0, measured=2000.0))
    found = {(row[0], row[1]): row for row in outcome.rows}
    assert found["excitatory, before", "mean rate"][3] > 100.0
    after = found["excitatory, after", "mean rate"]
    assert after[4:] == (3.75, 6.25, "agrees")
    assert found["excitatory, after", "CV of intervals"][3] > 0.6
    assert outcome.summary[0] == "The known value is met."
    assert [picture.name for picture in outcome.pictures] == ["rates", "spikes", "learning", "weights"]
    assert [len(picture.figure.axes) for picture in outcome.pictures] == [2, 2, 1, 1]


def test_no_learning_leaves_weights_at_zero() -> None:
    outcome = run(Config(n=1000, eta=0.0, duration=200.0, measured=200.0))
    assert outcome.rows[-1][:4] == ("inhibitory weights, after", "mean", "nS", 0.0)
    assert all(row[4] is None for row in outcome.rows)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"n": 10}, "n must be"),
        ({"measured": 0.0}, "measured must be > 0"),
        ({"rate": -5.0}, "rate must be > 0"),
        ({"duration": float("nan")}, "duration"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        Config(**changes)
