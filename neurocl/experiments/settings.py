"""Settings typed on the command line, ``key=value``, as fields of a config dataclass.

Types    int, float, str, bool (true/false), Literal, tuple[X, ...] (1,2,3), and any of them or none (X | None)
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest

__all__ = ["make_config", "parse_settings"]

_BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def parse_settings(config: type[Any], settings: Sequence[str]) -> dict[str, Any]:
    """Values of the fields that `settings` name.

    Parameters
    ----------
    config : dataclass.
    settings : texts "key=value".

    Raises
    ------
    NeuroclError
        For a text without "=", an unknown key, a key given twice with two values, a value of another type.
    """
    hints = get_type_hints(config)
    known = [field.name for field in dataclasses.fields(config)]
    values: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise NeuroclError(f"--set {text}: expected key=value, for instance --set {known[0]}=...")
        key = key.strip()
        if key not in known:
            raise NeuroclError(f"--set {text}: there is no setting '{key}'{suggest(key, known)}")
        parsed = _parse(value.strip(), hints[key], f"--set {text}: '{key}'")
        if key in values and values[key] != parsed:
            raise NeuroclError(f"--set {text}: '{key}' was set before, to {values[key]!r}; give it once")
        values[key] = parsed
    return values


def make_config(config: type[Any], values: dict[str, Any]) -> Any:
    """A config from values that were saved as JSON: lists become tuples; NeuroclError for unknown fields."""
    known = {field.name for field in dataclasses.fields(config)}
    for key in values:
        if key not in known:
            raise NeuroclError(f"saved settings: there is no setting '{key}'{suggest(key, known)}")
    return config(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _parse(text: str, hint: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if type(None) in arguments and text.lower() == "none":
            return None
        return _parse(text, next(a for a in arguments if a is not type(None)), where)
    if origin is Literal:
        if text not in arguments:
            raise NeuroclError(f"{where} must be one of {', '.join(arguments)}, got '{text}'{_near(text, arguments)}")
        return text
    if origin is tuple:
        parts = [part for part in text.strip("()[]").split(",") if part.strip()]
        return tuple(_parse(part.strip(), arguments[0], where) for part in parts)
    if hint is bool:
        if text.lower() not in _BOOLS:
            raise NeuroclError(f"{where} must be true or false, got '{text}'")
        return _BOOLS[text.lower()]
    return text if hint is str else _number(text, hint, where)


def _near(text: str, known: Sequence[str]) -> str:
    hint = suggest(text, known)
    return hint if "did you mean" in hint else ""


def _number(text: str, kind: type[int] | type[float], where: str) -> int | float:
    expected = "a whole number" if kind is int else "a finite number"
    try:
        value = kind(text)
    except ValueError:
        raise NeuroclError(f"{where} must be {expected}, got '{text}'") from None
    if not math.isfinite(value):
        raise NeuroclError(f"{where} must be {expected}, got '{text}'")
    return value
