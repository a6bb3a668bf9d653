"""The one error type for user mistakes."""

from __future__ import annotations


class NeuroclError(ValueError):
    """A mistake in what the user typed, in one sentence: what was wrong, what was expected, how to fix it."""

    def __init__(self, message: str) -> None:
        # What the user typed may hold line breaks (the repr of an array does); the message is one line all the same.
        super().__init__(" ".join(message.split()))


def shown(value: object, longest: int = 60) -> str:
    """The repr of `value` for a message: in one line, cut in the middle when it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= longest else f"{text[: longest - 15]}...{text[-12:]}"
