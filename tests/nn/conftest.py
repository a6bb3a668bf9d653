"""Without PyTorch these tests are skipped, with the reason; everything else of neurocl works without it."""

from __future__ import annotations

import pytest

collect_ignore_glob: list[str] = []
try:
    import torch  # noqa: F401
except ImportError:
    collect_ignore_glob = ["test_*.py"]


def pytest_report_header() -> str | None:
    """Say why the folder is empty."""
    return 'tests/nn are left out: PyTorch is not installed, pip install "neurocl[torch]"' if collect_ignore_glob else None
