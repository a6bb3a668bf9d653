"""What the rule converges to, and how well: the reference's measurements with their tolerances (float32)."""

from __future__ import annotations

import pytest
import torch

from neurocl.hlop import HebbianSubspace

N, K = 50, 5


def angle(rows: torch.Tensor, basis: torch.Tensor) -> float:
    """Largest principal angle between two spans, degrees."""
    a, b = (torch.linalg.qr(m.double().T)[0] for m in (rows, basis))
    sine = torch.linalg.matrix_norm(a - b @ (b.T @ a), 2)
    return float(torch.rad2deg(torch.asin(sine.clamp(max=1.0))))


def captured(rows: torch.Tensor, covariance: torch.Tensor) -> float:
    """trace(H C H') over the largest that orthonormal rows can have."""
    H = rows.double()
    return float(torch.trace(H @ covariance @ H.T) / torch.linalg.eigvalsh(covariance)[-len(rows) :].sum())


class Stream:
    """Fresh Gaussian samples of a spectrum in a random eigenbasis."""

    def __init__(self, spectrum: list[float], seed: int) -> None:
        self.numbers = torch.Generator().manual_seed(seed)
        values = torch.tensor(spectrum, dtype=torch.float64)
        self.basis = torch.linalg.qr(torch.randn(len(values), len(values), generator=self.numbers).double())[0].T
        self.covariance = self.basis.T @ torch.diag(values) @ self.basis
        self.root = torch.diag(values.sqrt()) @ self.basis

    def batch(self, rows: int = 64) -> torch.Tensor:
        return (torch.randn(rows, len(self.basis), generator=self.numbers).double() @ self.root).float()


SPECTRUM = [10.0, 8.0, 6.0, 5.0, 4.0, *[0.5] * 45]


def test_on_fixed_samples_the_principal_subspace_is_found_to_rounding():
    X = Stream([10.0, 8.5, 6.5, 5.0, 3.7, *[0.9] * 45], 0).batch(256)
    subspace = HebbianSubspace(N, lr=0.01)
    subspace.grow(K)
    start = angle(subspace.H, torch.linalg.eigh(X.double().T @ X.double())[1].T[-K:])
    for _ in range(200):
        subspace.update(X)
    assert start > 30.0
    assert angle(subspace.H, torch.linalg.eigh(X.double().T @ X.double())[1].T[-K:]) <= 1e-3
    assert subspace.orthogonality_error() <= 1e-5


@pytest.mark.parametrize(("lr", "batches", "degrees", "share"), [(0.01, 200, 10.0, 0.99), (0.001, 1000, 4.0, 0.999)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_fresh_samples_it_is_found_up_to_the_noise_of_the_step(lr, batches, degrees, share, seed):
    stream, subspace = Stream(SPECTRUM, seed), HebbianSubspace(N, lr=lr, seed=seed)
    subspace.grow(K)
    for _ in range(batches):
        subspace.update(stream.batch())
    assert angle(subspace.H, stream.basis[:K]) <= degrees
    assert captured(subspace.H, stream.covariance) >= share


def test_without_a_spectral_gap_the_variance_is_captured_all_the_same():
    stream, subspace = Stream([10 * 0.9**i for i in range(N)], 0), HebbianSubspace(N, lr=0.01)
    subspace.grow(10)
    shares = []
    for batch in range(400):
        subspace.update(stream.batch())
        if batch >= 200 and batch % 10 == 0:
            shares.append(captured(subspace.H, stream.covariance))
    assert sum(shares) / len(shares) >= 0.997  # single batches move between 0.995 and 0.9997


@pytest.mark.parametrize("growth", ["random", "complement"])
def test_new_rows_find_the_residual_of_the_next_task(growth):
    first, second, subspace = Stream(SPECTRUM, 1), Stream(SPECTRUM, 2), HebbianSubspace(N, lr=0.01, growth=growth)
    subspace.grow(K)
    for _ in range(200):
        subspace.update(first.batch())
    subspace.merge()
    subspace.grow(K)
    for _ in range(200):
        subspace.update(second.batch())
    old = torch.linalg.qr(subspace.old.double().T)[0]
    keep = torch.eye(N, dtype=torch.float64) - old @ old.T
    residual = torch.linalg.eigh(keep @ second.covariance @ keep)[1].T[-K:]
    assert angle(subspace.new, residual) <= 10.0
    assert float((subspace.new @ subspace.old.T).abs().max()) <= 0.01


def test_past_the_stability_bound_the_clip_keeps_it_finite_and_the_subspace_is_poor():
    errors = []
    for product in (0.1, 1.5, 40.0):
        stream, subspace = Stream([value * product / 0.1 for value in SPECTRUM], 0), HebbianSubspace(N, lr=0.01)
        subspace.grow(K)
        subspace._is_checked = True
        for _ in range(200):
            subspace.update(stream.batch())
        assert torch.isfinite(subspace.H).all()
        errors.append(subspace.orthogonality_error())
    assert errors[0] < 0.05 < errors[1] < 1.0 and errors[2] < 5.0
