"""The microcircuit experiment: what it compares, what it draws, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments.microcircuit import Config, run
from neurocl.networks.microcircuit import POPULATIONS, RATES

SMALL: dict[str, Any] = {"scale": 0.05, "k_scale": 0.2}


def test_all_populations_are_compared_and_drawn() -> None:
    outcome = run(Config(**SMALL, duration=4500.0))
    rates = {row[0]: row for row in outcome.rows if row[1] == "mean rate"}
    assert list(rates) == list(POPULATIONS)
    for name, row in rates.items():
        assert row[4:6] == pytest.approx((0.5 * RATES[name], 1.5 * RATES[name])) and row[6] == "agrees"
    assert [picture.name for picture in outcome.pictures] == ["raster", "rates"]
    raster, bars = (picture.figure.axes[0] for picture in outcome.pictures)
    assert [text.get_text() for text in raster.get_yticklabels()] == list(POPULATIONS)
    assert [patch.get_height() for patch in bars.patches] == pytest.approx([row[3] for row in rates.values()])


def test_nothing_is_known_of_other_sizes_and_short_runs() -> None:
    assert Config(scale=1.0, k_scale=1.0).tolerance == 0.1
    assert Config(scale=0.05, k_scale=None).tolerance == 0.5
    for changes in ({"k_scale": 0.3}, {"duration": 4499.0}, {"drive": "poisson"}, {"thalamic": True}):
        assert Config(**{**SMALL, **changes}).tolerance is None


def test_a_silent_network_is_told_as_it_is() -> None:
    outcome = run(Config(scale=0.05, k_scale=0.05, duration=600.0))
    assert all(row[3] == 0.0 and row[4] is None for row in outcome.rows if row[1] == "mean rate")
    assert all(row[3] is None for row in outcome.rows if row[1] != "mean rate")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"scale": 2.0}, "scale must lie"),
        ({"drive": "ac"}, "drive must be"),
        ({"discard": 9000.0}, "discard must be shorter"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        Config(**changes)
