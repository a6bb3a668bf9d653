"""How a projection's spikes reach their targets.

events    lists of synapses at which a spike arrives: the work follows the spikes
ahead     the same at the time of the spike, written to the step of its arrival: one list for any mix of delays
dense     a matrix product with the spikes of a step, [member, pre] x [pre, post]
sparse    the same with a compressed matrix
fused     as `ahead`, all projections together (see `joint`) by a kernel of Triton (see `fused`): the work follows the
          spikes on a GPU, too
masks     every synapse in every step

`ahead`, `dense`, `sparse` and `fused` are for synapses that transmit numbers that nothing changes during a run. Lists
need a host that may look at the spikes; on a GPU the others are used.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from neurocl.core.expressions import names_in
from neurocl.core.plan import ProjectionPlan

__all__ = ["DELIVERIES", "Form", "choose_form", "has_triton", "needs_buffer"]

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
        """Whether a spike is written, when it is fired, to the step of its arrival in the projection's own ring."""
        return self.kind == "ahead"

    @property
    def is_joint(self) -> bool:
        """Whether it is written to the ring that projections share, see `joint`."""
        return self.kind == "fused"

    @property
    def is_matrix(self) -> bool:
        """Whether it is a matrix product."""
        return self.kind in ("dense", "sparse")


def needs_buffer(plan: ProjectionPlan) -> bool:
    """Whether what a spike transmits depends on states of neurons, which other spikes of that time may change."""
    return plan.target is not None and any(n.endswith(("_pre", "_post")) for n in names_in(plan.parsed.transmit))


def has_triton() -> bool:
    """Whether kernels of Triton can be made."""
    return importlib.util.find_spec("triton") is not None


def choose_form(plan: ProjectionPlan, batch: int, delivery: str, on_cpu: bool) -> Form:
    """The form for `plan` in a batch of `batch`; `delivery` is one of DELIVERIES."""
    by_lists = delivery == "events" or (delivery == "auto" and on_cpu)
    simple, n_delays = _is_constant(plan), len(plan.edges.delays)
    size = plan.edges.n_pre * plan.edges.n_post
    is_dense = size <= LARGEST and plan.edges.n >= DENSE * size
    if by_lists and not (delivery == "auto" and simple and n_delays == 1 and is_dense and batch >= DENSE_BATCH):
        return Form("ahead" if simple and n_delays > 1 else "events", True)
    if simple and delivery == "auto" and has_triton():
        return Form("fused", False)
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
