"""The examples in the docstrings of neurocl.memory give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import warnings

import pytest

from neurocl import memory

MODULES = [module.name for module in pkgutil.walk_packages(memory.__path__, "neurocl.memory.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    needs_torch = ".layers" in name or name.endswith(".strategy")
    extra = {"torch": pytest.importorskip("torch")} if needs_torch else {}
    with warnings.catch_warnings():
        # Examples store more than their few units hold by theory.
        warnings.simplefilter("ignore", UserWarning)
        assert doctest.testmod(importlib.import_module(name), extraglobs=extra).failed == 0
