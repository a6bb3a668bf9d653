"""Delivery on a GPU by one kernel of Triton, whose work follows the spikes and which no host has to wait for.

A program looks at the flags of a few presynaptic neurons of one member. Where a neuron fired it runs along its synapses
and adds what they transmit to the ring of coming input, in the row of the step of arrival. Neurons that are silent,
nearly all of them, cost the reading of a byte. The additions are atomic: their order, and with it the last digit of a
sum, may differ from run to run.
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
    spiked, step, start, post, delay, amount, ring, n_pre, n_post, batch, length, at_least,
    HAS_DELAYS: tl.constexpr, HAS_AMOUNTS: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    member = tl.program_id(1)
    first = tl.program_id(0) * ROWS
    rows = first + tl.arange(0, ROWS)
    flags = tl.load(spiked + member.to(tl.int64) * n_pre + rows, mask=rows < n_pre, other=0)
    if tl.sum(flags.to(tl.int32), axis=0) > 0:
        arrival = tl.load(step) + 1
        for k in range(ROWS):
            fired = tl.load(spiked + member.to(tl.int64) * n_pre + first + k, mask=first + k < n_pre, other=0)
            if fired != 0:
                begin = tl.load(start + first + k)
                end = tl.load(start + first + k + 1)
                for at in range(begin, end, BLOCK):
                    edge = at + tl.arange(0, BLOCK)
                    inside = edge < end
                    target = tl.load(post + edge, mask=inside, other=0).to(tl.int64)
                    if HAS_DELAYS:
                        late = tl.load(delay + edge, mask=inside, other=0)
                        inside = inside & (late >= at_least)
                        row = (arrival + late) % length
                    else:
                        row = (arrival + delay) % length
                    place = (row * batch + member) * n_post + target
                    if HAS_AMOUNTS:
                        value = tl.load(amount + edge, mask=inside, other=0.0)
                    else:
                        value = tl.zeros([BLOCK], ring.dtype.element_ty) + tl.load(amount)
                    tl.atomic_add(ring + place, value, mask=inside, sem="relaxed")


def send(
    ring: torch.Tensor, spiked: torch.Tensor, step: torch.Tensor | int,
    synapses: tuple[torch.Tensor, torch.Tensor, Any], amount: torch.Tensor, at_least: int = 0,
) -> None:  # fmt: skip
    """Add the spikes of one step to `ring`, [step of arrival, member, neuron].

    Parameters
    ----------
    ring : coming input; row r holds that of the steps k with k % length = r.
    spiked : bool [member, presynaptic neuron], who fires in this step; a spike is stamped with its end.
    step : int64 [1], its number; or that number itself, where the host counts.
    synapses : where the synapses of each neuron begin, int64 [pre + 1]; their targets, int32; their delays in steps,
        int32 [synapse] or one whole number.
    amount : what they transmit, in the type of `ring`: [synapse], or without a dimension if it is the same for all.
    at_least : synapses with a smaller delay are left out.
    """
    start, post, delay = synapses
    length, batch, n_post = ring.shape
    if isinstance(delay, int) and delay < at_least:
        return
    if isinstance(step, int):
        step = torch.full((1,), step, dtype=torch.int64, device=ring.device)
    has_delays, has_amounts = isinstance(delay, torch.Tensor), amount.dim() > 0
    grid = (triton.cdiv(spiked.shape[1], ROWS), batch)
    _send_kernel[grid](
        spiked.view(torch.uint8), step, start, post, delay, amount, ring, spiked.shape[1], n_post, batch,
        length, at_least, has_delays, has_amounts, ROWS, BLOCK,
    )  # fmt: skip
