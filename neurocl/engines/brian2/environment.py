"""Brian2 itself: imported where it is first needed, with its preferences and its log as this engine needs them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from neurocl.core.errors import NeuroclError

__all__ = ["borrowed", "load_brian2"]


def load_brian2() -> Any:
    """The module `brian2`.

    Raises
    ------
    NeuroclError
        If it cannot be imported, for whatever reason, or is set to write C++ projects instead of running.
    """
    try:
        import brian2
    except Exception as error:
        raise NeuroclError(
            f"engine 'brian2': Brian2 cannot be imported ({type(error).__name__}: {error});"
            ' install versions that fit together with: pip install "neurocl[brian2]"'
        ) from None
    if type(brian2.get_device()).__name__ != "RuntimeDevice":
        raise NeuroclError("engine 'brian2': Brian2 is set to standalone mode; call brian2.set_device('runtime') first")
    return brian2


@contextmanager
def borrowed(brian2: Any) -> Iterator[None]:
    """Set Brian2's preferences for this engine, silence its log and warnings, and undo all that afterwards."""
    wanted = {
        "codegen.target": "numpy",
        "core.default_float_dtype": np.float64,
        # Brian2 may otherwise reorder sums and products, which the referee should compute as they are written.
        "codegen.loop_invariant_optimisations": False,
        "legacy.refractory_timing": False,
    }
    before = {name: brian2.prefs[name] for name in wanted}
    logger = logging.getLogger("brian2")
    level = logger.level
    try:
        logger.setLevel(logging.ERROR)
        for name, value in wanted.items():
            brian2.prefs[name] = value
        # Both sides of a `where` are computed, also the one that is not chosen; results are checked after the run.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"), warnings.catch_warnings():
            # Brian2 2.9 calls its parser by names that the parser has given up.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)
        for name, value in before.items():
            brian2.prefs[name] = value
