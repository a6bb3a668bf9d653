"""Before a run: what is made of weights, which a user may have changed since the last run."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import torch

from neurocl.core.expressions import evaluate, names_in
from neurocl.core.plan import ProjectionPlan
from neurocl.engines.torch.joint import join, sources
from neurocl.engines.torch.memory import Memory

__all__ = ["prepare"]


def prepare(memory: Memory, step: int) -> None:
    """Make what is made of the present weights, and write the spikes under way ahead to the steps of their arrival."""
    for name in memory.build.plan.populations:
        fields = memory.objects[name]
        if any(form.by_lists for form in memory.build.forms.values()):
            fields._fired = [spiked.view(-1).nonzero().view(-1) for spiked in fields._history]
    for name, plan in memory.build.plan.projections.items():
        form, fields = memory.build.forms[name], memory.objects[name]
        if form.is_matrix and _is_changed(plan, fields):
            _make_matrix(memory, form.kind, fields)
        if form.is_ahead:
            fields._ahead.zero_()
            history = memory.objects[plan.pre]._history
            for stamp in range(max(step - history.shape[0] + 1, 0), step + 1):
                hit = history[stamp % history.shape[0]].view(-1).nonzero().view(-1)
                sent = fields._links.sent(hit, step - stamp)
                memory.build.functions[f"_send_{name}"](fields, sent, stamp - 1)
    for source, names in sources(memory.build.plan, memory.build.forms).items():
        _prepare_joint(memory, source, names)
    for source in sources(memory.build.plan, memory.build.forms):
        _send_again(memory, source, step)


def _prepare_joint(memory: Memory, source: str, names: list[str]) -> None:
    """Make the tables of a presynaptic population if a weight or a synapse is new, and empty the ring."""
    fields, owners = memory.objects[source], [memory.objects[name] for name in names]
    changed = [_is_changed(memory.build.plan.projections[n], o) for n, o in zip(names, owners, strict=True)]
    links = [owner._links for owner in owners]
    if any(changed) or fields._joined != links:
        join(memory, source, names)
        fields._joined = links
    fields._ring.zero_()


def _send_again(memory: Memory, source: str, step: int) -> None:
    """Send the spikes of a population again that have not arrived everywhere yet."""
    from neurocl.engines.torch.fused import send  # Triton is loaded only where it is used

    fields = memory.objects[source]
    for stamp in range(max(step - fields._history.shape[0] + 1, 0), step + 1):
        send(fields, fields._history[stamp % fields._history.shape[0]], stamp - 1, step - stamp)


def _is_changed(plan: ProjectionPlan, fields: SimpleNamespace) -> bool:
    """Compute what each synapse transmits; tells whether that is new."""
    values = {name: getattr(fields, name) for name in names_in(plan.parsed.transmit)}
    tensors = {name: v for name, v in values.items() if isinstance(v, torch.Tensor)}
    if all(v.device.type != "cpu" for v in tensors.values()):
        # Whatever writes to a tensor on a device counts its version up, so that weights need not be fetched.
        mark = {k: (v.data_ptr(), v._version) if k in tensors else v for k, v in values.items()}
        if fields._amounts is not None and mark == fields._mark:
            return False
        fields._mark = mark
    known = {k: v.cpu().double().numpy() if k in tensors else v for k, v in values.items()}
    amounts = np.array(evaluate(plan.parsed.transmit, known), np.float64)  # a copy, for weights are live
    if fields._amounts is not None and np.array_equal(amounts, fields._amounts):
        return False
    fields._amounts = amounts
    return True


def _make_matrix(memory: Memory, kind: str, fields: SimpleNamespace) -> None:
    links = fields._links
    entries = memory.tensor(np.broadcast_to(fields._amounts, links.n))
    if kind == "dense":
        matrix = torch.zeros(links.n_pre, links.n_post, dtype=entries.dtype, device=entries.device)
        fields._matrix = matrix.index_put_((links.pre, links.post), entries, accumulate=True)
    else:
        places, shape = torch.stack([links.post, links.pre]), (links.n_post, links.n_pre)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that compressed matrices are new in torch
            sparse = torch.sparse_coo_tensor(places, entries, shape, check_invariants=False)
            fields._matrix = sparse.coalesce().to_sparse_csr()
