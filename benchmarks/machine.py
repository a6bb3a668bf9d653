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
        f"{model}, {os.cpu_count()} cores (virtual, shared), {platform.system()}, Python {platform.python_version()}"
    )
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    return {"command": command, "date": datetime.date.today().isoformat(), "machine": machine}


def summary(values: Sequence[float]) -> dict[str, float]:
    """Minimum, median and maximum."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def write(result: dict[str, Any], file: Path | None) -> None:
    """Print the result, and write it to `file` (under a temporary name first)."""
    text = json.dumps(result, indent=2)
    print(text)
    if file:
        temporary = file.with_suffix(".tmp")
        temporary.write_text(text + "\n", encoding="utf-8")
        os.replace(temporary, file)
