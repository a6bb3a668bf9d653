"""New rows of a subspace: how the lateral weights of new subspace neurons begin.

random        a random matrix with orthonormal rows (QR of a Gaussian matrix, signs corrected, so that it is uniformly
              distributed); not orthogonal to the rows that are there, as in the reference
complement    the same within the orthogonal complement of the rows that are there
Source        Xiao et al. (2024), ICLR (random); Mezzadri (2007), Notices AMS 54:592 (the signs).
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["GROWTHS", "complement_rows", "orthonormalised", "random_rows"]

GROWTHS = ("random", "complement")


def random_rows(k: int, n: int, generator: torch.Generator) -> Tensor:
    """Uniformly distributed matrix [k, n] with orthonormal rows, float64 on the CPU."""
    gaussian = torch.randn(n, k, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gaussian)
    return (q * r.diagonal().sign()).T.contiguous()


def complement_rows(k: int, old: Tensor, generator: torch.Generator) -> Tensor:
    """As `random_rows`, orthogonal to the rows of `old` [m, n], m + k <= n, which need not be orthonormal."""
    n = old.shape[1]
    gaussian = torch.randn(n, k, generator=generator, dtype=torch.float64)
    basis = orthonormalised(old.detach().double().cpu()).T
    # Twice is enough: the first pass leaves rounding errors of the size of the old rows' condition.
    for _ in range(2):
        gaussian = gaussian - basis @ (basis.T @ gaussian)
    q, r = torch.linalg.qr(gaussian)
    return (q * r.diagonal().sign()).T.contiguous()


def orthonormalised(rows: Tensor) -> Tensor:
    """Orthonormal rows with the same span [k, n], nearest in order and sign (QR, signs corrected)."""
    if not len(rows):
        return rows
    q, r = torch.linalg.qr(rows.T)
    sign = torch.where(r.diagonal() < 0, -1.0, 1.0).to(rows)
    return (q * sign).T.contiguous()
