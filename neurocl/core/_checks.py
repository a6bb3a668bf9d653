"""Checks of single values that users type: each returns the plain Python value or says what is wrong."""

from __future__ import annotations

import math
import numbers
from typing import Any

from neurocl.core.errors import NeuroclError, shown


def finite_number(owner: str, name: str, value: Any) -> float:
    """Return `value` as a float; NeuroclError, begun by `owner` and `name`, unless it is a finite number."""
    number = math.nan
    if not isinstance(value, bool) and isinstance(value, numbers.Real):
        try:
            number = float(value)
        except OverflowError:  # a whole number of hundreds of digits
            number = math.inf
    if not math.isfinite(number):
        raise NeuroclError(f"{owner}: {name} must be a finite number, got {shown(value)}.")
    return number


def positive_number(owner: str, name: str, value: Any) -> float:
    """Return `value` as a float; NeuroclError unless it is finite and > 0."""
    number = finite_number(owner, name, value)
    if number <= 0.0:
        raise NeuroclError(f"{owner}: {name} must be > 0, got {shown(value)}.")
    return number


def non_negative_number(owner: str, name: str, value: Any) -> float:
    """Return `value` as a float; NeuroclError unless it is finite and >= 0."""
    number = finite_number(owner, name, value)
    if number < 0.0:
        raise NeuroclError(f"{owner}: {name} must be >= 0, got {shown(value)}.")
    return number


def probability(owner: str, name: str, value: Any) -> float:
    """Return `value` as a float; NeuroclError unless it lies in [0, 1]."""
    number = finite_number(owner, name, value)
    if not 0.0 <= number <= 1.0:
        raise NeuroclError(f"{owner}: {name} is a probability and must lie between 0 and 1, got {shown(value)}.")
    return number


def whole_number(owner: str, name: str, value: Any, at_least: int = 0) -> int:
    """Return `value` as an int; NeuroclError unless it is a whole number >= `at_least`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < at_least:
        raise NeuroclError(f"{owner}: {name} must be a whole number >= {at_least}, got {shown(value)}.")
    return int(value)


def flag(owner: str, name: str, value: Any) -> bool:
    """Return `value`; NeuroclError unless it is True or False."""
    if not isinstance(value, bool):
        raise NeuroclError(f"{owner}: {name} must be True or False, got {shown(value)}.")
    return value
