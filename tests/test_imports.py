"""Imports inside neurocl run one way, and `import neurocl` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "neurocl"

SYSTEMS = {"hlop", "lsm", "memory", "sdr", "dendrites"}
BASE = {"core", "engines", "models", "nn"}
# `data`, `analysis`, `plots`, `interop` and `continual` may know everything below the systems.
BESIDE = {"data", "analysis", "plots", "interop", "continual"}
ALLOWED = {
    "core": set(),
    "engines": {"core"},
    "models": {"core"},
    "nn": {"core", "engines", "models"},
    "networks": BASE,
    **{system: BASE | BESIDE for system in SYSTEMS},
    **{name: BASE | BESIDE | {"networks"} for name in BESIDE},
    "experiments": BASE | BESIDE | SYSTEMS | {"networks", "face"},
    "cli": {"core", "experiments", "face"},
    "face": BASE | BESIDE | SYSTEMS | {"networks"},
}
# `core` and `models` describe; what runs a description is an engine's business.
FORBIDDEN_OUTSIDE = {"core": {"torch", "brian2"}, "models": {"torch", "brian2", "numba"}}
HEAVY = {"avalanche", "torch", "brian2", "matplotlib", "sklearn", "snntorch", "neo", "nir", "h5py"}


def modules_imported(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of all that `path` imports, also inside functions."""
    inside = ("neurocl", *path.relative_to(package).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(inside[: len(inside) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def layer_of(parts: tuple[str, ...]) -> str:
    """Return the subpackage that the module with these parts (without `neurocl`) belongs to."""
    return parts[0] if parts and parts[0] in ALLOWED else "face"


def wrong_arrows(package: Path) -> list[str]:
    """Return one line per import in `package` that the rules above do not allow."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        layer = layer_of(parts)
        for line, name in modules_imported(path, package):
            top, *rest = name.split(".")
            if top == "neurocl":
                target = layer_of(tuple(rest))
                forbidden = target != layer and target not in ALLOWED[layer]
            else:
                forbidden = top in FORBIDDEN_OUTSIDE.get(layer, ())
            if forbidden:
                wrong.append(f"{'/'.join(parts)}.py:{line}: {layer} must not import {name}")
    return wrong


def test_imports_run_one_way() -> None:
    assert wrong_arrows(PACKAGE) == []


def test_every_module_belongs_to_a_known_layer() -> None:
    names = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}
    assert names - {"__init__"} <= ALLOWED.keys()


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("core/network.py", "from neurocl.engines import numba"),
        ("core/network.py", "from ..engines.numba import simulator"),
        ("core/network.py", "from neurocl import Network"),
        ("core/network.py", "import torch.nn"),
        ("core/__init__.py", "from .. import models"),
        ("plots/raster.py", "import neurocl.lsm.liquid"),
        ("continual/strategies/ewc.py", "from neurocl.hlop import strategy"),
        ("hlop/strategy.py", "from neurocl.cli import main"),
        ("sdr/theory/plots.py", "from neurocl.experiments import find"),
        ("plots/raster.py", "from neurocl.sdr import SDR"),
        ("models/lif.py", "from numba import njit"),
    ],
)
def test_a_wrong_arrow_is_found_also_inside_a_function(tmp_path: Path, module: str, statement: str) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"def f():\n    {statement}\n")
    assert len(wrong_arrows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("core/network.py", "from .model import NeuronModel"),
        ("engines/numba/simulator.py", "from ...core import network"),
        ("hlop/strategy.py", "from neurocl.continual import run"),
        ("sdr/theory/plots.py", "from neurocl.plots._style import OKABE_ITO"),
        ("cli.py", "from neurocl import __version__"),
    ],
)
def test_an_allowed_arrow_passes(tmp_path: Path, module: str, statement: str) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(statement)
    assert wrong_arrows(tmp_path) == []


def test_import_neurocl_loads_no_heavy_package() -> None:
    code = "import sys, neurocl; neurocl.Network; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_memories_load_torch_only_for_their_layers() -> None:
    code = """
import sys
import neurocl
memory = neurocl.memory
memory.Hopfield(20).store([1, -1] * 10).recall([1, 1] * 10)
memory.ModernHopfield(2).store([1.0, 0.0]).recall([0.5, 0.5])
print(*{name.split('.')[0] for name in sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
