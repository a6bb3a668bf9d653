"""`neurocl run hippocampus`: the script of the source, random operations, and settings that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments import hippocampus


def test_the_command_writes_table_figures_and_report(tmp_path: Path) -> None:
    few = ["--set", "spacings=15", "--set", "operations=20"]
    assert main(["run", "hippocampus", *few, "--out", str(tmp_path / "run")]) == 0
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "run.json", "results.json", "accuracy.csv", "script.png", "weights.png", "spacing.png", "report.html"
    }  # fmt: skip
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert [row["as expected"] for row in results["table"]] == ["yes"] * len(hippocampus.SCRIPT)


def test_random_operations_are_all_right_when_there_is_time_and_one_cell_asks() -> None:
    config = hippocampus.Config(operations=80)
    assert hippocampus._share_right(config, 15, 1) == 1.0
    assert hippocampus._share_right(config, 8, 1) < 1.0
    assert hippocampus._share_right(config, 15, 4) < 1.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"spacing": 7}, "spacing must be at least 8 ms"),
        ({"spacings": (10, 3)}, "spacings must be at least 8 ms"),
        ({"spacings": ()}, "spacings must hold at least one"),
        ({"operations": 0}, "operations must be a whole number >= 1"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        hippocampus.Config(**settings)
