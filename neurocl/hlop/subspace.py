"""The subspace of a layer's past activity, learned by lateral Hebbian connections.

State        H [k, n]: lateral weights from n presynaptic neurons to k subspace neurons. The first rows are old
             (frozen, used for projection), the others new (learning, not used for projection)
Projection   P(X) = q(X H_old') H_old;  residual X - P(X)
Learning     Oja's subspace rule, see `neurocl.hlop.hebbian`: the rows become orthonormal and span the principal
             subspace of the activity (of what the old rows leave of it), the mean not subtracted
Defaults     lr 0.01 (the reference takes 0.001 for the pixels of an MLP), momentum 0.9, 5 iterations, clip 10
Source       Xiao, Meng, Zhang, He & Lin (2024), ICLR, arXiv:2402.11984.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.simulator import as_array
from neurocl.hlop.growth import GROWTHS, complement_rows, orthonormalised, random_rows
from neurocl.hlop.hebbian import HebbianRule, find_momentum, learn
from neurocl.hlop.quantiser import find_code
from neurocl.hlop.stability import warn_if_unstable

__all__ = ["HebbianSubspace"]

Rows = TypeVar("Rows", Tensor, NDArray[Any])
Found = TypeVar("Found")
Given = ParamSpec("Given")


def _in_own_precision(
    method: Callable[Concatenate[HebbianSubspace, Given], Found],
) -> Callable[Concatenate[HebbianSubspace, Given], Found]:
    """Without gradients, and under autocast as without it."""

    @wraps(method)
    def run(subspace: HebbianSubspace, *given: Given.args, **named: Given.kwargs) -> Found:
        with torch.no_grad(), torch.autocast(subspace.H.device.type, enabled=False):
            return method(subspace, *given, **named)

    return run


class HebbianSubspace(nn.Module):
    """Subspace neurons of one layer.

    Rows X are [row, n], torch tensors or arrays; what is given as an array comes back as an array, of its own type if
    that is a floating one. At least one row, finite numbers: else NeuroclError.

    Parameters
    ----------
    n : presynaptic neurons (inputs of the layer; channels x height x width of the kernel for a convolution).
    lr : eta of the Hebbian rule.
    momentum : m, in [0, 1); False: none.
    iterations : of the rule for each call of `update`.
    clip : c, the largest change of an entry before the learning rate.
    spiking : None: linear lateral neurons; (scale, steps): spiking ones, see `RateCode`.
    growth : "random" (reference) or "complement": new rows begin orthogonal to the old ones.
    orthonormalise_on_merge : whether `merge` makes all rows orthonormal, keeping their span. Reference: False.
    seed : of new rows, where `grow` gets no generator.
    dtype : of the state, a floating one.

    Attributes
    ----------
    H, M : lateral weights and momentum [k, n]; with ``split``, the number of frozen rows, they are the state dict.
    n_old, n_new : frozen and learning rows.

    Raises
    ------
    NeuroclError
        For an argument out of range.

    Examples
    --------
    >>> subspace = HebbianSubspace(50, lr=0.01)
    >>> subspace.grow(5)
    >>> X = torch.randn(64, 50)
    >>> subspace.update(X)
    >>> subspace.merge()
    >>> subspace.residual(X).shape
    torch.Size([64, 50])
    """

    H: Tensor
    M: Tensor
    split: Tensor

    def __init__(
        self,
        n: int,
        lr: float = 0.01,
        momentum: float | bool = 0.9,
        iterations: int = 5,
        clip: float = 10.0,
        spiking: tuple[float, int] | None = None,
        growth: str = "random",
        orthonormalise_on_merge: bool = False,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        owner = "HebbianSubspace"
        if growth not in GROWTHS:
            raise NeuroclError(f"{owner}: growth must be one of {', '.join(GROWTHS)}, got {shown(growth)}.")
        self.n = whole_number(owner, "n", n, at_least=1)
        self.rule = HebbianRule(
            lr=positive_number(owner, "lr", lr),
            momentum=find_momentum(owner, momentum),
            iterations=whole_number(owner, "iterations", iterations, at_least=1),
            clip=positive_number(owner, "clip", clip),
            code=find_code(owner, spiking),
        )
        if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
            raise NeuroclError(f"{owner}: dtype must be a floating type such as torch.float32, got {shown(dtype)}.")
        self.growth = growth
        self.orthonormalise_on_merge = flag(owner, "orthonormalise_on_merge", orthonormalise_on_merge)
        self.seed = whole_number(owner, "seed", seed)
        self.n_old = 0
        self._is_checked = False
        self.register_buffer("H", torch.zeros(0, n, dtype=dtype))
        self.register_buffer("M", torch.zeros(0, n, dtype=dtype))
        self.register_buffer("split", torch.zeros((), dtype=torch.int64))

    @property
    def n_new(self) -> int:
        """Rows that learn."""
        return len(self.H) - self.n_old

    @property
    def old(self) -> Tensor:
        """The frozen rows [n_old, n]."""
        return self.H[: self.n_old]

    @property
    def new(self) -> Tensor:
        """The learning rows [n_new, n]."""
        return self.H[self.n_old :]

    def grow(self, k: int, generator: torch.Generator | None = None) -> None:
        """Add `k` learning neurons.

        Raises
        ------
        NeuroclError
            If k is not a whole number >= 1, neurons are still learning, or the layer has fewer than all these
            dimensions.
        """
        whole_number("grow", "k", k, at_least=1)
        if self.n_new:
            raise NeuroclError(f"grow: {self.n_new} neurons are still learning; call merge() before the next growth.")
        if self.n_old + k > self.n:
            raise NeuroclError(
                f"grow: {self.n_old} old and {k} new neurons are more than the layer's {self.n} inputs; grow by at most"
                f" {self.n - self.n_old}."
            )
        if generator is None:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.n_old)
        if self.growth == "complement":
            rows = complement_rows(k, self.old, generator)
        else:
            rows = random_rows(k, self.n, generator)
        self.H = torch.cat([self.H, rows.to(self.H)])
        self.M = torch.cat([self.M, torch.zeros_like(rows).to(self.M)])
        self._is_checked = False

    def merge(self) -> None:
        """Freeze all rows: from now on they are projected out."""
        if self.orthonormalise_on_merge and len(self.H):
            self.H = orthonormalised(self.H.double()).to(self.H)
        self.n_old = len(self.H)
        self.split.fill_(self.n_old)

    @_in_own_precision
    def update(self, X: Rows) -> None:
        """Let the new rows learn from the activity X [row, n], at any number of rows.

        Raises
        ------
        NeuroclError
            If no neurons learn.

        Warns
        -----
        StabilityWarning
            At the first activity after a growth, if lr times the largest eigenvalue of X'X / R is above 1.
        """
        if not self.n_new:
            raise NeuroclError("update: there are no neurons that learn; call grow(k) first.")
        rows = self._rows("update", X)
        self.learn(rows, self._residual(rows))

    @_in_own_precision
    def learn(self, rows: Tensor, residual: Tensor) -> None:
        """`update` where rows are known to fit, and their residual is known."""
        rows, residual = rows.to(self.H), residual.to(self.H)
        if not self._is_checked:
            self._is_checked = warn_if_unstable(rows, self.rule.lr, "HebbianSubspace")
        learn(rows, residual, self.new, self.M[self.n_old :], self.rule)

    @_in_own_precision
    def project(self, X: Rows) -> Rows:
        """P(X), the part of X in the old subspace, of the shape of X."""
        rows = self._rows("project", X)
        return _like(X, self._projection(rows))

    @_in_own_precision
    def residual(self, X: Rows) -> Rows:
        """X - P(X): the activity together with what the old subspace neurons send back."""
        return _like(X, self._residual(self._rows("residual", X)))

    @_in_own_precision
    def project_weight_gradient(self, G: Rows) -> Rows:
        """G - G H_old' H_old for a weight gradient G [out, n]: the same as projecting the inputs, and cheaper.

        Raises
        ------
        NeuroclError
            If the lateral neurons spike: a quantised projection is defined for activity alone.
        """
        if self.rule.code is not None:
            raise NeuroclError(
                "project_weight_gradient: with spiking lateral neurons only the activity can be projected; use"
                " residual(X)."
            )
        return _like(G, self._residual(self._rows("project_weight_gradient", G)))

    @_in_own_precision
    def capture(self, X: Rows) -> float:
        """Fraction of the second moment of X that lies in the span of all rows, old and new, in [0, 1]."""
        rows = self._rows("capture", X).double()
        power = float(rows.square().sum())
        # Rows may have come to depend on each other, to the precision of the state.
        H, rtol = self.H.double(), self.n * torch.finfo(self.H.dtype).eps
        basis = torch.linalg.svd(H, full_matrices=False).Vh[: int(torch.linalg.matrix_rank(H, rtol=rtol))]
        return float((rows @ basis.T).square().sum()) / power if power else 1.0

    def orthogonality_error(self) -> float:
        """Frobenius norm of H H' - I, over all rows."""
        H = self.H.double()
        return float((H @ H.T - torch.eye(len(H), dtype=H.dtype, device=H.device)).norm())

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"n={self.n}, old={self.n_old}, new={self.n_new}, lr={self.rule.lr:g}, growth={self.growth!r}"

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *others: Any) -> None:
        """The number of rows is part of the state, so that the buffers take the sizes that were saved."""
        for name in ("H", "M"):
            saved = state.get(prefix + name)
            if saved is not None:
                if saved.ndim != 2 or saved.shape[1] != self.n:
                    sizes = f"shape {tuple(saved.shape)} where the subspace has n={self.n}"
                    raise NeuroclError(f"HebbianSubspace: the saved {prefix}{name} has {sizes}.")
                setattr(self, name, torch.empty(saved.shape, dtype=self.H.dtype, device=self.H.device))
        super()._load_from_state_dict(state, prefix, *others)
        self.n_old = int(self.split)

    def _projection(self, rows: Tensor) -> Tensor:
        Y = rows @ self.old.T
        return (Y if self.rule.code is None else self.rule.code(Y)) @ self.old

    def _residual(self, rows: Tensor) -> Tensor:
        """What the old rows leave; `rows` itself where there are none."""
        if not self.n_old:
            return rows
        Y = rows @ self.old.T
        return torch.addmm(rows, Y if self.rule.code is None else self.rule.code(Y), self.old, alpha=-1.0)

    def _rows(self, owner: str, X: Any) -> Tensor:
        if not isinstance(X, Tensor) or X.is_complex():
            X = torch.from_numpy(as_array(X, f"{owner}: X").copy())
        rows = X.to(self.H)
        if rows.ndim != 2 or rows.shape[1] != self.n:
            raise NeuroclError(f"{owner}: expected rows [row, {self.n}], got shape {tuple(rows.shape)}.")
        if not len(rows):
            raise NeuroclError(f"{owner}: X has no rows; give at least one.")
        if not bool(torch.isfinite(rows.sum())) and not bool(torch.isfinite(rows).all()):
            raise NeuroclError(f"{owner}: X holds NaN or infinite values; if training diverged, lower its rate.")
        return rows


def _like(given: Any, found: Tensor) -> Any:
    """`found` as the kind of array that was given; fractions cannot become whole numbers."""
    if not isinstance(given, np.ndarray):
        return found
    array = found.cpu().numpy()
    return array.astype(given.dtype, copy=False) if given.dtype.kind == "f" else array
