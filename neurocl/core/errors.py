"""The one error type for user mistakes."""

from __future__ import annotations


class NeuroclError(ValueError):
    """A mistake in what the user typed, in one sentence: what was wrong, what was expected, how to fix it."""
