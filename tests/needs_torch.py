"""For the conftest.py of a folder that needs PyTorch: without it every file there is skipped, with the reason.

With it, one thread: the networks are small, and threads that wait for each other only cost time.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

__all__ = ["one_thread", "pytest_pycollect_makemodule"]

HAS_TORCH = importlib.util.find_spec("torch") is not None


class _Skipped(pytest.Module):
    def collect(self) -> Iterable[Any]:
        """Skip the file before it is imported."""
        pytest.skip('needs PyTorch: pip install "neurocl[torch]"', allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Collect as usual where there is PyTorch."""
    return None if HAS_TORCH else _Skipped.from_parent(parent, path=module_path)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Set the number of threads of PyTorch."""
    import torch

    torch.set_num_threads(1)
