"""Compiled networks on disk: found again by the next process, in a folder that nobody else can write to."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import neurocl as ncl
from neurocl.engines.numba import cache, program
from neurocl.engines.numba.cache import cache_folder, load_module

PROGRAM = """
import json, neurocl as ncl
net = ncl.Network(dt=0.1)
cell = ncl.NeuronModel(name="cell", equations="dv/dt = -v / tau", threshold="v > 1", parameters={"tau": 5.0})
net.add(cell, %d, v=0.5, tau=%f)
sim = net.build(seed=1)
sim.run(1.0)
stats = sim._compiled.stats
print(json.dumps([sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), float(sim.state["cell.v"][0])]))
"""


def run_in_new_process(folder: Path, n: int, tau: float) -> tuple[int, int, float]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM % (n, tau)], env={**os.environ, "NEUROCL_CACHE_DIR": str(folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    hits, misses, v = json.loads(done.stdout)
    return hits, misses, v


def files(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_second_process_compiles_nothing_whatever_the_sizes_and_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert run_in_new_process(folder, 10, 5.0)[:2] == (0, 1)
    written = files(folder)
    hits, misses, v = run_in_new_process(folder, 1000, 7.0)
    assert (hits, misses) == (1, 0)
    assert v == pytest.approx(0.5 * 2.718281828 ** (-1 / 7), rel=1e-5)
    assert files(folder) == written  # nothing was added or written again
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROCL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_folder_is_made_for_the_user_alone(folder: Path) -> None:
    assert cache_folder() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert cache_folder() == folder


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="POSIX permissions")
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o720])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(ncl.NeuroclError, match=r"writable by you alone.*chmod go-w"):
        load_module("x = 1")
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NEUROCL_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(ncl.NeuroclError, match=r"cannot be made .*set NEUROCL_CACHE_DIR"):
        cache_folder()


def test_xdg_and_home_are_the_places_without_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NEUROCL_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "neurocl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "neurocl"


def test_a_source_is_written_once_and_its_name_depends_on_all_of_it(folder: Path) -> None:
    first, again, other = load_module("x = 41"), load_module("x = 41"), load_module("x = 42")
    assert first is again and (first.x, other.x) == (41, 42)
    assert len(list(folder.glob("*.py"))) == 2 and not list(folder.glob("*.tmp"))


def test_the_name_depends_on_every_file_that_is_compiled_into_a_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = program.HEADER.format(dtype="float64", dt=0.1, options="{}", bits=64, gaussian="exact")
    imported = set(re.findall(r"from neurocl.engines.numba import (\w+)", header)) | {"bits", "vector_math32"}
    assert {f"{name}.py" for name in imported} == set(cache.COMPILED)
    copies = [tmp_path / path.name for path in cache.compiled_files()]
    for path, copy in zip(cache.compiled_files(), copies, strict=True):
        shutil.copy(path, copy)
    monkeypatch.setattr(cache, "compiled_files", lambda: copies)
    names = [load_module("x = 1").__name__]
    for copy in copies:
        copy.write_text(copy.read_text() + "# changed\n")
        names.append(load_module("x = 1").__name__)
    assert len(set(names)) == len(copies) + 1


def test_the_source_of_a_network_does_not_depend_on_sizes_numbers_or_seed() -> None:
    def source(n: int, seed: int, **values: float) -> str:
        net = ncl.Network(dt=0.1)
        exc = net.add(ncl.models.LIF, n, name="exc", **values)
        net.connect(exc, exc, ncl.FixedProbability(0.5), target="i_syn", weight=values["v_th"] / 10, delay=0.1 * n)
        return net.build(seed=seed).source  # type: ignore[attr-defined]

    assert source(3, 1, v_th=-50.0) == source(30, 2, v_th=-40.0)


def test_a_module_unused_for_long_is_deleted_when_another_is_written_and_a_used_one_stays(folder: Path) -> None:
    source = "import numba\n\n@numba.njit(cache=True)\ndef f(x):\n    return x + {}\n"
    modules = [load_module(source.format(i)) for i in (1, 2)]
    for module in modules:
        module.f(0)
    paths = [Path(str(module.__file__)) for module in modules]
    compiled = {path: sorted((folder / "__pycache__").glob(f"{path.stem}.*")) for path in paths}
    assert all(compiled.values())
    long_ago = time.time() - 91 * 86_400
    for path in paths:
        os.utime(path, (long_ago, path.stat().st_mtime))
    del sys.modules[modules[0].__name__]
    load_module(source.format(1))  # marks it as used
    load_module("x = 3\n")
    assert paths[0].exists() and all(path.exists() for path in compiled[paths[0]])
    assert not paths[1].exists() and not any(path.exists() for path in compiled[paths[1]])
