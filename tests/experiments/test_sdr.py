"""`neurocl run sdr`: counted frequencies beside the closed forms."""

from __future__ import annotations

from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.sdr import Config, run


def test_counts_agree_with_the_closed_forms() -> None:
    outcome = run(Config(sizes=(300,), moved=(0.0, 0.5), stored=(2,), trials=10_000, seed=1))
    assert outcome.summary[0] == "All 4 known values are met."
    assert [row[:2] for row in outcome.rows] == [
        ("0 of 64 bits moved", "missed patterns"), ("32 of 64 bits moved", "missed patterns"),
        ("300 bits", "false matches"), ("300 bits, 2 stored", "false matches of a union"),
    ]  # fmt: skip
    assert outcome.rows[0][3] == 0.0
    assert [picture.name for picture in outcome.pictures] == ["noise", "chance", "union", "threshold"]


def test_rare_events_are_not_judged() -> None:
    outcome = run(Config(sizes=(700,), moved=(), stored=(), trials=100))
    assert [row[-1] for row in outcome.rows] == ["-"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"theta": 25}, "theta must be at most the s = 24"),
        ({"s": 70}, "s must be at most"),
        ({"sizes": (100,)}, "sdr: n must be at least 2 a = 128"),
        ({"sizes": ()}, "sdr: sizes"),
        ({"moved": (1.5,)}, "sdr: each of moved"),
        ({"stored": (0,)}, "sdr: each of stored"),
        ({"trials": 0}, "sdr: trials"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        Config(**changes)
