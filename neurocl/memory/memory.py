"""What all memories have in common: the interface, the warning beyond capacity, and files."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

from neurocl.core.errors import NeuroclError
from neurocl.core.files import read_arrays, write_arrays
from neurocl.memory._arrays import Array, Form
from neurocl.memory.recall import Capacity, Recall

__all__ = ["Memory"]

_KIND = "neurocl memory"
_VERSION = 1


class Memory(ABC):
    """An associative memory: `store` patterns, `recall` them from cues.

    Patterns and cues are one row [unit] or a batch [row, unit]: NumPy arrays, lists or torch tensors. A subclass names
    its constructor's arguments in `SETTINGS` and the arrays that hold what it has learned in `ARRAYS`; both are
    attributes.
    """

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    ARRAYS: ClassVar[tuple[str, ...]] = ()
    KINDS: ClassVar[dict[str, type[Memory]]] = {}

    n_stored: int = 0
    """Patterns stored so far, repetitions counted."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Memory.KINDS[cls.__name__] = cls

    @property
    def _owner(self) -> str:
        return type(self).__name__

    @abstractmethod
    def store(self, patterns: Any) -> Self:
        """Store patterns; the memory itself is returned, so that calls can be chained."""

    @abstractmethod
    def recall(self, cue: Any) -> Recall:
        """What the memory associates with `cue`."""

    @abstractmethod
    def energy(self, state: Any) -> Any:
        """A number per row of `state`, low for what is stored; the memory says which and whether recall lowers it."""

    @abstractmethod
    def capacity(self) -> Capacity:
        """How many patterns the memory holds, by which criterion, and who says so."""

    def forget(self, patterns: Any) -> Self:
        """Take stored patterns out again; NeuroclError for a memory whose learning cannot be undone."""
        raise NeuroclError(f"{self._owner}: what was stored cannot be taken out again; build a new memory without it.")

    def save(self, path: str | Path) -> None:
        """Write the memory to a safetensors file: it holds settings and arrays, no code.

        Raises
        ------
        NeuroclError
            If the file cannot be written.
        """
        settings = {name: getattr(self, name) for name in self.SETTINGS}
        head = {"kind": self._owner, "settings": settings, "n_stored": self.n_stored}
        write_arrays(Path(path), _KIND, _VERSION, head, {name: getattr(self, name) for name in self.ARRAYS})

    @staticmethod
    def load(path: str | Path) -> Memory:
        """The memory in the file `path`, equal to the one that was saved to the last bit.

        Raises
        ------
        NeuroclError
            For a file that is missing, damaged or of another kind.
        """
        head, arrays = read_arrays(Path(path), _KIND, _VERSION)
        try:
            cls = Memory.KINDS[head["kind"]]
            memory: Any = cls(**head["settings"])
            memory.n_stored = int(head["n_stored"])
            for name in cls.ARRAYS:
                setattr(memory, name, arrays[name])
        except (KeyError, TypeError) as error:
            raise NeuroclError(f"{path}: the memory in the file is damaged ({error}); save it again.") from None
        return memory

    def _require_patterns(self) -> None:
        if not self.n_stored:
            raise NeuroclError(f"{self._owner}: the memory is empty; store patterns first.")

    def _count(self, added: int) -> None:
        """Count stored patterns, and warn when theory says that they are too many."""
        before, self.n_stored = self.n_stored, self.n_stored + added
        capacity = self.capacity()
        if before <= max(capacity.patterns, 1.0) < self.n_stored:
            warnings.warn(
                f"{self._owner}: {self.n_stored} patterns are more than the memory holds; {capacity}.", stacklevel=3
            )

    def _recalled(
        self, form: Form, state: Array, steps: Array, cycle: Array, energy: Array, converged: Array | None = None
    ) -> Recall:
        """A `Recall` in the form of the cue; a state is at rest when its cycle is 1."""
        rest = cycle == 1 if converged is None else converged
        return Recall(form.state(state), form.of(steps), form.of(rest), form.of(energy), form.of(cycle))
