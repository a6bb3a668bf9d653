"""Generated modules on disk: written once, compiled once, loaded by every later process.

The folder is `$NEUROCL_CACHE_DIR`, else `~/.cache/neurocl` (`$XDG_CACHE_HOME` is respected). It must belong to the user
and be writable by nobody else, because what lies in it is executed. A module's name is a hash of its source, of the
package's files that are compiled into it and of the versions that compile it, so a stale one is never met. A module
that no process has loaded for 90 days is deleted when the next one is written; the folder may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import platform
import stat
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import numba
import numpy as np

from neurocl.core import random
from neurocl.core.errors import NeuroclError

__all__ = ["COMPILED", "cache_folder", "compiled_files", "load_module"]

COMPILED = (
    "bitmap.py", "bits.py", "denormals.py", "gaussian.py", "kernels.py", "laps.py", "poisson.py", "threads.py",
    "vector_math32.py", "vector_math64.py",
)  # fmt: skip
"""Files of this folder with code that generated modules call."""

_UNUSED_DAYS = 90


def cache_folder() -> Path:
    """The user's folder for compiled networks, made if missing.

    Raises
    ------
    NeuroclError
        If it cannot be made, belongs to someone else, or others may write to it.
    """
    chosen = os.environ.get("NEUROCL_CACHE_DIR")
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neurocl"
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = base.stat()
    except OSError as error:
        raise NeuroclError(
            f"the cache folder {base} cannot be made ({error.strerror}); set NEUROCL_CACHE_DIR to a folder of yours"
        ) from None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise NeuroclError(
            f"the cache folder {base} must belong to you and be writable by you alone, because its files are executed;"
            f" run: chmod go-w {base}, or set NEUROCL_CACHE_DIR"
        )
    return base


def compiled_files() -> list[Path]:
    """The package's files whose code or constants are compiled into every network."""
    here = Path(__file__).parent
    return [*(here / name for name in COMPILED), Path(random.__file__)]


def load_module(source: str) -> ModuleType:
    """Import the module with this `source`, from the cache if it was written before."""
    sources = [path.read_text(encoding="utf-8") for path in compiled_files()]
    versions = f"{sys.version_info[:3]} {numba.__version__} {np.__version__} {platform.machine()}"
    key = hashlib.blake2b("\x1f".join([source, *sources, versions]).encode(), digest_size=16).hexdigest()
    name = f"neurocl_network_{key}"
    if name in sys.modules:
        return sys.modules[name]
    path = cache_folder() / f"{name}.py"
    if not path.exists():
        _write(path, source)
        _prune(path.parent)
    _mark_used(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise NeuroclError(f"the cached network {path} cannot be loaded; delete it and try again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _write(path: Path, text: str) -> None:
    """Write under a temporary name, then rename, so that no reader ever sees half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _mark_used(path: Path) -> None:
    """Set the time of access alone: Numba takes a file with another time of change for another source."""
    with contextlib.suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _prune(folder: Path) -> None:
    """Delete the modules, and what was compiled from them, that were not loaded for long."""
    oldest = time.time() - _UNUSED_DAYS * 86_400
    with contextlib.suppress(OSError):  # another process may be pruning too
        unused = {path.stem for path in folder.glob("neurocl_network_*.py") if path.stat().st_atime < oldest}
        for name in unused:
            (folder / f"{name}.py").unlink()
        for compiled in (folder / "__pycache__").iterdir() if unused else ():
            if compiled.name.split(".")[0] in unused:
                compiled.unlink()
