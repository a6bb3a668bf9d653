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

import numpy as np
import torch
from numpy.typing import NDArray

from neurocl.core.edges import EdgeTable
from neurocl.engines.torch.kernels import flat, row

__all__ = ["Events", "Links"]


@dataclass(frozen=True)
class Events:
    """Synapses `edge` of batch members `member` (None in a batch of one), in the order in which they act."""

    member: torch.Tensor | None
    edge: torch.Tensor


class Links:
    """The edges of a projection as tensors, sorted by (delay, pre) for arriving spikes, by post for the others.

    Parameters
    ----------
    edges : the table.
    device : where the tensors live.

    Attributes
    ----------
    pre, post, slot : int64 [edge].
    delays : delays in steps, ascending.
    """

    def __init__(self, edges: EdgeTable, device: torch.device) -> None:
        self.device, self.n_pre, self.n_post, self.n = device, edges.n_pre, edges.n_post, edges.n
        delay = np.asarray(edges.delay, dtype=np.int64)
        pre, post = (np.asarray(a, dtype=np.int64) for a in (edges.pre, edges.post))
        self.pre, self.post, self.slot = self._long(pre), self._long(post), self._long(edges.slot)
        groups = np.unique(delay) if edges.n else np.zeros(1, np.int64)
        group = np.searchsorted(groups, delay)
        self.delays = [int(d) for d in groups]
        order = np.lexsort((np.arange(edges.n), pre, delay))
        self._order = None if np.array_equal(order, np.arange(edges.n)) else self._long(order)
        rows = group * edges.n_pre + pre
        self._start, self._length = self._table(rows, len(groups) * edges.n_pre)
        by_post = np.argsort(post, kind="stable")
        self._by_post = (*self._table(post, edges.n_post), self._long(by_post))
        by_pre = np.argsort(pre, kind="stable")
        self._by_pre = (*self._table(pre, edges.n_pre), self._long(by_pre))
        self.delay, self._delay_tensor = self._long(delay), self._long(groups)
        # Traces have slots; those of a delay without synapses are kept, too.
        self.n_slots, self._slot_delays = edges.n_slots, self._long(edges.delays)
        self.slot_pre = self._long(np.arange(edges.n_slots) % max(edges.n_pre, 1))

    def _long(self, values: NDArray[np.integer]) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.int64)).to(self.device)

    def _table(self, rows: NDArray[np.int64], n: int) -> tuple[torch.Tensor, torch.Tensor]:
        """First place and number of the entries of each row, once the entries are sorted by row."""
        length = np.bincount(rows, minlength=n)
        return self._long(np.cumsum(length) - length), self._long(length)

    def arriving(self, history: torch.Tensor, step: int) -> Events | None:
        """Synapses at which a spike arrives in this step; None if there is none."""
        length, batch, _ = history.shape
        if len(self.delays) == 1:
            hit = history[(step - self.delays[0]) % length].view(-1).nonzero().view(-1)
        else:
            hit = history[(step - self._delay_tensor) % length].view(-1).nonzero().view(-1)
        if not len(hit):
            return None
        if batch == 1:
            return self._expand(None, hit, self._start, self._length, self._order)
        group, rest = hit // (batch * self.n_pre), hit % (batch * self.n_pre)
        rows = group * self.n_pre + rest % self.n_pre
        return self._expand(rest // self.n_pre, rows, self._start, self._length, self._order)

    def fired(self, history: torch.Tensor, step: int) -> Events | None:
        """Synapses onto neurons that fired at the beginning of this step; None if there is none."""
        hit = history[step % history.shape[0]].view(-1).nonzero().view(-1)
        if not len(hit):
            return None
        member = None if history.shape[1] == 1 else hit // self.n_post
        rows = hit if member is None else hit % self.n_post
        return self._expand(member, rows, *self._by_post)

    def sent(self, spiked: torch.Tensor, at_least: int = 0) -> Events | None:
        """Synapses of the neurons that fire in this step, with delays of `at_least` so many steps."""
        hit = spiked.view(-1).nonzero().view(-1)
        if not len(hit):
            return None
        member = None if spiked.shape[0] == 1 else hit // self.n_pre
        rows = hit if member is None else hit % self.n_pre
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
        column = torch.empty_like(order)
        column[order] = torch.arange(self.n, device=self.device) - start[self.pre[order]]
        return self.pre * width + column, width

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
