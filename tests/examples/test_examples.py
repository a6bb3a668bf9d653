"""Every notebook runs from top to bottom and is committed with its outputs; every example script runs."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_prints_what_is_committed(path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    NotebookClient(fresh, timeout=300, kernel_name="python3").execute()
    assert printed(fresh) == printed(committed)


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """What each cell prints; the size of rounding errors (such as 3.5e-15) is the processor's, so it is masked."""
    texts = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        text = "".join(output.text for output in outputs if output.output_type == "stream")
        texts.append(re.sub(r"\d\.\de-1\d", "rounding", text))
    return texts


def test_the_picture_of_a_network_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "picture.png"
    monkeypatch.setattr(sys, "argv", ["cuba_network.py", str(file)])
    runpy.run_path(str(EXAMPLES / "cuba_network.py"), run_name="__main__")
    assert file.stat().st_size > 10_000
    assert "excitatory" in capsys.readouterr().out
