"""The report: one file that needs nothing beside it, with all that was found."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.report import format_table, write_outcome
from neurocl.experiments.run_folder import RunFolder


@pytest.fixture
def written(tmp_path: Path) -> Path:
    outcome = Outcome(
        "A < B & C", ["5 < 6"], ("what", "accuracy"), [("<b>", 0.5), ("none", None)], {"more": [1, 2]}, {"all": 1.25},
        [Picture("dots", Figure(), "Dots <here>.")],
    )  # fmt: skip
    folder = RunFolder.begin(tmp_path / "run", {"experiment": "x", "config": {"key": "<i>"}, "neurocl": "0"})
    write_outcome(folder, outcome)
    return tmp_path / "run"


def test_files_are_complete_and_no_temporary_one_stays(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    assert names == {"run.json", "results.json", "accuracy.csv", "report.html", "dots.png"}


def test_numbers_are_the_same_in_json_and_csv(written: Path) -> None:
    results = json.loads((written / "results.json").read_text())
    assert results["table"] == [{"what": "<b>", "accuracy": 0.5}, {"what": "none", "accuracy": None}]
    assert results["config"] == {"key": "<i>"} and results["more"] == [1, 2] and results["seconds"] == {"all": 1.25}
    assert {"python", "numpy", "numba"} <= results["versions"].keys()
    assert list(csv.reader((written / "accuracy.csv").open()))[:2] == [["what", "accuracy"], ["<b>", "0.5"]]


def test_html_is_self_contained_escaped_and_balanced(written: Path) -> None:
    text = (written / "report.html").read_text()
    open_tags: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "img"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balance().feed(text)
    assert not open_tags
    assert re.findall(r'src="(.{22})', text) == ["data:image/png;base64,"] and "href" not in text
    assert "<b>" not in text and "<i>" not in text and "A &lt; B &amp; C" in text and "Dots &lt;here&gt;" in text


def test_columns_of_the_printed_table_are_aligned() -> None:
    lines = format_table(("name", "accuracy"), [("long name", 1.0), ("x", 0.12345)]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[2].endswith("1.0000") and lines[3].endswith("0.1235")
