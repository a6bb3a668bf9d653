"""The benchmark of memories measures what it says, on small memories."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import memories


def test_every_case_gives_ratios_and_memory() -> None:
    cases = [
        *memories.modern(3000, 16, 8),
        *memories.synchronous(200),
        *memories.asynchronous(200),
        *memories.search(500),
    ]
    for case in cases:
        found = memories.measure(case, 2)
        assert 0 < found["ratio"]["min"] <= found["ratio"]["max"]
        assert found["extra_mb"] >= 0
    # Scores of a block of 2048 patterns, never of all.
    assert memories.measure(cases[0], 1)["extra_mb"] < 1


def test_the_command_prints_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(memories.CASES, "search", lambda: memories.search(500))
    monkeypatch.setattr(sys, "argv", ["memories", "search", "--repeats", "2", "--json", str(tmp_path / "found.json")])
    memories.main()
    assert "packed search" in capsys.readouterr().out
    assert json.loads((tmp_path / "found.json").read_text())["memories"][0]["name"].startswith("packed search")
