"""A long series of runs that may be interrupted: one JSON line is written for each that is finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

__all__ = ["complete"]


def complete(
    file: Path | None, cases: Iterable[dict[str, Any]], run: Callable[..., dict[str, Any]]
) -> list[dict[str, Any]]:
    """Run the cases that are not in `file`, and append them to it as they are finished.

    Parameters
    ----------
    file : one JSON object per line, the case together with what was found; None: nothing is kept.
    cases : arguments of `run`, text and numbers.
    run : called as ``run(**case)``; returns text, numbers, lists and dicts.

    Returns
    -------
    list of dict
        Case and result together, in the order of `cases`.
    """
    known = [] if file is None else _read(file)
    found = []
    for case in cases:
        done = next((row for row in known if case.items() <= row.items()), None)
        if done is None:
            done = {**case, **run(**case)}
            print(json.dumps(done), flush=True)
            if file is not None:
                with file.open("a") as stream:
                    stream.write(json.dumps(done) + "\n")
        found.append(done)
    return found


def _read(file: Path) -> list[dict[str, Any]]:
    """The finished runs; a last line that was cut off, because the process ended while it wrote, is removed."""
    if not file.exists():
        return []
    text = file.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole)
    return [json.loads(line) for line in whole.splitlines()]
