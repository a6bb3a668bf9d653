"""What every benchmark's result says beside its numbers: the machine, the command, the date."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neurocl.core.files import write_file

__all__ = ["header", "summary", "write"]


def header() -> dict[str, Any]:
    """Command, date and machine in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    machine = (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    command = " ".join([_program(), *sys.argv[1:]])
    return {"command": command, "date": datetime.date.today().isoformat(), "machine": machine}


def _program() -> str:
    """What was typed before the options: `neurocl`, or `python -m benchmarks.NAME`."""
    path = Path(sys.argv[0])
    return f"python -m benchmarks.{path.stem}" if path.parent.name == "benchmarks" else "neurocl"


def summary(values: Sequence[float]) -> dict[str, float]:
    """Minimum, median and maximum."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def write(result: dict[str, Any], file: Path) -> None:
    """Write the result to `file`, as JSON."""
    write_file(file, json.dumps(result, indent=2) + "\n")
