"""One object as one safetensors file: arrays, and a JSON text in the metadata. Loading runs no code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.files import read_arrays, write_arrays

VERSION = 1


class Saved:
    """Gives `save` and `load` to a class that has `_to_file` and `_from_file`."""

    def save(self, path: str | Path) -> None:
        """Write the object to one file; NeuroclError if the file cannot be written."""
        head, arrays = self._to_file()
        write_arrays(Path(path), self._kind(), VERSION, head, arrays)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The object in a file that `save` wrote; NeuroclError for any other file."""
        head, arrays = read_arrays(Path(path), cls._kind(), VERSION)
        try:
            return cls._from_file(head, arrays)
        except (KeyError, TypeError, ValueError) as error:
            detail = f" ({error})" if isinstance(error, NeuroclError) else ""
            raise NeuroclError(f"{path}: the {cls.__name__} in the file is damaged{detail}; save it again") from None

    @classmethod
    def _kind(cls) -> str:
        return f"neurocl {cls.__name__}"

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON values and arrays from which the object can be made again."""
        raise NotImplementedError

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The object made of what `_to_file` returned."""
        raise NotImplementedError


class SavedSettings(Saved):
    """Gives them to a class that does not change: it is made again from `_settings`, its constructor's arguments."""

    _settings: dict[str, Any]

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return self._settings, {}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(**text)
