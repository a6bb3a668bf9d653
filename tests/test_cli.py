"""The command line: bad input is one line and status 2, and every command does what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import neurocl
from benchmarks import measuring
from neurocl import cli
from neurocl.cli import main
from neurocl.experiments import EXPERIMENTS, validation
from neurocl.experiments.run_folder import RunFolder
from tests.benchmarks.stand_in import speaking
from tests.tiny_liquid import ARGUMENTS


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that these arguments are answered with."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("neurocl: ") and printed.err.count("\n") == 1 and "Traceback" not in printed.err
    assert printed.out == ""
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["COMMAND", "--help"]),
        (["rum"], ["rum", "run"]),
        (["run", "liqiud"], ["liqiud", "did you mean 'liquid'"]),
        (["run", "liquid", "more"], ["more"]),
        (["run", "--sed", "1", "--frobnicate"], ["frobnicate"]),
        (["run", "--seed", "one"], ["--seed", "one"]),
        (["run", "--seed", "-1"], ["seed", "-1"]),
        (["run", "--seed", "1", "--set", "seed=2"], ["seed", "was set before"]),
        (["run", "--set"], ["--set"]),
        (["run", "--set", "n"], ["key=value"]),
        (["run", "liquid", "--set", "durration=3"], ["did you mean 'duration'"]),
        (["run", "liquid", "--set", "n=many"], ["'n'", "whole number", "many"]),
        (["run", "liquid", "--set", "n=1e3"], ["'n'", "whole number", "1e3"]),
        (["run", "liquid", "--set", "duration=nan"], ["'duration'", "finite"]),
        (["run", "liquid", "--set", "n=100", "duration=-5"], ["duration", "-5"]),
        (["run", "liquid", "--set", "data=mnsit"], ["did you mean 'mnist'"]),
        (["run", "liquid", "--set", "dt=0.3"], ["duration", "steps", "0.3"]),
        (["validate", "LIFF"], ["LIFF", "did you mean 'LIF'"]),
        (["bench", "cuba-400"], ["cuba-400", "did you mean 'cuba-4000'"]),
        (["bench", "--repeats", "0"], ["repeats"]),
        (["bench", "--peers", "brian"], ["'brian'", "brian2, nest"]),
        (["list", "--all"], ["--all"]),
    ],
)
def test_bad_input_is_one_line_that_names_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], words: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    message = complaint(capsys, *arguments)
    assert all(word in message for word in words), message
    assert list(tmp_path.iterdir()) == []


def begin(path: Path, **changes: object) -> Path:
    """The folder of an interrupted run."""
    config = {"seed": 5, "n": 40}
    description = {"experiment": "liquid", "config": config, "neurocl": neurocl.__version__, **changes}
    RunFolder.begin(path, description)
    return path


def test_folders_in_use_are_refused_and_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "results.json").write_text("mine")
    begin(tmp_path / "begun")
    for name, word in {"file": "is a file", "full": "not empty", "begun": "--resume"}.items():
        assert word in complaint(capsys, "run", "--out", str(tmp_path / name))
    assert (tmp_path / "file").read_text() == (tmp_path / "full" / "results.json").read_text() == "mine"


def test_what_cannot_be_resumed_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = begin(tmp_path / "begun")
    resume = ("run", "--resume", str(path))
    assert "n=40" in complaint(capsys, *resume, "--set", "n=50")
    assert "seed=5" in complaint(capsys, *resume, "--seed", "6")
    assert "--out" in complaint(capsys, *resume, "--out", str(tmp_path / "other"))
    assert "no interrupted run" in complaint(capsys, "run", "--resume", str(tmp_path / "nowhere"))
    assert "0.0" in complaint(capsys, "run", "--resume", str(begin(tmp_path / "old", neurocl="0.0")))
    assert "experiment 'gone'" in complaint(capsys, "run", "--resume", str(begin(tmp_path / "gone", experiment="gone")))
    (path / "results.json").write_text("{}")
    assert "finished" in complaint(capsys, *resume)


def test_a_run_that_its_input_stops_leaves_no_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "liquid", "--set", "n_train=5000", "--out", str(tmp_path / "run")]) == 2
    assert "n_train must lie in 1..1437" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_default_folders_are_numbered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["run", "liquid", *ARGUMENTS, "--set", "seed=3"]) == 0
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["liquid-3", "liquid-3-2"]
    folders = [tmp_path / "results" / name for name in ("liquid-3", "liquid-3-2")]
    first, second = (json.loads((folder / "results.json").read_text()) for folder in folders)
    assert first["accuracy"] == second["accuracy"]


def test_list_names_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed and e.description in printed for name, e in EXPERIMENTS.items())


def test_validate_prints_a_model_and_fails_on_disagreement(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("brian2", exc_type=Exception)
    assert main(["validate", "SpikeArray"]) == 0
    assert "agree" in capsys.readouterr().out
    wrong = validation.Agreement("numba", "brian2", 1.0, {"a": 3}, {"a": 0.5}, {"a.v": 0.1})
    monkeypatch.setattr(validation, "validate", lambda name: wrong)
    assert main(["validate", "LIF"]) == 1
    assert "DISAGREE" in capsys.readouterr().out


def test_bench_prints_and_writes_its_numbers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "OWN", speaking("neurocl", 0.01, 5.0))
    assert main(["bench", "cuba-4000", "coba", "--repeats", "1", "--out", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.count("real-time factor") == 2
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["coba.json", "cuba-4000.json"]
    assert json.loads((tmp_path / "new" / "coba.json").read_text())["benchmark"] == "coba"


def test_bench_without_the_source_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "__file__", "/nowhere/neurocl/cli.py")
    assert "source" in complaint(capsys, "bench")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_are_answered(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main([option]) == 0
    assert "neurocl" in capsys.readouterr().out


def test_version_loads_nothing_heavy() -> None:
    code = "import sys; from neurocl.cli import main; main(['--version']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sklearn", "matplotlib", "brian2", "torch"} & set(done.stdout.split()) == set()
