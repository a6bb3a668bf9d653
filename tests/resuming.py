"""One experiment, once interrupted and resumed and once in one go: what it leaves must be the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neurocl.experiments.run_folder import RunFolder


def run_both_ways(
    arguments: list[str], after: int, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, Any], Path]:
    """Run `neurocl run *arguments` twice, once interrupted when `after` parts are kept, and compare; nothing twice.

    Returns
    -------
    tuple
        The results, without the seconds they took, and the folder of the run that was not interrupted.
    """
    from neurocl.cli import main

    parts, whole = place / "parts", place / "whole"
    keep = RunFolder.keep
    computed: list[str] = []

    def counting(self: RunFolder, name: str, compute: Any) -> Any:
        return keep(self, name, lambda: (computed.append(name), compute())[1])

    def interrupted(self: RunFolder, name: str, compute: Any) -> Any:
        if len(computed) == after:
            raise KeyboardInterrupt
        return counting(self, name, compute)

    monkeypatch.setattr(RunFolder, "keep", interrupted)
    assert main(["run", *arguments, "--out", str(parts)]) == 130
    assert f"--resume {parts}" in capsys.readouterr().err
    assert len(list((parts / "checkpoint").iterdir())) == after

    monkeypatch.setattr(RunFolder, "keep", counting)
    assert main(["run", "--resume", str(parts)]) == 0
    in_parts = computed.copy()
    computed.clear()
    assert main(["run", *arguments, "--out", str(whole)]) == 0
    assert in_parts == computed  # nothing was computed twice
    assert not (parts / "checkpoint").exists()
    results, expected = (json.loads((folder / "results.json").read_text()) for folder in (parts, whole))
    for result in (results, expected):
        del result["seconds"]
    assert results == expected
    assert (parts / "accuracy.csv").read_bytes() == (whole / "accuracy.csv").read_bytes()
    return results, whole
