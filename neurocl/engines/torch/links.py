"""The synapses of a projection on the device, and which of them an event visits.

Two ways to say which, and the generated step is written for one of them:

lists   `Events`: one entry per member of the batch and synapse. Their number follows the spikes; it is known on the
        CPU, where asking for it costs nothing.
masks   bool [member, synapse], for every synapse in every step. Their shape is always the same, as a step on a GPU
        needs that no host waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.edges import EdgeTable
from neurocl.engines.torch.kernels import flat, row

__all__ = ["Events", "Links"]

Rows: TypeAlias = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]
"""First place and number of the entries of each row, and the entries; None if they are 0, 1, 2, ..."""

Fired: TypeAlias = list[torch.Tensor]
"""Neurons that fired in each of the last steps, as flat places: entry r holds of stamp k, k % length = r."""


@dataclass(frozen=True)
class Events:
    """Synapses `edge` of batch members `member` (None in a batch of one), in the order in which they act."""

    member: torch.Tensor | None
    edge: torch.Tensor


class Links:
    """The edges of a projection as tensors, each made when it is first needed.

    Parameters
    ----------
    edges : the table.
    batch : number of members.
    device : where the tensors live.

    Attributes
    ----------
    delays : delays in steps, ascending.
    pre, post, slot, delay : int64 [edge].
    slot_pre : int64 [slot], presynaptic neuron of each slot.
    """

    def __init__(self, edges: EdgeTable, batch: int, device: torch.device) -> None:
        self.edges, self.batch, self.device = edges, batch, device
        self.n_pre, self.n_post, self.n = edges.n_pre, edges.n_post, edges.n
        self.n_slots = edges.n_slots
        self.delays = sorted({int(d) for d in edges.delays}) or [0]

    def _long(self, values: NDArray[np.integer]) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.int64)).to(self.device)

    @cached_property
    def pre(self) -> torch.Tensor:
        return self._long(self.edges.pre)

    @cached_property
    def post(self) -> torch.Tensor:
        return self._long(self.edges.post)

    @cached_property
    def slot(self) -> torch.Tensor:
        return self._long(self.edges.slot)

    @cached_property
    def delay(self) -> torch.Tensor:
        return self._long(self.edges.delay)

    @cached_property
    def slot_pre(self) -> torch.Tensor:
        return self._long(np.arange(self.n_slots) % max(self.n_pre, 1))

    @cached_property
    def _delays(self) -> torch.Tensor:
        return self._long(np.array(self.delays))

    @cached_property
    def _slot_delays(self) -> torch.Tensor:
        return self._long(self.edges.delays)

    @cached_property
    def _by_arrival(self) -> Rows:
        """By delay and presynaptic neuron."""
        group = np.searchsorted(self.delays, self.edges.delay)
        return self._rows(group * self.n_pre + self.edges.pre, len(self.delays) * self.n_pre)

    @cached_property
    def _by_pre(self) -> Rows:
        return self._rows(np.asarray(self.edges.pre, dtype=np.int64), self.n_pre)

    @cached_property
    def _by_post(self) -> Rows:
        return self._rows(np.asarray(self.edges.post, dtype=np.int64), self.n_post)

    def _rows(self, row: NDArray[np.int64], n: int) -> Rows:
        """First place and number of the edges of each row, and the edges sorted by row; None if they are already."""
        length = np.bincount(row, minlength=n)
        is_sorted = bool((np.diff(row) >= 0).all())
        order = None if is_sorted else self._long(np.argsort(row, kind="stable"))
        return self._long(np.cumsum(length) - length), self._long(length), order

    @property
    def rows_of_pre(self) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """Where the edges of each presynaptic neuron begin, [pre + 1], and these edges in order; None if all are."""
        pre = np.asarray(self.edges.pre, dtype=np.int64)
        begin = np.concatenate([[0], np.cumsum(np.bincount(pre, minlength=self.n_pre))])
        return begin, None if bool((np.diff(pre) >= 0).all()) else np.argsort(pre, kind="stable")

    def arriving(self, fired: Fired, step: int) -> Events | None:
        """Synapses at which a spike arrives in this step; None if there is none."""
        members, rows = [], []
        for group, delay in enumerate(self.delays):
            hit = fired[(step - delay) % len(fired)]
            if hit.numel():
                member, neuron = self._split(hit, self.n_pre)
                members.append(member)
                rows.append(neuron + group * self.n_pre if group else neuron)
        if not rows:
            return None
        if len(rows) == 1:
            return self._expand(members[0], rows[0], *self._by_arrival)
        member = None if members[0] is None else torch.cat([m for m in members if m is not None])
        return self._expand(member, torch.cat(rows), *self._by_arrival)

    def fired(self, fired: Fired, step: int) -> Events | None:
        """Synapses onto neurons that fired at the beginning of this step; None if there is none."""
        hit = fired[step % len(fired)]
        if not hit.numel():
            return None
        member, rows = self._split(hit, self.n_post)
        return self._expand(member, rows, *self._by_post)

    def sent(self, hit: torch.Tensor, at_least: int = 0) -> Events | None:
        """Synapses of the neurons `hit` (flat places) that have delays of `at_least` so many steps."""
        if not hit.numel():
            return None
        member, rows = self._split(hit, self.n_pre)
        events = self._expand(member, rows, *self._by_pre)
        if events is None or not at_least:
            return events
        late = self.delay.index_select(0, events.edge) >= at_least
        return Events(None if events.member is None else events.member[late], events.edge[late])

    def one_by_one(self, events: Events | None, side: str) -> Iterator[Events]:
        """The events in parts that follow each other, none of which has two synapses of one neuron of that side.

        So statements that do more than adding to a neuron's state act one after the other. With "both" sides each
        event is a part.
        """
        if events is None:
            return
        place = torch.arange(len(events.edge), device=self.device)
        rank = place
        if side != "both":
            ends, n = (self.pre, self.n_pre) if side == "pre" else (self.post, self.n_post)
            sorted_ends, order = flat(events.member, n, ends[events.edge]).sort(stable=True)
            first = torch.searchsorted(sorted_ends, sorted_ends)
            rank = torch.empty_like(place).index_copy_(0, order, place - first)
        for k in range(int(rank.max()) + 1):
            chosen = rank == k
            yield Events(None if events.member is None else events.member[chosen], events.edge[chosen])

    def slots_hit(self, history: torch.Tensor, step: torch.Tensor | int) -> torch.Tensor:
        """Whether a spike arrives at a slot in this step, bool [member, slot]."""
        length, batch, _ = history.shape
        rows = history.index_select(0, (step - self._slot_delays) % length)
        return rows.permute(1, 0, 2).reshape(batch, -1)

    def ahead(
        self, ring: torch.Tensor, step: int, member: torch.Tensor | None, edge: torch.Tensor, post: torch.Tensor
    ) -> torch.Tensor:
        """Flat places in `ring`, [step of arrival, member, neuron], of spikes stamped with the end of `step`."""
        rows = (step + 1 + self.delay.index_select(0, edge)) % ring.shape[0]
        rows = rows if member is None else rows * ring.shape[1] + member
        return rows * self.n_post + post

    def running_sum(self, value: torch.Tensor | float, like: torch.Tensor) -> torch.Tensor:
        """Sum over the synapses of a presynaptic neuron up to each one, [member, synapse].

        A row for each neuron, so that one row's rounding does not enter the next.
        """
        places, width = self._places
        values = torch.as_tensor(value, dtype=like.dtype, device=self.device).expand(like.shape[0], self.n)
        rows = like.new_zeros(like.shape[0], self.n_pre * width).index_copy_(1, places, values)
        return rows.view(like.shape[0], self.n_pre, width).cumsum(2).view(like.shape[0], -1).index_select(1, places)

    @cached_property
    def _places(self) -> tuple[torch.Tensor, int]:
        """Where each synapse stands in a table with a row for each presynaptic neuron, and how wide that is."""
        start, length, order = self._by_pre
        width = max(int(length.max()), 1) if self.n_pre else 1
        place = torch.arange(self.n, device=self.device)
        rank = place if order is None else torch.empty_like(order).index_copy_(0, order, place)
        return self.pre * width + rank - start[self.pre], width

    def _split(self, hit: torch.Tensor, n: int) -> tuple[torch.Tensor | None, torch.Tensor]:
        """Members and neurons of flat places."""
        return (None, hit) if self.batch == 1 else (hit // n, hit % n)

    @staticmethod
    def _expand(
        member: torch.Tensor | None, rows: torch.Tensor, start: torch.Tensor, length: torch.Tensor,
        order: torch.Tensor | None,
    ) -> Events | None:  # fmt: skip
        """All entries of the rows, row by row."""
        lengths = length.index_select(0, rows)
        ends = lengths.cumsum(0)
        total = int(ends[-1])
        if not total:
            return None
        shift = start.index_select(0, rows) - ends + lengths
        which = torch.repeat_interleave(lengths, output_size=total)
        edge = shift.index_select(0, which) + torch.arange(total, device=rows.device)
        edge = edge if order is None else order.index_select(0, edge)
        return Events(None if member is None else member.index_select(0, which), edge)

    def arriving_mask(self, history: torch.Tensor, step: torch.Tensor | int) -> torch.Tensor:
        """The same as `arriving`, bool [member, synapse]."""
        length, batch, n = history.shape
        if len(self.delays) == 1:
            return row(history, (step - self.delays[0]) % length).index_select(1, self.pre)
        rows = (step - self.delay) % length
        members = torch.arange(batch, device=self.device)[:, None]
        return history.view(-1).index_select(0, ((rows * batch + members) * n + self.pre).view(-1)).view(batch, -1)

    def fired_mask(self, history: torch.Tensor, step: torch.Tensor | int) -> torch.Tensor:
        """The same as `fired`, bool [member, synapse]."""
        return row(history, step % history.shape[0]).index_select(1, self.post)
