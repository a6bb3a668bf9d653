"""run.py: when it installs, what it passes on, and what it says when it cannot."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in for .venv is made of shell scripts")

# Stands in for .venv/bin/python: writes down what pip is asked for, and fails as told.
FAKE_PYTHON = """#!/bin/sh
[ "$3" = install ] || exit 0
echo "$@" >> "$FAKE_LOG"
printf '%b' "$FAKE_ERROR" >&2
exit "$FAKE_STATUS"
"""
FAKE_PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*"
exit "$FAKE_EXIT"
"""
UNREACHABLE = "WARNING: Retrying (Retry(total=4)) after NewConnectionError\\nERROR: No matching\\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with run.py, its two inputs, and a stand-in for .venv."""
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "neurocl", "pytest", "ruff", "mypy"):
        (programs / name).write_text(FAKE_PYTHON if name == "python" else FAKE_PROGRAM)
        (programs / name).chmod(stat.S_IRWXU)
    return tmp_path


def run(
    checkout: Path, *arguments: str, status: int = 0, error: str = "", exit_status: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run run.py; its pip answers with `status` and `error`, its programs with `exit_status`."""
    fake = {"FAKE_LOG": str(checkout / "log"), "FAKE_STATUS": str(status), "FAKE_ERROR": error}
    fake["FAKE_EXIT"] = str(exit_status)
    command = [sys.executable, str(checkout / "run.py"), *arguments]
    return subprocess.run(command, cwd=checkout, env={**os.environ, **fake}, capture_output=True, text=True)


def installs(checkout: Path) -> list[str]:
    """Return the targets that pip was asked to install, in order."""
    log = checkout / "log"
    return [line.split(" -e ")[1].split()[0] for line in log.read_text().splitlines()] if log.exists() else []


def test_options_and_exit_status_are_passed_on(checkout: Path) -> None:
    done = run(checkout, "demo", "--out", "a b", exit_status=7)
    assert done.stdout.splitlines()[-1] == "neurocl run --out a b"
    assert done.returncode == 7


def test_lint_runs_both_tools_and_reports_a_failure(checkout: Path) -> None:
    done = run(checkout, "lint", exit_status=3)
    assert done.stdout.splitlines()[-2:] == ["ruff check", "mypy "]
    assert done.returncode == 3


def test_second_call_installs_nothing(checkout: Path) -> None:
    run(checkout, "test")
    run(checkout, "test")
    run(checkout, "demo")  # its needs are a part of what the tests need
    assert installs(checkout) == [".[test,torch]"]


def test_extras_add_up(checkout: Path) -> None:
    run(checkout, "demo")
    run(checkout, "lint")
    run(checkout, "test")
    assert installs(checkout) == [".[torch]", ".[dev,test,torch]"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_again(checkout: Path, name: str) -> None:
    run(checkout, "demo")
    (checkout / name).write_text((checkout / name).read_text() + "\n# changed\n")
    run(checkout, "demo")
    assert installs(checkout) == [".[torch]", ".[torch]"]


def test_failed_installation_is_tried_again(checkout: Path) -> None:
    assert run(checkout, "demo", status=1).returncode == 1
    assert run(checkout, "demo").returncode == 0
    assert installs(checkout) == [".[torch]", ".[torch]"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UNREACHABLE, "network"),
        ("ERROR: first\\nERROR: No space left on device\\n", "No space left on device"),
        ("strange\\n\\n", "strange"),
        ("", "no message"),
    ],
)
def test_failure_of_pip_is_one_line(checkout: Path, error: str, expected: str) -> None:
    done = run(checkout, "demo", status=1, error=error)
    assert done.stderr.startswith("run.py: ") and done.stderr.count("\n") == 1
    assert expected in done.stderr


@pytest.mark.parametrize("arguments", [["dmeo"], ["lint", "--fix"]])
def test_wrong_arguments_are_one_line_and_status_2(checkout: Path, arguments: list[str]) -> None:
    done = run(checkout, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("run.py: ") and done.stderr.count("\n") == 1


def test_venv_without_pip_is_reported(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    done = run(checkout, "demo")
    assert done.returncode == 1
    assert "delete that folder" in done.stderr and done.stderr.count("\n") == 1


def test_venv_of_a_copied_project_is_made_anew_and_its_failure_is_one_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("run", checkout / "run.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.STAMP.write_text('{"root": "/somewhere/else", "sources": "", "extras": []}')
    no_ensurepip = subprocess.CompletedProcess([], 1, "", "Error: ensurepip is not available\n")
    monkeypatch.setattr(module.subprocess, "run", lambda *arguments, **options: no_ensurepip)
    message = module.make_venv()
    assert not module.VENV.exists()
    assert "ensurepip is not available" in message and "python3-venv" in message and "\n" not in message
