"""Importing the plots loads no matplotlib."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import neurocl.plots


def test_matplotlib_is_loaded_by_drawing_not_by_importing():
    code = "import sys, neurocl.plots; sys.exit('matplotlib' in sys.modules)"
    root = Path(neurocl.plots.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
