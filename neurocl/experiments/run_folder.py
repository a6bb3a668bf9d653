"""The folder of one run: its settings, its checkpoint and what it writes.

    DIR/run.json              experiment, settings and version: written first, so that the run can be resumed
    DIR/checkpoint/*.safetensors    finished parts of a run that is not finished; deleted at its end
    DIR/results.json, ...     written at the end, results.json last of all

Every file is written under a temporary name and then renamed: there is never half a file.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.files import write_file

__all__ = ["Arrays", "RunFolder", "keep"]

Arrays = dict[str, NDArray[Any]]

DESCRIPTION = "run.json"
RESULTS = "results.json"
CHECKPOINT = "checkpoint"


class RunFolder:
    """The folder of one run; make it with `begin` or `resume`.

    Attributes
    ----------
    path : the folder.
    description : what run.json holds: "experiment", "config" and "neurocl" (the version).
    """

    def __init__(self, path: Path, description: dict[str, Any]) -> None:
        self.path, self.description = path, description

    @classmethod
    def begin(cls, path: Path, description: dict[str, Any]) -> RunFolder:
        """Make a new folder; NeuroclError if `path` holds anything already."""
        if path.exists() and not path.is_dir():
            raise NeuroclError(f"--out {path} is a file; give a folder that is new or empty")
        if (path / DESCRIPTION).exists() and not (path / RESULTS).exists():
            raise NeuroclError(f"--out {path} holds a run that was interrupted; go on with --resume {path}")
        if path.is_dir() and any(path.iterdir()):
            raise NeuroclError(f"--out {path} is not empty, and nothing is overwritten; give a new folder")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NeuroclError(f"--out {path} cannot be made ({error.strerror}); give another folder") from None
        write_file(path / DESCRIPTION, json.dumps(description, indent=2) + "\n")
        return cls(path, description)

    @classmethod
    def resume(cls, path: Path) -> RunFolder:
        """The folder of an interrupted run; NeuroclError if `path` holds none."""
        if (path / RESULTS).is_file():
            raise NeuroclError(f"--resume {path}: that run is finished; open {path / 'report.html'}")
        if not (path / DESCRIPTION).is_file():
            raise NeuroclError(f"--resume {path}: no interrupted run is there; give the folder that the run wrote to")
        try:
            description = json.loads((path / DESCRIPTION).read_text(encoding="utf-8"))
            complete = {"experiment": str, "config": dict, "neurocl": str}
            damaged = any(not isinstance(description[key], kind) for key, kind in complete.items())
        except (OSError, ValueError, KeyError, TypeError):
            damaged = True
        if damaged:
            raise NeuroclError(f"--resume {path}: {path / DESCRIPTION} is damaged; start again with another --out")
        return cls(path, description)

    def keep(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """What `compute` returns, from the checkpoint if it was computed before.

        Parameters
        ----------
        name : of this part of the run, unique in it.
        compute : a deterministic function without arguments; it returns arrays by name.

        Raises
        ------
        NeuroclError
            If the file in the checkpoint is damaged or cannot be written.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load, save

        path = self.path / CHECKPOINT / f"{name}.safetensors"
        if path.is_file():
            try:
                arrays: Arrays = load(path.read_bytes())
            except (SafetensorError, OSError) as error:
                raise NeuroclError(f"{path} is damaged ({error}); delete it and resume again") from None
            return arrays
        arrays = compute()
        path.parent.mkdir(exist_ok=True)
        write_file(path, save({key: np.asarray(array, order="C") for key, array in arrays.items()}))
        return arrays

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the run and return its path."""
        write_file(self.path / name, content)
        return self.path / name

    def withdraw(self) -> None:
        """Delete the folder if nothing was kept in it: a run that its input stopped is none to resume."""
        if not (self.path / CHECKPOINT).exists():
            (self.path / DESCRIPTION).unlink(missing_ok=True)
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def finish(self) -> None:
        """Delete the checkpoint: the run is finished."""
        shutil.rmtree(self.path / CHECKPOINT, ignore_errors=True)


def keep(folder: RunFolder | None, name: str, compute: Callable[[], Arrays]) -> Arrays:
    """`RunFolder.keep`, or just what `compute` gives where there is no folder."""
    return compute() if folder is None else folder.keep(name, compute)
