"""Before a run: what is made of weights, which a user may have changed since the last run."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import torch

from neurocl.core.expressions import evaluate, names_in
from neurocl.core.plan import ProjectionPlan
from neurocl.engines.torch.memory import Memory

__all__ = ["prepare"]


def prepare(memory: Memory, step: int) -> None:
    """Make matrices of the present weights, and write the spikes under way ahead to the steps of their arrival."""
    for name, plan in memory.build.plan.projections.items():
        form, fields = memory.build.forms[name], memory.objects[name]
        if form.is_matrix:
            _make_matrix(memory, plan, form.kind, fields)
        elif form.is_ahead:
            fields._ahead.zero_()
            history, send = memory.objects[plan.pre]._history, memory.build.functions[f"_send_{name}"]
            for stamp in range(max(step - history.shape[0] + 1, 0), step + 1):
                send(fields, fields._links.sent(history[stamp % history.shape[0]], step - stamp), stamp - 1)


def _make_matrix(memory: Memory, plan: ProjectionPlan, kind: str, fields: SimpleNamespace) -> None:
    values = {name: getattr(fields, name) for name in names_in(plan.parsed.transmit)}
    known = {k: v.cpu().double().numpy() if isinstance(v, torch.Tensor) else v for k, v in values.items()}
    transmitted = np.broadcast_to(np.asarray(evaluate(plan.parsed.transmit, known), np.float64), plan.edges.n)
    if fields._matrix is not None and np.array_equal(transmitted, fields._transmitted):
        return
    fields._transmitted = transmitted.copy()
    links, entries = fields._links, memory.tensor(transmitted)
    if kind == "dense":
        matrix = torch.zeros(links.n_pre, links.n_post, dtype=entries.dtype, device=entries.device)
        fields._matrix = matrix.index_put_((links.pre, links.post), entries, accumulate=True)
    else:
        places, shape = torch.stack([links.post, links.pre]), (links.n_post, links.n_pre)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that compressed matrices are new in torch
            sparse = torch.sparse_coo_tensor(places, entries, shape, check_invariants=False)
            fields._matrix = sparse.coalesce().to_sparse_csr()
