"""Delivery on a GPU by one kernel of Triton, whose work follows the spikes and which no host has to wait for.

A program looks at the flags of a few presynaptic neurons of one member, for one projection. Where a neuron fired it
runs along its synapses and adds what they transmit to the ring of coming input, in the row of the step of arrival.
Neurons that are silent, nearly all of them, cost the reading of a byte. The additions are atomic: their order, and with
it the last digit of a sum, may differ from run to run.
"""

# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False
# The compiler of Triton reads the annotations of a kernel's arguments.

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl

__all__ = ["send"]

ROWS = 16
"""Presynaptic neurons that one program looks at."""
BLOCK = 128
"""Synapses that it handles at once."""


@triton.jit
def _send_kernel(
    spiked, step, begin, column, late, amount, ring, n_pre, width, batch, length, at_least,
    EACH_DELAY: tl.constexpr, EACH_AMOUNT: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    member = tl.program_id(1)
    projection = tl.program_id(2)
    first = tl.program_id(0) * ROWS
    rows = first + tl.arange(0, ROWS)
    flags = tl.load(spiked + member.to(tl.int64) * n_pre + rows, mask=rows < n_pre, other=0)
    if tl.sum(flags.to(tl.int32), axis=0) > 0:
        arrival = tl.load(step) + 1
        own = begin + projection.to(tl.int64) * (n_pre + 1) + first
        for k in range(ROWS):
            fired = tl.load(spiked + member.to(tl.int64) * n_pre + first + k, mask=first + k < n_pre, other=0)
            if fired != 0:
                start = tl.load(own + k)
                end = tl.load(own + k + 1)
                for at in range(start, end, BLOCK):
                    edge = at + tl.arange(0, BLOCK)
                    inside = edge < end
                    target = tl.load(column + edge, mask=inside, other=0).to(tl.int64)
                    if EACH_DELAY:
                        delay = tl.load(late + edge, mask=inside, other=0)
                    else:
                        delay = tl.zeros([BLOCK], tl.int32) + tl.load(late + projection)
                    inside = inside & (delay >= at_least)
                    place = ((arrival + delay) % length * batch + member) * width + target
                    if EACH_AMOUNT:
                        value = tl.load(amount + edge, mask=inside, other=0.0)
                    else:
                        value = tl.zeros([BLOCK], ring.dtype.element_ty) + tl.load(amount + projection)
                    tl.atomic_add(ring + place, value, mask=inside, sem="relaxed")


def send(source: Any, spiked: torch.Tensor, step: torch.Tensor | int, at_least: int = 0) -> None:
    """Add the spikes of one step to the ring of coming input, through all projections of a population.

    Parameters
    ----------
    source : has the ring and the tables of `joint`.
    spiked : bool [member, presynaptic neuron], who fires in this step; a spike is stamped with its end.
    step : int64 [1], its number; or that number itself, where the host counts.
    at_least : synapses with a smaller delay, in steps, are left out.
    """
    ring, late, amount = source._ring, source._late, source._transmitted
    length, batch, width = ring.shape
    n_pre = spiked.shape[1]
    if isinstance(step, int):
        step = torch.full((1,), step, dtype=torch.int64, device=ring.device)
    grid = (triton.cdiv(n_pre, ROWS), batch, len(source._begin))
    _send_kernel[grid](
        spiked.view(torch.uint8), step, source._begin, source._column, late, amount, ring, n_pre, width, batch, length,
        at_least, late.dim() == 1, amount.dim() == 1, ROWS, BLOCK,
    )  # fmt: skip
