"""The subspace of a layer's inputs that gradient projection memory keeps.

First task   X = U S V'; the smallest r with sum_{i<=r} s_i^2 / sum s^2 >= eps; M = U[:, :r]. The published code stops
             one earlier, at the largest r with a share < eps (`crosses` False)
Later        X^ = X - M M' X; left singular vectors of X^ are added until
             (|X|^2 - |X^|^2) / |X|^2 + sum_{i<=r} s^_i^2 / |X|^2 >= eps
Projection   gradient <- gradient - gradient M M', gradient [out, in]
Source       Saha, Garg & Roy (2021), ICLR.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["extend_basis", "project_out"]


def extend_basis(basis: Tensor | None, X: Tensor, threshold: float, crosses: bool = True) -> Tensor:
    """The orthonormal basis [in, r] after adding the inputs X [in, sample]; float64, for the guarantee's sake.

    Parameters
    ----------
    basis : what is kept so far, [in, r]; None at the first task.
    threshold : fraction eps of the inputs' power that the basis must hold, in (0, 1].
    crosses : whether the vector with which the first basis reaches eps belongs to it.
    """
    X = X.double()
    M = X.new_zeros((len(X), 0)) if basis is None else basis.double()
    power = float(X.square().sum())
    if power == 0.0:
        return M
    rest = X - M @ (M.T @ X)
    U, s, _ = torch.linalg.svd(rest, full_matrices=False)
    held = 1.0 - float(rest.square().sum()) / power
    cumulative = held + torch.cumsum(s.square(), 0) / power
    # A threshold of 1 is reached only up to rounding.
    r = 0 if held >= threshold - 1e-12 else int((cumulative < threshold - 1e-12).sum()) + (crosses or basis is not None)
    r = min(r, len(X) - M.shape[1], int((s > 1e-9 * power**0.5).sum()))
    new = U[:, :r] - M @ (M.T @ U[:, :r])
    # One more orthogonalisation: later tasks' residuals are small, and their vectors lose orthogonality to M.
    return torch.cat([M, torch.linalg.qr(new)[0]], dim=1) if r else M


def project_out(change: Tensor, basis: Tensor) -> Tensor:
    """`change` [out, in] without its part in the subspace."""
    wide = change.to(basis.dtype)
    return (wide - (wide @ basis) @ basis.T).to(change.dtype)
