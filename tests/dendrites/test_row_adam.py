"""Adam by rows against torch's Adam on the same gradients."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.dendrites import RowAdam
from neurocl.dendrites.row_adam import IDLE


def gradients(steps: int, rows: int, columns: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Which rows have a gradient in each step, and what: row 0 rarely, the last never, the middle one rests long."""
    torch.manual_seed(0)
    found = []
    for step in range(steps):
        active = torch.rand(rows) < 0.5
        active[-1] = False
        active[0] = step % 100 == 0
        active[rows // 2] = step < 20 or step > IDLE + 100
        chosen = active.nonzero().flatten()
        found.append((chosen, torch.randn(len(chosen), columns)))
    return found


def sparse(rows: torch.Tensor, values: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    return torch.sparse_coo_tensor(rows[None], values, shape, check_invariants=True)


def test_rows_move_as_with_adam_also_after_a_long_rest() -> None:
    torch.manual_seed(1)
    start = torch.randn(7, 5)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    a, b = RowAdam([ours], lr=1e-2), torch.optim.Adam([theirs], lr=1e-2)
    for rows, values in gradients(IDLE + 300, 7, 5):
        ours.grad = sparse(rows, values, start.shape)
        theirs.grad = ours.grad.to_dense()
        a.step()
        b.step()
    assert torch.allclose(ours, theirs, rtol=0.0, atol=2e-5)  # sums of 812 steps of up to 0.01 in float32
    assert torch.equal(ours[-1], start[-1])


def test_sparse_and_dense_gradients_may_take_turns() -> None:
    torch.manual_seed(3)
    start = torch.randn(7, 5)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    a, b = RowAdam([ours], lr=1e-2), torch.optim.Adam([theirs], lr=1e-2)
    for k, (rows, values) in enumerate(gradients(60, 7, 5)):
        grad = sparse(rows, values, start.shape)
        ours.grad = torch.ones(7, 5) if k % 20 < 3 else grad
        theirs.grad = ours.grad.to_dense()
        a.step()
        b.step()
    assert torch.allclose(ours, theirs, rtol=0.0, atol=2e-6)


def test_dense_gradients_move_as_with_adam() -> None:
    torch.manual_seed(2)
    start = torch.randn(4, 6)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    a, b = RowAdam([ours], lr=1e-2), torch.optim.Adam([theirs], lr=1e-2)
    for _ in range(50):
        ours.grad = theirs.grad = torch.randn(4, 6)
        a.step()
        b.step()
    assert torch.allclose(ours, theirs, rtol=0.0, atol=1e-6)


def test_a_saved_state_goes_on_exactly() -> None:
    steps = gradients(60, 7, 5)
    whole = nn.Parameter(torch.ones(7, 5))
    optimizer = RowAdam([whole])
    for k, (rows, values) in enumerate(steps):
        if k == 30:
            half, state = nn.Parameter(whole.detach().clone()), copy.deepcopy(optimizer.state_dict())
        whole.grad = sparse(rows, values, whole.shape)
        optimizer.step()
    again = RowAdam([half])
    again.load_state_dict(state)
    for rows, values in steps[30:]:
        half.grad = sparse(rows, values, half.shape)
        again.step()
    assert torch.equal(half, whole)


def test_other_parameters_are_refused() -> None:
    with pytest.raises(NeuroclError, match="float32 on the CPU"):
        RowAdam([nn.Parameter(torch.zeros(2, dtype=torch.float64))])
