"""Projections of gradients: the guarantees that each method gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from neurocl.continual.strategies.gpm_basis import extend_basis, project_out
from neurocl.continual.strategies.owm_projector import initial_projector, shrink
from neurocl.continual.strategies.quadratic_program import solve_lower_bounded


@pytest.mark.parametrize("seed", range(20))
def test_quadratic_program_satisfies_the_conditions_of_its_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    G = rng.normal(size=(n, 40))
    q, margin = 10 * rng.normal(size=n), float(rng.choice([0.0, 0.5]))
    A = G @ G.T + 1e-3 * np.eye(n)
    v = solve_lower_bounded(G @ G.T, q, margin, 1e-3)
    slope = A @ v + q
    assert (v >= margin - 1e-12).all() and (slope >= -1e-7).all()
    assert abs(slope @ (v - margin)) < 1e-6


def test_quadratic_program_agrees_with_a_general_solver() -> None:
    rng = np.random.default_rng(0)
    G = rng.normal(size=(4, 9))
    P, q = G @ G.T + 1e-3 * np.eye(4), rng.normal(size=4)
    found = minimize(lambda v: 0.5 * v @ P @ v + q @ v, np.ones(4), bounds=[(0.5, None)] * 4, tol=1e-14)
    assert solve_lower_bounded(G @ G.T, q, 0.5, 1e-3) == pytest.approx(found.x, abs=1e-4)


@pytest.mark.parametrize("n_tasks", [1, 5, 30])
def test_projected_gradient_violates_no_memory_constraint(n_tasks: int) -> None:
    rng = np.random.default_rng(n_tasks)
    G, g = rng.normal(size=(n_tasks, 200)), rng.normal(size=200)
    G[-1] = G[0]  # two tasks with one gradient: P is singular
    found = G.T @ solve_lower_bounded(G @ G.T, G @ g) + g
    assert (G @ found >= -1e-6).all()


def test_gpm_basis_is_orthonormal_and_holds_the_wanted_power() -> None:
    torch.manual_seed(0)
    basis, shapes = None, []
    for _ in range(4):
        X = torch.randn(30, 6) @ torch.randn(6, 300)
        basis = extend_basis(basis, X, 0.95)
        held = (basis.T @ X.double()).square().sum() / X.double().square().sum()
        shapes.append(basis.shape[1])
        assert held >= 0.95 - 1e-9
        assert torch.allclose(basis.T @ basis, torch.eye(shapes[-1]).double(), atol=1e-12)
    assert shapes == sorted(shapes) and shapes[0] <= 6
    assert extend_basis(basis, X, 0.95).shape == basis.shape  # the same inputs bring nothing new


def test_gpm_first_task_keeps_the_smallest_sufficient_number_of_directions() -> None:
    X = torch.diag(torch.tensor([3.0, 2.0, 1.0]))  # powers 9, 4, 1 of 14
    thresholds = (0.6, 9 / 14, 0.65, 13 / 14, 0.95, 1.0)
    assert [extend_basis(None, X, eps).shape[1] for eps in thresholds] == [1, 1, 2, 2, 3, 3]


def test_gpm_projection_is_orthogonal_to_the_basis() -> None:
    basis = extend_basis(None, torch.randn(50, 8), 0.99)
    change = project_out(torch.randn(20, 50), basis)
    assert float((change.double() @ basis).abs().max()) < 1e-6


def test_owm_projector_is_symmetric_positive_and_shrinks_along_its_inputs() -> None:
    torch.manual_seed(0)
    P = initial_projector(torch.empty(7, 12, dtype=torch.float64), alpha_0=2.0)
    for _ in range(300):
        r = torch.cat([torch.rand(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)])
        before = r @ P @ r
        P = shrink(P, r, alpha=1.0)
        assert r @ P @ r < before
    values = torch.linalg.eigvalsh(P)
    assert torch.equal(P, P.T) and values.min() > 0 and values.max() <= 0.5 + 1e-12
    assert values[:6].max() < 0.05  # the directions that were used
    assert torch.allclose(values[6:], torch.full((6,), 0.5, dtype=torch.float64))


def test_owm_recursion_is_the_inverse_of_the_input_correlation() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(30, 5, dtype=torch.float64)
    P = initial_projector(torch.empty(1, 5, dtype=torch.float64), alpha_0=0.5)
    for r in inputs:
        P = shrink(P, r, alpha=1.0)
    closed = torch.linalg.inv(0.5 * torch.eye(5, dtype=torch.float64) + inputs.T @ inputs)
    assert torch.allclose(P, closed, atol=1e-10)
