"""`neurocl run sequence`: the sequence is learned, and the foreign stretches of the stream are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments.sequence import Config, run


def test_the_command_meets_all_known_values(tmp_path: Path) -> None:
    assert main(["run", "sequence", "--out", str(tmp_path / "run")]) == 0
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files == {"run.json", "results.json", "accuracy.csv", "learning.png", "stream.png", "report.html"}
    table = json.loads((tmp_path / "run" / "results.json").read_text())["table"]
    assert [row["verdict"] for row in table] == ["agrees", "agrees", "-", "-", "agrees", "agrees"]


def test_the_seed_decides_everything() -> None:
    small = Config(length=20, passes=2, steps=1000, anomalies=2, seed=4)
    assert run(small).rows == run(small).rows


def test_a_stream_without_anomalies_is_quiet() -> None:
    outcome = run(Config(length=5, passes=1, steps=2000, anomalies=0))
    assert outcome.results["foreign_from"] == [] and outcome.rows[-1][3] == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"length": 1}, "length"),
        ({"passes": 0}, "passes"),
        ({"steps": 10}, "steps"),
        ({"anomalies": 100}, "anomalies must be at most 29"),
        ({"noise": -0.1}, "noise"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        Config(**changes)
