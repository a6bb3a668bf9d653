"""The Hebbian rule and the subspace: every exact property holds for any state and any activity."""

from __future__ import annotations

import copy
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.hlop import HebbianSubspace, RateCode, StabilityWarning, largest_eigenvalue
from tests.hlop.reference import update

N, K, ROWS = 20, 4, 32


def subspace(old: int = 0, new: int = K, n: int = N, **arguments: object) -> HebbianSubspace:
    """In float64, with so many old and new rows."""
    made = HebbianSubspace(n, **{"lr": 0.01, "dtype": torch.float64, **arguments})
    if old:
        made.grow(old)
        made.merge()
    if new:
        made.grow(new)
    return made


def activity(rows: int = ROWS, n: int = N, seed: int = 0, size: float = 1.0) -> torch.Tensor:
    return size * torch.randn(rows, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def with_rows(H: torch.Tensor, X: torch.Tensor, calls: int = 10, **arguments: object) -> torch.Tensor:
    """H after some calls of update on X, from the new rows H."""
    made = subspace(new=len(H), **arguments)
    made.H = H.clone()
    for _ in range(calls):
        made.update(X)
    return made.H


def orthogonal(n: int, seed: int = 3) -> torch.Tensor:
    return torch.linalg.qr(activity(n, n, seed))[0]


@pytest.mark.parametrize("momentum", [0.9, 0.0, False])
@pytest.mark.parametrize("spiking", [None, (20.0, 40)])
@pytest.mark.parametrize(("old", "new", "rows"), [(0, 4, 32), (5, 4, 32), (5, 4, 3), (3, 12, 100), (10, 1, 7)])
def test_the_rule_is_that_of_the_equations(momentum, spiking, old, new, rows):
    found = subspace(old, new, momentum=momentum, spiking=spiking)
    H, M = found.H.numpy().copy(), found.M.numpy().copy()
    q = RateCode(*spiking) if spiking else None
    for seed in range(4):
        X = activity(rows, seed=seed, size=3.0)  # large enough for the clip to act
        found.update(X)
        code = (lambda Y: q(torch.from_numpy(Y)).numpy()) if q else (lambda Y: Y)
        m = None if momentum is False else momentum
        H, M = update(H, M, X.numpy(), 0.01, old, m, q=code)
    np.testing.assert_allclose(found.H.numpy(), H, atol=1e-10)
    np.testing.assert_allclose(found.M.numpy(), M, atol=1e-10)


def test_frozen_rows_stay_to_the_last_bit():
    found = subspace(old=5)
    before = found.H[:5].clone(), found.M[:5].clone()
    for seed in range(20):
        found.update(activity(seed=seed))
    assert torch.equal(found.H[:5], before[0]) and torch.equal(found.M[:5], before[1])


def test_rotated_rows_give_the_rotated_course():
    X, H, Q = activity(), orthogonal(N)[:K], orthogonal(K, 5)
    torch.testing.assert_close(with_rows(Q @ H, X), Q @ with_rows(H, X), atol=1e-6, rtol=0)


def test_rotated_inputs_give_the_rotated_course():
    X, H, R = activity(), orthogonal(N)[:K], orthogonal(N, 7)
    torch.testing.assert_close(with_rows(H @ R.T, X @ R.T), with_rows(H, X) @ R.T, atol=1e-6, rtol=0)


@given(st.floats(0.2, 3.0))
def test_scaled_activity_is_a_scaled_learning_rate(c):
    X, H = activity(), orthogonal(N)[:K]
    torch.testing.assert_close(with_rows(H, c * X, lr=0.01 / c**2), with_rows(H, X), atol=1e-6, rtol=0)


def test_repeated_samples_change_nothing():
    X, H = activity(), orthogonal(N)[:K]
    torch.testing.assert_close(with_rows(H, X.repeat(3, 1)), with_rows(H, X), atol=1e-6, rtol=0)


def test_orthonormal_rows_along_eigenvectors_are_at_rest():
    X = activity()
    vectors = torch.linalg.eigh(X.T @ X)[1].T[:K]
    torch.testing.assert_close(with_rows(vectors, X), vectors, atol=1e-6, rtol=0)


@given(st.floats(-20, 20), st.integers(1, 1000))
def test_the_rate_code_is_near_odd_and_idempotent(y, steps):
    q, value = RateCode(20.0, steps), torch.tensor([y], dtype=torch.float64)
    assert abs(float(q(value) - value)) <= 20.0 / (2 * steps) + 1e-12
    assert torch.equal(q(-value), -q(value))
    torch.testing.assert_close(q(q(value)), q(value))
    assert float(q(torch.tensor([1e6]))) == pytest.approx(20.0, rel=1e-6)


@pytest.mark.parametrize(("scale", "steps"), [(20.0, 40), (3.0, 7), (5.0, 33)])
def test_the_rate_code_rounds_ties_as_the_formula_does_also_in_single_precision(scale, steps):
    places = np.arange(-steps, steps)
    y = np.float32((places + 0.5) * scale / steps)
    s, T = np.float32(scale), np.float32(steps)
    expected = s * np.round(T * np.clip(y, -s, s) / s) / T
    np.testing.assert_array_equal(RateCode(scale, steps)(torch.from_numpy(y)).numpy(), expected)


def test_small_activity_is_silent_to_spiking_neurons():
    found = subspace(old=K, new=2, spiking=(20.0, 40))
    X = 0.01 * activity()
    before = found.H.clone()
    found.update(X)
    assert torch.equal(found.residual(X), X) and torch.equal(found.H, before)


def test_projection_and_residual_are_exact_and_sum_to_the_activity():
    found = subspace(old=K, new=0)
    X = activity()
    torch.testing.assert_close(found.project(X) + found.residual(X), X)
    torch.testing.assert_close(found.residual(X) @ found.old.T, torch.zeros(ROWS, K, dtype=torch.float64))
    torch.testing.assert_close(found.project_weight_gradient(X), found.residual(X))


def test_arrays_come_back_as_arrays_of_their_own_floating_type():
    found, X = subspace(old=K, new=0), np.eye(N)
    for kind in (np.float64, np.float32, np.int64, np.bool_):
        rest = found.residual(X.astype(kind))
        assert rest.dtype == (kind if kind is np.float32 else np.float64)
        np.testing.assert_allclose(rest, found.residual(X), rtol=1e-6, atol=1e-7)


def test_new_rows_are_not_projected_before_the_merge():
    found, X = subspace(), activity()
    assert torch.equal(found.residual(X), X)
    found.merge()
    assert not torch.equal(found.residual(X), X)


def test_new_rows_are_orthonormal_and_in_the_complement_where_wanted():
    for growth in ("random", "complement"):
        found = subspace(old=8, new=6, growth=growth)
        torch.testing.assert_close(found.new @ found.new.T, torch.eye(6, dtype=torch.float64))
        overlap = float((found.new @ found.old.T).abs().max())
        assert (overlap < 1e-12) == (growth == "complement")
    full = subspace(old=12, new=8, growth="complement")
    full.merge()
    assert full.orthogonality_error() < 1e-10


def test_merge_may_orthonormalise_and_keeps_the_span():
    found = subspace(old=8, new=6, orthonormalise_on_merge=True)
    for seed in range(30):
        found.update(activity(seed=seed))
    rows = found.H.clone()
    found.merge()
    assert found.orthogonality_error() < 1e-10
    torch.testing.assert_close(found.project(rows), rows)


def test_capture_is_the_share_of_the_second_moment():
    X = activity() @ torch.diag(torch.arange(N, 0, -1, dtype=torch.float64))
    values, vectors = torch.linalg.eigh(X.T @ X)
    found = subspace()
    found.H = torch.randn(K, K, dtype=torch.float64) @ vectors.T[-K:]  # any basis of the span
    assert found.capture(X) == pytest.approx(float(values[-K:].sum() / values.sum()))
    for rank, rows in ((0, torch.zeros(K, N)), (2, torch.eye(N)[[0, 1, 1, 0]]), (1, torch.eye(N)[[3] * K] * 0.1)):
        found.H = rows.double()
        assert found.capture(torch.eye(N)) == pytest.approx(rank / N)


def test_the_state_is_saved_and_goes_on():
    found = subspace(old=5)
    found.update(activity())
    other = HebbianSubspace(N, lr=0.01, dtype=torch.float64)
    other.load_state_dict(copy.deepcopy(found.state_dict()))
    for one in (found, other):
        one.update(activity(seed=9))
    assert torch.equal(found.H, other.H) and torch.equal(found.M, other.M) and found.n_old == other.n_old == 5
    with pytest.raises(NeuroclError, match=r"saved H has shape \(9, 20\) where the subspace has n=6"):
        HebbianSubspace(6).load_state_dict(found.state_dict())


def test_growth_depends_on_the_seed_alone():
    first, again, other = (subspace(seed=seed).H for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_largest_eigenvalue_is_found():
    X = activity(200) @ torch.diag(torch.linspace(3, 1, N, dtype=torch.float64))
    exact = float(torch.linalg.eigvalsh(X.T @ X / len(X))[-1])
    assert largest_eigenvalue(X, 200) == pytest.approx(exact, rel=1e-3)
    assert largest_eigenvalue(torch.zeros(3, N)) == 0.0
    assert largest_eigenvalue(torch.tensor([[1.0, -1.0], [-1.0, 1.0]])) == pytest.approx(2.0)
    assert largest_eigenvalue(torch.tensor([[3.0, 0.0], *[[0.0, 2.0]] * 9])) == pytest.approx(3.6)


def test_a_step_past_the_stability_bound_is_told_once():
    X = activity(size=20.0)  # eta lambda_max is far above 1
    found = subspace()
    found.update(0 * X)  # silence tells nothing
    with pytest.warns(StabilityWarning, match="stability bound"):
        found.update(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found.update(X)
        subspace().update(activity())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: HebbianSubspace(0), "n must be a whole number >= 1"),
        (lambda: HebbianSubspace(5, lr=-1), "lr must be > 0"),
        (lambda: HebbianSubspace(5, momentum=1.0), "momentum must lie in"),
        (lambda: HebbianSubspace(5, growth="orthogonal"), "growth must be one of random, complement"),
        (lambda: HebbianSubspace(5, spiking=(20.0, 0)), "steps must be a whole number >= 1"),
        (lambda: HebbianSubspace(5).grow(0), "k must be a whole number >= 1"),
        (lambda: HebbianSubspace(5).grow(6), "more than the layer's 5 inputs"),
        (lambda: subspace(old=15, new=6), "15 old and 6 new"),
        (lambda: subspace().grow(2), "call merge"),
        (lambda: subspace(new=0).update(activity()), "call grow"),
        (lambda: subspace().update(activity(n=N + 1)), r"expected rows \[row, 20\]"),
        (lambda: subspace().update(activity(rows=0)), "no rows"),
        (lambda: subspace().update(activity() * np.nan), "NaN or infinite"),
        (lambda: subspace().update(activity() / 0.0), "NaN or infinite"),
        (lambda: subspace(old=2).residual(activity() * np.nan), "residual: X holds NaN"),
        (lambda: subspace(old=2).project(np.full((2, N), np.nan)), "project: X contains NaN"),
        (lambda: subspace(old=2).capture(activity(rows=0)), "capture: X has no rows"),
        *(
            (lambda X=X: subspace().update(X), "update: X must be a number or an array of numbers")
            for X in ("abc", None, [[1, 2], [3]], np.ones((2, N), complex), torch.ones(2, N, dtype=torch.complex64))
        ),
        *(
            (lambda s=s: HebbianSubspace(5, spiking=s), r"spiking must be None or \(scale, steps\)")
            for s in (20, True, (20.0, 40, 1))
        ),
        *((lambda t=t: HebbianSubspace(5, dtype=t), "a floating type") for t in ("float32", torch.int64)),
        (lambda: subspace(old=2, spiking=(20.0, 40)).project_weight_gradient(activity()), "residual"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(wrong, told):
    with pytest.raises(NeuroclError, match=told):
        wrong()
