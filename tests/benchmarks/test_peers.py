"""The programs of neurocl and Brian2 answer as the protocol says, and with the same rate."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.networks import NETWORKS
from benchmarks.simulators import ROOT
from benchmarks.wiring import write_wiring


def program(key: str, *options: str, **about: Any) -> subprocess.CompletedProcess[str]:
    """Run the program of `key` on CUBA with 400 neurons for 50 ms."""
    command = [sys.executable, f"benchmarks/peers/{key}_networks.py", "cuba", "--n", "400", "--seconds", "0.05"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*command, *options], capture_output=True, text=True, cwd=ROOT, env=environment, **about)


def test_neurocl_prints_its_repeats() -> None:
    answer = json.loads(program("neurocl", "--repeats", "2").stdout)
    assert len(answer["real_time_factor"]) == 2 and min(answer["real_time_factor"]) > 0
    assert answer["name"].startswith("neurocl") and answer["peak_memory_mb"] > 10 and 0 < answer["rate_hz"] < 200


def test_neurocl_serves() -> None:
    ready, *runs = map(json.loads, program("neurocl", "--serve", input="run\nrun\nquit\n").stdout.splitlines())
    assert ready["ready"] and ready["build_seconds"] > 0
    # Every run starts anew.
    assert len(runs) == 2 and runs[0]["rate_hz"] == runs[1]["rate_hz"] > 0 and min(r["seconds"] for r in runs) > 0


def test_brian2_without_a_wiring_file_cannot_run() -> None:
    done = program("brian2")
    assert done.returncode == 3 and done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_brian2_has_neurocls_rate(tmp_path: Path) -> None:
    pytest.importorskip("brian2", exc_type=Exception)
    write_wiring(NETWORKS["cuba"].make(400).build(seed=1), tmp_path / "wiring.npz")
    theirs = json.loads(program("brian2", "--repeats", "1", "--adjacency", str(tmp_path / "wiring.npz")).stdout)
    ours = json.loads(program("neurocl", "--repeats", "1").stdout)
    assert theirs["rate_hz"] == pytest.approx(ours["rate_hz"], rel=0.1)
