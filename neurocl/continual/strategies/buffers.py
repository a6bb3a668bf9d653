"""Memories of a fixed number of samples: a reservoir, and one with equal shares for all classes.

Reservoir        item number n (from 0) is kept if n < M, else with probability M / (n + 1) in a uniformly drawn slot:
                 at any time each item seen is in the memory with the same probability
Class-balanced   quota M / (classes seen). A class below its quota takes the slot of a random item of the largest class;
                 within a full class it is a reservoir
Cost             O(1) per sample, added or drawn; one allocation
Source           Vitter (1985), ACM Trans. Math. Softw. 11:37; Chrysakis & Moens (2020), ICML.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurocl.continual.strategies.distinct import distinct
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["ClassBalancedBuffer", "ReservoirBuffer", "make_buffer"]


class ReservoirBuffer:
    """A uniform random sample of all items that were added.

    Parameters
    ----------
    size : number of items, M.
    Attributes
    ----------
    fields : tensors [M, ...] by name, the stored items; the first ``len(buffer)`` rows are valid.
    n_seen : items that were added.
    """

    def __init__(self, size: int) -> None:
        self.size = whole_number("buffer", "size", size, at_least=1)
        self.fields: dict[str, Tensor] = {}
        self.n_seen = 0

    def __len__(self) -> int:
        return min(self.n_seen, self.size)

    def add(self, generator: torch.Generator, **items: Tensor) -> None:
        """Offer a batch; each field is [batch, ...] and the field ``y`` holds the classes.

        Raises
        ------
        NeuroclError
            If items have another shape than those before, or a field is new.
        """
        n = len(next(iter(items.values())))
        if n == 0:
            return
        self._allocate(items)
        slots = self._slots(items["y"].cpu().numpy(), torch.rand(n, generator=generator, dtype=torch.float64).numpy())
        kept = np.flatnonzero(slots >= 0)
        # Of two items for one slot the later stays; a tensor's assignment does not promise an order.
        _, first_from_behind = np.unique(slots[kept][::-1], return_index=True)
        rows = kept[::-1][first_from_behind]
        for name, values in items.items():
            store = self.fields[name]
            store[torch.from_numpy(slots[rows])] = values.detach()[torch.from_numpy(rows)].to(store)

    def _slots(self, classes: NDArray[np.int64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
        """The slot of each item, -1 where it is not kept, from uniform numbers in [0, 1)."""
        numbers = np.arange(self.n_seen, self.n_seen + len(classes))
        drawn = (uniform * (numbers + 1)).astype(np.int64)
        self.n_seen += len(classes)
        slots = np.where(numbers < self.size, numbers, drawn)
        return np.where(slots < self.size, slots, -1)

    def _allocate(self, items: dict[str, Tensor]) -> None:
        if not self.fields:
            self.fields = {name: v.new_zeros((self.size, *v.shape[1:])).detach() for name, v in items.items()}
        for name, v in items.items():
            if name not in self.fields or v.shape[1:] != self.fields[name].shape[1:]:
                raise NeuroclError(
                    f"buffer: field '{name}' holds items of shape"
                    f" {list(self.fields[name].shape[1:]) if name in self.fields else None}, got {list(v.shape[1:])}."
                )

    def sample(self, n: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw `n` items uniformly, without replacement if there are so many, with replacement otherwise."""
        if len(self) == 0:
            raise NeuroclError("buffer: it is empty; nothing can be drawn from it.")
        if n > len(self):
            rows = torch.randint(len(self), (n,), generator=generator)
        else:
            rows = distinct(n, len(self), generator)
        return {name: store[rows] for name, store in self.fields.items()}

    def state_dict(self) -> dict[str, Any]:
        """Contents and counters."""
        fields = {name: store.clone() for name, store in self.fields.items()}
        return {"fields": fields, "n_seen": self.n_seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.fields = {name: store.clone() for name, store in state["fields"].items()}
        self.n_seen = int(state["n_seen"])


class ClassBalancedBuffer(ReservoirBuffer):
    """As `ReservoirBuffer`, with equal shares for all classes seen so far, however often each occurs."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.slots_of: dict[int, list[int]] = {}
        self.seen_of: dict[int, int] = {}
        self.n_stored = 0

    def __len__(self) -> int:
        return self.n_stored

    def _slots(self, classes: NDArray[np.int64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
        self.n_seen += len(classes)
        slots = [self._slot(int(c), float(u)) for c, u in zip(classes, uniform, strict=True)]
        return np.array(slots, dtype=np.int64)

    def _slot(self, c: int, uniform: float) -> int:
        own = self.slots_of.setdefault(c, [])
        self.seen_of[c] = self.seen_of.get(c, 0) + 1
        if self.n_stored < self.size:
            own.append(self.n_stored)
            self.n_stored += 1
            return own[-1]
        if len(own) < self.size // len(self.seen_of):
            largest = self.slots_of[max(self.slots_of, key=lambda k: len(self.slots_of[k]))]
            k = int(uniform * len(largest))
            largest[k], largest[-1] = largest[-1], largest[k]
            own.append(largest.pop())
            return own[-1]
        k = int(uniform * self.seen_of[c])
        return own[k] if k < len(own) else -1

    def state_dict(self) -> dict[str, Any]:
        classes = [[c, self.seen_of[c], list(slots)] for c, slots in self.slots_of.items()]
        return {**super().state_dict(), "classes": classes}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.slots_of = {int(c): [int(k) for k in slots] for c, _, slots in state["classes"]}
        self.seen_of = {int(c): int(n) for c, n, _ in state["classes"]}
        self.n_stored = sum(len(slots) for slots in self.slots_of.values())


def make_buffer(kind: str, size: int) -> ReservoirBuffer:
    """A buffer by name: "reservoir" or "class-balanced"."""
    kinds = {"reservoir": ReservoirBuffer, "class-balanced": ClassBalancedBuffer}
    if kind not in kinds:
        raise NeuroclError(f"buffer: kind must be one of {', '.join(kinds)}, got '{kind}'.")
    return kinds[kind](size)
