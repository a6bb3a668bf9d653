"""Files that are whole or not there: written under a temporary name and renamed, read without running code.

A file of arrays is one safetensors file; a JSON text in its metadata, under a key that tells its kind, holds the rest.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from neurocl.core.errors import NeuroclError

__all__ = ["read_arrays", "replacing", "write_arrays", "write_file"]

Array = NDArray[Any]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to; it becomes `path` at the end, unless an exception leaves the block.

    Raises
    ------
    NeuroclError
        If the file cannot be written; what was at `path` before is then still there.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            temporary = Path(folder) / path.name
            yield temporary
            os.replace(temporary, path)
    except FileNotFoundError:
        raise NeuroclError(f"the folder of {path} does not exist; make it first") from None
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NeuroclError(f"{path} cannot be written ({reason}); choose another place") from None


def write_file(path: Path, content: str | bytes) -> None:
    """Write `content` (text as UTF-8) to `path`; NeuroclError as for `replacing`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def write_arrays(path: Path, kind: str, version: int, head: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write `arrays`, and `head` and `version` as JSON under the key `kind`, to `path`.

    Raises
    ------
    NeuroclError
        If the file cannot be written; what was at `path` before is then still there.
    """
    text = json.dumps({"version": version, **head}, allow_nan=False)
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    with replacing(path) as temporary:
        save_file(whole, temporary, metadata={kind: text})


def read_arrays(path: Path, kind: str, version: int) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays of a file that `write_arrays` wrote.

    Raises
    ------
    NeuroclError
        If there is no such file, or it is damaged or of another kind or version.
    """
    if not path.is_file():
        raise NeuroclError(f"{path}: there is no such file; give the path of a saved {kind}")
    try:
        with safe_open(path, framework="numpy") as file:
            head = json.loads((file.metadata() or {}).get(kind, "null"))
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        raise NeuroclError(f"{path}: not a safetensors file, or cut short ({error}); save the {kind} again") from None
    except OSError as error:
        raise NeuroclError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (RecursionError, ValueError) as error:
        raise NeuroclError(f"{path}: the description in the file is damaged ({error}); save the {kind} again") from None
    if not isinstance(head, dict):
        raise NeuroclError(f"{path}: not a saved {kind}; give the path that one was saved to")
    if head.pop("version", None) != version:
        raise NeuroclError(f"{path}: not of version {version}, which this neurocl reads; use the one that saved it")
    return head, arrays
