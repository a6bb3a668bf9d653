"""Everything here needs PyTorch."""

from tests.needs_torch import one_thread, pytest_pycollect_makemodule

__all__ = ["one_thread", "pytest_pycollect_makemodule"]
