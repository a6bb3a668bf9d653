"""How a projection's spikes reach their targets.

events    lists of synapses at which a spike arrives: the work follows the spikes
ahead     the same at the time of the spike, written to the step of its arrival: one list for any mix of delays
dense     a matrix product with the spikes of a step, [member, pre] x [pre, post]
sparse    the same with a compressed matrix
masks     every synapse in every step

`ahead`, `dense` and `sparse` are for synapses that transmit numbers that nothing changes during a run. Lists need a
host that may look at the spikes; on a GPU the others are used, or the kernels of `fused`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocl.core.expressions import names_in
from neurocl.core.plan import ProjectionPlan

__all__ = ["DELIVERIES", "Form", "choose_form", "needs_buffer"]

DELIVERIES = ("auto", "events", "all")
"""What a user can ask for."""
DENSE = 0.25
"""Density from which on a product with the full matrix is faster than one with a compressed one."""
DENSE_BATCH = 8
"""Batch from which on a product with a dense matrix beats lists at usual rates on a CPU."""
LARGEST = 2**24
"""Entries that a dense matrix may have."""


@dataclass(frozen=True)
class Form:
    """The form of one projection's delivery, and whether its events come as lists."""

    kind: str
    by_lists: bool

    @property
    def is_ahead(self) -> bool:
        return self.kind == "ahead"

    @property
    def is_matrix(self) -> bool:
        return self.kind in ("dense", "sparse")


def needs_buffer(plan: ProjectionPlan) -> bool:
    """Whether what a spike transmits depends on states of neurons, which other spikes of that time may change."""
    return plan.target is not None and any(n.endswith(("_pre", "_post")) for n in names_in(plan.parsed.transmit))


def choose_form(plan: ProjectionPlan, batch: int, delivery: str, on_cpu: bool) -> Form:
    """The form for `plan` in a batch of `batch`; `delivery` is one of DELIVERIES."""
    by_lists = delivery == "events" or (delivery == "auto" and on_cpu)
    simple, n_delays = _is_constant(plan), len(np.unique(plan.edges.delay))
    size = plan.edges.n_pre * plan.edges.n_post
    is_dense = size <= LARGEST and plan.edges.n >= DENSE * size
    if by_lists and not (delivery == "auto" and simple and n_delays == 1 and is_dense and batch >= DENSE_BATCH):
        return Form("ahead" if simple and n_delays > 1 else "events", True)
    if simple and n_delays == 1:
        return Form("dense" if is_dense else "sparse", by_lists)
    return Form("masks", by_lists)


def _is_constant(plan: ProjectionPlan) -> bool:
    """Whether a synapse transmits the same number in every step."""
    parsed, changing = plan.parsed, set(plan.modulated)
    if plan.target is None or plan.is_plastic or parsed.draws:
        return False
    changing |= {*parsed.pre.states, *parsed.post.states, *parsed.synapse.states, "t"}
    used = names_in(parsed.transmit)
    return not used & changing and not any(n.endswith(("_pre", "_post")) for n in used)
