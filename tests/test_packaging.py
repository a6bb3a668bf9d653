"""pyproject.toml, constraints.txt, README.md, CHANGELOG.md and run.py agree with each other."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import neurocl

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
README = (ROOT / "README.md").read_text()
PYTHONS = ["3.11", "3.12", "3.13"]


def load_run() -> ModuleType:
    """Import run.py, which lies beside the package, not in it."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(python: str) -> dict[str, Version]:
    """Return the exact versions that constraints.txt sets for one version of Python."""
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    requirements = [Requirement(line) for line in lines if line]
    applying = [r for r in requirements if r.marker is None or r.marker.evaluate({"python_version": python})]
    assert len({r.name.lower() for r in applying}) == len(applying), "a package is pinned twice"
    return {r.name.lower(): Version(str(r.specifier).removeprefix("==")) for r in applying}


def ranges(python: str) -> list[Requirement]:
    """Return every requirement of pyproject.toml, extras included, for one version of Python."""
    lines = PROJECT["dependencies"] + [line for extra in EXTRAS.values() for line in extra]
    requirements = [Requirement(line) for line in lines]
    applying = [r for r in requirements if r.marker is None or r.marker.evaluate({"python_version": python})]
    return [r for r in applying if r.name != "neurocl"]


def test_version_is_stated_once_and_the_same() -> None:
    assert neurocl.__version__ == PROJECT["version"]


def test_changelog_mentions_the_version() -> None:
    assert PROJECT["version"] in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_satisfy_the_ranges(python: str) -> None:
    pinned = pins(python)
    broken = [str(r) for r in ranges(python) if not r.specifier.contains(pinned[r.name.lower()])]
    assert broken == []


def test_numpy_is_capped_where_brian2_needs_it() -> None:
    # brian2 2.9 installs beside numpy 2.4 without a complaint and then does not import
    capped = [r for r in ranges("3.11") if r.name == "numpy" and not r.specifier.contains("2.4.0")]
    assert len(capped) == 1 and str(capped[0]) in {str(Requirement(line)) for line in EXTRAS["brian2"]}


def test_tested_pythons_are_those_declared() -> None:
    declared = [line.split()[-1] for line in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", line)]
    assert declared == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_commands_of_readme_exist_in_run() -> None:
    commands = re.findall(r"^\s*python3 run\.py (\w+)", README, flags=re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    assert set(commands) <= load_run().COMMANDS.keys()


def test_extras_of_run_exist_in_pyproject() -> None:
    needed = {extra for extras, _ in load_run().COMMANDS.values() for extra in extras}
    assert needed <= EXTRAS.keys()


def test_extras_named_in_error_messages_exist() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "neurocl").rglob("*.py"))
    assert set(re.findall(r"neurocl\[(\w+)\]", text)) <= EXTRAS.keys()


def test_first_screen_of_readme_has_picture_and_example() -> None:
    screen = "\n".join(README.splitlines()[:45])
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", screen)
    assert len(pictures) == 1
    assert (ROOT / pictures[0]).is_file()
    assert "```python" in screen


def test_example_of_readme_prints_the_number_it_states() -> None:
    example = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]
    stated = re.findall(r"^print\(.*#\s*(\d+)", example, flags=re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == stated
