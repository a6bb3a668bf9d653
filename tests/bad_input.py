"""How the tests of bad input check a mistake: one readable sentence that names what the user typed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import neurocl as ncl

Mistake = Callable[..., Any]


def check(mistake: Mistake, *words: str) -> None:
    """The mistake raises a NeuroclError (no subclass, no warning before it), short, in one line, with all `words`."""
    with warnings.catch_warnings(), pytest.raises(ncl.NeuroclError) as caught:
        warnings.simplefilter("error")
        mistake()
    message = str(caught.value)
    assert caught.type is ncl.NeuroclError
    assert "\n" not in message and 20 < len(message) < 300, message
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"


def cases(table: list[tuple[Any, ...]]) -> Any:
    """Parametrise by rows (mistake, word, ...); a row's id is its place and its first words."""
    rows = [pytest.param(row[0], row[1:], id=f"{k}-{'-'.join(row[1:])[:40]}") for k, row in enumerate(table)]
    return pytest.mark.parametrize(("mistake", "words"), rows)


def neuron(equations: Any = "dv/dt = -v / tau : mV", **fields: Any) -> ncl.NeuronModel:
    """A small neuron model named "cell"."""
    return ncl.NeuronModel(**{"name": "cell", "equations": equations, "parameters": {"tau": 10.0}, **fields})


def synapse(**fields: Any) -> ncl.SynapseModel:
    """A small synapse model named "syn"."""
    return ncl.SynapseModel(**{"name": "syn", "parameters": {"a": 1.0}, **fields})
