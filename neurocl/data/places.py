"""Where data sets are looked for."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["search_path"]


def search_path(root: str | os.PathLike[str] | None) -> list[Path]:
    """Folders to search, in order: `root` alone, or else $NEUROCL_DATA and every shared/data beside here."""
    # an explicit root is the only one: to fall back on another folder would hide a typing error
    if root is not None:
        return [Path(root).expanduser()]
    from_environment = os.environ.get("NEUROCL_DATA")
    cwd, repository = Path.cwd(), Path(__file__).resolve().parents[2]
    parents = (cwd, *cwd.parents, repository.parent)
    folders = [Path(from_environment).expanduser()] if from_environment else []
    folders += [parent / "shared" / "data" for parent in parents]
    return list(dict.fromkeys(folders))
