"""The benchmark of sparse representations measures what it says, on small ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import sparse


def test_every_case_gives_ratios() -> None:
    pytest.importorskip("torch")
    rows = [
        *sparse.pooler(1, 64, 5),
        *sparse.memory(1, 64, (100,), 2),
        *sparse.overlap(1, 256, 50, 3),
        *sparse.layer(1, 16, 4),
    ]
    assert len(rows) == 6 + 2 + 2 + 4
    assert all(0 < row["ratio"]["min"] <= row["ratio"]["max"] for row in rows)


def test_ratios_are_in_favour_of_the_faster() -> None:
    assert sparse.row("seconds", "s", [2.0], 10.0, faster="lower")["ratio"]["median"] == 5.0
    assert sparse.row("rate", "1/s", [2.0], 10.0)["ratio"]["median"] == 0.2


def test_the_command_prints_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sparse.CASES, "overlap", lambda repeats: sparse.overlap(repeats, 256, 50, 3))
    monkeypatch.setattr(sys, "argv", ["sparse", "overlap", "--repeats", "2", "--json", str(tmp_path / "found.json")])
    sparse.main()
    assert "inverted" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "found.json").read_text())["sparse"]) == 2
